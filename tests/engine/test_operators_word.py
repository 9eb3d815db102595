"""What an operator says of a destructive step whose outcome nobody knows, and when it counts (engine-notes section 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from psbridge.engine import Done, Operator, Waiting
from psbridge.errors import ConnectionLost
from psbridge.journal import Draft, Entry, Kind, Lease
from tests.engine.bench import Bench, answers, deleting
from tests.engine.far_end import raising

REMOVED = ["Remove-Account -Name ada"]


def test_an_operator_who_says_done_ends_the_step_without_a_repeat(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting(verify=answers(None)))
    bench.far_end.faults.after["Remove-Account"] = [raising(ConnectionLost("gone"))]
    bench.consented()
    bench.engine.signal("run-1", "delete", "Done")
    assert bench.advance() == Done({})
    assert bench.far_end.effects() == REMOVED
    last = bench.entries(Kind.VERIFY)[-1]
    assert (last.state, last.body["who"]) == ("done", "CONTOSO\\kim on PC1")


def test_an_operator_who_says_not_done_is_believed_when_the_server_can_no_longer_be_at_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting(verify=answers(None)))
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectionLost("gone"))]
    bench.consented()
    bench.later(minutes=1)
    bench.engine.signal("run-1", "delete", "not done")
    early = bench.advance()
    assert early == Waiting(
        bench.clock.now() + timedelta(seconds=20),
        "delete",
        "Remove-Account -Name ada: not seen to be done; it may still come. `not done` counts if it is answered at "
        "2026-11-23 12:15:00 UTC or later: until then the server may still be at it.",
    )
    assert bench.far_end.effects() == []
    bench.clock.to(early.until)
    assert isinstance(bench.advance(), Operator)
    bench.later(minutes=15)
    bench.engine.signal("run-1", "delete", "not done")
    assert bench.advance() == Done({})
    assert bench.far_end.effects() == REMOVED


@pytest.mark.parametrize("loss", ["before", "after"])
def test_an_operator_is_heard_when_the_clock_was_set_back_after_the_sending(tmp_path: Path, loss: str) -> None:
    """A "not done" still has to wait for the time in which the server may be at it, by the clock as it is now."""
    bench = Bench(tmp_path, deleting(verify=answers(None)))
    getattr(bench.far_end.faults, loss)["Remove-Account"] = [raising(ConnectionLost("gone"))]
    bench.consented()
    bench.later(minutes=-10)
    if loss == "after":
        bench.engine.signal("run-1", "delete", "done")
        assert bench.advance() == Done({})
    else:
        bench.later(minutes=16)
        bench.engine.signal("run-1", "delete", "not done")
        early = bench.advance()
        assert isinstance(early, Waiting)
        assert "counts if it is answered at 2026-11-23 12:15:00 UTC or later" in early.why
        bench.clock.to(early.until)
        assert isinstance(bench.advance(), Operator)
        bench.later(minutes=9)
        bench.engine.signal("run-1", "delete", "not done")
        assert bench.advance() == Done({})
    assert bench.far_end.effects() == REMOVED


def test_an_answer_to_the_intent_of_an_older_journal_goes_by_the_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting(verify=answers(None)))
    bench.far_end.faults.after["Remove-Account"] = [raising(ConnectionLost("gone"))]
    append = bench.store.append

    def without_the_order(lease: Lease, draft: Draft, **terms: Any) -> Entry:
        return append(lease, replace(draft, body={name: draft.body[name] for name in draft.body if name != "seen"}), **terms)

    bench.store.append = without_the_order  # type: ignore[method-assign]
    bench.advance()
    bench.engine.signal("run-1", "delete", "done")
    bench.later(minutes=1)
    bench.consent()
    assert isinstance(bench.advance(), Operator), "said before it was sent"
    bench.engine.signal("run-1", "delete", "done")
    assert bench.advance() == Done({})


def test_what_an_operator_saw_while_the_server_could_be_at_it_is_not_believed_later(tmp_path: Path) -> None:
    """The word comes in the second minute, and the run is advanced an hour later: only a new look counts."""
    bench = Bench(tmp_path, deleting(verify=answers(None)))
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectionLost("gone"))]
    bench.consented()
    bench.later(minutes=2)
    bench.engine.signal("run-1", "delete", "not done")
    bench.later(hours=1)
    assert isinstance(bench.advance(), Waiting)
    assert bench.far_end.effects() == []


def test_a_word_that_is_no_answer_leaves_the_question_open(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting(verify=answers(None)))
    bench.far_end.faults.after["Remove-Account"] = [raising(ConnectionLost("gone"))]
    bench.consented()
    bench.engine.signal("run-1", "delete", "maybe")
    assert isinstance(bench.advance(), Operator)
    assert bench.far_end.effects() == REMOVED


def test_an_answer_to_an_earlier_attempt_does_not_count_for_the_next(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting(verify=answers(None)))
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectionLost("gone"))] * 2
    bench.consented()
    bench.later(minutes=20)
    bench.engine.signal("run-1", "delete", "not done")
    assert isinstance(bench.advance(), Operator)
    assert [entry.attempt for entry in bench.entries(Kind.DESTROY) if entry.state == "intent"] == [1, 2]
