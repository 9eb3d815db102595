"""One value after the other in, the text of one document or message out: objects, containers, members, ids.

Source: clixml-notes section 4 (Writing), [MS-PSRP] 2.2.5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias
from weakref import ref

from psbridge.clixml.encode_rules import (
    ARRAY_TYPES,
    OBJECTS,
    PLAIN,
    RESERVED,
    SWITCH_TYPES,
    TAGS,
    UNTYPED,
    adds_nothing,
    advice,
    implied_types,
    is_ordered,
    nearest,
)
from psbridge.clixml.encode_text import attribute, text
from psbridge.clixml.encode_values import ELEMENTS, progress_record
from psbridge.clixml.names import clash
from psbridge.clixml.refusal import Refusal
from psbridge.psobject import Kind, MemberSet, ProgressRecord, PSObject, SecureString, Switch

__all__ = ["Writer"]

_DEEPEST: Final = 49  # PowerShell's reader refuses a value on level 50; a root is level 1


class Writer:
    """One document or message: its text so far, and what later `Ref`s and `TNRef`s may point to.

    The methods share four arguments: `name` is the attribute text of the element, `pad` what stands in front of it, `level` how
    deep it is for PowerShell's reader, `depth` how many levels of properties may follow.
    """

    def __init__(self, *, step: str, secure: Callable[[str], str] | None, keeps_blobs: bool, verbatim: bool = False) -> None:
        self.out: list[str] = []
        self._step = step
        self._secure = secure
        self._keeps_blobs = keeps_blobs
        self._verbatim = verbatim
        self._ids: dict[int, int] = {}
        self._count = 0
        self._held: list[object] = []  # so that no later object gets the id() of one that is gone
        self._released: dict[int, ref[PSObject]] = {}
        self._types: dict[tuple[str, ...], int] = {}
        self._names: dict[str, str] = {}
        self._sound_names: set[tuple[str, ...]] = set()

    def write(self, value: object, name: str, pad: str, level: int, depth: int) -> None:
        """Write any value. Raises Refusal."""
        if level > _DEEPEST:
            raise Refusal(value, "it is nested too deeply: PowerShell reads 49 levels")
        element = ELEMENTS.get(type(value))
        if element is not None:
            self.out.append(pad + element(value, name))
            return
        writer = _WRITERS.get(type(value))
        if writer is not None:
            writer(self, value, name, pad, level, depth)
        elif isinstance(value, Enum):
            self.write(value.value, name, pad, level, depth)
        else:
            self._derived(value, name, pad, level, depth)

    def release(self) -> str:
        """Give the text so far and hold its objects no longer: one is known as long as somebody else holds it."""
        released, ids = self._released, self._ids

        def forget(key: int) -> None:
            del released[key], ids[key]

        kept: list[object] = []
        for value in self._held:
            if isinstance(value, PSObject):
                key = id(value)
                released[key] = ref(value, lambda _, key=key: forget(key))  # type: ignore[misc]  # a default binds the key
            else:
                kept.append(value)  # Python has no weak references to lists and dicts
        self._held = kept
        text = "".join(self.out)
        self.out.clear()
        return text

    def _derived(self, value: object, name: str, pad: str, level: int, depth: int) -> None:
        kind = nearest(type(value))
        if kind is None:
            raise Refusal(value, advice(value))
        if kind in ELEMENTS:
            plain = PLAIN.get(kind)
            self.out.append(pad + ELEMENTS[kind](plain(value) if plain else value, name))
        else:
            _WRITERS[kind](self, value, name, pad, level, depth)

    def write_array(self, value: Iterable[object], name: str, pad: str, level: int, depth: int) -> None:
        """Write a list or tuple as System.Object[]."""
        if not self._reference(value, name, pad):
            self._open(value, name, pad, ARRAY_TYPES)
            self._items("LST", value, pad + self._step, level, depth)
            self.out.append(f"{pad}</Obj>")

    def write_table(self, value: Mapping[object, object], name: str, pad: str, level: int, depth: int) -> None:
        """Write a mapping as a Hashtable."""
        if not self._reference(value, name, pad):
            self._open(value, name, pad, UNTYPED[Kind.DICT])
            self._entries(value.items(), pad + self._step, level, depth)
            self.out.append(f"{pad}</Obj>")

    def write_object(self, value: PSObject, name: str, pad: str, level: int, depth: int) -> None:
        """Write an object as PowerShell holds it."""
        if self._reference(value, name, pad):
            return
        if not self._verbatim and adds_nothing(value):
            self.write(value.base, name, pad, level, depth)
            return
        if value.props and depth < 1:
            depth = 1  # what was read with Props is never cut to a text
        inner = pad + self._step
        self._open(value, name, pad, value.types or self._implied(value))
        if value.to_string is not None:
            self.out.append(f"{inner}<ToString>{text(value.to_string)}</ToString>" if value.to_string else f"{inner}<ToString />")
        self._content(value, inner, level, depth)
        if depth > 0 or value.kind is None:
            self._members(value, inner, level, depth)
        self.out.append(f"{pad}</Obj>")

    def write_secret(self, value: SecureString, name: str, pad: str, _level: int, _depth: int) -> None:
        """Write a SecureString, sealed."""
        sealed = self._sealed(value)
        if not sealed:
            raise Refusal(value, "PowerShell cannot read an empty SecureString back")
        self.out.append(f"{pad}<SS{name}>{text(sealed)}</SS>")

    def write_progress(self, value: ProgressRecord, name: str, pad: str, _level: int, _depth: int) -> None:
        """Write a progress record (`PR`)."""
        self.out.extend(progress_record(value, name, pad, pad + self._step))

    def write_switch(self, _value: Switch, name: str, pad: str, level: int, depth: int) -> None:
        """Write what binds to a switch parameter."""
        given = PSObject(SWITCH_TYPES, to_string="True", props={"IsPresent": True})
        self.write_object(given, name, pad, level, depth)

    def refuse_set(self, value: MemberSet, _name: str, _pad: str, _level: int, _depth: int) -> None:
        """Refuse a set of members where only values stand."""
        raise Refusal(value, "a set of members stands among notes only")

    def _reference(self, value: object, name: str, pad: str) -> bool:
        """Write a `Ref` if the value stands in the text already."""
        number = self._ids.get(id(value))
        if number is None:
            return False
        self.out.append(f'{pad}<Ref{name} RefId="{number}" />')
        return True

    def _implied(self, value: PSObject) -> tuple[str, ...]:
        # Only its type tells PowerShell's reader that a dictionary is ordered.
        return () if self._verbatim and value.kind is not Kind.ORDERED else implied_types(value)

    def _open(self, value: object, name: str, pad: str, types: tuple[str, ...]) -> None:
        number = self._count
        self._count += 1
        self._held.append(value)
        if value != ():  # Python has one empty tuple only: that two places hold it says nothing
            self._ids[id(value)] = number
        self.out.append(f'{pad}<Obj{name} RefId="{number}">')
        if types:
            self._type_names(types, pad + self._step)

    def _type_names(self, types: tuple[str, ...], pad: str) -> None:
        number = self._types.get(types)
        if number is not None:
            self.out.append(f'{pad}<TNRef RefId="{number}" />')
            return
        number = self._types[types] = len(self._types)
        inner = pad + self._step
        self.out.append(f'{pad}<TN RefId="{number}">')
        self.out.extend(f"{inner}<T>{text(name)}</T>" for name in types)
        self.out.append(f"{pad}</TN>")

    def _close(self, tag: str, start: int, pad: str) -> None:
        """End an element; one without children becomes an empty-element tag."""
        if len(self.out) == start + 1:
            self.out[start] = f"{pad}<{tag} />"
        else:
            self.out.append(f"{pad}</{tag.partition(' ')[0]}>")

    def _content(self, value: PSObject, pad: str, level: int, depth: int) -> None:
        if value.has_base:
            self._base(value, pad, level, depth)
        elif value.kind in (Kind.DICT, Kind.ORDERED):
            if value.kind is Kind.ORDERED and not is_ordered(value.types):
                raise Refusal(value, f"PowerShell keeps the order only where the first type is {UNTYPED[Kind.ORDERED][0]}")
            self._entries(value.entries or (), pad, level, depth)
        elif value.kind is not None:
            self._items(TAGS[value.kind], value.items or (), pad, level, depth)
        elif value.items is not None or value.entries is not None:
            raise Refusal(value, "it has items but no kind of container")
        elif depth < 1 and value.to_string is not None:
            self.out.append(f"{pad}<S>{text(value.to_string)}</S>")

    def _base(self, value: PSObject, pad: str, level: int, depth: int) -> None:
        base = value.base
        if base is None or value.kind is not None:
            raise Refusal(value, "it wraps null" if base is None else "it wraps a value and is a container, too")
        if id(base) in self._ids:
            raise Refusal(value, "it wraps an object that stands elsewhere, too; PowerShell's reader takes no Ref there")
        try:
            self.write(base, "", pad, level + 1 if isinstance(base, OBJECTS) else level, depth)
        except Refusal as refusal:
            raise refusal.at(".base") from None

    def _items(self, tag: str, items: Iterable[object], pad: str, level: int, depth: int) -> None:
        inner, start = pad + self._step, len(self.out)
        self.out.append(f"{pad}<{tag}>")
        for index, item in enumerate(items):
            try:
                self.write(item, "", inner, level + 1, depth)
            except Refusal as refusal:
                raise refusal.at(f"[{index}]") from None
        self._close(tag, start, pad)

    def _entries(self, entries: Iterable[tuple[object, object]], pad: str, level: int, depth: int) -> None:
        inner, start = pad + self._step, len(self.out)
        innermost = inner + self._step
        self.out.append(f"{pad}<DCT>")
        keys: set[int] = set()
        for key, item in entries:
            try:
                self._check_key(key, keys)
                self.out.append(f"{inner}<En>")
                self.write(key, ' N="Key"', innermost, level + 1, depth)
                self.write(item, ' N="Value"', innermost, level + 1, depth)
                self.out.append(f"{inner}</En>")
            except Refusal as refusal:
                raise refusal.at(f"[{str.__repr__(key) if isinstance(key, str) else f'{type(key).__name__} key'}]") from None
        self._close("DCT", start, pad)

    def _check_key(self, key: object, seen: set[int]) -> None:
        if key is None:
            raise Refusal(key, "a Hashtable takes no null as key")
        if type(key) in ELEMENTS:
            return
        if id(key) in seen:
            raise Refusal(key, "the same object is a key twice; PowerShell's reader refuses that")
        seen.add(id(key))

    def _members(self, value: PSObject, pad: str, level: int, depth: int) -> None:
        # An object around an object shows the inner one's Props; PowerShell writes them with the inner one only.
        if value.props and not (isinstance(value.base, PSObject) and value.base.props is value.props):
            self._named("Props", "", value.props, pad, level, depth - 1)
        if value.ms:
            self._named("MS", "", value.ms, pad, level, depth)

    def _named(self, tag: str, name: str, members: Mapping[str, object], pad: str, level: int, depth: int) -> None:
        self._check_names(members, tag)
        out, inner, names, start = self.out, pad + self._step, self._names, len(self.out)
        out.append(f"{pad}<{tag}{name}>")
        for key, value in members.items():
            attributes = names.get(key) or self._name(key)
            element = ELEMENTS.get(type(value))
            try:
                if element is not None and level < _DEEPEST:
                    out.append(inner + element(value, attributes))
                elif isinstance(value, MemberSet) and tag == "MS":
                    self._set(value, attributes, inner, level, depth, nested=bool(name))
                else:
                    self.write(value, attributes, inner, level + 1, depth)
            except Refusal as refusal:
                raise refusal.at(f".{key}") from None
        self._close(f"{tag}{name}", start, pad)

    def _set(self, value: MemberSet, name: str, pad: str, level: int, depth: int, *, nested: bool) -> None:
        if nested and value.members:
            raise Refusal(value, "PowerShell's reader loses the members of a set within a set")
        if not RESERVED.isdisjoint(map(str.lower, value.members)):
            raise Refusal(value, "PowerShell's reader refuses a name in it that PowerShell keeps for itself (PSObject and such)")
        self._named("MS", name, value.members, pad, level, depth)

    def _name(self, name: str) -> str:
        attributes = self._names[name] = f' N="{attribute(name)}"'
        return attributes

    def _check_names(self, members: Mapping[str, object], tag: str) -> None:
        """Refuse names of which PowerShell's reader would keep one only, or none."""
        names = tuple(members)
        if names in self._sound_names:
            return
        if not all(isinstance(name, str) for name in names):
            raise Refusal(members, "a member's name is text")
        if tag == "MS" and "" in members:
            raise Refusal(members, "a note needs a name")
        if clash(names):
            raise Refusal(members, "two of its names differ in case only; PowerShell keeps one of them")
        if "" not in members:
            self._sound_names.add(names)

    def _sealed(self, value: SecureString) -> str | None:
        if value.plain is None:
            if self._keeps_blobs:
                return value.blob
            raise Refusal(value, "it was read in another session, and its text is not known here; make a new one of the text")
        if self._secure is None:
            raise Refusal(value, "there is no session here that could encrypt it")
        return self._secure(value.plain)


_WriteValue: TypeAlias = Callable[[Writer, Any, str, str, int, int], None]
_WRITERS: Final[Mapping[type, _WriteValue]] = {
    PSObject: Writer.write_object,
    list: Writer.write_array,
    tuple: Writer.write_array,
    dict: Writer.write_table,
    SecureString: Writer.write_secret,
    ProgressRecord: Writer.write_progress,
    Switch: Writer.write_switch,
    MemberSet: Writer.refuse_set,
}
