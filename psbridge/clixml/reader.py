"""The words of one CLIXML document or message in, its values out.

Sources: [MS-PSRP] 2.2.5.2; clixml-notes sections 1 and 4. What a rule's text leaves open, the engine of PowerShell 7.6.9 answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Never, cast

from psbridge.clixml.names import Members, clash, fold
from psbridge.clixml.notes import add_notes, adopt, drop_note
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
from psbridge.psobject import Kind, MemberSet, ProgressRecord, PSObject, Value

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

    def __init__(self, source: Iterator[bytes], words: Words, *, rewritten: bool = False, exact: bool = False) -> None:
        self._source = source
        self._next = source.__next__
        self._words = words
        self._rewritten = rewritten
        self._new_members: type[dict[str, Value]] = Members if exact else dict
        self._objects: dict[bytes, PSObject] = {}
        self._types: dict[bytes, tuple[str, ...]] = {}
        self._skips_unknown = False

    def document(self) -> list[tuple[bytes, Value]]:
        """Read the values of `<Objs>`, each with the word that begins it."""
        if self._next().strip(BLANKS):
            raise NotPlain("text in front of the document")
        word = self._next()
        op, _, _, end = self._words[word]
        given = attributes(word)
        if op != ROOT or given.get("xmlns") != NAMESPACE:
            raise NotPlain("the document's element is not Objs of PowerShell's namespace")
        self._skips_unknown = "Version" in given and _minor_version(given["Version"]) > 1
        values: list[tuple[bytes, Value]] = []
        if end:
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

    def _value(self, word: bytes, level: int) -> tuple[str | None, Value]:
        """Read the value that a word begins, with its N."""
        op, name, value, end = self._words[word]
        if level >= _TOO_DEEP:
            _refuse_depth()
        if op:
            return name, self._built(op, value, end, level)
        if end:
            self._close(end)
        return name, cast("Value", value)

    def _built(self, op: int, value: bytes | Structure | None, end: bytes, level: int) -> Value:
        """Read the value that an object's or a structure's tag begins."""
        if not isinstance(value, tuple):
            return self._object(value, end, level)
        tag, ref, _ = value
        if op == REFERENCE:
            self._close(end)
            return self._target(ref)
        if op == PROGRESS:
            return self._progress(end, level)
        if op == END:
            raise NotPlain(f"the end of {tag} stands where a value is due")
        raise Unreadable(f"{tag} is no value")

    def _object(self, ref: bytes | None, end: bytes, level: int) -> PSObject:
        """Read an object. It enters the table before its children are read: they may refer to it."""
        if level >= _TOO_DEEP:
            _refuse_depth()
        made = PSObject()
        if ref is not None:
            self._objects[ref] = made
        if not end:
            return made
        words, types = self._words, self._types
        typed = noted = nested = False
        for word in self._source:
            op, _, value, end = words[word]
            if op == TYPES_REFERENCE:
                made.types, typed = types.get(value[1]) or self._types_of(value[1]), True
                if end:
                    self._close(end)
            elif op == END:
                if value[0] == "Obj":
                    break
                _refuse_end(value[0], "Obj")
            elif op == CONTAINER:
                made.base, made.has_base, made.entries = None, False, None
                made.kind = _KINDS[value[0]]
                made.items = self._items(value[0], level + 1) if end else []
            elif op == 0:
                self._wrap_simple(made, value, end)
            elif op == PROPERTIES:
                if made.ms:
                    drop_note(made, "GetType")
                made.props, noted = self._members("Props", level + 1) if end else {}, True
            elif op == TEXT and value[0] == "ToString":
                made.to_string, noted = value[2], True
                self._close(end)
                drop_note(made, "ToString")
            elif op == MEMBERS:
                add_notes(made, self._members("MS", level + 1) if end else {}, has_own=noted)
                noted = True
            elif op == TYPES:
                made.types, typed = self._type_names(value[1], end), True
            elif op == OBJECT:
                _wrap(made, self._object(value, end, level + 1))
                nested = True
            else:
                self._rarer(made, op, value, end, level)
        if nested and isinstance(made.base, PSObject):
            adopt(made, made.base, typed=typed, has_own=noted)
        return made

    def _rarer(self, made: PSObject, op: int, structure: Structure, end: bytes, level: int) -> None:
        """Read a child of an object that is none of the usual ones."""
        if op == DICTIONARY:
            made.base, made.has_base, made.items = None, False, None
            made.kind, made.entries = _dictionary_kind(made.types), self._entries(level + 1) if end else []
        elif op == PROGRESS:
            _wrap(made, self._progress(end, level))
        else:
            self._skip(op, structure[0], end)

    def _wrap_simple(self, made: PSObject, value: Value, end: bytes) -> None:
        self._close(end)
        if value is not None:
            _wrap(made, value)
        elif not self._skips_unknown:
            raise Unreadable("Nil is no value that an object can wrap")

    def _members(self, tag: str, level: int, sets: int = 0) -> dict[str, Value]:
        """Read the members of Props or MS up to its end. `sets`: how many named sets stand around this one."""
        words, next_word = self._words, self._next
        found = self._new_members()
        for word in self._source:
            op, name, value, end = words[word]
            if op:
                if op == OBJECT:
                    value = self._object(value, end, level)
                elif op == END and value[0] == tag:
                    break
                elif op == MEMBERS and tag == "MS":
                    value = self._member_set(end, level, sets)
                else:
                    value = self._built(op, value, end, level)
            elif end:
                behind = next_word()
                if behind != end and behind.rstrip(BLANKS) != end:
                    _refuse_content(end)
            found[name] = value  # type: ignore[index]  # a missing name is refused below
        if found:
            self._check_names(found, tag, level)
        return found

    def _member_set(self, end: bytes, level: int, sets: int) -> MemberSet:
        """Read a named set of members. PowerShell's reader loses the members of a set in such a set."""
        inside = self._members("MS", level, sets + 1) if end else {}
        return MemberSet({} if sets else inside)

    def _check_names(self, found: dict[str, Value], tag: str, level: int) -> None:
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
        for word in self._source:
            op, _, value, end = words[word]
            if op:
                if op == OBJECT:
                    value = self._object(value, end, level)
                elif op == END and value[0] == tag:
                    break
                else:
                    value = self._built(op, value, end, level)
            elif end:
                behind = next_word()
                if behind != end and behind.rstrip(BLANKS) != end:
                    _refuse_content(end)
            items.append(value)
        if items and level >= _TOO_DEEP:
            _refuse_depth()
        return items

    def _entries(self, level: int) -> list[tuple[Value, Value]]:
        """Read the entries of a dictionary. No two are merged, but the very same object is no key twice."""
        entries: list[tuple[Value, Value]] = []
        keys: set[int] = set()
        while not self._is_end(word := self._next(), "DCT"):
            op, _, _, end = self._words[word]
            if op != ENTRY or not end:
                raise Unreadable("a dictionary holds something else than entries (En), or an empty one")
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

    def _type_names(self, ref: bytes | None, end: bytes) -> tuple[str, ...]:
        """Read a type list: each name gets the prefix unless it has it, empty ones are dropped."""
        names: list[str] = []
        while end and not self._is_end(word := self._next(), "TN"):
            op, _, value, its_end = self._words[word]
            if op != TEXT or value[0] != "T":
                raise Unreadable("a type list (TN) holds something else than names (T)")
            self._close(its_end)
            if value[2]:
                names.append(_prefixed(value[2]))
        types = _interned(tuple(names))
        if ref is not None:
            self._types[ref] = types
        return types

    def _types_of(self, ref: bytes | None) -> tuple[str, ...]:
        types = None if ref is None else self._types.get(ref)
        if types is None:
            raise Unreadable("a TNRef without RefId" if ref is None else f"no type list has the RefId {_shown(ref)} here")
        return types

    def _target(self, ref: bytes | None) -> PSObject:
        target = None if ref is None else self._objects.get(ref)
        if target is None:
            raise Unreadable("a Ref without RefId" if ref is None else f"no object has the RefId {_shown(ref)} here")
        return target

    def _progress(self, end: bytes, level: int) -> ProgressRecord:
        """Read a progress record: eight elements in their order."""
        if not end:
            raise Unreadable("an empty ProgressRecord (PR)")
        texts: dict[str, str] = {}
        operation: Value = None
        for tag in ELEMENTS:
            word = self._next()
            if tag is None:
                operation = self._value(word, level + 1)[1]
                continue
            op, _, value, its_end = self._words[word]
            if op != TEXT or value[0] != tag:
                raise Unreadable(f"a ProgressRecord (PR) without {tag}, or in another order")
            self._close(its_end)
            texts[tag] = value[2]
        if not self._is_end(self._next(), "PR"):
            raise Unreadable("a ProgressRecord (PR) with more than its eight elements")
        return progress_record(texts, operation)

    def _skip(self, op: int, tag: str, end: bytes) -> None:
        """Pass over an element that this version of CLIXML does not know, where its version says so."""
        if op == MISPLACED or not self._skips_unknown:
            raise Unreadable(f"{tag} is not known in an object")
        if op == REFERENCE or not end:
            self._close(end)
            return
        if not self._rewritten:
            raise NotPlain("an unknown element may hold anything")
        depth = 1
        while depth:
            word = self._next()
            if word.startswith(b"/"):
                depth -= 1
            elif not word.partition(b">")[0].endswith(b"/"):
                depth += 1

    def _close(self, end: bytes) -> None:
        """Take the end tag of an element that holds no other one."""
        if end:
            behind = self._next()
            if behind != end and behind.rstrip(BLANKS) != end:
                _refuse_content(end)

    def _is_end(self, word: bytes, tag: str) -> bool:
        op, _, value, _ = self._words[word]
        if op == END and value[0] != tag:
            _refuse_end(value[0], tag)
        return op == END


def _refuse_depth() -> Never:
    raise Unreadable("the value is nested too deeply: PowerShell reads 49 levels")


def _refuse_content(end: bytes) -> Never:
    raise NotPlain(f"<{end.decode()} is due, or text stands behind it")


def _refuse_end(tag: str, due: str) -> Never:
    raise NotPlain(f"the end of {tag} stands where that of {due} is due")


def _shown(ref: bytes) -> str:
    return repr(ref.decode("utf-8", "surrogatepass"))


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
