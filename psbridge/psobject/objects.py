"""PSObject: an object as PowerShell holds it, with its types, content and members, without loss.

Source: [MS-PSRP] 2.2.5.2; what real PowerShell does where the text is silent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias
from uuid import UUID

from psbridge.psobject.simple import DateTime, ProgressRecord, SecureString, TimeSpan

__all__ = ["EMPTY", "Kind", "MemberSet", "Members", "PSObject", "Value"]


class Kind(StrEnum):
    """What an object contains beside its members ([MS-PSRP] 2.2.5.2.6)."""

    LIST = "list"
    STACK = "stack"
    QUEUE = "queue"
    DICT = "dict"
    ORDERED = "ordered"


class MemberSet:
    """A named set of members inside `<MS>`."""

    __slots__ = ("members",)

    def __init__(self, members: Mapping[str, Value]) -> None:
        self.members: Mapping[str, Value] = members

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MemberSet) and _Equality().members(self.members, other.members)

    __hash__ = None  # type: ignore[assignment]  # holds mutable values

    def __repr__(self) -> str:
        return f"MemberSet({', '.join(self.members)})"


EMPTY: Final[Mapping[str, Value]] = MappingProxyType({})


class PSObject:
    """An object as PowerShell holds it after reading: types, text, content and members.

    - `types`: most derived first, with the prefix `Deserialized.` that a reader puts in front; () where none was written.
    - `to_string`: the text of `<ToString>`, None where there was none.
    - `base`: the primitive (also an enum's number) or the object that this one wraps; see `has_base`.
    - `kind`, `items`, `entries`: the content of a container; `items` of a stack has the top first.
    - `props`: adapted properties; `ms`: notes. Both keep the order and spelling of the text.

    Reading a name asks `ms` first, then `props`, without regard to case, as PowerShell does.
    """

    __slots__ = ("__weakref__", "_build", "base", "entries", "has_base", "items", "kind", "ms", "props", "to_string", "types")

    def __init__(
        self,
        types: tuple[str, ...] = (),
        *,
        to_string: str | None = None,
        props: Mapping[str, Value] = EMPTY,
        ms: Mapping[str, Value] = EMPTY,
        kind: Kind | None = None,
        items: list[Value] | None = None,
        entries: list[tuple[Value, Value]] | None = None,
    ) -> None:
        self._build: Callable[[], PSObject]
        self.types = types
        self.to_string = to_string
        self.base: Value = None
        self.has_base = False
        self.kind = kind
        self.items = items
        self.entries = entries
        self.props = props
        self.ms = ms

    @classmethod
    def wrapping(
        cls, base: Value, types: tuple[str, ...] = (), *, to_string: str | None = None, ms: Mapping[str, Value] = EMPTY
    ) -> PSObject:
        """Make an object around a value: an extended primitive or an enum."""
        wrapped = cls(types, to_string=to_string, ms=ms)
        wrapped.base, wrapped.has_base = base, True
        return wrapped

    @classmethod
    def later(cls, build: Callable[[], PSObject]) -> PSObject:
        """Make an object that is built, by giving another one like it, when something of it is looked at."""
        late = cls.__new__(cls)
        late._build = build  # noqa: SLF001 - our own
        return late

    if not TYPE_CHECKING:  # otherwise every name would pass for an attribute

        def __getattr__(self, name: str) -> object:
            """Build an object that was left for later: something that it holds was asked for, and is not there yet."""
            if name not in _HELD:
                raise AttributeError(f"a PSObject has no attribute {name}", name=name, obj=self)
            built = self._build()
            self.types, self.to_string, self.props, self.ms = built.types, built.to_string, built.props, built.ms
            self.base, self.has_base = built.base, built.has_base
            self.kind, self.items, self.entries = built.kind, built.items, built.entries
            return getattr(built, name)

    @property
    def type_name(self) -> str | None:
        """The most derived type without `Deserialized.` and `Selected.`; None for an untyped object."""
        return _PREFIXES.sub("", self.types[0], count=1) if self.types else None

    @property
    def is_enum(self) -> bool:
        """Whether the type list names System.Enum; `base` is then the number and `to_string` the name."""
        return "Deserialized.System.Enum" in self.types or "System.Enum" in self.types

    def names(self) -> list[str]:
        """The names of all members in the order that PowerShell lists them: props, then notes that add to them."""
        seen = {name.lower() for name in self.ms}
        return [name for name in self.props if name.lower() not in seen] + list(self.ms)

    def get(self, name: str, default: Value = None) -> Value:
        """The member of this name, or `default`; a note wins over an adapted property."""
        for members in (self.ms, self.props):
            if name in members:
                return members[name]
        folded = name.lower()
        for members in (self.ms, self.props):
            for key, value in members.items():
                if key.lower() == folded:
                    return value
        return default

    def __getitem__(self, name: str) -> Value:
        value = self.get(name, _MISSING)
        if value is _MISSING:
            raise KeyError(name)
        return value

    def __contains__(self, name: str) -> bool:
        return self.get(name, _MISSING) is not _MISSING

    def __iter__(self) -> Iterator[Value]:
        if self.items is None:
            raise TypeError(f"{self!r} is no list")
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PSObject) and _Equality().values(self, other)

    __hash__ = None  # type: ignore[assignment]  # objects are mutable while they are read

    def __str__(self) -> str:
        """The text that PowerShell shows where it is short: ToString, the wrapped value, or the type name."""
        shown: PSObject = self
        seen = {id(shown)}
        while shown.to_string is None and isinstance(shown.base, PSObject) and id(shown.base) not in seen:
            shown = shown.base
            seen.add(id(shown))
        if shown.to_string is not None:
            return shown.to_string
        if shown.has_base and not isinstance(shown.base, PSObject):
            return str(shown.base)
        return shown.type_name or f"@{{{'; '.join(shown.names())}}}"

    def __repr__(self) -> str:
        return f"<PSObject {self.type_name or 'untyped'}{f' {self.to_string!r}' if self.to_string is not None else ''}>"


_HELD: Final = frozenset(PSObject.__slots__) - {"__weakref__", "_build"}
_PREFIXES: Final = re.compile(r"^(?:Deserialized\.)?(?:Selected\.)?", re.IGNORECASE)
_MISSING: Final = PSObject()

Value: TypeAlias = (
    bool
    | str
    | int
    | float
    | bytes
    | Decimal
    | UUID
    | DateTime
    | TimeSpan
    | SecureString
    | ProgressRecord
    | MemberSet
    | PSObject
    | None
)
Members: TypeAlias = Mapping[str, Value]


class _Equality:
    """Compare two graphs of values; a pair that is met again on the way is taken as equal, so rings end.

    The walk keeps its own stack, because a deep object must not exhaust Python's.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()
        self._todo: list[tuple[Value, Value]] = []

    def values(self, left: Value, right: Value) -> bool:
        self._todo.append((left, right))
        while self._todo:
            one, other = self._todo.pop()
            if isinstance(one, PSObject) and isinstance(other, PSObject):
                if not self._objects(one, other):
                    return False
            elif isinstance(one, MemberSet) and isinstance(other, MemberSet):
                if not self._met(one, other) and not self._queue_members(one.members, other.members):
                    return False
            elif type(one) is not type(other) or not _same_scalar(one, other):
                return False
        return True

    def members(self, left: Members, right: Members) -> bool:
        return self._queue_members(left, right) and self.values(None, None)

    def _objects(self, one: PSObject, other: PSObject) -> bool:
        if self._met(one, other):
            return True
        if (one.types, one.to_string, one.kind, one.has_base) != (other.types, other.to_string, other.kind, other.has_base):
            return False
        self._todo.append((one.base, other.base))
        ours, theirs = one.items or [], other.items or []
        pairs, others = one.entries or [], other.entries or []
        if len(ours) != len(theirs) or len(pairs) != len(others):
            return False
        self._todo.extend(zip(ours, theirs, strict=True))
        for (key, value), (their_key, their_value) in zip(pairs, others, strict=True):
            self._todo.extend(((key, their_key), (value, their_value)))
        return self._queue_members(one.props, other.props) and self._queue_members(one.ms, other.ms)

    def _met(self, one: PSObject | MemberSet, other: PSObject | MemberSet) -> bool:
        pair = id(one), id(other)
        met = one is other or pair in self._seen
        self._seen.add(pair)
        return met

    def _queue_members(self, left: Members, right: Members) -> bool:
        if list(left) != list(right):
            return False
        self._todo.extend((left[name], right[name]) for name in left)
        return True


def _same_scalar(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))  # NaN equals NaN here: both carry the same value
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one.compare_total(other) == 0  # 1.10 is not 1.1: the scale is part of the value
    return one == other
