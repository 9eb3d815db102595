"""The words of a document in; of its top-level objects only the wanted members are built, and what others refer to.

The rest is passed over, and checked on the way as the reader checks it. Where something is wrong it is enough to raise: the
whole document is decoded then, which says what and where.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from psbridge.clixml.cursor import refuse_content, refuse_cut
from psbridge.clixml.projection import Wanted
from psbridge.clixml.reader import Reader
from psbridge.clixml.unreadable import Unreadable
from psbridge.clixml.words import (
    BLANKS,
    CONTAINER,
    DICTIONARY,
    END,
    MEMBERS,
    OBJECT,
    PROPERTIES,
    TEXT,
    TYPES,
    TYPES_REFERENCE,
    Words,
)
from psbridge.psobject import PSObject, Value

__all__ = ["PassingReader"]

_DEEP: Final = 49  # from here on the reader itself counts the levels
_OF_ROOTS: Final = 2  # the level of a top-level object's members


class PassingReader(Reader):
    """Reads the values of one document. `wanted`: None for all of each.

    An object that is referred to is built whole, wherever it stands.
    """

    def __init__(self, source: Iterator[bytes], words: Words, referred: set[bytes], wanted: Wanted | None) -> None:
        super().__init__(source, words)
        self._referred = referred
        self._wanted = wanted
        self._in_part = False

    def _value(self, word: bytes, level: int) -> tuple[str | None, Value]:
        if level == 1:
            op, _, ref, _ = self._words[word]
            self._in_part = self._wanted is not None and op == OBJECT and ref not in self._referred
        return super()._value(word, level)

    def _holds_object(self, level: int) -> None:
        if level == 1:
            self._in_part = False  # the notes are those of the object inside as well, which is kept whole

    def _members(self, tag: str, level: int, sets: int = 0) -> dict[str, Value]:
        wanted = self._wanted
        if wanted is None or level != _OF_ROOTS or sets or not self._in_part:
            return super()._members(tag, level, sets)
        words, next_word = self._words, self._cursor.next
        found: dict[str, Value] = {}
        for word in self._source:
            op, name, value, end = words[word]
            if op == END and value[0] == tag:
                break
            if not name and (name is None or tag == "MS"):
                raise Unreadable(f"a member of {tag} has no N")
            if op:
                if not wanted[name]:
                    self._pass_member(op, value, end, level, tag)
                elif op == MEMBERS and tag == "MS":
                    found[name] = self._member_set(end, level, sets)
                else:
                    found[name] = self._built(op, value, end, level)
                continue
            if end:
                behind = next_word()
                if behind != end and behind.rstrip(BLANKS) != end:
                    refuse_content(end)
            if wanted[name]:
                found[name] = value
        else:
            refuse_cut(tag)
        return self._checked(found, tag, level) if found else found

    def _pass_member(self, op: int, value: object, end: bytes, level: int, tag: str) -> None:
        if op == OBJECT:
            self._pass_object(value, end, level)  # type: ignore[arg-type]  # an object's word holds its RefId
        elif op == MEMBERS and tag == "MS":
            if end:
                self._pass_members("MS", level)
        else:
            self._built(op, value, end, level)  # type: ignore[arg-type]  # a structure's word holds a Structure

    def _pass_members(self, tag: str, level: int) -> None:
        if level >= _DEEP:
            super()._members(tag, level)
            return
        words, next_word = self._words, self._cursor.next
        for word in self._source:
            op, name, value, end = words[word]
            if op:
                if op == END and value[0] == tag:
                    break
                self._pass_member(op, value, end, level, tag)
            elif end:
                behind = next_word()
                if behind != end and behind.rstrip(BLANKS) != end:
                    refuse_content(end)
            if not name and (name is None or tag == "MS"):
                raise Unreadable(f"a member of {tag} has no N")
        else:
            refuse_cut(tag)

    def _pass_object(self, ref: bytes | None, end: bytes, level: int) -> None:  # noqa: PLR0912 - a call less for each child
        if level >= _DEEP or ref in self._referred:
            self._object(ref, end, level)
            return
        if not end:
            return
        words, types, next_word = self._words, self._tables.types, self._cursor.next
        for word in self._source:
            op, _, value, end = words[word]
            if op == TYPES_REFERENCE or (op == TEXT and value[0] == "ToString"):
                if op == TYPES_REFERENCE and value[1] not in types:
                    self._tables.types_of(value[1])
                if end:
                    behind = next_word()
                    if behind != end and behind.rstrip(BLANKS) != end:
                        refuse_content(end)
            elif op == END and value[0] == "Obj":
                break
            elif op in _PASSED:
                if end:
                    self._pass_part(op, value[0], level + 1)
            elif op == OBJECT:
                self._pass_object(value, end, level + 1)
            elif op == TYPES:
                self._tables.read_types(self._cursor, value[1], end)
            elif op == END:
                refuse_cut("Obj")
            else:
                self._rarer(PSObject(), op, value, end, level)
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
        words, next_word = self._words, self._cursor.next
        for word in self._source:
            op, _, value, end = words[word]
            if op == END and value[0] == tag:
                break
            if op == OBJECT:
                self._pass_object(value, end, level)
            elif op:
                self._built(op, value, end, level)
            elif end:
                behind = next_word()
                if behind != end and behind.rstrip(BLANKS) != end:
                    refuse_content(end)
        else:
            refuse_cut(tag)


_PASSED: Final = frozenset({CONTAINER, DICTIONARY, PROPERTIES, MEMBERS})
