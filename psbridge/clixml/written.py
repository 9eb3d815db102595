"""The text of a regular object in, the object out, with members that are built when somebody looks at them.

Sources: [MS-PSRP] 2.2.5.2; clixml-notes sections 1 and 4. What is looked at is read by the reader, so it is what the reader says.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Final, TypeVar, cast

from psbridge.clixml.names import clash
from psbridge.clixml.projection import Wanted
from psbridge.clixml.reader import NamesAlike, Reader
from psbridge.clixml.regular import DEFINITIONS, MEMBER, OBJECT_IDS, ROOT, SPECIAL_NOTE
from psbridge.clixml.tables import Types
from psbridge.clixml.type_names import types_of
from psbridge.clixml.words import Words, marked
from psbridge.psobject import PSObject, Value

__all__ = ["WrittenMembers", "choose", "is_built", "written_root"]

Read = TypeVar("Read")

# What stands behind `<TN` where a list is named by a number below 100, each with that number.
_REFERENCES: Final = {f'Ref RefId="{number}" /'.encode()[:15]: b"%d" % number for number in range(100)}
_start: Final = itemgetter(slice(15))
_RARE: Final = b"\xef"  # how the two below begin; one byte is found faster than three
_NONCHARACTERS: Final = tuple(one.encode() for one in "\ufffe\uffff")


def written_root(
    text: bytes, place: int, table: Words, types: Types, referred: AbstractSet[bytes]
) -> tuple[PSObject, int] | None:
    """Give the top-level object that begins at a place of a text, and where it ends; None if it must be read word by word.

    `types`: the type lists that were defined before; those of this object are added. `referred`: the ids that a Ref names
    somewhere; what has one of these is left to the reader.
    """
    found = ROOT.match(text, place)
    if found is None:
        return None
    end = found.end()
    if referred and not referred.isdisjoint(OBJECT_IDS.findall(text, place, end)):
        return None
    own, to_string, props, ms = found.group("types", "to_string", "props", "ms")
    if ms is not None and SPECIAL_NOTE.search(ms):
        return None
    whole = found[0]
    known = _types_in(whole, table, types) if _is_text(whole) else None
    if known is None:
        return None
    made = PSObject(known[own.split(b'"', 2)[1]] if own else ())
    if to_string is not None:
        made.to_string = table[marked(to_string)][2][2]
    if props is not None:
        made.props = WrittenMembers(props, b"Props", known, table) if props else {}
    if ms is not None:
        made.ms = WrittenMembers(ms, b"MS", known, table) if ms else {}
    return made, end


def choose(made: PSObject, wanted: Wanted) -> None:
    """Keep the wanted members of an object that was just read, and build them."""
    if isinstance(made.props, WrittenMembers):
        made.props = made.props.chosen(wanted)
    if isinstance(made.ms, WrittenMembers):
        made.ms = made.ms.chosen(wanted)


def is_built(made: PSObject) -> bool:
    """Whether all of an object was looked at that was left unbuilt."""
    late = [members for members in (made.props, made.ms) if isinstance(members, WrittenMembers)]
    return bool(late) and all(members.is_built for members in late)


def _is_text(written: bytes) -> bool:
    """Whether bytes that hold nothing below a blank but what may stand there are text that XML allows."""
    if written.isascii():
        return True
    try:
        written.decode()
    except UnicodeDecodeError:
        return False
    return _RARE not in written or not any(one in written for one in _NONCHARACTERS)


def _types_in(whole: bytes, table: Words, types: Types) -> Types | None:
    """The type lists that an object names, each with its id; None if there is one that is not known, or one that is redefined."""
    starts = set(map(_start, whole.split(b"<TN")[1:]))
    try:
        return {(ref := _REFERENCES[start]): types[ref] for start in starts}
    except KeyError:
        return _types_one_by_one(whole, table, types)


def _types_one_by_one(whole: bytes, table: Words, types: Types) -> Types | None:
    known: Types = {}
    defined: Types = {}
    for reference, ref, names in DEFINITIONS.findall(whole):
        if ref:
            if ref in defined or ref in types:
                return None
            defined[ref] = known[ref] = _defined(names, table)
        elif reference in types:
            known[reference] = types[reference]
        elif reference not in defined:
            return None
    types |= defined
    return known


def _defined(names: bytes, table: Words) -> tuple[str, ...]:
    return types_of([table[name][2][2] for name in marked(names).split(b"<")[1:]])


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

    def chosen(self, wanted: Wanted) -> dict[str, Value]:
        """The members that are wanted, built."""
        found = MEMBER.findall(self._written)
        known = wanted.written
        try:
            words = {written: word for word, written in found if known[written]}
        except KeyError:
            wanted.learn({written: self._table.names[written] for _, written in found})
            words = {written: word for word, written in found if known[written]}
        if clash([self._table.names[written] for written in words]):
            return {name: value for name, value in self._all().items() if wanted[name]}
        return {self._table.names[written]: self._read(word) for written, word in words.items()}

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
            return PSObject.later(lambda: cast("PSObject", self._from(word, Reader.member)))
        return cast("Value", self._table[word.replace(b"</", b"\0/")][2])

    def _from(self, text: bytes, take: Callable[[Reader], Read]) -> Read:
        """Read a stretch of the text, from behind its first `<` on."""
        words = marked(text).split(b"<")
        try:
            return take(Reader(iter(words), self._table, types=self._types))
        except NamesAlike:
            return take(Reader(iter(words), self._table, types=self._types, exact=True))
