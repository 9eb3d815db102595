"""What was said of an input in; the name of the difference if it is a known one out.

Those that stay are the rows of psbridge.clixml.differences; those that are still to be settled are OPEN. A test walks both: a row
that no longer differs must go.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from psbridge.clixml.differences import DIFFERENCES
from tests.clixml.fuzzing.hostile import CLOSING, OPENING
from tests.clixml.fuzzing.seeds import EXPORT, WIRE

_BLANK: Final = rb"(\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|&#)"
_BEHIND: Final = rb"</(\w+:)?Objs\s*>(<!--.*?-->|<\?.*?\?>)*"

# By the name of the row in psbridge.clixml.differences: what is said of such a difference, and what the input holds then.
MARKS: Final[dict[str, tuple[str, bytes]]] = {
    "a time without a date": (r"no date or no year", rb"DT"),
    "a SecureString in a message of no session": (
        r"refuses \((System\.FormatException|System\.Management\.Automation\.PSArg)",
        rb"SS",
    ),
    "a null as a message": (r"Deserialized remoting data is null", rb"Nil"),
}


class Open(NamedTuple):
    """A difference that is still to be settled: an example, and the marks of all that are like it."""

    name: str
    form: str
    example: bytes
    said: str
    inside: bytes


def _file(root: str, behind: str = "") -> bytes:
    return f"{OPENING}{root}{CLOSING}{behind}".encode()


OPEN: Final = (
    Open(
        "U+FFFE in an attribute",
        EXPORT,
        _file('<S x="\ufffe">a</S>'),
        r"refuses \(.* 0xFFF[EF], is an invalid",
        rb"\xef\xbf[\xbe\xbf]",
    ),
    Open(
        "a reference behind the document",
        EXPORT,
        _file("<S/>", "&#32;"),
        r"refuses \(.*Data at the root level",
        _BEHIND + rb"\s*&#",
    ),
    Open(
        "a message with bytes that are no UTF-8",
        WIRE,
        b"<S>\xff</S>",
        r"Invalid character in the given encoding",
        rb"[\x80-\xff]",
    ),
    Open(
        "a message in UTF-16",
        WIRE,
        "<S>x</S>".encode("utf-16"),
        r"psbridge refuses",
        rb"\A(\xff\xfe|\xfe\xff|\xef\xbb\xbf)?(\x00|<\x00)",
    ),
    Open(
        "half a character behind a message", WIRE, b"<S>x</S>\xe2\x82", r"psbridge refuses", rb">\s*[\xc2-\xf4][\x80-\xbf]{0,2}\Z"
    ),
    Open(
        "a Unicode blank beside a time",
        EXPORT,
        _file("<DT>\u00a02020-01-02T00:00:00</DT>"),
        r"no System\.(DateTime|TimeSpan)",
        _BLANK,
    ),
    Open("markup behind a blank behind the document", EXPORT, _file("<S/>", " </a>"), r"psbridge refuses", _BEHIND + rb"\s+<"),
    Open("a host that .NET takes", EXPORT, _file("<URI>hp://w\u00a7</URI>"), r"psbridge refuses.*no System\.Uri", rb"URI"),
    Open(
        "an escape beyond Unicode",
        EXPORT,
        _file("<S>_x0041_b_x00FFFFFF_</S>"),
        r"PowerShell [{[]",
        rb"_[xX](?!000|0010)[0-9A-Fa-f]{8}_",
    ),
    Open(
        "notes of an object in an object that refers to itself",
        EXPORT,
        _file('<Obj RefId="0"><Obj RefId="1"><LST><Ref RefId="1"/></LST></Obj><MS><I32 N="a">1</I32></MS></Obj>'),
        r"/base.*/ms: PowerShell \[",
        rb"Ref\s",
    ),
    Open(
        "the properties of an object in an object",
        EXPORT,
        _file('<Obj><Obj></Obj><MS><B N="b">false</B></MS></Obj>'),
        r"read with properties gives other values",
        rb"Obj",
    ),
    Open(
        "an ordered dictionary by the types of an object in it",
        EXPORT,
        _file(
            "<Obj><Obj><TN><T>System.Collections.Specialized.OrderedDictionary</T></TN></Obj><DCT>"
            '<En><S N="Key">b</S><Nil N="Value"/></En><En><S N="Key">a</S><Nil N="Value"/></En></DCT></Obj>'
        ),
        r"/keys\[",
        rb"OrderedDictionary.*DCT",
    ),
    Open(
        "a current operation that is an object",
        EXPORT,
        _file("<PR><AV>a</AV><AI>1</AI><Obj><LST/></Obj><PI>-1</PI><PC>5</PC><T>Processing</T><SR>1</SR><SD>s</SD></PR>"),
        r"only \.NET knows the text",
        rb"PR",
    ),
)


def known(said: str, data: bytes) -> str:
    """The name of the difference; empty if it is a new one."""
    rows = [*((name, *marks) for name, marks in MARKS.items()), *((row.name, row.said, row.inside) for row in OPEN)]
    return next((name for name, line, inside in rows if re.search(line, said) and re.search(inside, data, re.DOTALL)), "")


def unmarked() -> set[str]:
    """The rows of the table that the fuzzer does not know by a mark, and the marks without a row."""
    return {row.name for row in DIFFERENCES} ^ set(MARKS)
