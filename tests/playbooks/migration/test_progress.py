"""The points of a log that a chart is drawn of."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks.migration.log import LogLine
from playbooks.migration.progress import MOST_POINTS, progress_in

BEGAN = datetime(2018, 7, 3, 14, 0)  # noqa: DTZ001 - a report's times have no zone


def _line(minute: int, percent: int | None = None, copied: int | None = None) -> LogLine:
    return LogLine(BEGAN + timedelta(minutes=minute), "", "", percent=percent, bytes=copied)


def test_lines_that_tell_no_progress_or_no_time_are_no_points() -> None:
    log = [_line(0), LogLine(None, "", "", percent=5), _line(1, 20), _line(2, copied=7)]
    assert [(point.percent, point.bytes) for point in progress_in(log)] == [(20, None), (None, 7)]


def test_of_a_long_log_the_ends_and_the_falls_stay() -> None:
    percents = [number % 1000 // 10 for number in range(5000)]
    points = progress_in([_line(minute, percent) for minute, percent in enumerate(percents)])
    assert len(points) <= MOST_POINTS
    minutes = [(point.at - BEGAN) // timedelta(minutes=1) for point in points]
    assert minutes == sorted(minutes)
    assert {0, 999, 1000, 1999, 2000, 4999} <= set(minutes)


def test_a_log_that_does_nothing_but_fall_is_still_short() -> None:
    points = progress_in([_line(minute, 50 + minute % 2) for minute in range(20_000)])
    assert len(points) <= MOST_POINTS
    assert points[-1].at == BEGAN + timedelta(minutes=19_999)
