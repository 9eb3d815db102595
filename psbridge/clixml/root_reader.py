"""The words of one document in, its top-level values out, one at each step.

Only the objects whose ids are referred to somewhere are kept from one value to the next, and the type lists, which are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar, overload

from psbridge.clixml.layout import Layout
from psbridge.clixml.notes import Notes
from psbridge.clixml.passing_reader import PassingReader
from psbridge.clixml.projection import Wanted, project
from psbridge.clixml.scan import Scan
from psbridge.clixml.words import Words
from psbridge.clixml.written import choose, is_built
from psbridge.psobject import PSObject, Value

__all__ = ["RootReader"]

_OFTEN: Final = 8
Other = TypeVar("Other")


class RootReader(PassingReader):
    """Reads the values of a document step by step; `value` is the one that `advance` read last."""

    def __init__(self, parts: Iterator[bytes], table: Words, referred: set[bytes], wanted: Wanted | None) -> None:
        self._scan = Scan(parts, table, referred)
        super().__init__(self._scan.words(), table, referred, wanted)
        self._objects = self._tables.objects = _Objects()
        self._layouts = None if wanted is None else (Layout(wanted, table.names), Layout(wanted, table.names))
        self._begun = False
        self._looked_at = 0
        self.value: Value = None

    def advance(self) -> bool:
        """Read the next value; False where the document ends. Raises StopIteration if that is within an element."""
        if self._looked_at < _OFTEN and isinstance(self.value, PSObject):
            self._count_looks(self.value)
        self.value = None
        if not self._begun:
            self._begun = self.begin() or True
        if self._looked_at < _OFTEN and self._within and (root := self._scan.root(self._tables.types)) is not None:
            made, self.ends = root
            self._within = not self.ends or self.close("Objs")
            if self._layouts is not None:
                choose(made, *self._layouts)
            self.value = made
            return True
        read = self.next_root()
        self._notes.finish()
        if read is None:
            self.expect_nothing()
            return False
        # The sets of notes are never shared by two top-level values: no object stands around a Ref.
        self._notes = Notes()
        self._objects.keep(self._referred)
        self.value = read[1] if self._wanted is None else project(read[1], self._wanted)
        return True

    def _count_looks(self, value: PSObject) -> None:
        """Learn whether all of each object is looked at: then it takes longer to build it late than to build it at once."""
        self._looked_at = self._looked_at + 1 if is_built(value) else 0
        if self._looked_at == _OFTEN:
            self._scan.give_up()


class _Objects(dict[bytes, PSObject]):
    """The objects of the value that is being read; behind them those that were kept."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[bytes, PSObject] = {}

    @overload
    def get(self, key: bytes, default: None = None, /) -> PSObject | None: ...
    @overload
    def get(self, key: bytes, default: Other, /) -> PSObject | Other: ...
    def get(self, key: bytes, default: Other | None = None, /) -> PSObject | Other | None:
        own = super().get(key)
        return self._kept.get(key, default) if own is None else own

    def keep(self, referred: set[bytes]) -> None:
        """Keep the objects of a value that was read as far as they are referred to."""
        for ref in self.keys() & referred if referred else ():
            self._kept[ref] = self[ref]
        self.clear()
