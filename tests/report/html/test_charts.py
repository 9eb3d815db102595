"""The geometry of the charts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from psbridge.journal import Kind
from psbridge.report.html.charts import axis_of, bars
from psbridge.report.html.migration import figures_of
from psbridge.report.html.steps import Step
from psbridge.report.html.time_line import MOST_ROWS, time_line

BEGAN = datetime(2018, 7, 3, 14, 22, 35, tzinfo=UTC)


def test_the_longest_bar_is_whole_and_the_others_are_its_shares() -> None:
    drawn = bars([("a", 200, "200"), ("b", 50, "50"), ("c", 0, "0")], ("solid", "hatched"))
    assert [(bar.percent, bar.pattern) for bar in drawn] == [(100, "solid"), (25, "hatched"), (0, "solid")]


def test_a_small_value_is_seen_beside_a_large_one() -> None:
    assert bars([("a", 10**9, ""), ("b", 1, "")])[1].percent > 0


def test_of_nothing_there_is_no_bar() -> None:
    assert bars([]) == ()
    assert [bar.percent for bar in bars([("a", 0, "0")])] == [0]


@pytest.mark.parametrize("seconds", [1, 7, 59, 61, 600, 3599, 7200, 86_399, 86_401, 10**6, 10**7, 10**8, 10**9])
def test_an_axis_has_a_few_marks_at_round_times_inside_of_it(seconds: int) -> None:
    axis = axis_of([BEGAN, BEGAN + timedelta(seconds=seconds)], 100, 800)
    assert axis is not None
    places = [tick.x for tick in axis.ticks]
    assert 1 <= len(places) <= 8
    assert all(100 <= place <= 800 for place in places)
    assert all(first < second for first, second in pairwise(places))


def test_without_time_there_is_no_axis() -> None:
    assert axis_of([], 0) is None
    assert axis_of([BEGAN, BEGAN], 0) is None


def test_times_outside_are_at_the_edge() -> None:
    axis = axis_of([BEGAN, BEGAN + timedelta(hours=1)], 0, 100)
    assert axis is not None
    assert [axis.x(BEGAN + timedelta(minutes=minutes)) for minutes in (-5, 0, 15, 60, 90)] == [0, 0, 25, 100, 100]


def _step(key: str, kind: Kind, began: int, ended: int | None) -> Step:
    at = BEGAN + timedelta(minutes=began)
    return Step(key, kind, at, None if ended is None else BEGAN + timedelta(minutes=ended), "done", "")


def test_waits_and_changes_are_drawn_and_looks_are_not() -> None:
    steps = [
        _step("look", Kind.READ, 0, 1),
        _step("wait", Kind.POLL, 1, 61),
        _step("ask", Kind.ASK, 61, None),
        _step("short", Kind.POLL, 61, 61),
        _step("purge", Kind.DESTROY, 61, 61),
        _step("pause", Kind.CHANGE, 62, 62),
    ]
    drawn = time_line(steps, BEGAN, BEGAN + timedelta(minutes=120))
    assert drawn is not None
    assert [(row.label, row.shape) for row in drawn.rows] == [
        ("wait", "wait"), ("ask", "person"), ("purge", "destroy"), ("pause", "change"),
    ]  # fmt: skip
    wait, ask = drawn.rows[:2]
    assert wait.width == pytest.approx((drawn.axis.right - drawn.axis.left) / 2, abs=0.2)
    assert wait.told == "1 h"
    assert ask.title.endswith("still under way after 59 m")
    assert ask.x + ask.width == pytest.approx(drawn.axis.right, abs=0.2)


def test_of_very_many_rows_the_destructive_ones_and_the_longest_stay() -> None:
    waits = [_step(f"wait-{number}", Kind.POLL, 0, 10 + number) for number in range(50)]
    drawn = time_line([*waits, _step("purge", Kind.DESTROY, 70, 70)], BEGAN, BEGAN + timedelta(minutes=80))
    assert drawn is not None
    assert len(drawn.rows) == MOST_ROWS
    assert drawn.left_out == 51 - MOST_ROWS
    assert {"purge", "wait-49"} <= {row.label for row in drawn.rows}
    assert "wait-0" not in {row.label for row in drawn.rows}


def test_a_run_that_took_no_time_has_no_time_line() -> None:
    assert time_line([_step("purge", Kind.DESTROY, 0, 0)], BEGAN, BEGAN) is None


def test_a_report_of_an_older_version_has_the_charts_that_it_has_numbers_for() -> None:
    (figure,) = figures_of("migration-report", {"data": {"transferred_bytes": 3, "estimated_bytes": None, "ratio": None}})
    assert figure.progress is None
    assert [bar.told for bar in figure.amounts] == ["3 bytes"]
    assert figure.times == ""
    assert figure.folders == ()
    assert figures_of("migration-report", {}) == ()
    assert figures_of("mobile-phone", {"data": {"transferred_bytes": 3}}) == ()


def test_folders_with_findings_come_first_and_all_bars_have_one_measure() -> None:
    folders = [
        {"folder": "large", "source_items": 100, "target_items": 100},
        {"folder": "small", "source_items": 50, "target_items": 25, "findings": ["25 items are missing"]},
    ]
    (figure,) = figures_of("migration-report", {"data": {"ratio": 1}, "folders": folders})
    assert [(folder.name, folder.source.percent, folder.target.percent) for folder in figure.folders] == [
        ("small", 50, 25), ("large", 100, 100),
    ]  # fmt: skip
