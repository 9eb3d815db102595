"""The text of a DT or TS element in, a DateTime or TimeSpan out.

Sources: [MS-PSRP] 2.2.5.1.4 and 2.2.5.1.5 (xs:dateTime, xs:duration); clixml-notes section 4. Tried on the engine of PowerShell
7.6.9.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final

from psbridge.clixml.numbers import WHITE_SPACE
from psbridge.clixml.unreadable import Unreadable
from psbridge.psobject import DateTime, DateTimeKind, TimeSpan

__all__ = ["date_time", "time_span"]

_ZONE: Final = r"([Zz]|[+-][0-9]{2}:[0-9]{2})?"
_CLOCK: Final = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
_MOMENT: Final = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})T{_CLOCK}{_ZONE}")
_DAY: Final = re.compile(rf"([0-9]{{4}}(?:-[0-9]{{2}}){{0,2}}|--[0-9]{{2}}-[0-9]{{2}}){_ZONE}")
# PowerShell takes today's date, or this year, for what is missing here. A reader without a clock cannot.
_OF_TODAY: Final = re.compile(rf"(?:{_CLOCK}|---[0-9]{{2}}|--[0-9]{{2}}(?:--)?){_ZONE}")
_YEAR_OF_A_DAY_WITHOUT_YEAR: Final = 1904

_SECOND: Final = 10_000_000
_DAY_TICKS: Final = 86_400 * _SECOND
_LAST: Final = 3_652_059 * _DAY_TICKS - 1

_SPAN: Final = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?(?:(?P<days>[0-9]+)D)?"
    r"(?:T(?=.)(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?(?:(?=[0-9.])(?P<seconds>[0-9]+)?(?:\.(?P<fraction>[0-9]*))?S)?)?"
)
_UNITS: Final = {
    "years": 365 * _DAY_TICKS,
    "months": 30 * _DAY_TICKS,  # but twelve of them are a year
    "days": _DAY_TICKS,
    "hours": 3600 * _SECOND,
    "minutes": 60 * _SECOND,
    "seconds": _SECOND,
}
_INT32_MAX: Final = 0x7FFFFFFF


def date_time(text: str) -> DateTime:
    """Read a moment: the ticks as written and the zone as written (none, `Z` or an offset)."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return _odd_date_time(text)
    day, hour, minute, second, fraction, zone = found.groups()
    if hour > "23" or minute > "59" or second > "59":
        raise Unreadable("the clock has no such time")
    ticks = _first_tick(day) + ((int(hour) * 60 + int(minute)) * 60 + int(second)) * _SECOND
    if fraction is not None:
        ticks += int(fraction) if len(fraction) == 7 else _fraction(fraction)
        if ticks > _LAST:
            raise Unreadable("the moment is later than the last one of the year 9999")
    return _in_zone(ticks, zone)


def _odd_date_time(text: str) -> DateTime:
    """Read a moment with blanks around it, or a day, a month or a year that stands for its first moment."""
    bare = text.strip(WHITE_SPACE)
    if bare != text:
        return date_time(bare)
    found = _DAY.fullmatch(text)
    if found is not None:
        return _in_zone(_first_tick(found[1]), found[2])
    if _OF_TODAY.fullmatch(text):
        raise Unreadable("the time has no date or no year; PowerShell would put in today's, so its meaning changes by the day")
    raise Unreadable("the text is no System.DateTime")


@lru_cache(maxsize=1 << 10)
def _first_tick(day: str) -> int:
    """The first tick of `yyyy-MM-dd`, `yyyy-MM`, `yyyy` or `--MM-dd`."""
    year, month, number, *_ = [*day.removeprefix("--").split("-"), "1", "1"]
    if day.startswith("--"):
        year, month, number = str(_YEAR_OF_A_DAY_WITHOUT_YEAR), year, month
    try:
        return (date(int(year), int(month), int(number)).toordinal() - 1) * _DAY_TICKS
    except ValueError:
        raise Unreadable("the calendar has no such day") from None


def _fraction(digits: str) -> int:
    """Ticks of a second's fraction: seven digits, the rest rounded half to even."""
    if len(digits) <= 7:
        return int(digits.ljust(7, "0"))
    ticks, rest = int(digits[:7]), digits[7:]
    if rest[0] < "5":
        return ticks
    return ticks + 1 if rest[0] > "5" or rest[1:].strip("0") else ticks + ticks % 2


def _in_zone(ticks: int, zone: str | None) -> DateTime:
    if zone is None:
        return DateTime(ticks)
    if len(zone) == 1:
        return DateTime(ticks, DateTimeKind.UTC)
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return DateTime(ticks, DateTimeKind.LOCAL, -minutes if zone[0] == "-" else minutes)


def time_span(text: str) -> TimeSpan:
    """Read a duration: a year has 365 days, a month 30; digits below 100 ns are cut."""
    found = _SPAN.fullmatch(text.strip(WHITE_SPACE))
    if found is None:
        raise Unreadable("the text is no System.TimeSpan")
    ticks = int((found["fraction"] or "")[:7].ljust(7, "0"))
    for name, unit in _UNITS.items():
        digits = (found[name] or "").lstrip("0")
        if len(digits) > 10 or int(digits or "0") > _INT32_MAX:
            raise Unreadable(f"the {name} of the System.TimeSpan are too large")
        ticks += int(digits or "0") * unit
        if name == "months":
            ticks += int(digits or "0") // 12 * 5 * _DAY_TICKS
    if found["sign"]:
        ticks = -ticks
    if not -(1 << 63) <= ticks < 1 << 63:
        raise Unreadable("the System.TimeSpan is too long")
    return TimeSpan(ticks)
