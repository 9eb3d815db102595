"""Bytes in, lines of printable text out; and back, byte for byte.

A cassette is read in an editor, compared by people and carried by git, so its lines hold nothing that one of them
hides or changes: what is not printable, a blank at a line's end and the bracket itself stand as their code point in
brackets, `⟦0D⟧` for a carriage return. A byte that is not UTF-8 stands as `⟦DC80⟧` to `⟦DCFF⟧`, which is how Python
reads it too. All else is verbatim.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

__all__ = ["BOM", "GOES_ON", "NEW_LINE", "body_to_lines", "escape", "lines_to_body", "unescape"]

# Every PSRP message but an empty one begins with it (remoting-notes, section 3); nobody sees it in an editor.
BOM: Final = codecs.BOM_UTF8

NEW_LINE: Final = "|"
GOES_ON: Final = ":"

# Before each start tag: so a property has its own line, and a change shows as that line.
_START_TAG: Final = re.compile(r"(?<=>)(?=<[^/])")
_ESCAPE: Final = re.compile(r"⟦(?:([0-9A-F]{2,6})⟧)?")


def body_to_lines(body: bytes) -> Iterator[str]:
    """Lay out a body without its BOM: `|` begins a line of the body, `:` goes on with the line above it."""
    if not body:
        return
    for line in body.decode("utf-8", "surrogateescape").split("\n"):
        first, *others = _START_TAG.split(line)
        yield NEW_LINE + escape(first)
        for part in others:
            yield GOES_ON + escape(part)


def lines_to_body(parts: list[str]) -> bytes:
    """Join the lines of a body; raises ValueError for what no body can hold."""
    text = "".join(part[1:] if part[0] == GOES_ON else f"\n{part[1:]}" for part in parts)
    return text.removeprefix("\n").encode("utf-8", "surrogateescape")


def escape(text: str) -> str:
    """Write any text as one line."""
    if text.isprintable() and "⟦" not in text and not text.endswith(" "):
        return text
    shown = "".join(char if char.isprintable() and char != "⟦" else _code(char) for char in text)
    return shown[:-1] + _code(" ") if shown.endswith(" ") else shown


def unescape(line: str) -> str:
    """Read a line again; raises ValueError for a bracket that holds no code point."""
    return _ESCAPE.sub(_char, line) if "⟦" in line else line


def _code(char: str) -> str:
    return f"⟦{ord(char):02X}⟧"


def _char(found: re.Match[str]) -> str:
    digits = found[1]
    if digits is None or int(digits, 16) > 0x10FFFF:
        raise ValueError("a ⟦ must begin a code point in hexadecimal digits, as in ⟦0D⟧; ⟦27E6⟧ is the bracket itself")
    return chr(int(digits, 16))
