"""A warning that has a time: whoever a run needs is told again at each of its moments, and nothing else is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.engine import Done, Failed, Finished, Operator, Outcome, Run, Waiting
from psbridge.errors import ConnectionLost
from psbridge.journal import Entry, Kind
from tests.engine.bench import Bench, Body, delete_account
from tests.engine.far_end import START, get_account, raising

MOMENTS = (START + timedelta(days=23), START + timedelta(days=29))


def asks(run: Run) -> Mapping[str, object]:
    """Somebody must answer, and what depends on it ends in a month."""
    run.warn("end", "It is lost after a month.", asking=MOMENTS)
    run.ask("merged", "Is it merged?", "Look, and answer.")
    run.lift("end")
    return {}


def stops(run: Run) -> Mapping[str, object]:
    """The run fails while the warning stands."""
    run.warn("end", "It is lost after a month.", asking=MOMENTS)
    run.guard("the request has not failed", run.inputs["identity"] != "ada", found="Failed.", expected="-", remedy="-")
    return {}


def reminders(bench: Bench) -> list[Entry]:
    return [entry for entry in bench.entries(Kind.OPERATOR) if entry.state == "reminded"]


def reminded_at(bench: Bench) -> list[timedelta]:
    """Carry on what is due, day after day, for 40 days; gives when the journal says that somebody was told again."""
    for _ in range(40):
        for _ in bench.engine.due():
            bench.advance()
        bench.later(days=1)
    return [entry.at - START for entry in reminders(bench)]


@pytest.mark.parametrize(("body", "outcome"), [(asks, Operator), (stops, Failed)])
def test_whoever_a_run_needs_is_told_again_at_each_moment_of_what_stands(
    tmp_path: Path, body: Body, outcome: type[Outcome]
) -> None:
    bench = Bench(tmp_path, body)
    first = bench.advance()
    assert isinstance(first, outcome)
    assert bench.engine.due() == []
    bench.clock.to(MOMENTS[0])
    assert bench.engine.due() == ["run-1"]
    assert bench.advance() == first
    assert bench.engine.due() == [], "once for each moment"
    [told] = reminders(bench)
    assert told.body["question"] == "It is lost after a month."
    bench.clock.to(MOMENTS[1] + timedelta(hours=1))
    assert bench.advance() == first
    bench.later(days=100)
    assert bench.engine.due() == []
    assert len(reminders(bench)) == 2


def test_days_without_a_scheduler_are_one_reminder_not_many(tmp_path: Path) -> None:
    bench = Bench(tmp_path, asks)
    bench.advance()
    bench.later(days=50)
    assert reminded_at(bench) == [timedelta(days=50)]


def test_nothing_is_looked_at_or_sent_for_a_reminder(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.read("account", "dir", get_account("ada"))
        return asks(run)

    bench = Bench(tmp_path, body)
    bench.advance()
    asked = len(bench.far_end.asked)
    reminded_at(bench)
    assert len(bench.far_end.asked) == asked
    assert len(reminders(bench)) == 2


def test_an_answer_ends_the_reminders(tmp_path: Path) -> None:
    bench = Bench(tmp_path, asks)
    bench.advance()
    bench.clock.to(MOMENTS[0])
    bench.advance()
    bench.engine.signal("run-1", "merged", "yes")
    assert bench.advance() == Done({})
    bench.later(days=100)
    assert bench.engine.due() == []
    assert isinstance(bench.advance(), Finished)


def test_a_retry_of_a_failed_run_that_somebody_was_reminded_of_goes_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, stops)
    bench.advance()
    bench.clock.to(MOMENTS[0])
    bench.advance()
    bench.becomes(asks)
    bench.engine.retry("run-1")
    assert isinstance(bench.advance(), Operator)
    assert bench.engine.due() == []
    bench.clock.to(MOMENTS[1])
    assert isinstance(bench.advance(), Operator)
    assert len(reminders(bench)) == 2


def test_who_has_cancelled_a_run_is_not_reminded_of_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, asks)
    bench.advance()
    bench.engine.cancel("run-1")
    assert reminded_at(bench) == []


def test_who_has_seen_to_a_failed_run_by_hand_tries_it_again_and_cancels_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, stops)
    assert isinstance(bench.advance(), Failed)
    bench.engine.retry("run-1")
    bench.engine.cancel("run-1")
    assert reminded_at(bench) == []


def test_a_run_that_needs_nobody_reminds_nobody(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.warn("end", "It is lost after a month.", asking=MOMENTS)
        run.poll(
            "gone",
            "dir",
            get_account("ada"),
            until=lambda it: it.absent,
            every=timedelta(days=1),
            timeout=timedelta(days=99),
            why="it",
        )
        return {}

    bench = Bench(tmp_path, body)
    assert isinstance(bench.advance(), Waiting)
    assert reminded_at(bench) == []


def test_a_doubt_about_a_write_is_told_again_and_nothing_is_sent(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.warn("end", "It is lost after a month.", asking=MOMENTS)
        delete_account(run, verify=lambda _: None)
        return {}

    bench = Bench(tmp_path, body)
    lost = ConnectionLost("the connection was lost", endpoint="dir", may_have_run=True)
    bench.far_end.faults.after["Remove-Account"] = [raising(lost)]
    doubt = bench.settled()
    assert isinstance(doubt, Operator)
    assert doubt.signal == "delete"
    bench.clock.to(MOMENTS[0])
    assert bench.advance() == doubt
    assert bench.far_end.effects() == ["Remove-Account -Name ada"]
    bench.engine.signal("run-1", "delete", "done")
    assert bench.advance() == Done({})
