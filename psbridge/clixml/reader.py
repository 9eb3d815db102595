"""The words of one CLIXML document or message in, its values out.

Sources: [MS-PSRP] 2.2.5.2; clixml-notes sections 1 and 4. What they leave open, the engine of PowerShell 7.6.9 answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Never, cast

from psbridge.clixml.cursor import Cursor, refuse_cut
from psbridge.clixml.entries import read_entries
from psbridge.clixml.names import ByName, clash, fold
from psbridge.clixml.notes import Notes
from psbridge.clixml.numbers import version
from psbridge.clixml.progress import read_progress
from psbridge.clixml.tables import Tables, Types
from psbridge.clixml.type_names import dictionary_kind
from psbridge.clixml.unreadable import NotPlain, Unreadable
from psbridge.clixml.words import (
    BLANKS,
    CONTAINER,
    DICTIONARY,
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
    Ends,
    Meaning,
    Structure,
    Words,
    attributes,
    refuse_end,
)
from psbridge.psobject import Kind, MemberSet, ProgressRecord, PSObject, Value

__all__ = ["OF_ROOTS", "NamesAlike", "Reader"]

OF_ROOTS: Final = 2  # the level of a top-level object's members
_TOO_DEEP: Final = 50  # the level that PowerShell's reader refuses
_BINDING: Final = frozenset({TEXT, PROPERTIES, MEMBERS})  # what an object is bound to a set of notes by
_RESERVED: Final = frozenset({"PSBASE", "PSADAPTED", "PSEXTENDED", "PSOBJECT", "PSTYPENAMES"})
_KINDS: Final = {"LST": Kind.LIST, "IE": Kind.LIST, "STK": Kind.STACK, "QUE": Kind.QUEUE}


class NamesAlike(Exception):
    """Two names of one set differ in case only: the sets must be built name by name."""


class Reader(Cursor):
    """Reads the values of one document or message; both tables of ids live as long as it does.

    `rewritten`: the words come from the XML parser, so the text is well-formed. `exact`: build sets of members name by name.
    `types`: the type lists that were defined before the first word.
    """

    def __init__(
        self,
        words: Iterator[bytes],
        table: Words,
        *,
        rewritten: bool = False,
        exact: bool = False,
        types: Types | None = None,
    ) -> None:
        super().__init__(words, table)
        self._rewritten = rewritten
        self._exact = exact
        self._tables = Tables(types)
        self._notes = Notes()
        self._skips_unknown = False
        self._within = False

    def document(self) -> list[tuple[bytes, Value]]:
        """Read the values of `<Objs>`, each with the word that begins it."""
        values: list[tuple[bytes, Value]] = []
        if self.begin():
            while (root := self.next_root()) is not None:
                values.append(root)
        self.expect_nothing()
        self._notes.finish()
        return values

    def begin(self) -> bool:
        """Read the tag of `<Objs>`; tell whether there are values."""
        if next(self.words).strip(BLANKS):
            raise NotPlain("text in front of the document")
        word = next(self.words)
        op, _, _, ends = self.table[word]
        given = attributes(word)
        if op != ROOT or given.get("xmlns") != NAMESPACE:
            raise NotPlain("the document's element is not Objs of PowerShell's namespace")
        self._skips_unknown = "Version" in given and _minor_version(given["Version"]) > 1
        if ends is not None:
            _check_behind(word)
        self.ends = ends or ()
        self._within = ends is None
        return self._within

    def next_root(self) -> tuple[bytes, Value] | None:
        """Read the next value of `<Objs>`; None at its end."""
        if not self._within:
            return None
        word = next(self.words)
        root = word, self._value(self.table[word], 1)[1]
        if self.ends:
            self.close("Objs")
            self._within = False
        return root

    def message(self) -> Value:
        """Read the one value that a message's body is."""
        if next(self.words):
            raise NotPlain("text in front of the message")
        value = self._value(next(self.meanings), 1)[1]
        self.expect_nothing()
        self._notes.finish()
        return value

    def member(self) -> Value:
        """Read one member of a top-level object, by itself."""
        value = self._value(next(self.meanings), OF_ROOTS)[1]
        self._notes.finish()
        return value

    def members(self, tag: str) -> dict[str, Value]:
        """Read the members of a top-level object's Props or MS, from behind its tag on."""
        found = self._members(tag, OF_ROOTS)
        self._notes.finish()
        return found

    def _value(self, meaning: Meaning, level: int) -> tuple[str | None, Value]:
        """Read the value that a word begins, with its N."""
        op, name, value, ends = meaning
        if level >= _TOO_DEEP:
            _refuse_depth()
        if op:
            return name, self._built(op, value, ends, level)
        self.ends = ends or ()
        return name, cast("Value", value)

    def _built(self, op: int, value: bytes | Structure | None, ends: Ends | None, level: int) -> Value:
        """Read the value that an object's or a structure's tag begins."""
        if not isinstance(value, tuple):
            return self._object(value, ends, level)
        tag, ref, _ = value
        if op == REFERENCE:
            self.ends = ends or ()
            target = self._tables.target(ref)
            self._notes.looked_at(target)
            return target
        if op == PROGRESS:
            return self._progress(ends, level)
        raise Unreadable(f"{tag} is no value")

    def _object(self, ref: bytes | None, ends: Ends | None, level: int) -> PSObject:  # noqa: PLR0912 - a call less for each child
        """Read an object. It enters the table before its children are read: they may refer to it."""
        if level >= _TOO_DEEP:
            _refuse_depth()
        made = PSObject()
        if ref is not None:
            self._tables.objects[ref] = made
        if ends is not None:
            self.ends = ends
            return made
        types, early = self._tables.types, self._notes.early
        typed = bound = nested = False
        reserved: tuple[str, ...] = ()
        for op, _, value, ends in self.meanings:
            if op == TYPES_REFERENCE:
                made.types, typed = types.get(value[1]) or self._tables.types_of(value[1]), True
            elif op == CONTAINER:
                made.base, made.has_base, made.entries = None, False, None
                made.kind = _KINDS[value[0]]
                if ends is None:
                    made.items = self._items(value[0], level + 1)
                    ends = self.ends
                else:
                    made.items = []
                if bound or (early and id(made) in early):
                    self._notes.content_changed(made)
            else:
                if op in _BINDING and (op != TEXT or value[0] == "ToString"):
                    if not bound:
                        bound = True
                        if nested:
                            self._notes.bind(made)
                    reserved = self._described(made, op, value[2], ends, level, reserved)
                elif op == TYPES:
                    made.types, typed = self._tables.read_types(self, value[1], ends), True
                elif op == OBJECT:
                    _wrap(made, self._object(value, ends, level + 1))
                    nested, bound = True, bound or id(made) in early
                    self._holds_object(level)
                elif self._rarer(made, op, value, ends, level) and (bound or id(made) in early):
                    self._notes.content_changed(made)
                ends = self.ends
            if ends:
                if ends[0] != "Obj":
                    refuse_end(ends, "Obj")
                self.ends = ends[1]
                break
        else:
            refuse_cut("Obj")
        if nested:
            self._notes.adopt(made, typed=typed, bound=bound)
        return made

    def _holds_object(self, level: int) -> None:
        """Learn that an object on this level stands around another one, so that the two may share their notes."""

    def _described(
        self, made: PSObject, op: int, text: str, ends: Ends | None, level: int, reserved: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Read an object's Props, MS or ToString.

        Beside Props the engine shows no note GetType, beside ToString none of that name. One that comes later stands where it was
        looked for: `reserved` holds the names that were looked for while there were no notes.
        """
        if op == MEMBERS:
            self._notes.add(made, self._inside("MS", ends, level + 1), reserved)
            return reserved
        if op == PROPERTIES:
            made.props, unseen = self._inside("Props", ends, level + 1), "GETTYPE"
        else:
            self.ends = ends or ()
            made.to_string, unseen = text, "TOSTRING"
        if not self._notes.has_any(made):
            return reserved if unseen in reserved else (*reserved, unseen)
        self._notes.drop(made, unseen)
        return reserved

    def _rarer(self, made: PSObject, op: int, value: Value | Structure, ends: Ends | None, level: int) -> bool:
        """Read a child of an object that is none of the usual ones; tell whether it is content that has notes of its own."""
        if op == 0:
            self.ends = ends or ()
            if value is not None:
                _wrap(made, cast("Value", value))
                return type(value) is not str
            if not self._skips_unknown:
                raise Unreadable("Nil is no value that an object can wrap")
            return False
        if op == DICTIONARY:
            made.kind = dictionary_kind(_types_of(made))
            made.base, made.has_base, made.items = None, False, None
            if ends is None:
                made.entries = self._entries(level + 1)
            else:
                made.entries, self.ends = [], ends
        elif op == PROGRESS:
            _wrap(made, self._progress(ends, level))
        else:
            self._skip(op, cast("Structure", value)[0], ends)
            return False
        return True

    def _inside(self, tag: str, ends: Ends | None, level: int, sets: int = 0) -> dict[str, Value]:
        """Read the members of Props or MS, if its own tag does not close it."""
        if ends is None:
            return self._members(tag, level, sets)
        self.ends = ends
        return {}

    def _members(self, tag: str, level: int, sets: int = 0) -> dict[str, Value]:
        """Read the members of Props or MS up to its end. `sets`: how many named sets stand around this one."""
        found: dict[str, Value] = ByName() if self._exact else {}
        for op, name, value, ends in self.meanings:
            if op:
                if op == OBJECT:
                    value = self._object(value, ends, level)
                elif op == MEMBERS and tag == "MS":
                    # PowerShell's reader loses the members of a set in such a set.
                    inside = self._inside("MS", ends, level, sets + 1)
                    value = MemberSet({} if sets else inside)
                else:
                    value = self._built(op, value, ends, level)
                ends = self.ends
            found[name] = value  # type: ignore[index]  # a missing name is refused below
            if ends:
                if ends[0] != tag:
                    refuse_end(ends, tag)
                self.ends = ends[1]
                break
        else:
            refuse_cut(tag)
        return self._checked(found, tag, level, sets)

    def _checked(self, found: dict[str, Value], tag: str, level: int, sets: int) -> dict[str, Value]:
        if level >= _TOO_DEEP and not all(isinstance(value, MemberSet) for value in found.values()):
            _refuse_depth()
        if None in found:
            raise Unreadable(f"a member of {tag} has no N")
        if tag == "MS" and "" in found:
            raise Unreadable("a note's name is empty")
        if sets and not _RESERVED.isdisjoint(map(fold, found)):
            raise Unreadable("a name in a named set of members is reserved: psbase, psadapted, psextended, psobject, pstypenames")
        if isinstance(found, ByName):
            return found.table.members()
        if clash(found):
            raise NamesAlike
        return found

    def _items(self, tag: str, level: int) -> list[Value]:
        """Read the items of a list, stack or queue up to its end."""
        items: list[Value] = []
        for op, _, value, ends in self.meanings:
            if op:
                value = self._object(value, ends, level) if op == OBJECT else self._built(op, value, ends, level)
                ends = self.ends
            items.append(value)
            if ends:
                if ends[0] != tag:
                    refuse_end(ends, tag)
                self.ends = ends[1]
                break
        else:
            refuse_cut(tag)
        if level >= _TOO_DEEP:
            _refuse_depth()
        return items

    def _entries(self, level: int) -> list[tuple[Value, Value]]:
        return read_entries(self, lambda: self._value(next(self.meanings), level))

    def _progress(self, ends: Ends | None, level: int) -> ProgressRecord:
        if ends is not None:
            raise Unreadable("a ProgressRecord (PR) without its eight elements")
        return read_progress(self, lambda: self._value(next(self.meanings), level + 1)[1])

    def _skip(self, op: int, tag: str, ends: Ends | None) -> None:
        """Pass over an element that this version of CLIXML does not know, where its version says so."""
        if op == MISPLACED or not self._skips_unknown:
            raise Unreadable(f"{tag.removeprefix('unknown.') or 'the element'} is not known in an object")
        if ends is not None:
            self.ends = ends
        elif self._rewritten:
            self.skip()
        else:
            raise NotPlain("an unknown element may hold anything")


def _refuse_depth() -> Never:
    raise Unreadable("the value is nested too deeply: PowerShell reads 49 levels")


def _minor_version(text: str) -> int:
    major, minor, *_ = version(text).split(".")
    if major != "1":
        raise Unreadable(f"the document is of version {major}, only version 1 can be read")
    return int(minor)


def _check_behind(word: bytes) -> None:
    if b"&" in word.partition(b">")[2]:
        raise NotPlain("a reference behind the document")


def _types_of(made: PSObject) -> tuple[str, ...]:
    """The types that an object has while it is read: its own, or those of what it stands around."""
    return made.types or (_types_of(made.base) if isinstance(made.base, PSObject) else ())


def _wrap(made: PSObject, base: Value) -> None:
    """Make a value the content of an object; the last content wins."""
    made.base, made.has_base = base, True
    made.kind = made.items = made.entries = None
