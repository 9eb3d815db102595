"""A value as psrpcore has read it in, the same value as the simulator's cmdlets take it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psrpcore.types import PSChar, PSDateTime, PSDuration, PSGuid, PSObject, PSSecureString

from psbridge.psobject import DateTime, DateTimeKind, Kind, SecureString, TimeSpan
from psbridge.psobject import PSObject as SimulatedObject

__all__ = ["given"]


def given(value: Any) -> Any:
    """Take over a parameter's value; an object keeps its members, whatever its type is."""
    if value is None or isinstance(value, bool):
        return value
    for kinds, take in _TAKEN:
        if isinstance(value, kinds):
            return take(value)
    return _object(value) if isinstance(value, PSObject) else value


def _object(value: PSObject) -> SimulatedObject:
    about = value.PSObject
    members = {
        prop.name: given(getattr(value, prop.name, None)) for prop in (*about.adapted_properties, *about.extended_properties)
    }
    types = tuple(name.removeprefix("Deserialized.") for name in about.type_names)
    return SimulatedObject(types, to_string=about.to_string, ms=members)


def _mapping(value: Mapping[Any, Any]) -> SimulatedObject:
    entries = [(given(key), given(held)) for key, held in value.items()]
    return SimulatedObject(("System.Collections.Hashtable",), kind=Kind.DICT, entries=entries)


def _moment(value: PSDateTime) -> DateTime:
    """Psrpcore keeps what is below a microsecond beside it, and loses it, or fails, in any arithmetic of its own."""
    parts = (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
    ticks = DateTime.of(datetime(*parts, tzinfo=UTC)).ticks + value.nanosecond // 100
    offset = value.utcoffset()
    if offset is None:
        return DateTime(ticks)
    return DateTime(ticks, DateTimeKind.LOCAL, offset // timedelta(minutes=1)) if offset else DateTime(ticks, DateTimeKind.UTC)


def _span(value: PSDuration) -> TimeSpan:
    plain = timedelta(value.days, value.seconds, value.microseconds)
    return TimeSpan(TimeSpan.of(plain).ticks + value.nanoseconds // 100)


# In this order: the kinds of psrpcore are subclasses of Python's own.
_TAKEN: Final[tuple[tuple[tuple[type, ...], Callable[[Any], Any]], ...]] = (
    ((PSSecureString,), lambda value: SecureString.of(str(value.decrypt()))),
    ((PSGuid, UUID), lambda value: UUID(str(value))),
    ((PSChar,), lambda value: chr(int(value))),
    ((bytes, bytearray), bytes),
    ((int,), int),
    ((float,), float),
    ((PSDateTime,), _moment),
    ((PSDuration,), _span),
    ((Decimal,), lambda value: value),
    ((str,), str),
    ((dict,), _mapping),
    ((list, tuple), lambda value: [given(item) for item in value]),
)
