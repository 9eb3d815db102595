"""The words of a document in; of its top-level objects only the wanted members are built, and what others refer to.

The rest is passed over, and checked on the way as the reader checks it. Where something is wrong it is enough to raise: the
whole document is decoded then, which says what and where.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from psbridge.clixml.cursor import refuse_cut
from psbridge.clixml.projection import Wanted
from psbridge.clixml.reader import OF_ROOTS, Reader
from psbridge.clixml.unreadable import Unreadable
from psbridge.clixml.words import (
    CONTAINER,
    DICTIONARY,
    MEMBERS,
    OBJECT,
    PROPERTIES,
    TEXT,
    TYPES,
    TYPES_REFERENCE,
    Ends,
    Meaning,
    Words,
    refuse_end,
)
from psbridge.psobject import MemberSet, PSObject, Value

__all__ = ["PassingReader"]

_DEEP: Final = 49  # from here on the reader itself counts the levels


class PassingReader(Reader):
    """Reads the values of one document. `wanted`: None for all of each.

    An object that is referred to is built whole, wherever it stands.
    """

    def __init__(self, words: Iterator[bytes], table: Words, referred: set[bytes], wanted: Wanted | None) -> None:
        super().__init__(words, table)
        self._referred = referred
        self._wanted = wanted
        self._in_part = False

    def _value(self, meaning: Meaning, level: int) -> tuple[str | None, Value]:
        if level == 1:
            op, _, ref, _ = meaning
            self._in_part = self._wanted is not None and op == OBJECT and ref not in self._referred
        return super()._value(meaning, level)

    def _holds_object(self, level: int) -> None:
        if level == 1:
            self._in_part = False  # the notes are those of the object inside as well, which is kept whole

    def _members(self, tag: str, level: int, sets: int = 0) -> dict[str, Value]:
        wanted = self._wanted
        if wanted is None or level != OF_ROOTS or sets or not self._in_part:
            return super()._members(tag, level, sets)
        found: dict[str, Value] = {}
        for op, name, value, ends in self.meanings:
            if not name and (name is None or tag == "MS"):
                raise Unreadable(f"a member of {tag} has no N")
            if not op:
                if wanted[name]:
                    found[name] = value
            else:
                if not wanted[name]:
                    self._pass_member(op, value, ends, level, tag)
                elif op == MEMBERS and tag == "MS":
                    found[name] = MemberSet(self._inside("MS", ends, level, sets + 1))
                else:
                    found[name] = self._built(op, value, ends, level)
                ends = self.ends
            if ends:
                if ends[0] != tag:
                    refuse_end(ends, tag)
                self.ends = ends[1]
                break
        else:
            refuse_cut(tag)
        return self._checked(found, tag, level, sets) if found else found

    def _pass_member(self, op: int, value: object, ends: Ends | None, level: int, tag: str) -> None:
        if op == OBJECT:
            self._pass_object(value, ends, level)  # type: ignore[arg-type]  # an object's word holds its RefId
        elif op == MEMBERS and tag == "MS":
            self._inside("MS", ends, level, 1)
        else:
            self._built(op, value, ends, level)  # type: ignore[arg-type]  # a structure's word holds a Structure

    def _pass_members(self, tag: str, level: int) -> None:
        if level >= _DEEP:
            super()._members(tag, level)
            return
        for op, name, value, ends in self.meanings:
            if op:
                self._pass_member(op, value, ends, level, tag)
                ends = self.ends
            if not name and (name is None or tag == "MS"):
                raise Unreadable(f"a member of {tag} has no N")
            if ends:
                if ends[0] != tag:
                    refuse_end(ends, tag)
                self.ends = ends[1]
                break
        else:
            refuse_cut(tag)

    def _pass_object(self, ref: bytes | None, ends: Ends | None, level: int) -> None:  # noqa: PLR0912 - a call less for each child
        if level >= _DEEP or ref in self._referred:
            self._object(ref, ends, level)
            return
        if ends is not None:
            self.ends = ends
            return
        types = self._tables.types
        for op, _, value, ends in self.meanings:
            if op == TYPES_REFERENCE:
                if value[1] not in types:
                    self._tables.types_of(value[1])
            elif op in _PASSED:
                if ends is None:
                    self._pass_part(op, value[0], level + 1)
                    ends = self.ends
            elif op != TEXT or value[0] != "ToString":
                if op == OBJECT:
                    self._pass_object(value, ends, level + 1)
                elif op == TYPES:
                    self._tables.read_types(self, value[1], ends)
                else:
                    self._rarer(PSObject(), op, value, ends, level)
                ends = self.ends
            if ends:
                if ends[0] != "Obj":
                    refuse_end(ends, "Obj")
                self.ends = ends[1]
                break
        else:
            refuse_cut("Obj")

    def _pass_part(self, op: int, tag: str, level: int) -> None:
        if op == CONTAINER:
            self._pass_items(tag, level)
        elif op == DICTIONARY:
            self._entries(level)
        else:
            self._pass_members(tag, level)

    def _pass_items(self, tag: str, level: int) -> None:
        if level >= _DEEP:
            self._items(tag, level)
            return
        for op, _, value, ends in self.meanings:
            if op:
                if op == OBJECT:
                    self._pass_object(value, ends, level)
                else:
                    self._built(op, value, ends, level)
                ends = self.ends
            if ends:
                if ends[0] != tag:
                    refuse_end(ends, tag)
                self.ends = ends[1]
                break
        else:
            refuse_cut(tag)


_PASSED: Final = frozenset({CONTAINER, DICTIONARY, PROPERTIES, MEMBERS})
