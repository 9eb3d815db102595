"""Durations in every form that Exchange and its REST cmdlets send in, ticks of 100 ns out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from psbridge.models.values.shape import WrongShape, unwrapped
from psbridge.psobject import TICKS_PER_SECOND, PSObject, TimeSpan, Value

__all__ = ["EnhancedTimeSpan"]

EXPECTED: Final = "a duration: '[d.]hh:mm:ss[.fffffff]', 'PT1H1M30S', or a number of ticks"
MOST_TICKS: Final = 2**63 - 1

CONSTANT_FORMAT: Final = re.compile(r"(-)?(?:([0-9]{1,8})\.)?([01]?[0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,7}))?")
# Years and months have no fixed length, so they are refused.
ISO_8601: Final = re.compile(
    r"(-)?P(?=[0-9T])(?:([0-9]{1,8})D)?(?:T(?=[0-9])(?:([0-9]{1,10})H)?(?:([0-9]{1,11})M)?(?:([0-9]{1,12})(?:\.([0-9]+))?S)?)?"
)


@dataclass(frozen=True, slots=True, order=True)
class EnhancedTimeSpan(TimeSpan):
    """Microsoft.Exchange.Data.EnhancedTimeSpan: a TimeSpan, shown as `[d.]hh:mm:ss[.fffffff]`."""

    @classmethod
    def parse(cls, value: Value) -> Self:
        """Read an object, a TimeSpan, a text or a number of ticks; all 100 ns are kept. Raises WrongShape.

        Digits alone as text are refused: .NET takes them for days, others for ticks.
        """
        ticks = _ticks_of(value)
        if ticks is None or not -MOST_TICKS - 1 <= ticks <= MOST_TICKS:
            raise WrongShape(value, EXPECTED)
        return cls(ticks)

    @property
    def total_seconds(self) -> float:
        """The duration in seconds, for rates and shares."""
        return self.ticks / TICKS_PER_SECOND


def _ticks_of(value: Value) -> int | None:
    plain = unwrapped(value)
    if isinstance(plain, PSObject) and plain.items is None:
        counted = unwrapped(plain.get("Ticks"))
        plain = counted if counted is not None else plain.to_string
    if isinstance(plain, TimeSpan):
        return plain.ticks
    if isinstance(plain, int) and not isinstance(plain, bool):
        return int(plain)
    parts = (CONSTANT_FORMAT.fullmatch(plain) or ISO_8601.fullmatch(plain)) if isinstance(plain, str) else None
    return _ticks_in(parts) if parts else None


def _ticks_in(parts: re.Match[str]) -> int:
    sign, days, hours, minutes, seconds, fraction = parts.groups()
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    # PowerShell cuts digits beyond the seventh, it does not round (clixml-notes section 4).
    ticks = whole * TICKS_PER_SECOND + int(f"{fraction or '':0<7}"[:7])
    return -ticks if sign else ticks
