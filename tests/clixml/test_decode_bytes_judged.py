"""Bytes that were once read otherwise than PowerShell reads them: files and messages, each held against the engine's answer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from psbridge.clixml import decode_message
from psbridge.errors import ClixmlError
from tests.clixml.decoding import document
from tests.clixml.fuzzing.agreement import Agreement
from tests.clixml.fuzzing.engine import Engine
from tests.clixml.fuzzing.readers import outcome
from tests.clixml.fuzzing.seeds import EXPORT, WIRE

pytestmark = [pytest.mark.realps, pytest.mark.corpus]

ORDERED = "<TN><T>System.Collections.Specialized.OrderedDictionary</T></TN>"
ENTRIES = '<DCT><En><S N="Key">b</S><Nil N="Value"/></En><En><S N="Key">a</S><Nil N="Value"/></En></DCT>'
ROOTS = {
    "a character that XML forbids in an attribute that means nothing": '<S x="\ufffe">a</S>',
    "notes of an object that a list in it refers to": (
        '<Obj RefId="0"><Obj RefId="1"><LST><Ref RefId="1"/></LST></Obj><MS><I32 N="a">1</I32></MS></Obj>'
    ),
    "notes of an object that a dictionary in it refers to": (
        '<Obj><Obj RefId="1"><DCT><En><S N="Key">k</S><Ref N="Value" RefId="1"/></En></DCT></Obj>'
        '<MS><I32 N="a">1</I32></MS></Obj>'
    ),
    "notes of an object that its notes refer to": (
        '<Obj RefId="0"><Obj RefId="1"><MS><Ref N="b" RefId="1"/></MS></Obj><MS><I32 N="a">1</I32></MS></Obj>'
    ),
    "a dictionary that is ordered by the types of the object before it": f"<Obj><Obj>{ORDERED}</Obj>{ENTRIES}</Obj>",
    "a dictionary that is ordered by the types of the object in that": f"<Obj><Obj><Obj>{ORDERED}</Obj></Obj>{ENTRIES}</Obj>",
    "a dictionary with types of its own": f"<Obj><TN><T>A</T></TN><Obj>{ORDERED}</Obj>{ENTRIES}</Obj>",
    "an escape beyond Unicode behind another one": "<S>_x0041_b_x00FFFFFF_</S>",
    "an escape beyond Unicode alone": "<S>b_x00FFFFFF_c</S>",
    "escapes beyond Unicode between others": "<S>a_x00110000_b_x0041_c_x7FFFFFFF_d_xFFFF0042_e_x00120000__x0043_</S>",
    "an escape that shares its line with one beyond Unicode": "<S>_x0041__x00FFFFFF_x0041_</S>",
}
FILES = {name: document(root) for name, root in ROOTS.items()} | {
    "a blank as a reference behind the document": document("<S/>") + b"&#32;",
    "a blank as a reference behind a document of nothing": document()[:-8].removesuffix(b">") + b"/>&#32;",
    "a blank and a reference behind the document": document("<S/>") + b" &#10;",
}
XML = "<S>\u00e9</S>"


def reordered(text: str, *order: int) -> bytes:
    """A text in UTF-32 with the bytes of each character in another order than the usual two."""
    data = text.encode("utf-32-be")
    return bytes(data[start + place] for start in range(0, len(data), 4) for place in order)


MESSAGES = {
    "UTF-32 in the order 3412": reordered(XML, 2, 3, 0, 1),
    "UTF-32 in the order 2143": reordered(XML, 1, 0, 3, 2),
    "UTF-32 in the order 3412 with a mark": reordered("\ufeff" + XML, 2, 3, 0, 1),
    "UTF-32 in the order 2143 with a mark": reordered("\ufeff" + XML, 1, 0, 3, 2),
    "UTF-32 in the order 3412 beyond the first plane": reordered("<S>\U0001f600</S>", 2, 3, 0, 1),
    "a byte that is no UTF-8 in an attribute that means nothing": b'<S S="a\xc1\xbf">x</S>',
    "a byte that is no UTF-8 in another one": b'<Obj RefId="0" x="\xff"><MS><S N="a">x</S></MS></Obj>',
    "an XML document with an odd name of its encoding": b'<XD>&lt;?xml version="1.0" encoding="utf,8"?&gt;&lt;a /&gt;</XD>',
    "a reference behind a string": b"<S>x</S>&#32;",
    "a reference behind an empty element": b"<S/>&#32;",
    "a reference behind an object": b"<Obj></Obj>&#32;",
    "a byte that is no UTF-8": b"<S>\xff</S>",
    "a surrogate in UTF-8": b"<S>\xed\xa0\xbd</S>",
    "a byte that is no UTF-8 behind the message": b"<S>x</S>\xff",
    "half a character behind the message": b"<S>x</S>\xe2\x82",
    "half a character in the message": b"<S>x\xe2\x82",
    "UTF-16 with a mark": XML.encode("utf-16"),
    "UTF-16 without a mark": XML.encode("utf-16-le"),
    "UTF-16, the high byte first": b"\xfe\xff" + XML.encode("utf-16-be"),
    "UTF-16 without a mark, the high byte first": XML.encode("utf-16-be"),
    "UTF-16 with half a character behind": XML.encode("utf-16") + b"x",
    "UTF-16 behind the mark of UTF-8": b"\xef\xbb\xbf" + XML.encode("utf-16-le"),
    "UTF-16 with half a pair": "<S>\ud800</S>".encode("utf-16-le", "surrogatepass"),
    "UTF-32 with a mark": XML.encode("utf-32"),
    "UTF-32 without a mark": XML.encode("utf-32-be"),
    "UTF-16 with two marks": b"\xff\xfe\xff\xfe" + XML.encode("utf-16-le"),
    "EBCDIC": "<S>x</S>".encode("cp037"),
}
BLANKS = [*map(chr, (9, 10, 11, 12, 13, 32, 0x1C, 0x85, 0xA0, 0x1680, 0x180E, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F))]
BLANKS += ["\u205f", "\u3000", "\ufeff"]


@pytest.fixture(scope="module")
def agreement(realps: str, corpus: Path) -> Iterator[Agreement]:
    with Engine(realps) as engine:
        yield Agreement(engine, corpus)


def differences(data: bytes, form: str, agreement: Agreement) -> list[str]:
    return agreement.differences(data, form, outcome(data, form))


@pytest.mark.parametrize("name", FILES)
def test_files_are_read_and_refused_as_powershell_reads_and_refuses_them(name: str, agreement: Agreement) -> None:
    assert differences(FILES[name], EXPORT, agreement) == []


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_are_read_and_refused_as_powershell_reads_and_refuses_them(name: str, agreement: Agreement) -> None:
    assert differences(MESSAGES[name], WIRE, agreement) == []


def test_a_message_in_utf_16_is_read_and_a_fault_in_it_has_a_place() -> None:
    assert decode_message(MESSAGES["UTF-16 with a mark"]) == "\u00e9"
    assert decode_message(MESSAGES["UTF-32 without a mark"]) == "\u00e9"
    with pytest.raises(ClixmlError) as refused:
        decode_message("<Obj><I32>x</I32></Obj>".encode("utf-16"))
    assert refused.value.offset == 12
    with pytest.raises(ClixmlError, match="no UTF-8") as refused:
        decode_message(b"\xef\xbb\xbf<S>ab\xff</S>")
    assert refused.value.offset == 8


@pytest.mark.parametrize("text", ["2020-01-02T03:04:05", "2020-01-02T03:04:05Z", "2020-01", "P1D"])
def test_blanks_of_every_kind_may_stand_around_a_time(text: str, agreement: Agreement) -> None:
    tag = "TS" if text.startswith("P") else "DT"
    for blank in BLANKS:
        written = blank if blank.isprintable() or blank >= "\x80" else f"&#{ord(blank)};"
        for content in (written + text, text + written, f"{text[:3]}{written}{text[3:]}"):
            assert differences(document(f"<{tag}>{content}</{tag}>"), EXPORT, agreement) == [], (content, hex(ord(blank)))


HOSTS = [
    *(".", "..", "...", ".a", "a..", "a..b", "-a", "_a", "-", "_", "a-", "a_", "a.-b", "a._b", "a.b.-c", "a.-b.-c", "1", "-1"),
    *("a.-c.d", "1.2.3.4", "1.2.3.999", "[::1]", "[::1", "[x]", "", "%41", "a b", "a$b", "a!b", "\u00a7", "a\u00a7b", "\u00e9-"),
    *(
        "-\u00e9",
        "_\u00e9",
        "-\u00a7",
        "a.b.-\u00e9",
        "\u3002",
        "a\u3002-b",
        "a\u3002b",
        "a\uff0eb",
        "a\uff61",
        "\x80a",
        "a\u009fb",
    ),
    *("\u00a0a", "a\u2028b", "\U0001f600", "a\u200db", "-\u00aa", "\u0660", "a.\u0661-.b"),
]
SCHEMES = ["http", "hp", "file", "net.tcp", "net.pipe", "ldap", "ws", "news", "gopher"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_hosts_of_every_kind_are_taken_and_refused_as_powershell_does(scheme: str, agreement: Agreement) -> None:
    chance = random.Random(scheme)
    for host in HOSTS:
        for user, behind in (("", ""), ("", "/x"), ("u@", ""), ("", ":80"), (chance.choice(["", "u:p@"]), chance.choice("?#"))):
            uri = f"{scheme}://{user}{host}{behind}"
            assert differences(document(f"<URI>{uri}</URI>"), EXPORT, agreement) == [], uri


@pytest.mark.parametrize("front", ["\\\\", "\\\\\\", "\\\\/", "file:////", "file:///\\"])
def test_computers_of_every_kind_are_taken_and_refused_as_powershell_does(front: str, agreement: Agreement) -> None:
    for host in HOSTS:
        for behind in ("", "\\x", "/x"):
            assert differences(document(f"<URI>{front}{host}{behind}</URI>"), EXPORT, agreement) == [], (front, host, behind)
