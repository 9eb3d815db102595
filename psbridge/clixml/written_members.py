"""The members of an object in the regular form in, as they are written; each of them out when somebody looks at it.

Sources: [MS-PSRP] 2.2.5.2; clixml-notes sections 1 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from typing import TypeVar, cast

from psbridge.clixml.layout import Layout
from psbridge.clixml.names import clash
from psbridge.clixml.reader import NamesAlike, Reader
from psbridge.clixml.regular import FLAT_OBJECT, ITEM, MEMBER
from psbridge.clixml.regular_values import simple_value, text_in
from psbridge.clixml.tables import Types
from psbridge.clixml.words import Words, marked
from psbridge.psobject import Kind, PSObject, Value

__all__ = ["WrittenMembers"]

Read = TypeVar("Read")


class WrittenMembers(Mapping[str, Value]):
    """The members of one object as they are written. A value is built when it is looked at first, and stays the same then.

    They are as the reader has them: names in the order and spelling of the text; of names that are one to PowerShell the last
    value at the first place.
    """

    __slots__ = ("_complete", "_made", "_table", "_tag", "_types", "_words", "_written")

    def __init__(self, written: bytes, tag: bytes, types: Types, table: Words) -> None:
        self._written = written
        self._tag = tag
        self._types = types
        self._table = table
        self._words: dict[str, bytes] | None = None
        self._made: dict[str, Value] = {}
        self._complete = False

    def __getitem__(self, name: str) -> Value:
        if name not in self._made:
            word = self._names()[name]
            if name not in self._made:  # to tell names that are one, all members were built
                self._made[name] = self._read(word)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __bool__(self) -> bool:
        return bool(self._written)

    def items(self) -> ItemsView[str, Value]:
        """All members; they are built at once, which is faster than one by one."""
        return self._all().items()

    def values(self) -> ValuesView[Value]:
        """The values of all members, built at once."""
        return self._all().values()

    @property
    def is_built(self) -> bool:
        """Whether every member was looked at."""
        return self._complete or (self._words is not None and len(self._made) == len(self._words))

    def chosen(self, layout: Layout) -> dict[str, Value]:
        """The members that are wanted, built."""
        found = layout.find(self._written)
        if found is None:
            return {name: value for name, value in self._all().items() if layout.wanted[name]}
        return {name: self._read(word) for name, word in found}

    def __repr__(self) -> str:
        return f"<members {', '.join(self)}>"

    def _names(self) -> dict[str, bytes]:
        """The names, each with its member as it is written."""
        if self._words is None:
            names = self._table.names
            words = {names[written]: word for word, written in MEMBER.findall(self._written)}
            if clash(words):
                words = dict.fromkeys(self._all(), b"")
            self._words = words
        return self._words

    def _all(self) -> dict[str, Value]:
        if not self._complete:
            text, tag = self._written[1:] + b"</" + self._tag + b">", self._tag.decode()
            self._made = self._from(text, lambda reader: reader.members(tag)) | self._made
            self._complete = True
        return self._made

    def _read(self, word: bytes) -> Value:
        if word.startswith(b"Obj"):
            return PSObject.later(lambda: self._object(word))
        return simple_value(word, self._table)

    def _object(self, word: bytes) -> PSObject:
        """Build an object: one that holds no others by its parts, any other one by the reader."""
        found = None if b"<Obj" in word else FLAT_OBJECT.fullmatch(word)
        if found is None:
            return cast("PSObject", self._from(word, Reader.member))
        types, to_string, items, base, props = found.groups()
        made = PSObject(() if types is None else self._types[types])
        if to_string is not None:
            made.to_string = text_in(to_string)
        if items is not None:
            made.kind, made.items = Kind.LIST, [simple_value(item, self._table) for item in ITEM.findall(items)]
        elif base is not None:
            made.base, made.has_base = simple_value(base, self._table), True
        if props is not None:
            names = self._table.names
            made.props = {names[name]: simple_value(member, self._table) for member, name in MEMBER.findall(props)}
            if clash(made.props):
                return cast("PSObject", self._from(word, Reader.member))
        return made

    def _from(self, text: bytes, take: Callable[[Reader], Read]) -> Read:
        """Read a stretch of the text, from behind its first `<` on."""
        words = marked(text).split(b"<")
        try:
            return take(Reader(iter(words), self._table, types=self._types))
        except NamesAlike:
            return take(Reader(iter(words), self._table, types=self._types, exact=True))
