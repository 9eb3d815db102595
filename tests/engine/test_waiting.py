"""Polls and harmless changes: what is held while waiting (nothing), the deadline, and what is written down."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.engine import Done, Failed, Operator, Run, Settings, Waiting
from psbridge.errors import AuthenticationFailed, ConnectionLost, ConnectRefused, DeadlineExceeded, EndpointRefused, StartError
from psbridge.journal import Kind
from tests.engine.bench import Bench, delete_account, just
from tests.engine.far_end import ADA, START, Account, answering, error, get_account, raising, start_sync, thing

EVERY = timedelta(minutes=10)


def waiting(run: Run) -> Mapping[str, object]:
    answer = run.poll(
        "gone", "dir", get_account("ada"), until=lambda seen: seen.absent, every=EVERY, timeout=timedelta(hours=1), why="it to go"
    )
    return {"objects": len(answer.objects)}


def test_while_it_waits_a_run_holds_no_thread_and_no_session(tmp_path: Path) -> None:
    bench = Bench(tmp_path, waiting)
    threads = threading.active_count()
    assert bench.advance() == Waiting(START + EVERY, "", "waits for it to go")
    assert threading.active_count() == threads
    assert bench.endpoints.open == {}


def test_the_answer_that_satisfies_is_kept_whole_and_looks_only_where_they_differ(tmp_path: Path) -> None:
    bench = Bench(tmp_path, waiting)
    for minute in range(0, 50, 10):
        bench.clock.to(START + timedelta(minutes=minute))
        assert isinstance(bench.advance(), Waiting)
        if minute == 20:
            bench.far_end.write({"accounts": {"ada": {"id": "99999999-2222-3333-4444-555555555555", "name": "ada"}}})
    bench.far_end.write({"accounts": {}})
    bench.later(minutes=10)
    assert bench.advance() == Done({"objects": 0})
    assert len(bench.far_end.asked) == 6
    assert len(bench.entries(Kind.LOOK)) == 2
    done = bench.entries(Kind.POLL)[-1]
    assert (done.state, done.sent) == ("done", True)


def test_what_is_not_there_again_is_written_down_once_although_each_refusal_differs(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.poll("there", "dir", get_account("ada"), until=lambda seen: not seen.absent, every=EVERY, timeout=EVERY * 9, why="it")
        return {}

    bench = Bench(tmp_path, body)
    told = [error("UserNotFoundException", f"There is none. Request id: {number}") for number in range(3)]
    bench.far_end.faults.before["Get-Account"] = [answering(reply) for reply in told]
    for _ in told:
        assert isinstance(bench.advance(), Waiting)
        bench.later(minutes=10)
    assert bench.advance() == Done({})
    assert len(bench.far_end.asked) == 4
    assert [entry.state for entry in bench.entries(Kind.LOOK)] == ["absent"]


def test_the_deadline_is_set_at_the_first_arrival_and_a_last_look_is_taken_at_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, waiting)
    outcome = bench.settled()
    account = Account.parse(thing({"id": str(ADA), "name": "ada"}), "Get-Account")
    assert outcome == Operator(
        f"Waited for it to go until 2026-11-23 13:00 UTC, in vain. Seen last: 1 objects; {account!r}",
        "See to the cause and retry the run: it waits once more. Or cancel it.",
    )
    assert bench.clock.now() == START + timedelta(hours=1)
    assert len(bench.far_end.asked) == 7


def test_a_restart_long_after_the_deadline_still_looks_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, waiting)
    bench.advance()
    bench.later(days=3)
    bench.far_end.write({"accounts": {}})
    assert bench.advance() == Done({"objects": 0})


def test_after_the_deadline_a_retry_waits_once_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path, waiting)
    assert isinstance(bench.settled(), Operator)
    bench.engine.retry("run-1")
    assert isinstance(bench.advance(), Waiting)
    bench.far_end.write({"accounts": {}})
    assert bench.settled() == Done({"objects": 0})


def two_waits(run: Run) -> Mapping[str, object]:
    """After a write: wait until eve is there, then until ada is gone, with what was seen first as a guard."""
    run.change("sync", "sync", start_sync())
    first = run.poll(
        "there", "dir", get_account("eve"), until=lambda seen: not seen.absent, every=EVERY, timeout=timedelta(hours=1), why="eve"
    )
    waiting(run)
    run.read("then", "dir", get_account("eve"))
    run.guard("g", len(first.objects) == 1, found="a.", expected="b.", remedy="c.")
    return {}


def test_after_a_wait_in_vain_a_retry_does_not_wait_again_for_what_was_seen_before_it(tmp_path: Path) -> None:
    """The world has moved on: eve is gone meanwhile, and would never come."""
    bench = Bench(tmp_path, two_waits)
    outcome = bench.settled()
    assert isinstance(outcome, Operator)
    assert "Waited for it to go" in outcome.why
    bench.far_end.write({"accounts": {}})
    bench.engine.retry("run-1")
    assert bench.settled() == Done({})
    assert bench.far_end.effects() == ["Start-Sync"]


def test_after_an_error_a_retry_asks_only_what_got_no_answer(tmp_path: Path) -> None:
    bench = Bench(tmp_path, two_waits)
    bench.advance()
    bench.far_end.write({"accounts": {}})
    bench.far_end.faults.before["Get-Account"] = [lambda: None, lambda: error("AccessDeniedException", "You may not.")]
    bench.later(minutes=10)
    outcome = bench.advance()
    assert isinstance(outcome, Operator)
    assert "You may not." in outcome.why
    before = len(bench.far_end.asked)
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})
    assert bench.far_end.asked[before:] == ["[dir] Get-Account -Name eve"]


def test_after_a_guard_that_failed_everything_since_the_last_write_is_looked_at_again(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.change("sync", "sync", start_sync())
        seen = run.read("r", "dir", get_account("ada"))
        run.guard("g", seen.absent, found="a.", expected="b.", remedy="c.")
        return {}

    bench = Bench(tmp_path, body)
    assert isinstance(bench.advance(), Failed)
    bench.far_end.write({"accounts": {}})
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})
    assert bench.far_end.effects() == ["Start-Sync"]


def test_a_passing_error_of_the_server_does_not_end_a_long_wait(tmp_path: Path) -> None:
    bench = Bench(tmp_path, waiting)
    bench.far_end.faults.before["Get-Account"] = [answering(error("ServerBusyException"))] * 4
    bench.advance()
    bench.later(minutes=10)
    bench.advance()
    bench.later(minutes=10)
    bench.far_end.write({"accounts": {}})
    assert bench.settled() == Done({"objects": 0})


def test_an_error_that_stays_ends_the_wait(tmp_path: Path) -> None:
    bench = Bench(tmp_path, waiting)
    bench.far_end.faults.before["Get-Account"] = [answering(error("AccessDeniedException", "No."))] * 9
    outcome = bench.settled()
    assert isinstance(outcome, Failed)
    assert outcome.error.startswith("[dir] Get-Account -Name ada: No. ")
    assert len(bench.far_end.asked) == 5


def test_a_wait_whose_endpoint_is_away_comes_back_later(tmp_path: Path) -> None:
    bench = Bench(tmp_path, waiting)
    bench.far_end.faults.before["Get-Account"] = [raising(ConnectionLost("gone"))] * 2
    bench.far_end.write({"accounts": {}})
    assert bench.settled() == Done({"objects": 0})
    assert bench.clock.now() == START + timedelta(seconds=45)


@pytest.mark.parametrize(
    "refusal", [AuthenticationFailed("wrong password"), EndpointRefused("not for you"), ConnectRefused("Connect-It failed: no")]
)
def test_a_server_that_refuses_who_we_are_is_asked_once(tmp_path: Path, refusal: StartError) -> None:
    """The same credentials again may lock the account."""
    bench = Bench(tmp_path, waiting)
    bench.far_end.faults.before["Get-Account"] = [raising(refusal)] * 9
    assert bench.settled() == Failed(str(refusal), changed=False)
    assert len(bench.far_end.asked) == 1


def test_where_something_was_changed_a_person_sees_to_the_refusal_and_the_run_goes_on(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.change("sync", "sync", start_sync())
        return waiting(run)

    bench = Bench(tmp_path, body)
    bench.far_end.write({"accounts": {}})
    bench.far_end.faults.before["Get-Account"] = [raising(AuthenticationFailed("wrong password"))]
    assert isinstance(bench.advance(), Operator)
    bench.engine.retry(bench.run_id)
    assert bench.settled() == Done({"objects": 0})


def test_a_refused_connection_command_is_repeated_seldom_and_then_a_person_is_asked(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.change("sync", "sync", start_sync())
        return waiting(run)

    bench = Bench(tmp_path, body)
    bench.far_end.faults.before["Get-Account"] = [raising(ConnectRefused("Connect-It failed: no"))] * 9
    assert isinstance(bench.settled(), Operator)
    assert bench.clock.now() == START + timedelta(minutes=10 + 15 + 15)
    assert len(bench.far_end.asked) == 1 + 4


def syncing(run: Run) -> Mapping[str, object]:
    run.change("sync", "sync", start_sync())
    return {}


def test_a_harmless_change_is_repeated_until_its_success_is_known(tmp_path: Path) -> None:
    bench = Bench(tmp_path, syncing)
    bench.far_end.faults.after["Start-Sync"] = [raising(DeadlineExceeded("slow"))]
    assert bench.advance() == Waiting(
        START + timedelta(seconds=30),
        "",
        "Start-Sync is to be sent again: slow. The command may have run: look before you repeat it.",
    )
    assert bench.settled() == Done({})
    assert bench.far_end.effects() == ["Start-Sync", "Start-Sync"]
    assert bench.states("sync", Kind.CHANGE) == ["intent", "lost", "intent", "done"]


def test_a_change_whose_connection_command_is_refused_is_repeated_seldom(tmp_path: Path) -> None:
    """Each time signs in again; but a connection command may fail for a reason that passes."""
    bench = Bench(tmp_path, syncing)
    bench.far_end.faults.before["Start-Sync"] = [raising(ConnectRefused("Connect-It failed: no"))] * 2
    assert bench.settled() == Done({})
    assert bench.clock.now() == START + timedelta(minutes=10 + 10)
    assert len(bench.far_end.asked) == 3


def test_a_deletion_whose_connection_command_is_refused_is_looked_at_and_sent_later(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(delete_account))
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectRefused("Connect-It failed: no"))]
    why = "Remove-Account -Name ada could not be sent: Connect-It failed: no. The command did not run."
    assert bench.consented() == Waiting(START + timedelta(minutes=10), "", why)
    asked = len(bench.far_end.asked)
    assert bench.settled() == Done({})
    assert bench.far_end.effects() == ["Remove-Account -Name ada"]
    assert "Get-Account" in bench.far_end.asked[asked], "it looks before it sends again"


def test_an_interrupted_change_is_sent_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, syncing)
    bench.far_end.faults.before["Start-Sync"] = [raising(SystemExit())]
    try:
        bench.advance()
    except SystemExit:
        assert bench.advance() == Done({})
    assert bench.states("sync", Kind.CHANGE) == ["intent", "intent", "done"]


def test_a_change_that_never_succeeds_ends_with_an_operator_and_a_retry_sends_it_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, syncing, settings=Settings(attempts=2))
    bench.far_end.faults.before["Start-Sync"] = [answering(error("BusyException", "It runs already."))] * 2
    outcome = bench.settled()
    assert outcome == Operator(
        "Start-Sync was sent 2 times without success: It runs already.",
        "See to the cause and retry the run; a repetition of this cmdlet does no harm.",
    )
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})


def test_a_change_that_is_refused_fails_the_run(tmp_path: Path) -> None:
    bench = Bench(tmp_path, syncing)
    bench.far_end.faults.before["Start-Sync"] = [answering(error("CommandNotFoundException", "No such cmdlet."))]
    outcome = bench.advance()
    assert isinstance(outcome, Failed)
    assert outcome.error.startswith("[sync] Start-Sync: No such cmdlet. ")
    assert outcome.changed


def test_a_change_may_be_read_back_by_the_playbook(tmp_path: Path) -> None:
    answers: list[int] = []
    bench = Bench(tmp_path, just(lambda run: answers.append(len(run.change("sync", "sync", start_sync()).objects))))
    assert bench.advance() == Done({})
    assert answers == [0]


def test_a_wait_with_moments_asks_at_each_of_them_and_a_retry_waits_for_the_next(tmp_path: Path) -> None:
    moments = (START + timedelta(hours=1), START + timedelta(hours=3))

    def watched(run: Run) -> Mapping[str, object]:
        run.poll(
            "gone",
            "dir",
            get_account("ada"),
            until=lambda seen: seen.absent,
            every=EVERY,
            timeout=timedelta(days=1),
            why="it to go",
            asking=moments,
        )
        return {}

    bench = Bench(tmp_path, watched)
    for moment in moments:
        assert isinstance(bench.settled(), Operator)
        assert bench.clock.now() == moment
        assert bench.entries(Kind.OPERATOR)[-1].state == "asked", "a reminder is no failure"
        bench.engine.retry("run-1")
    assert isinstance(bench.advance(), Operator), "all moments are over: it looks once, and asks"
    bench.engine.retry("run-1")
    bench.far_end.write({"accounts": {}})
    assert bench.advance() == Done({})


def seconds_between_looks(bench: Bench) -> list[float]:
    """How long the run waits before each look, until it no longer waits for time."""
    pauses = []
    while isinstance(outcome := bench.advance(), Waiting):
        pauses.append((outcome.until - bench.clock.now()).total_seconds())
        bench.clock.to(outcome.until)
    return pauses


def test_a_wait_that_lasts_is_looked_at_ever_more_rarely_and_at_its_deadline(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: poll_for_a_day(run, every=timedelta(seconds=30))))
    pauses = seconds_between_looks(bench)
    assert pauses[:10] == [30.0] * 10
    assert pauses[:-1] == sorted(pauses[:-1])
    assert max(pauses) == 300.0
    assert sum(pauses) == timedelta(days=1).total_seconds()
    assert len(pauses) < 330
    assert bench.entries(Kind.OPERATOR)[-1].state == "stopped"


def test_a_wait_that_is_rare_by_itself_stays_as_it_was_asked_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: poll_for_a_day(run, every=timedelta(hours=1))))
    assert seconds_between_looks(bench) == [3600.0] * 24


def poll_for_a_day(run: Run, *, every: timedelta) -> None:
    """Nothing satisfies it."""
    run.poll("it", "dir", get_account("ada"), until=lambda _: False, every=every, timeout=timedelta(days=1), why="it")


def test_a_wait_may_end_with_the_last_answer_and_ask_nobody(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        seen = run.poll(
            "gone",
            "dir",
            get_account("ada"),
            until=lambda it: it.absent,
            every=EVERY,
            timeout=EVERY * 3,
            why="it",
            in_vain="gives",
        )
        return {"still there": len(seen.objects)}

    bench = Bench(tmp_path, body)
    assert bench.settled() == Done({"still there": 1})
    assert bench.clock.now() == START + EVERY * 3
    assert bench.states("gone", Kind.POLL) == ["begun", "done"]


def test_the_end_of_a_wait_may_be_a_reminder(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.poll(
            "gone", "dir", get_account("ada"), until=lambda it: it.absent, every=EVERY, timeout=EVERY, why="it", in_vain="reminds"
        )
        return {}

    bench = Bench(tmp_path, body)
    assert isinstance(bench.settled(), Operator)
    assert bench.entries(Kind.OPERATOR)[-1].state == "asked"
