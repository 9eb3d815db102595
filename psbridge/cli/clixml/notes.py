"""A file in, what PowerShell reads in it but perhaps not as it was meant out: bytes that are no text, ids that begin again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from psbridge.cli.clixml.findings import Finding
from psbridge.cli.clixml.opening import Opened

__all__ = ["notes"]

_CHUNK: Final = 1 << 20
_MOST: Final = 5
_FIRST: Final = b'<Obj RefId="0">'  # PowerShell numbers the objects of an export from 0


def notes(opened: Opened) -> Iterator[Finding]:
    """Give up to five notes of each kind; one pass in constant memory."""
    firsts = bad = 0
    for place, chunk in _chunks(opened):
        first = _FIRST.decode().encode(opened.codec)
        # A redirected stream begins anew with each of its documents.
        for found in re.finditer(re.escape(first), chunk) if not opened.redirected and first in chunk else ():
            firsts += 1
            if 1 < firsts <= _MOST + 1:
                yield Finding(place + found.start(), _AGAIN, is_note=True)
        if opened.codec == "utf-8" and bad < _MOST and not chunk.isascii():
            for offset in _no_utf8(chunk):
                bad += 1
                yield Finding(place + offset, "a byte that is no UTF-8; PowerShell puts U+FFFD in its place", is_note=True)


def _chunks(opened: Opened) -> Iterator[tuple[int, bytes]]:
    """The file in pieces that end where a tag begins, with their places."""
    opened.file.seek(0)
    mark = "<".encode(opened.codec)
    held, place = b"", 0
    while part := opened.file.read(_CHUNK):
        held += part
        cut = held.rfind(mark)
        while cut > 0 and cut % len(mark):
            cut = held.rfind(mark, 0, cut)
        if cut > 0:
            yield place, held[:cut]
            held, place = held[cut:], place + cut
    yield place, held


def _no_utf8(chunk: bytes) -> Iterator[int]:
    """The first places of bytes that are none."""
    start = 0
    for _ in range(_MOST):
        try:
            chunk[start:].decode()
        except UnicodeDecodeError as error:
            yield start + error.start
            start += error.end
        else:
            return


_AGAIN: Final = (
    "the ids begin again, as where exports are put together; where an id stands twice, later references mean the later object"
)
