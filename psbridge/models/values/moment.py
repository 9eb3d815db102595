"""Times as PowerShell sends them in, DateTime with its ticks and its zone out."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from psbridge.models.values.shape import WrongShape, unwrapped
from psbridge.psobject import DateTime, DateTimeKind, Value

__all__ = ["read_moment"]

EXPECTED: Final = "a time: a DateTime, or 'yyyy-mm-ddThh:mm:ss[.fffffff]' with 'Z', an offset or no zone"
ISO_8601: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,7}))?(Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
)


def read_moment(value: Value) -> DateTime:
    """Read a time; the zone stays as it was written. Raises WrongShape.

    A time as a culture writes it (`7/3/2018 3:14:56 PM`) is refused: nobody can tell the day from the month.
    """
    if type(value) is DateTime:
        return value
    plain = unwrapped(value)
    if isinstance(plain, DateTime):
        return plain
    parts = ISO_8601.fullmatch(plain) if isinstance(plain, str) else None
    moment = _moment_in(*parts.groups()) if parts else None
    if moment is None:
        raise WrongShape(value, EXPECTED)
    return moment


def _moment_in(clock: str, fraction: str | None, zone: str | None) -> DateTime | None:
    try:
        ticks = DateTime.of(datetime.fromisoformat(clock)).ticks + int(f"{fraction or '':0<7}")
    except ValueError:  # a day or an hour that does not exist
        return None
    if zone is None:
        return DateTime(ticks)
    if zone == "Z":
        return DateTime(ticks, DateTimeKind.UTC)
    minutes = int(zone[1:3]) * 60 + int(zone[4:])
    return DateTime(ticks, DateTimeKind.LOCAL, -minutes if zone[0] == "-" else minutes)
