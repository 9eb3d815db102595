"""The lines of a log in, how far the move was and when, out: few enough points to be drawn or read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from playbooks.migration.log import LogLine

__all__ = ["MOST_POINTS", "Point", "progress_in"]

# A log has up to tens of thousands of lines; nobody sees more points than these.
MOST_POINTS: Final = 60


@dataclass(frozen=True, slots=True)
class Point:
    """What one line says: the percent of a stage, or bytes copied of all that are to be copied; None is not said."""

    at: datetime
    stage: str = ""
    percent: int | None = None
    bytes: int | None = None
    of_bytes: int | None = None


def progress_in(log: Sequence[LogLine]) -> tuple[Point, ...]:
    """Give at most MOST_POINTS in the log's order: the ends, where progress fell back, and evenly what lies between."""
    points = [
        Point(line.at, line.stage, line.percent, line.bytes, line.of_bytes)
        for line in log
        if line.at is not None and (line.percent is not None or line.bytes is not None)
    ]
    if len(points) <= MOST_POINTS:
        return tuple(points)
    kept = set(_falls(points)[: MOST_POINTS // 2])
    room = MOST_POINTS - len(kept)
    kept |= {place * (len(points) - 1) // (room - 1) for place in range(room)}
    return tuple(points[place] for place in sorted(kept))


def _falls(points: Sequence[Point]) -> list[int]:
    """The places before and after each fall of the percent, in pairs."""
    told = [place for place, point in enumerate(points) if point.percent is not None]
    falls = [(a, b) for a, b in pairwise(told) if (points[b].percent or 0) < (points[a].percent or 0)]
    return [place for pair in falls for place in pair]
