"""A value and a text in, which of them comes first out: the value's type decides how the text is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psbridge.psobject import TICKS_PER_SECOND, DateTime, DateTimeKind, PSObject, TimeSpan, Value, Version
from psbridge.report.display import plain_text, unwrapped

__all__ = ["order"]


def order(left: Value, right: str) -> int | None:
    """Give -1, 0 or 1 as the value comes before, with or behind the text; None where the two cannot be compared."""
    inner = unwrapped(left)
    for kinds, compare in _RULES:
        if isinstance(inner, kinds):
            return compare(inner, right)
    text = plain_text(left)
    size = _SIZE.search(text)
    if size and _NUMBER.fullmatch(right):
        return _number(Decimal(size[1].replace(",", "")), right)
    found = _of(text.lower(), right.lower())
    # An object has a text, but no place in an order.
    return found if found == 0 or not isinstance(inner, PSObject) else None


def _of(left: Any, right: Any) -> int | None:
    if right is None or left != left:  # noqa: PLR0124 - NaN is neither before nor behind anything
        return None
    return int(left > right) - int(left < right)


def _truth(left: bool, right: str) -> int | None:  # noqa: FBT001 - it is the value itself
    return _of(left, _TRUTHS.get(right.strip().lower()))


def _number(left: Any, right: str) -> int | None:
    found = _NUMBER.fullmatch(right.strip())
    return _of(left, Decimal(found[1]) * _UNITS[(found[2] or "").lower()]) if found else None


def _moment(left: DateTime, right: str) -> int | None:
    found = _MOMENT.fullmatch(right.strip())
    if not found:
        return None
    year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[4], found[5])
    try:
        days = date(int(year), int(month), int(day)).toordinal() - 1
    except ValueError:
        return None
    seconds = (days * 24 + int(found[7] or 0)) * 3600 + int(found[8] or 0) * 60 + int(found[9] or 0)
    ticks = seconds * TICKS_PER_SECOND + int((found[10] or "").ljust(7, "0"))
    zone = found[11]
    if zone is None or left.kind is DateTimeKind.UNSPECIFIED:
        return _of(left.ticks, ticks)
    minutes = 0 if zone in "Zz" else (int(zone[1:3]) * 60 + int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
    return _of(left.utc_ticks, ticks - minutes * 60 * TICKS_PER_SECOND)


def _span(left: TimeSpan, right: str) -> int | None:
    found = _SPAN.fullmatch(right.strip())
    if not found:
        return None
    days, hours, minutes, seconds = (int(found[place] or 0) for place in (2, 3, 4, 5))
    ticks = ((days * 24 + hours) * 3600 + minutes * 60 + seconds) * TICKS_PER_SECOND + int((found[6] or "").ljust(7, "0"))
    return _of(left.ticks, -ticks if found[1] else ticks)


def _version(left: Version, right: str) -> int | None:
    # A part that is not given comes before 0, as in .NET.
    return _of(_parts(left), _parts(right)) if _VERSION.fullmatch(right.strip()) else None


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _guid(left: UUID, right: str) -> int | None:
    try:
        return _of(left, UUID(right.strip()))
    except ValueError:
        return None


_NUMBER: Final = re.compile(
    r"([+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:e[+-]?[0-9]{1,3})?)(kb|mb|gb|tb|pb)?", re.IGNORECASE
)
_UNITS: Final = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
_SIZE: Final = re.compile(r"\(([0-9][0-9,]*) bytes\)\s*\Z")  # Exchange's ByteQuantifiedSize
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}
_VERSION: Final = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,10}){1,3}")
_MOMENT: Final = re.compile(
    r"(?:([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}))"
    r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,7}))?)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.IGNORECASE,
)
_SPAN: Final = re.compile(r"(-)?(?:([0-9]{1,8})\.)?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,7}))?)?")

# In this order: a truth value is a number to Python.
_RULES: Final[tuple[tuple[Any, Callable[[Any, str], int | None]], ...]] = (
    (bool, _truth),
    (int | float | Decimal, _number),
    (DateTime, _moment),
    (TimeSpan, _span),
    (Version, _version),
    (UUID, _guid),
)
