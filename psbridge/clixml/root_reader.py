"""The words of one document in, its top-level values out, one at each step.

Only the objects and type lists whose ids are referred to somewhere are kept from one value to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar, overload

from psbridge.clixml.cursor import Cursor
from psbridge.clixml.notes import Notes
from psbridge.clixml.passing_reader import PassingReader
from psbridge.clixml.projection import Wanted, project
from psbridge.clixml.tables import Tables
from psbridge.clixml.words import Ends, Words
from psbridge.psobject import PSObject, Value

__all__ = ["RootReader"]

Other = TypeVar("Other")


class RootReader(PassingReader):
    """Reads the values of a document step by step; `value` is the one that `advance` read last."""

    def __init__(self, words: Iterator[bytes], table: Words, referred: set[bytes], wanted: Wanted | None) -> None:
        super().__init__(words, table, referred, wanted)
        self._objects = _Objects()
        self._types = _Types(referred)
        self._types.objects = self._objects
        self._tables = self._types
        self._begun = False
        self.value: Value = None

    def advance(self) -> bool:
        """Read the next value; False where the document ends. Raises StopIteration if that is within an element."""
        self.value = None
        if not self._begun:
            self._begun = self.begin() or True
        root = self.next_root()
        self._notes.finish()
        if root is None:
            self.expect_nothing()
            return False
        # The sets of notes are never shared by two top-level values: no object stands around a Ref.
        self._notes = Notes()
        self._objects.keep(self._referred)
        self._types.forget()
        self.value = root[1] if self._wanted is None else project(root[1], self._wanted)
        return True


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
        for ref in self.keys() & referred:
            self._kept[ref] = self[ref]
        self.clear()


class _Types(Tables):
    """The tables of a document, with what is needed to forget type lists."""

    def __init__(self, referred: set[bytes]) -> None:
        super().__init__()
        self._referred = referred
        self._passing: list[bytes] = []

    def read_types(self, cursor: Cursor, ref: bytes | None, ends: Ends | None) -> tuple[str, ...]:
        types = super().read_types(cursor, ref, ends)
        if ref is not None and ref not in self._referred:
            self._passing.append(ref)
        return types

    def forget(self) -> None:
        """Forget the type lists that nothing refers to."""
        for ref in self._passing:
            self.types.pop(ref, None)
        self._passing.clear()
