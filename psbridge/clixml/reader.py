"""The words of one CLIXML document or message in, its values out.

Sources: [MS-PSRP] 2.2.5.2; clixml-notes sections 1 and 4. What a rule's text leaves open, the engine of PowerShell 7.6.9 answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Never, cast

from psbridge.clixml.names import Members, clash, fold
from psbridge.clixml.numbers import version
from psbridge.clixml.progress import ELEMENTS, progress_record
from psbridge.clixml.unreadable import NotPlain, Unreadable
from psbridge.clixml.words import (
    BLANKS,
    CONTAINER,
    DICTIONARY,
    END,
    ENTRY,
    MEMBERS,
    MISPLACED,
    NAMESPACE,
    OBJECT,
    PROGRESS,
    PROPERTIES,
    REFERENCE,
    ROOT,
    TEXT,
    TYPES,
    TYPES_REFERENCE,
    Structure,
    Words,
    attributes,
)
from psbridge.psobject import EMPTY, Kind, MemberSet, ProgressRecord, PSObject, Value

__all__ = ["NamesAlike", "Reader"]

_TOO_DEEP: Final = 50  # the level that PowerShell's reader refuses
_ORDERED: Final = "deserialized.System.Collections.Specialized.OrderedDictionary"
_PREFIX: Final = "Deserialized."
_KINDS: Final = {"LST": Kind.LIST, "IE": Kind.LIST, "STK": Kind.STACK, "QUE": Kind.QUEUE}


class NamesAlike(Exception):
    """Two names of one set differ in case only: the set must be built name by name."""


class Reader:
    """Reads the values of one document or message; both tables of ids live as long as it does.

    `rewritten`: the words come from the XML parser, so the text is well-formed. `exact`: build sets of members name by name.
    """

    def __init__(self, source: Iterator[str], words: Words, *, rewritten: bool = False, exact: bool = False) -> None:
        self._source = source
        self._next = source.__next__
        self._words = words
        self._rewritten = rewritten
        self._new_members = Members if exact else dict
        self._objects: dict[str, PSObject] = {}
        self._types: dict[str, tuple[str, ...]] = {}
        self._skips_unknown = False

    def document(self) -> list[tuple[str, Value]]:
        """Read the values of `<Objs>`, each with the word that begins it."""
        if self._next().strip(BLANKS):
            raise NotPlain("text in front of the document")
        word = self._next()
        root = self._words[word][2]
        if not isinstance(root, Structure) or root.op != ROOT:
            raise NotPlain("the document's element is not Objs of PowerShell's namespace")
        given = attributes(word)
        if given.get("xmlns") != NAMESPACE:
            raise NotPlain("the document's element is not Objs of PowerShell's namespace")
        self._skips_unknown = "Version" in given and _minor_version(given["Version"]) > 1
        values: list[tuple[str, Value]] = []
        if not root.empty:
            while not self._is_end(word := self._next(), "Objs"):
                values.append((word, self._value(word, 1)[1]))
        self._expect_nothing()
        return values

    def message(self) -> Value:
        """Read the one value that a message's body is."""
        if self._next():
            raise NotPlain("text in front of the message")
        value = self._value(self._next(), 1)[1]
        self._expect_nothing()
        return value

    def _expect_nothing(self) -> None:
        for _ in self._source:
            raise NotPlain("something stands behind the end of the document")

    def _value(self, word: str, level: int) -> tuple[str | None, Value]:
        """Read the value that a word begins, with its N."""
        end, name, value = self._words[word]
        if level >= _TOO_DEEP:
            _refuse_depth()
        if end is None:
            return name, self._built(value, level)
        if end:
            self._close(end)
        return name, cast("Value", value)

    def _built(self, structure: Structure, level: int) -> Value:
        """Read the value that a structure's tag begins."""
        op, tag, ref, empty, _ = structure
        if op == OBJECT:
            return self._object(ref, empty, level)
        if op == REFERENCE:
            if not empty:
                self._close("/Ref>")
            return self._target(ref)
        if op == PROGRESS:
            return self._progress(empty, level)
        if op == END:
            raise NotPlain(f"the end of {tag} stands where a value is due")
        raise Unreadable(f"{tag} is no value")

    def _object(self, ref: str | None, empty: bool, level: int) -> PSObject:  # noqa: FBT001 - one call for each object
        """Read an object. It enters the table before its children are read: they may refer to it."""
        if level >= _TOO_DEEP:
            _refuse_depth()
        made = PSObject()
        if ref is not None:
            self._objects[ref] = made
        if empty:
            return made
        words, next_word = self._words, self._next
        typed = noted = False
        while True:
            end, _, value = words[next_word()]
            if end is None:
                op, tag, ref, empty, text = value
                if op == END:
                    break
                if op == TYPES_REFERENCE:
                    made.types, typed = self._types_of(ref), True
                    if not empty:
                        self._close("/TNRef>")
                elif op == TYPES:
                    made.types, typed = self._type_names(ref, empty), True
                elif op == TEXT and tag == "ToString":
                    made.to_string, noted = text, True
                    if not empty:
                        self._close("/ToString>")
                    _drop(made, "ToString")
                elif op == PROPERTIES:
                    _drop(made, "GetType")
                    made.props, noted = {} if empty else self._members("Props", level + 1), True
                elif op == MEMBERS:
                    self._add_notes(made, {} if empty else self._members("MS", level + 1), noted)
                    noted = True
                elif op == CONTAINER:
                    _fill(made, _KINDS[tag], items=[] if empty else self._items(tag, level + 1))
                elif op == DICTIONARY:
                    kind = _dictionary_kind(made.types)
                    _fill(made, kind, entries=[] if empty else self._entries(level + 1))
                elif op == OBJECT:
                    _wrap(made, self._object(ref, empty, level + 1))
                elif op == PROGRESS:
                    _wrap(made, self._progress(empty, level))
                else:
                    self._skip(value)
            elif value is None:
                self._skip_nil(end)
            else:
                if end:
                    self._close(end)
                _wrap(made, value)
        if tag != "Obj":
            raise NotPlain(f"the end of {tag} stands where that of Obj is due")
        if isinstance(made.base, PSObject):
            _adopt(made, made.base, typed, noted)
        return made

    def _members(self, tag: str, level: int, sets: int = 0) -> dict[str, Value]:
        """Read the members of Props or MS up to its end. `sets`: how many named sets stand around this one."""
        words, next_word = self._words, self._next
        found = self._new_members()
        while True:
            end, name, value = words[next_word()]
            if end:
                word = next_word()
                if word != end and word.rstrip(BLANKS) != end:
                    raise NotPlain(f"something else than {end} behind the text of a value")
            elif end is None:
                op, its_tag, ref, empty, _ = value
                if op == OBJECT:
                    value = self._object(ref, empty, level)
                elif op == END and its_tag == tag:
                    break
                elif op == MEMBERS and tag == "MS":
                    inside = {} if empty else self._members("MS", level, sets + 1)
                    value = MemberSet({} if sets else inside)  # PowerShell's reader loses the members of a set in a set
                else:
                    value = self._built(value, level)
            found[name] = value  # type: ignore[index]  # a missing name is refused below
        self._check_names(found, tag, level)
        return found

    def _check_names(self, found: dict[str, Value], tag: str, level: int) -> None:
        if not found:
            return
        if level >= _TOO_DEEP:
            _refuse_depth()
        if None in found:
            raise Unreadable(f"a member of {tag} has no N")
        if tag == "MS" and "" in found:
            raise Unreadable("a note's name is empty")
        if type(found) is dict and clash(tuple(found)):
            raise NamesAlike

    def _items(self, tag: str, level: int) -> list[Value]:
        """Read the items of a list, stack or queue up to its end."""
        words, next_word = self._words, self._next
        items: list[Value] = []
        while True:
            end, _, value = words[next_word()]
            if end:
                self._close(end)
            elif end is None:
                op, its_tag, ref, empty, _ = value
                if op == OBJECT:
                    value = self._object(ref, empty, level)
                elif op == END and its_tag == tag:
                    break
                else:
                    value = self._built(value, level)
            items.append(value)
        if items and level >= _TOO_DEEP:
            _refuse_depth()
        return items

    def _entries(self, level: int) -> list[tuple[Value, Value]]:
        """Read the entries of a dictionary. No two are merged, but the very same object is no key twice."""
        entries: list[tuple[Value, Value]] = []
        keys: set[int] = set()
        while not self._is_end(word := self._next(), "DCT"):
            entry = self._words[word][2]
            if not isinstance(entry, Structure) or entry.op != ENTRY:
                raise Unreadable("a dictionary holds something else than entries (En)")
            if entry.empty:
                raise Unreadable("an entry without key and value")
            key = self._part_of_entry("key", level)
            if key is None:
                raise Unreadable("an entry's key is null")
            if isinstance(key, PSObject) or (type(key) is str and not key):
                # .NET has one empty string, so it is the same object as well.
                identity = id(key) if key else 0
                if identity in keys:
                    raise Unreadable("the same object is the key of two entries")
                keys.add(identity)
            entries.append((key, self._part_of_entry("value", level)))
            if not self._is_end(self._next(), "En"):
                raise Unreadable("an entry holds more than key and value")
        return entries

    def _part_of_entry(self, part: str, level: int) -> Value:
        word = self._next()
        if self._is_end(word, "En"):
            raise Unreadable(f"an entry without {part}")
        name, value = self._value(word, level)
        if name is None or fold(name) != part.upper():
            raise Unreadable(f"the N of an entry's {part} is not {part.capitalize()}")
        return value

    def _type_names(self, ref: str | None, empty: bool) -> tuple[str, ...]:  # noqa: FBT001 - as above
        """Read a type list: each name gets the prefix unless it has it, empty ones are dropped."""
        names: list[str] = []
        words, next_word = self._words, self._next
        while not empty:
            _, _, value = words[next_word()]
            if not isinstance(value, Structure) or (value.tag != "T" and value.op != END):
                raise Unreadable("a type list (TN) holds something else than names (T)")
            if value.op == END:
                break
            if not value.empty:
                self._close("/T>")
            if value.text:
                names.append(_prefixed(value.text))
        types = _interned(tuple(names))
        if ref is not None:
            self._types[ref] = types
        return types

    def _types_of(self, ref: str | None) -> tuple[str, ...]:
        types = None if ref is None else self._types.get(ref)
        if types is None:
            raise Unreadable("a TNRef without RefId" if ref is None else f"no type list has the RefId {ref!r} here")
        return types

    def _target(self, ref: str | None) -> PSObject:
        target = None if ref is None else self._objects.get(ref)
        if target is None:
            raise Unreadable("a Ref without RefId" if ref is None else f"no object has the RefId {ref!r} here")
        return target

    def _add_notes(self, made: PSObject, notes: dict[str, Value], noted: bool) -> None:  # noqa: FBT001 - as above
        """Take over a set of notes; a further one is merged into the first."""
        if made.ms is EMPTY and not isinstance(made.base, PSObject):
            made.ms = notes
            return
        if isinstance(made.base, PSObject) and not noted:
            made.ms = _shared_notes(made.base)
        own = made.ms if isinstance(made.ms, dict) else {}
        together = Members(own)
        for name, value in notes.items():
            together[name] = value
        own.clear()
        own.update(together)
        made.ms = own

    def _progress(self, empty: bool, level: int) -> ProgressRecord:  # noqa: FBT001 - as above
        """Read a progress record: eight elements in their order."""
        if empty:
            raise Unreadable("an empty ProgressRecord (PR)")
        texts: dict[str, str] = {}
        operation: Value = None
        for tag in ELEMENTS:
            word = self._next()
            if tag is None:
                operation = self._value(word, level + 1)[1]
                continue
            value = self._words[word][2]
            if not isinstance(value, Structure) or value.tag != tag or value.op != TEXT:
                raise Unreadable(f"a ProgressRecord (PR) without {tag}, or in another order")
            if not value.empty:
                self._close(f"/{tag}>")
            texts[tag] = value.text
        if not self._is_end(self._next(), "PR"):
            raise Unreadable("a ProgressRecord (PR) with more than its eight elements")
        return progress_record(texts, operation)

    def _skip_nil(self, end: str) -> None:
        if not self._skips_unknown:
            raise Unreadable("Nil is no value that an object can wrap")
        if end:
            self._close(end)

    def _skip(self, structure: Structure) -> None:
        """Pass over an element that this version of CLIXML does not know, where its version says so."""
        if structure.op == MISPLACED or not self._skips_unknown:
            raise Unreadable(f"{structure.tag} is not known in an object")
        if not self._rewritten:
            raise NotPlain("an unknown element may hold anything")
        depth = 0 if structure.empty else 1
        while depth:
            word = self._next()
            if word.startswith("/"):
                depth -= 1
            elif not word.partition(">")[0].endswith("/"):
                depth += 1

    def _close(self, end: str) -> None:
        word = self._next()
        if word != end and word.rstrip(BLANKS) != end:
            raise NotPlain(f"something else than <{end} behind the text")

    def _is_end(self, word: str, tag: str) -> bool:
        value = self._words[word][2]
        if not isinstance(value, Structure) or value.op != END:
            return False
        if value.tag != tag:
            raise NotPlain(f"the end of {value.tag} stands where that of {tag} is due")
        return True


def _refuse_depth() -> Never:
    raise Unreadable("the value is nested too deeply: PowerShell reads 49 levels")


def _minor_version(text: str) -> int:
    major, minor, *_ = version(text).split(".")
    if major != "1":
        raise Unreadable(f"the document is of version {major}, only version 1 can be read")
    return int(minor)


@lru_cache(maxsize=1 << 13)
def _prefixed(name: str) -> str:
    return name if name[: len(_PREFIX)].lower() == _PREFIX.lower() else _PREFIX + name


@lru_cache(maxsize=1 << 12)
def _interned(types: tuple[str, ...]) -> tuple[str, ...]:
    """Give the one tuple that stands for all equal type lists."""
    return types


def _dictionary_kind(types: tuple[str, ...]) -> Kind:
    ordered = types and types[0][: len(_PREFIX)].lower() + types[0][len(_PREFIX) :] == _ORDERED
    return Kind.ORDERED if ordered else Kind.DICT


def _wrap(made: PSObject, base: Value) -> None:
    """Make a value the content of an object; the last content wins."""
    made.base, made.has_base = base, True
    made.kind = made.items = made.entries = None


def _fill(
    made: PSObject, kind: Kind, *, items: list[Value] | None = None, entries: list[tuple[Value, Value]] | None = None
) -> None:
    made.base, made.has_base = None, False
    made.kind, made.items, made.entries = kind, items, entries


def _drop(made: PSObject, name: str) -> None:
    """Drop a note that the engine would not show beside what comes now: ToString, GetType."""
    if made.ms:
        for key in [key for key in made.ms if fold(key) == name.upper()]:
            cast("dict[str, Value]", made.ms).pop(key)


def _adopt(made: PSObject, base: PSObject, typed: bool, noted: bool) -> None:  # noqa: FBT001 - as above
    """Take from an object in an object what the outer one has none of. Notes are one set, unless the outer had its own before."""
    if made.to_string is None:
        made.to_string = base.to_string
    if made.props is EMPTY:
        made.props = base.props
    if not typed:
        made.types = base.types
    if not noted:
        made.ms = base.ms


def _shared_notes(base: PSObject) -> dict[str, Value]:
    """The notes of the innermost object, which those around it share as long as they have none of their own."""
    chain = [base]
    while isinstance(chain[-1].base, PSObject):
        chain.append(chain[-1].base)
    if chain[-1].ms is EMPTY:
        fresh: dict[str, Value] = {}
        for one in chain:
            if one.ms is EMPTY:
                one.ms = fresh
    return cast("dict[str, Value]", chain[-1].ms)
