"""The values that CLIXML carries: .NET's simple types and PSObject, without loss.

Python's own types stand for what they can hold exactly (None, bool, str, int for Int32, float for Double, Decimal, bytes, UUID).
Every other simple type has a class here, so that a value that was read is written again under the same tag.

Source: [MS-PSRP] 2.2.5; what real PowerShell does where the text is silent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias
from uuid import UUID

__all__ = [
    "SWITCH",
    "Byte",
    "Char",
    "DateTime",
    "DateTimeKind",
    "Int16",
    "Int64",
    "Kind",
    "MemberSet",
    "Members",
    "PSObject",
    "ProgressRecord",
    "SByte",
    "SecureString",
    "Single",
    "Switch",
    "TimeSpan",
    "UInt16",
    "UInt32",
    "UInt64",
    "Uri",
    "Value",
    "Version",
    "XmlDocument",
]

TICKS_PER_SECOND: Final = 10_000_000
LAST_TICK: Final = 3_652_059 * 86_400 * TICKS_PER_SECOND - 1


class Char(str):
    """One UTF-16 code unit (`C`): System.Char."""

    __slots__ = ()


class Uri(str):
    """System.Uri (`URI`), as the text that it was made from."""

    __slots__ = ()


class XmlDocument(str):
    """System.Xml.XmlDocument (`XD`), as text."""

    __slots__ = ()


class Version(str):
    """System.Version of two to four parts (`Version`); the number of parts is kept."""

    __slots__ = ()


class SByte(int):
    """System.SByte (`SB`)."""

    __slots__ = ()


class Byte(int):
    """System.Byte (`By`)."""

    __slots__ = ()


class Int16(int):
    """System.Int16 (`I16`)."""

    __slots__ = ()


class UInt16(int):
    """System.UInt16 (`U16`)."""

    __slots__ = ()


class UInt32(int):
    """System.UInt32 (`U32`)."""

    __slots__ = ()


class Int64(int):
    """System.Int64 (`I64`). A plain int is Int32 when it was read; when it is sent its size decides."""

    __slots__ = ()


class UInt64(int):
    """System.UInt64 (`U64`)."""

    __slots__ = ()


class Single(float):
    """System.Single (`Sg`); a plain float is System.Double."""

    __slots__ = ()


class Switch:
    """System.Management.Automation.SwitchParameter that is given: `-Force`."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Switch)

    def __hash__(self) -> int:
        return hash(Switch)

    def __repr__(self) -> str:
        return "SWITCH"


SWITCH: Final = Switch()


class DateTimeKind(StrEnum):
    """System.DateTimeKind: no zone was written, a `Z`, or an offset."""

    UNSPECIFIED = "Unspecified"
    UTC = "Utc"
    LOCAL = "Local"


@dataclass(frozen=True, slots=True)
class DateTime:
    """System.DateTime (`DT`): 100 ns ticks since 0001-01-01 as the clock shows them, and the zone as written.

    `offset` is in minutes east of UTC and means something for kind LOCAL only.
    """

    ticks: int
    kind: DateTimeKind = DateTimeKind.UNSPECIFIED
    offset: int = 0

    @classmethod
    def of(cls, moment: datetime) -> DateTime:
        """Take over a Python datetime: a naive one is Unspecified, an aware one UTC."""
        if moment.tzinfo is None:
            return cls(_ticks_of(moment))
        return cls(_ticks_of(moment.astimezone(UTC).replace(tzinfo=None)), DateTimeKind.UTC)

    @property
    def utc_ticks(self) -> int:
        """Ticks in UTC; an Unspecified time is taken as it stands. Years 1 to 9999 only: what is beyond is their first or last tick."""
        if self.kind is not DateTimeKind.LOCAL:
            return self.ticks
        return min(max(self.ticks - self.offset * 60 * TICKS_PER_SECOND, 0), LAST_TICK)

    def to_datetime(self) -> datetime:
        """Give a Python datetime, cut to microseconds; naive if no zone was written."""
        naive = datetime(1, 1, 1) + timedelta(microseconds=self.ticks // 10)  # noqa: DTZ001 - the zone is set below
        if self.kind is DateTimeKind.UTC:
            return naive.replace(tzinfo=UTC)
        if self.kind is DateTimeKind.LOCAL:
            return naive.replace(tzinfo=timezone(timedelta(minutes=self.offset)))
        return naive

    def __str__(self) -> str:
        zone = {DateTimeKind.UTC: "Z", DateTimeKind.UNSPECIFIED: ""}.get(self.kind)
        if zone is None:
            sign, minutes = ("-", -self.offset) if self.offset < 0 else ("+", self.offset)
            zone = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
        seconds, fraction = divmod(self.ticks, TICKS_PER_SECOND)
        clock = datetime(1, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - the zone is text here
        digits = f".{fraction:07}".rstrip("0").rstrip(".")
        return f"{clock.isoformat()}{digits}{zone}"


def _ticks_of(naive: datetime) -> int:
    passed = naive - datetime(1, 1, 1)  # noqa: DTZ001 - both sides are naive
    return (passed.days * 86_400 + passed.seconds) * TICKS_PER_SECOND + passed.microseconds * 10


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """System.TimeSpan (`TS`): ticks of 100 ns."""

    ticks: int

    @classmethod
    def of(cls, duration: timedelta) -> TimeSpan:
        """Take over a Python timedelta."""
        return cls((duration.days * 86_400 + duration.seconds) * TICKS_PER_SECOND + duration.microseconds * 10)

    def to_timedelta(self) -> timedelta:
        """Give a Python timedelta, cut to microseconds."""
        return timedelta(microseconds=self.ticks // 10)

    def __str__(self) -> str:
        """Write as .NET's constant format does: `[-][d.]hh:mm:ss[.fffffff]`."""
        sign, ticks = ("-", -self.ticks) if self.ticks < 0 else ("", self.ticks)
        seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
        minutes, second = divmod(seconds, 60)
        hours, minute = divmod(minutes, 60)
        days, hour = divmod(hours, 24)
        return f"{sign}{f'{days}.' if days else ''}{hour:02}:{minute:02}:{second:02}{f'.{fraction:07}' if fraction else ''}"


class SecureString:
    """System.Security.SecureString (`SS`): opaque when it was read, hidden in every print.

    `blob` is the text of a read `<SS>`. A string to be sent is made with `of`; only an encoder asks for `plain`.
    """

    __slots__ = ("_plain", "blob")

    def __init__(self, blob: str) -> None:
        self.blob: str | None = blob
        self._plain: str | None = None

    @classmethod
    def of(cls, plain: str) -> SecureString:
        """Make a SecureString of a plain text, to be sent as a parameter."""
        secure = cls("")
        secure.blob, secure._plain = None, plain
        return secure

    @property
    def plain(self) -> str | None:
        """The text of a string that was made with `of`; None for one that was read."""
        return self._plain

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecureString) and (self.blob, self._plain) == (other.blob, other._plain)

    def __hash__(self) -> int:
        return hash((self.blob, self._plain))

    def __repr__(self) -> str:
        return "SecureString(hidden)"

    def __str__(self) -> str:
        return "System.Security.SecureString"


@dataclass(frozen=True, slots=True)
class ProgressRecord:
    """A progress record of a redirected stream (`PR`); on the wire it is a PSObject."""

    activity: str
    activity_id: int
    status_description: str
    current_operation: str | None
    parent_activity_id: int
    percent_complete: int
    record_type: str
    seconds_remaining: int


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

    __slots__ = ("base", "entries", "has_base", "items", "kind", "ms", "props", "to_string", "types")

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

    @property
    def type_name(self) -> str | None:
        """The most derived type without `Deserialized.` and `Selected.`; None for an untyped object."""
        return _PREFIXES.sub("", self.types[0], count=1) if self.types else None

    @property
    def is_enum(self) -> bool:
        """Whether the type list names System.Enum; `base` is then the number and `to_string` the name."""
        return any(name.removeprefix("Deserialized.") == "System.Enum" for name in self.types)

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
        if self.to_string is not None:
            return self.to_string
        if self.has_base:
            return str(self.base)
        return self.type_name or f"@{{{'; '.join(self.names())}}}"

    def __repr__(self) -> str:
        return f"<PSObject {self.type_name or 'untyped'}{f' {self.to_string!r}' if self.to_string is not None else ''}>"


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
                if not self._queue_members(one.members, other.members):
                    return False
            elif type(one) is not type(other) or not _same_scalar(one, other):
                return False
        return True

    def members(self, left: Members, right: Members) -> bool:
        return self._queue_members(left, right) and self.values(None, None)

    def _objects(self, one: PSObject, other: PSObject) -> bool:
        pair = id(one), id(other)
        if one is other or pair in self._seen:
            return True
        self._seen.add(pair)
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
