"""The parts of a document in; its words out, or between two of them a whole top-level object that is in the regular form."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from psbridge.clixml.tables import Types
from psbridge.clixml.words import Ends, Words
from psbridge.clixml.written import written_root
from psbridge.psobject import PSObject

__all__ = ["Scan"]

_ENOUGH: Final = 1 << 18  # an object that is longer than this is read word by word
_PATIENCE: Final = 8  # so many objects in other forms one behind the other, and no more is looked for


class Scan:
    """A place in a document.

    A part is in UTF-8, as words.marked gives it, and begins with a start tag; only the first may have something in front.
    """

    def __init__(self, parts: Iterator[bytes], table: Words, referred: AbstractSet[bytes]) -> None:
        self._parts = parts
        self._table = table
        self._referred = referred
        self._part = b""
        self._place = 0
        self._misses = 0

    def words(self) -> Iterator[bytes]:
        """Give the words from the place on. The first one of all is what stands before the first tag."""
        self._part = next(self._parts, b"")
        self._place = cut = self._part.find(b"<") if b"<" in self._part else len(self._part)
        yield self._part[:cut]
        while self._misses < _PATIENCE and (self._place < len(self._part) or self._grow()):
            yield self._word()
        yield from self._part[self._place + 1 :].split(b"<") if self._place < len(self._part) else ()
        for part in self._parts:
            yield from part[1:].split(b"<")

    def root(self, types: Types) -> tuple[PSObject, Ends] | None:
        """Take the top-level object that begins at the place, with what is closed behind it; None: read it word by word."""
        if self._misses >= _PATIENCE:
            return None
        found = written_root(self._part, self._place, self._table, types, self._referred)
        if found is None and self._grow():
            found = written_root(self._part, self._place, self._table, types, self._referred)
        if found is None:
            self._misses += 1
            return None
        self._misses = 0
        made, self._place = found
        return made, self._tail()

    def _word(self) -> bytes:
        begin = self._place + 1
        cut = self._part.find(b"<", begin)
        self._place = len(self._part) if cut < 0 else cut
        return self._part[begin : self._place]

    def _tail(self) -> Ends:
        """What is closed between an object and the next start tag."""
        begin = self._place
        if begin >= len(self._part) or self._part.startswith(b"<", begin):
            return ()
        self._word()
        return self._table.ends(self._part[begin + 1 : self._place])

    def _grow(self) -> bool:
        """Take further parts, so that a whole object stands behind the place; tell whether there were any."""
        rest = self._part[self._place :]
        if len(rest) >= _ENOUGH:
            return False
        more = [rest]
        size = len(rest)
        for part in self._parts:
            more.append(part)
            size += len(part)
            if size >= _ENOUGH:
                break
        if len(more) == 1:
            return False
        self._part, self._place = b"".join(more), 0
        return True
