"""The simple types that CLIXML carries, without loss.

Python's own types stand for what they can hold exactly (None, bool, str, int for Int32, float for Double, Decimal, bytes, UUID).
Every other simple type has a class here, so that a value that was read is written again under the same tag.

Source: [MS-PSRP] 2.2.5.1; what real PowerShell does where the text is silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

__all__ = [
    "LAST_TICK",
    "SWITCH",
    "TICKS_PER_SECOND",
    "Byte",
    "Char",
    "DateTime",
    "DateTimeKind",
    "Int16",
    "Int64",
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
        """Ticks in UTC; an Unspecified time is taken as it stands. Beyond the years 1 to 9999 it is their first or last tick."""
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
