"""The contract of a destructive step (engine-notes section 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from psbridge.cli.live import Live
from psbridge.cli.watched import Watched
from psbridge.cmdlets.call import Call, selecting
from psbridge.engine import Done, Endpoints, Engine, Failed, Look, Operator, Run, Waiting
from psbridge.error_record import ErrorRecord
from psbridge.errors import (
    ClixmlError,
    CmdletError,
    ConfirmationRequired,
    ConnectionLost,
    DeadlineExceeded,
    ProfileError,
    ProtocolError,
    SessionExpired,
    ShapeError,
    StartError,
    Stopped,
    Throttled,
    TransportError,
    ValueTypeError,
)
from psbridge.fleet.pace import PacedEndpoints
from psbridge.journal import Draft, Entry, Kind, Lease
from psbridge.models import Untyped
from psbridge.reply import Record, Reply, State, Stream
from tests.engine.bench import Bench, Verify, answers, delete_account, deleting, see_ada
from tests.engine.far_end import (
    START,
    FarEndpoints,
    FarSession,
    answering,
    error,
    error_record,
    failure,
    get_account,
    get_request,
    list_accounts,
    new_request,
    output,
    raising,
    remove_account,
)

REMOVED = ["Remove-Account -Name ada"]
TIMEOUT, SETTLE = timedelta(minutes=15), timedelta(minutes=5)

UNKNOWN = {
    "the connection is lost": raising(ConnectionLost("gone")),
    "the deadline is over": raising(DeadlineExceeded("slow")),
    "the protocol is broken": raising(ProtocolError("garbage")),
    "a question was asked": raising(ConfirmationRequired("Prompt", "Sure?")),
    "the profile fails": raising(ProfileError("x")),
    "a shape error": raising(ShapeError("c", "p", "t", "v", "e")),
    "a cmdlet error": raising(CmdletError("Remove-Account", ErrorRecord("It failed.", "AnyException"))),
    "a bug": raising(KeyError("x")),
    "an operating system error": raising(OSError("pipe")),
    "a memory error": raising(MemoryError()),
    "the pipeline was stopped": answering(Reply(State.STOPPED)),
    "an error record": answering(error("ServerBusyException")),
    "a terminating error": answering(failure("TransientException")),
    "an error that means not found": answering(error("UserNotFoundException")),
    "a failed pipeline without a record": answering(Reply(State.FAILED)),
    "an answer that cannot be read": answering(Reply(State.COMPLETED, (Record(Stream.ERROR, b"<Obj"),))),
    "a refusal among other errors": answering(
        Reply(
            State.COMPLETED,
            (*error("ParameterBindingException").records, *error("ServerBusyException").records),
        )
    ),
    "a refusal of a stopped pipeline": answering(replace(failure("ParameterBindingException"), state=State.STOPPED)),
    "a refusal after output": answering(
        replace(failure("ParameterBindingException"), records=output(error_record("x", "y")).records)
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_after_any_doubt_an_effect_that_is_seen_is_not_repeated(tmp_path: Path, name: str) -> None:
    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.after["Remove-Account"] = [UNKNOWN[name]]
    assert bench.consented() == Done({})
    assert bench.far_end.effects() == REMOVED
    assert bench.states("delete", Kind.DESTROY) == ["intent", "lost", "observed"]
    observed = bench.entries(Kind.DESTROY)[-1]
    assert observed.body["inferred"] is True
    assert observed.reply is None


@pytest.mark.parametrize("name", UNKNOWN)
def test_after_any_doubt_without_an_effect_it_is_sent_again_only_when_it_can_no_longer_come(tmp_path: Path, name: str) -> None:
    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.before["Remove-Account"] = [UNKNOWN[name]]
    assert isinstance(bench.consented(), Waiting)
    assert bench.far_end.effects() == []
    assert bench.settled() == Done({})
    assert bench.far_end.effects() == REMOVED
    assert bench.states("delete", Kind.DESTROY) == ["intent", "lost", "undone", "intent", "done"]
    [first, second] = [entry for entry in bench.entries(Kind.DESTROY) if entry.state == "intent"]
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.at >= first.at + TIMEOUT + SETTLE


def test_a_success_is_an_empty_error_stream_and_the_state_completed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting())
    assert bench.consented() == Done({})
    assert bench.states("delete", Kind.DESTROY) == ["intent", "done"]
    done = bench.entries(Kind.DESTROY)[-1]
    assert done.reply == output()
    assert (done.endpoint, done.command, done.attempt) == ("dir", "Remove-Account -Name ada", 1)


def test_the_intent_holds_what_a_resume_must_know_and_is_there_before_anything_is_sent(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting())
    at_the_send: list[list[str]] = []
    bench.far_end.during = lambda cmdlet: (
        at_the_send.append(bench.states("delete", Kind.DESTROY)) if cmdlet == "Remove-Account" else None
    )
    bench.consented()
    assert at_the_send == [["intent"]]
    intent = bench.entries(Kind.DESTROY)[0]
    evidence = bench.entries(Kind.EVIDENCE)[0]
    assert intent.body["not_before"] == "2026-11-23T12:15:00.000000Z"
    assert intent.body["evidence"] == {"account": evidence.body["fields_hash"]}
    assert intent.body["approval"] == bench.entries(Kind.APPROVAL)[-1].body["sha"]
    assert intent.canonical == [{"cmdlet": "Remove-Account", "parameters": {"Name": "ada"}}]
    assert len(intent.input_hash) == 64


@pytest.mark.parametrize("fault", [error, failure])
def test_an_error_from_before_any_effect_fails_the_run_and_is_raised_again_on_every_pass(
    tmp_path: Path, fault: Callable[[str, str], Reply]
) -> None:
    caught: list[str] = []

    def body(run: Run) -> Mapping[str, object]:
        try:
            delete_account(run)
        except CmdletError as refused:
            caught.append(refused.record.exception_types[0])
            run.ask("what-now", "It was refused.", "Say so.")
            raise
        return {}

    bench = Bench(tmp_path, body)
    bench.far_end.faults.before["Remove-Account"] = [answering(fault("ParameterBindingException", "No such parameter."))]
    assert isinstance(bench.consented(), Operator)
    bench.engine.signal("run-1", "what-now", "go on")
    outcome = bench.advance()
    assert outcome == Failed(
        "[dir] Remove-Account -Name ada: No such parameter. (CategoryInfo ObjectNotFound, "
        "FullyQualifiedErrorId Contoso.ParameterBindingException,Contoso.Command)",
        changed=True,
    )
    assert caught == ["Contoso.ParameterBindingException"] * 2
    assert bench.states("delete", Kind.DESTROY) == ["intent", "refused"]


def test_a_value_that_cannot_be_sent_is_a_refusal(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.before["Remove-Account"] = [raising(ValueTypeError("object", "it has no CLIXML"))]
    assert bench.consented() == Failed("A value of type object cannot be sent: it has no CLIXML", changed=True)
    assert bench.states("delete", Kind.DESTROY) == ["intent", "refused"]


def test_after_a_refusal_a_retry_sends_it_again_with_a_new_attempt(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.before["Remove-Account"] = [answering(error("CommandNotFoundException"))]
    assert isinstance(bench.consented(), Failed)
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})
    assert [(e.state, e.attempt) for e in bench.entries(Kind.DESTROY)] == [
        ("intent", 1),
        ("refused", 1),
        ("intent", 2),
        ("done", 2),
    ]


@pytest.mark.parametrize("error", [StartError("no PowerShell"), Throttled("busy"), SessionExpired("gone", may_have_run=False)])
def test_what_could_not_even_be_sent_needs_no_wait_for_the_server_but_still_a_look(tmp_path: Path, error: TransportError) -> None:
    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.before["Remove-Account"] = [raising(error)]
    outcome = bench.consented()
    assert outcome == Waiting(START + timedelta(seconds=20), "", "Remove-Account -Name ada could not be sent; it is tried again")
    assert bench.states("delete", Kind.VERIFY) == ["not done"]
    bench.clock.to(outcome.until)
    assert bench.advance() == Done({})
    assert bench.far_end.effects() == REMOVED


def test_a_machine_that_sleeps_between_intent_and_sending_sends_nothing_and_looks_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting())
    append = bench.store.append
    slept: list[Entry] = []

    def asleep(lease: Lease, draft: Draft, **terms: Any) -> Entry:
        entry = append(lease, draft, **terms)
        if draft.state == "intent" and not slept:
            slept.append(entry)
            bench.later(minutes=10)
        return entry

    bench.store.append = asleep  # type: ignore[method-assign]
    outcome = bench.consented()
    assert isinstance(outcome, Waiting)
    assert "could not be sent" in outcome.why
    assert bench.far_end.effects() == []
    assert bench.settled() == Done({})
    assert bench.far_end.effects() == REMOVED


def test_whoever_watches_is_told_of_a_destruction_when_it_is_over(tmp_path: Path) -> None:
    """A console that is held would stand between the last look and the sending."""
    bench = Bench(tmp_path, deleting())
    told: list[tuple[str, list[str]]] = []
    bench.engine = bench.another(watch=lambda entry: told.append((f"{entry.kind} {entry.state}", bench.far_end.effects())))
    assert bench.consented() == Done({})
    assert [effects for what, effects in told if what in {f"{Kind.DESTROY} intent", f"{Kind.DESTROY} done"}] == [REMOVED, REMOVED]
    assert [entry.seq for entry in bench.entries()] == sorted(entry.seq for entry in bench.entries())


def test_an_effect_that_comes_late_is_seen_before_it_is_repeated(tmp_path: Path) -> None:
    """The server goes on with the cmdlet for 14 minutes after the answer was lost."""
    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.before["Remove-Account"] = [raising(DeadlineExceeded("slow"))]
    outcome = bench.consented()
    while bench.clock.now() < START + timedelta(minutes=14):
        assert isinstance(outcome, Waiting)
        bench.clock.to(outcome.until)
        outcome = bench.advance()
    bench.far_end.run("dir", remove_account("ada").pipeline)
    assert bench.settled() == Done({})
    assert bench.far_end.effects() == REMOVED


def test_not_done_is_looked_at_again_and_again_over_the_whole_replication_delay(tmp_path: Path) -> None:
    """Also when the run is resumed long after: one look can meet a server that lags behind."""
    bench = Bench(tmp_path, deleting(verify=answers(False)))
    bench.far_end.faults.before["Remove-Account"] = [raising(KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt):
        bench.consented()
    bench.later(days=2)
    resumed = bench.clock.now()
    assert bench.settled() == Done({})
    looks = [entry.at for entry in bench.entries(Kind.VERIFY)]
    assert looks[0] == resumed
    assert looks[-1] == resumed + SETTLE
    assert len(looks) >= 5
    second = next(entry for entry in bench.entries(Kind.DESTROY) if entry.attempt == 2)
    assert second.at == resumed + SETTLE


def test_the_wait_for_replication_is_the_steps_own(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.destroy(
            "d", "dir", remove_account("ada"), requires=(), approval=None, verify=answers(False), settle=timedelta(hours=2)
        )
        return {}

    bench = Bench(tmp_path, body)
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectionLost("gone"))]
    assert bench.settled() == Done({})
    assert bench.clock.now() == START + TIMEOUT + timedelta(hours=2)


def test_a_stale_view_that_says_not_done_first_and_done_later_repeats_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting(verify=answers(False, False, False, True)))
    bench.far_end.faults.after["Remove-Account"] = [raising(ConnectionLost("gone"))]
    bench.consented()
    assert bench.settled() == Done({})
    assert bench.far_end.effects() == REMOVED
    assert bench.states("delete", Kind.VERIFY) == ["not done", "not done", "not done", "done"]


def test_what_cannot_be_told_goes_to_the_operator_with_intent_and_evidence(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting(verify=answers(None)))
    bench.far_end.faults.after["Remove-Account"] = [raising(ConnectionLost("gone"))]
    outcome = bench.consented()
    assert outcome == Operator(
        "[dir] Remove-Account -Name ada was sent at 2026-11-23 12:00:00 UTC (attempt 1), and it cannot be told whether "
        "it had its effect. Evidence: account {'id': '11111111-2222-3333-4444-555555555555'}.",
        "Look for yourself and answer `done` or `not done`; or retry the run, and it looks again. `not done` counts if it is "
        "answered at 2026-11-23 12:15:00 UTC or later: until then the server may still be at it.",
        "delete",
    )
    assert bench.advance() == outcome
    assert bench.far_end.effects() == REMOVED
    bench.later(minutes=15)
    bench.engine.retry("run-1")
    later = bench.advance()
    assert isinstance(later, Operator)
    assert later.question == "Look for yourself and answer `done` or `not done`; or retry the run, and it looks again."


@pytest.mark.parametrize(
    "broken",
    [
        lambda look: bool(look.read("dir", get_account("ada")).one()),
        lambda look: 1 / 0 > 1,
        lambda look: look.read("dir", remove_account("ada")).absent,
    ],
    ids=["the look finds none", "a bug", "a write instead of a look"],
)
def test_an_error_in_the_verification_means_that_it_cannot_tell(tmp_path: Path, broken: Verify) -> None:
    bench = Bench(tmp_path, deleting(verify=broken))
    bench.far_end.faults.after["Remove-Account"] = [raising(ConnectionLost("gone"))]
    assert isinstance(bench.consented(), Operator)
    assert bench.far_end.effects() == REMOVED
    [verify] = bench.entries(Kind.VERIFY)
    assert verify.state == "unknown"
    assert "Error: " in verify.body["why"] or "Stopped: " in verify.body["why"]


def test_what_is_neither_true_nor_false_is_no_answer(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting(verify=lambda _: cast("bool", ["found"])))
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectionLost("gone"))]
    assert isinstance(bench.consented(), Operator)
    assert bench.far_end.effects() == []


def test_a_retry_after_a_doubt_looks_again_and_repeats_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting(verify=answers(None, True)))
    bench.far_end.faults.after["Remove-Account"] = [raising(ConnectionLost("gone"))]
    assert isinstance(bench.consented(), Operator)
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})
    assert bench.far_end.effects() == REMOVED


def test_what_is_never_done_is_not_sent_for_ever(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectionLost("gone"))] * 3
    outcome = bench.settled()
    assert outcome == Operator(
        "Remove-Account -Name ada was sent 3 times, and each time it was seen not to be done.",
        "See to the cause and retry the run: it looks again before it sends anything. Or cancel it.",
    )
    bench.engine.retry("run-1")
    assert bench.settled() == Done({})
    assert bench.far_end.effects() == REMOVED


def test_the_look_before_it_can_refuse_and_then_nothing_is_sent(tmp_path: Path) -> None:
    def before(look: Look) -> None:
        found = look.read("dir", get_account("ada"))
        raise Stopped("the account", found=f"{len(found.objects)} of them.", expected="none.", remedy="Begin anew.")

    bench = Bench(tmp_path, deleting(before=before))
    assert bench.consented() == Failed(
        "Stopped at the account. Found: 1 of them. Expected: none. What to do: Begin anew. Nothing has been changed.",
        changed=False,
    )
    assert bench.far_end.effects() == []
    assert bench.entries(Kind.DESTROY) == []
    [look] = bench.entries(Kind.LOOK)
    assert (look.key, look.command, look.body["purpose"]) == ("delete", "Get-Account -Name ada", "before")


def test_before_every_further_attempt_the_look_is_taken_again(tmp_path: Path) -> None:
    looks: list[int] = []

    def before(look: Look) -> None:
        look.read("dir", get_account("ada")).one()
        looks.append(1)

    bench = Bench(tmp_path, deleting(before=before))
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectionLost("gone"))]
    assert bench.settled() == Done({})
    assert len(looks) == 2


def test_a_run_that_stops_after_an_intent_says_that_something_may_have_changed(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        delete_account(run)
        run.guard("g", False, found="a.", expected="b.", remedy="c.")
        return {}

    assert Bench(tmp_path, body).consented() == Failed("Stopped at g. Found: a. Expected: b. What to do: c.", changed=True)


@pytest.mark.parametrize("order", ["never", "later"])
def test_without_its_evidence_it_is_refused(tmp_path: Path, order: str) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.destroy("d", "dir", remove_account("ada"), requires=["account"], approval=None, verify=answers(None))
        if order == "later":
            run.evidence("account", "dir", get_account("ada"), need=("id",))
        return {}

    bench = Bench(tmp_path, body)
    assert bench.advance() == Failed(
        "Step d requires evidence that the journal does not hold: account. Nothing was sent.", changed=False
    )
    assert bench.far_end.asked == []


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (get_account("ada"), "Get-Account -Name ada only reads; ask for it with a step that reads"),
        (
            selecting(remove_account("ada"), Untyped, "Name"),
            (
                "Remove-Account -Name ada | Select-Object -Property Name is more than one cmdlet; "
                "a step that writes sends exactly one"
            ),
        ),
    ],
)
def test_it_sends_exactly_one_cmdlet_that_writes(tmp_path: Path, call: Call[Untyped], text: str) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.destroy("d", "dir", call, requires=(), approval=None, verify=answers(None))
        return {}

    bench = Bench(tmp_path, body)
    assert bench.advance() == Failed(text, changed=False)
    assert bench.far_end.asked == []


def test_a_creation_is_known_by_the_mark_of_its_run(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        name = f"psb-{run.id}"

        def verify(look: Look) -> bool | None:
            return bool(look.read("dir", get_request(name)).objects)

        run.destroy("create", "dir", new_request(name), requires=(), approval=None, verify=verify)
        return {"name": name}

    bench = Bench(tmp_path, body)
    bench.far_end.faults.after["New-Request"] = [raising(ConnectionLost("gone"))]
    assert bench.settled() == Done({"name": "psb-run-1"})
    assert bench.far_end.effects() == ["New-Request -Name psb-run-1"]


def test_looks_of_the_verification_are_written_down(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.after["Remove-Account"] = [raising(ConnectionLost("gone"))]
    bench.consented()
    assert [(look.command, look.state, look.body["purpose"]) for look in bench.entries(Kind.LOOK)] == [
        ("Get-Account -Name ada", "absent", "verify"),
        ("Get-Account -Name ada -Deleted", "done", "verify"),
    ]


def test_not_found_is_believed_only_where_something_is_found(tmp_path: Path) -> None:
    """The account is nowhere; with no account in sight at all the scope may be empty, and nobody can tell."""
    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectionLost("gone"))]
    bench.far_end.during = lambda cmdlet: bench.far_end.write({"accounts": {}}) if cmdlet == "Remove-Account" else None
    assert isinstance(bench.consented(), Operator)
    assert bench.entries(Kind.LOOK)[-1].command == str(list_accounts())


def test_a_redaction_that_fails_does_not_lose_the_effect(tmp_path: Path) -> None:
    def unreadable(_: bytes) -> bytes:
        raise ClixmlError("a secret in an unknown place")

    bench = Bench(tmp_path, deleting())
    bench.far_end.faults.after["Remove-Account"] = [answering(output(error_record("x", "y")))]
    bench.advance()
    bench.consent()
    whole = bench.engine._redact
    bench.far_end.during = lambda cmdlet: setattr(bench.engine, "_redact", unreadable if cmdlet == "Remove-Account" else whole)
    assert isinstance(bench.advance(), Done | Operator)
    assert bench.far_end.effects() == REMOVED


def test_the_lease_outlasts_the_cmdlet_while_it_is_under_way_and_is_short_again_afterwards(tmp_path: Path) -> None:
    leases: list[timedelta] = []

    def measure(cmdlet: str) -> None:
        until = bench.store.run("run-1").lease_until
        assert until is not None
        leases.append(until - bench.clock.now())

    bench = Bench(tmp_path, deleting(before=see_ada))
    bench.advance()
    bench.consent()
    bench.far_end.during = measure
    bench.advance()
    assert leases == [timedelta(minutes=1), timedelta(minutes=16)]


class PatientSession(FarSession):
    """A session that waits an hour for an answer."""

    deadline = 3600.0


class PatientEndpoints(FarEndpoints):
    """Endpoints of such sessions."""

    def session(self, endpoint: str) -> FarSession:
        return self.open.setdefault(endpoint, PatientSession(self.far_end, endpoint))


AROUND: dict[str, Callable[[Endpoints], Endpoints]] = {
    "nothing": lambda endpoints: endpoints,
    "a pace": lambda endpoints: PacedEndpoints(endpoints, None, "contoso", {"dir": 60_000}, lambda _: None),
    "a watcher": lambda endpoints: Watched(endpoints, Live(asks=False)),
}


@pytest.mark.parametrize("around", AROUND)
def test_nothing_is_believed_undone_nor_is_the_lease_over_while_a_session_may_still_wait_for_its_answer(
    tmp_path: Path, around: str
) -> None:
    bench = Bench(tmp_path, deleting())
    bench.endpoints = PatientEndpoints(bench.far_end)
    endpoints = AROUND[around](bench.endpoints)
    bench.engine = Engine(bench.store, bench.playbooks, endpoints, clock=bench.clock, tenant="contoso", actor=lambda: "kim")
    leases: list[timedelta] = []

    def measure(cmdlet: str) -> None:
        if cmdlet == "Remove-Account":
            leases.append((bench.store.run("run-1").lease_until or START) - bench.clock.now())

    bench.far_end.during = measure
    bench.far_end.faults.before["Remove-Account"] = [raising(ConnectionLost("gone"))]
    assert bench.settled() == Done({})
    [first, second] = [entry for entry in bench.entries(Kind.DESTROY) if entry.state == "intent"]
    assert second.at == first.at + timedelta(hours=1) + SETTLE
    assert leases == [timedelta(hours=1, minutes=1)] * 2
