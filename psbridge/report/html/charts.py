"""Numbers and times in, the geometry of charts out. Drawn are they by the templates, so that every text is escaped in one place.

Lengths are units of the drawing, which is WIDTH wide; the page scales it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

__all__ = ["WIDTH", "Axis", "Bar", "Tick", "axis_of", "bars"]

WIDTH: Final = 860.0
# A bar that is not nothing is seen.
_LEAST: Final = 0.3


@dataclass(frozen=True, slots=True)
class Bar:
    """One value: `percent` of the longest bar, and the value as it is told."""

    label: str
    percent: float
    told: str
    pattern: str = "solid"


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of time between two x."""

    first: datetime
    last: datetime
    left: float
    right: float

    def x(self, at: datetime) -> float:
        """Where a time is; what lies outside is at the edge."""
        share = (at - self.first) / (self.last - self.first)
        return round(self.left + min(1.0, max(0.0, share)) * (self.right - self.left), 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """At most eight marks at round times."""
        step = next((step for step in _STEPS if (self.last - self.first) / step <= 7), self.last - self.first)
        midnight = self.first.replace(hour=0, minute=0, second=0, microsecond=0)
        at = midnight + -((midnight - self.first) // step) * step
        found = []
        while at <= self.last:
            found.append(Tick(self.x(at), self._label(at, step)))
            at += step
        return tuple(found)

    def _label(self, at: datetime, step: timedelta) -> str:
        if step >= timedelta(days=1):
            return f"{at:%m-%d}" if self.last - self.first < timedelta(days=300) else f"{at:%Y-%m-%d}"
        if at.date() != self.first.date():
            return f"{at:%m-%d %H:%M}"
        return f"{at:%H:%M}" if step >= timedelta(minutes=1) else f"{at:%H:%M:%S}"


_STEPS: Final = (
    *(timedelta(seconds=count) for count in (1, 5, 10, 30)),
    *(timedelta(minutes=count) for count in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=count) for count in (1, 2, 3, 6, 12)),
    *(timedelta(days=count) for count in (1, 2, 5, 10, 20, 50, 100, 365)),
)


def axis_of(times: Sequence[datetime], left: float, right: float = WIDTH) -> Axis | None:
    """An axis over these times; None where they are less than a second apart, and nothing can be drawn."""
    if not times or max(times) - min(times) < timedelta(seconds=1):
        return None
    return Axis(min(times), max(times), left, right)


def bars(values: Sequence[tuple[str, int, str]], patterns: Sequence[str] = ("solid",)) -> tuple[Bar, ...]:
    """A bar for each label, value and told value; the patterns take turns."""
    longest = max((value for _, value, _ in values), default=0) or 1
    return tuple(
        Bar(label, round(max(100 * value / longest, _LEAST if value else 0), 2), told, patterns[at % len(patterns)])
        for at, (label, value, told) in enumerate(values)
    )
