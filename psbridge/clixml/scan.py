"""The parts of a document in; its words out, or between two of them a whole top-level object that is in the regular form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from psbridge.clixml.tables import Types
from psbridge.clixml.words import Ends, Words, marked
from psbridge.clixml.written import written_root
from psbridge.psobject import PSObject

__all__ = ["Scan"]

_WORD: Final = re.compile(rb"[^<]*+(?:</[^<]*+)*+")
_ENOUGH: Final = 1 << 18  # an object that is longer than this is read word by word
_PATIENCE: Final = 8  # so many objects in other forms one behind the other, and no more is looked for


class Scan:
    """A place in a document. `parts`: of it, in UTF-8, each from a start tag on; only the first may have something in front."""

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
        yield self._word(0)
        while self._misses < _PATIENCE and (self._place < len(self._part) or self._grow()):
            yield self._word(self._place + 1)
        yield from marked(self._part[self._place + 1 :]).split(b"<") if self._place < len(self._part) else ()
        for part in self._parts:
            yield from marked(part[1:]).split(b"<")

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

    def give_up(self) -> None:
        """Give words only from here on, which is faster then."""
        self._misses = _PATIENCE

    def _word(self, begin: int) -> bytes:
        """Take what stands between a place and the next start tag."""
        found = _WORD.match(self._part, begin)
        assert found is not None  # it may be empty
        self._place = found.end()
        return marked(found[0])

    def _tail(self) -> Ends:
        """What is closed between an object and the next start tag."""
        return self._table.ends(self._word(self._place)[1:]) if self._part.startswith(b"</", self._place) else ()

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
