"""What `advance` answers, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.engine import Busy, Done, Engine, Failed, Finished, Input, Look, NotDue, Operator, Playbook, Run, Waiting
from psbridge.errors import ConnectionLost, InputError
from psbridge.journal import Kind, SqliteStore, Status
from tests.engine.bench import Bench, delete_account, just, see_ada
from tests.engine.far_end import ADA, START, error, get_account, get_request, raising, start_sync


def whole(run: Run) -> Mapping[str, object]:
    delete_account(run)
    run.change("sync", "sync", start_sync())
    answer = run.poll(
        "gone",
        "dir",
        get_account("ada"),
        until=lambda seen: seen.absent,
        every=timedelta(seconds=30),
        timeout=timedelta(hours=1),
        why="the account to go",
    )
    run.note("end", "It is over.")
    return {"gone": answer.absent, "id": ADA, "when": timedelta(seconds=3)}


def test_a_run_goes_over_an_approval_to_its_end_and_its_result_is_kept_as_json(tmp_path: Path) -> None:
    bench = Bench(tmp_path, whole)
    assert bench.consented() == Done({"gone": True, "id": str(ADA), "when": "0:00:03"})
    assert bench.far_end.effects() == ["Remove-Account -Name ada", "Start-Sync"]
    assert [entry.kind for entry in bench.entries()] == [
        Kind.START,
        Kind.EVIDENCE,
        Kind.APPROVAL,
        Kind.APPROVAL,
        Kind.DESTROY,
        Kind.DESTROY,
        Kind.CHANGE,
        Kind.CHANGE,
        Kind.POLL,
        Kind.POLL,
        Kind.NOTE,
        Kind.END,
    ]


def test_a_finished_run_answers_with_its_recorded_outcome_and_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda run: {"id": run.id, "identity": run.inputs["identity"]})
    done = Done({"id": "run-1", "identity": "ada"})
    assert bench.advance() == done
    bench.later(hours=1)
    assert bench.advance() == Finished(done, START)


def test_an_unknown_run_is_an_error(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: {})
    with pytest.raises(InputError, match="There is no run 'run-2' in "):
        bench.engine.advance("run-2")


def test_a_run_that_waits_says_until_when_and_is_not_due_before(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.poll(
            "gone", "dir", get_account("ada"), until=lambda seen: seen.absent, every=timedelta(minutes=1),
            timeout=timedelta(hours=1), why="it to go",
        )  # fmt: skip
        return {}

    bench = Bench(tmp_path, body)
    assert bench.advance() == Waiting(START + timedelta(minutes=1), "", "waits for it to go")
    assert bench.advance() == NotDue(START + timedelta(minutes=1))
    assert len(bench.far_end.asked) == 1
    assert bench.engine.due() == []
    bench.later(minutes=1)
    assert bench.engine.due() == ["run-1"]


def test_a_waiting_run_that_is_woken_looks_at_once(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.poll(
            "gone", "dir", get_account("ada"), until=lambda seen: seen.absent, every=timedelta(days=1),
            timeout=timedelta(days=9), why="it to go",
        )  # fmt: skip
        return {}

    bench = Bench(tmp_path, body)
    bench.advance()
    bench.far_end.write({"accounts": {}})
    bench.engine.wake("run-1")
    assert bench.advance() == Done({})


def test_a_signal_that_comes_while_the_run_is_being_put_down_is_not_missed(tmp_path: Path) -> None:
    """The first look happens, the signal is committed, then the run wants to wait: it must look again at once."""

    def body(run: Run) -> Mapping[str, object]:
        run.poll(
            "gone", "dir", get_account("ada"), until=lambda seen: seen.absent, every=timedelta(days=1),
            timeout=timedelta(days=9), why="it to go",
        )  # fmt: skip
        return {}

    bench = Bench(tmp_path, body)
    looked: list[str] = []

    def meanwhile(cmdlet: str) -> None:
        looked.append(cmdlet)
        if len(looked) == 1:
            bench.engine.wake("run-1")
        else:
            bench.far_end.write({"accounts": {}})

    bench.far_end.during = meanwhile
    assert bench.advance() == Done({})
    assert len(looked) == 2


def test_while_one_worker_holds_the_journal_another_one_is_told_who_it_is(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: {})
    second = Engine(SqliteStore(tmp_path / "journal.db"), bench.playbooks, bench.endpoints, clock=bench.clock, tenant="contoso")
    with bench.engine.working():
        busy = second.advance("run-1")
    assert isinstance(busy, Busy)
    assert busy.owner.startswith("CONTOSO\\kim on PC1, process ")
    assert isinstance(second.advance("run-1"), Done)


def test_a_run_in_the_hands_of_another_thread_is_busy(tmp_path: Path) -> None:
    seen: list[object] = []
    bench = Bench(tmp_path, lambda run: {"found": len(run.read("r", "dir", get_account("ada")).objects)})
    bench.far_end.during = lambda _: seen.append(bench.engine.advance("run-1"))
    assert bench.advance() == Done({"found": 1})
    assert seen == [Busy(bench.engine._owner, START + timedelta(seconds=60))]


def circle() -> list[object]:
    inside: list[object] = []
    inside.append(inside)
    return inside


def nested(depth: int) -> object:
    value: object = "the innermost"
    for _ in range(depth):
        value = [value]
    return value


UNKEPT = {
    "keys that are no texts": {("a", 1): 2},
    "no number": float("nan"),
    "no end": float("inf"),
    "a circle": circle(),
    "nested too deep": nested(200),
    "nested deeper than any stack": nested(20_000),
}


@pytest.mark.parametrize("name", UNKEPT)
def test_a_result_that_cannot_be_kept_ends_before_an_operator_and_a_mended_playbook_ends_the_run(
    tmp_path: Path, name: str
) -> None:
    results: list[object] = [UNKEPT[name], "whole"]

    def body(run: Run) -> Mapping[str, object]:
        delete_account(run)
        return {"found": results[0]}

    bench = Bench(tmp_path, body)
    outcome = bench.consented()
    assert isinstance(outcome, Operator)
    assert outcome.why.startswith("The playbook's result ")
    assert "It may hold texts, numbers, lists, and mappings of them by texts" in outcome.why
    assert bench.engine.due() == []
    results.pop(0)
    bench.engine.retry("run-1")
    assert bench.advance() == Done({"found": "whole"})
    assert bench.far_end.effects() == ["Remove-Account -Name ada"]


def test_a_result_that_cannot_be_kept_fails_a_run_that_has_changed_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: {"counts": {("a", 1): 2}})
    outcome = bench.advance()
    assert isinstance(outcome, Failed)
    assert "keys must be str" in outcome.error
    assert not outcome.changed
    assert bench.engine.due() == []


def test_what_json_does_not_know_becomes_text_and_what_is_nested_is_kept(tmp_path: Path) -> None:
    assert Bench(tmp_path, lambda _: {"ids": {"a": [ADA]}, "deep": nested(98)}).advance() == Done(
        {"ids": {"a": [str(ADA)]}, "deep": nested(98)}
    )


def test_starting_the_same_run_twice_begins_it_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: {})
    assert bench.engine.start("p", {}, run_id="run-1") == "run-1"
    assert len(bench.engine.runs()) == 1
    with pytest.raises(InputError, match=r"There is a run 'run-1' already, of p 1 with other inputs \(identity\)\. Give the new"):
        bench.engine.start("p", {"identity": "eve"}, run_id="run-1")


def test_a_run_begun_before_an_update_of_its_playbook_is_the_same_run_afterwards(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: {})
    first = bench.playbooks["p"]
    inputs = (Input("identity", default="eve"), Input("ticket"), Input("dialect", default="graph"))
    bench.playbooks |= {"p": replace(first, version="2", inputs=inputs), "p@1": first}
    assert bench.engine.start("p", {}, run_id="run-1") == "run-1"
    assert bench.engine.start("p", {"identity": "ada"}, run_id="run-1") == "run-1"
    for other in ({"identity": "eve"}, {"ticket": "7"}):
        with pytest.raises(InputError, match="of p 1 with other inputs"):
            bench.engine.start("p", other, run_id="run-1")
    assert bench.advance() == Done({})


def test_where_the_version_of_a_run_is_gone_what_was_given_decides_whether_it_is_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: {})
    bench.playbooks["p"] = replace(bench.playbooks["p"], version="2", inputs=(Input("identity", default="eve"),))
    assert bench.engine.start("p", {}, run_id="run-1") == "run-1"
    assert bench.engine.start("p", {"identity": "ada"}, run_id="run-1") == "run-1"
    with pytest.raises(InputError, match=r"of p 1 with other inputs \(identity\)"):
        bench.engine.start("p", {"identity": "eve"}, run_id="run-1")


def test_an_id_is_of_one_playbook_and_one_tenant(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: {})
    bench.playbooks["q"] = replace(bench.playbooks["p"], name="q")
    with pytest.raises(InputError, match=r"There is a run 'run-1' already, of p 1, not of q\."):
        bench.engine.start("q", {}, run_id="run-1")
    elsewhere = Engine(bench.store, bench.playbooks, clock=bench.clock, tenant="fabrikam")
    with pytest.raises(InputError, match="of p 1 in the tenant 'contoso', and this engine works in 'fabrikam'"):
        elsewhere.start("p", {}, run_id="run-1")


def test_a_run_gets_an_id_of_its_own(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: {})
    first, second = bench.engine.start("p", {}), bench.engine.start("p", {})
    assert first != second
    assert {run.run_id for run in bench.engine.runs(Status.READY)} == {"run-1", first, second}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"user": "ada"}, "p has no input 'user'; it has: identity, merge"),
        ({}, "p needs the input 'identity': the user's name"),
        ({"identity": "  "}, "p needs the input 'identity': the user's name"),
        ({"identity": "ada", "merge": "maybe"}, "p: merge cannot be 'maybe'; choose one of yes, no"),
    ],
)
def test_inputs_that_do_not_fit_begin_no_run(tmp_path: Path, given: dict[str, str], text: str) -> None:
    bench = Bench(tmp_path, lambda _: {})
    inputs = (Input("identity", help="the user's name"), Input("merge", default="yes", choices=("yes", "no")))
    bench.playbooks["p"] = replace(bench.playbooks["p"], inputs=inputs)
    with pytest.raises(InputError) as caught:
        bench.engine.start("p", given)
    assert str(caught.value) == text
    assert len(bench.engine.runs()) == 1


def test_an_unknown_playbook_begins_no_run(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: {})
    with pytest.raises(InputError) as caught:
        bench.engine.start("q", {})
    assert str(caught.value) == "There is no playbook 'q'; there are: p"


@pytest.mark.parametrize("run_id", ["", "a b", "-a", "a/b", "x" * 41])
def test_a_run_id_that_could_not_stand_in_a_name_is_refused(tmp_path: Path, run_id: str) -> None:
    bench = Bench(tmp_path, lambda _: {})
    with pytest.raises(InputError, match="is no run id; letters, digits and hyphens, at most 40"):
        bench.engine.start("p", {}, run_id=run_id)


def test_an_endpoint_that_cannot_be_reached_leaves_the_run_waiting_longer_each_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda run: {"found": len(run.read("r", "dir", get_account("ada")).objects)})
    lost = ConnectionLost("the process ended", endpoint="dir")
    bench.far_end.faults.before["Get-Account"] = [raising(lost)] * 3
    waits = []
    while isinstance(outcome := bench.advance(), Waiting):
        waits.append((outcome.until - bench.clock.now(), outcome.why))
        bench.clock.to(outcome.until)
    assert waits == [(timedelta(seconds=seconds), str(lost)) for seconds in (15, 30, 60)]
    assert outcome == Done({"found": 1})


def test_an_endpoint_that_stays_away_ends_with_an_operator_and_a_retry_goes_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda run: {"found": len(run.read("r", "dir", get_account("ada")).objects)})
    bench.far_end.faults.before["Get-Account"] = [raising(ConnectionLost("the process ended"))] * 10
    outcome = bench.settled()
    assert isinstance(outcome, Operator)
    assert outcome.why.endswith("This was tried 10 times.")
    assert bench.advance() == outcome
    bench.engine.retry("run-1")
    assert bench.advance() == Done({"found": 1})


def test_an_endpoint_that_stays_away_while_others_answer_ends_with_an_operator(tmp_path: Path) -> None:
    """The look before a write asks two things; that the first is answered each time is no answer to the second."""

    def two_looks(look: Look) -> None:
        look.read("dir", get_account("ada"))
        look.read("exo", get_request("r"))

    lost = ConnectionLost("the process ended")
    bench = Bench(tmp_path, just(lambda run: delete_account(run, before=two_looks)))
    bench.far_end.faults.before["Get-Request"] = [raising(lost)] * 30
    waits = []
    while isinstance(outcome := bench.advance(), Waiting):
        if bench.engine.pending_approvals("run-1"):
            bench.consent()
            continue
        waits.append(outcome.until - bench.clock.now())
        bench.clock.to(outcome.until)
    assert isinstance(outcome, Operator)
    assert outcome.why.endswith("This was tried 10 times.")
    assert waits == [timedelta(seconds=min(15 * 2**times, 900)) for times in range(9)]


def test_an_unexpected_error_before_any_change_fails_the_run(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.read("r", "dir", get_account("ada"))
        raise KeyError("nothing")

    bench = Bench(tmp_path, body)
    assert bench.advance() == Failed("KeyError: 'nothing'", changed=False)


def test_an_unexpected_error_after_a_change_leaves_the_run_to_an_operator_who_can_try_again(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.change("sync", "sync", start_sync())
        run.read("r", "dir", get_account("ada"))
        return {}

    bench = Bench(tmp_path, body)
    bench.far_end.faults.before["Get-Account"] = [lambda: error("AccessDeniedException", "You may not.")]
    outcome = bench.advance()
    assert isinstance(outcome, Operator)
    assert outcome.why == (
        "[dir] Get-Account -Name ada: You may not. "
        "(CategoryInfo ObjectNotFound, FullyQualifiedErrorId Contoso.AccessDeniedException,Contoso.Command)"
    )
    bench.engine.retry("run-1")
    assert bench.advance() == Done({})
    assert bench.far_end.effects() == ["Start-Sync"]


def test_a_retry_is_written_down_with_who_asked_for_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.guard("g", False, found="a.", expected="b.", remedy="c.")))
    assert isinstance(bench.advance(), Failed)
    bench.engine.retry("run-1")
    [entry] = bench.entries(Kind.RETRY)
    assert entry.body["who"] == "CONTOSO\\kim on PC1"
    assert isinstance(bench.advance(), Failed)


@pytest.mark.parametrize("status", ["ready", "done"])
def test_only_a_stopped_run_is_tried_again(tmp_path: Path, status: str) -> None:
    bench = Bench(tmp_path, lambda _: {})
    if status == "done":
        bench.advance()
    with pytest.raises(InputError, match=f"Run run-1 is {status}; only a run that failed or needs an operator is tried again"):
        bench.engine.retry("run-1")


def test_a_cancelled_run_ends_and_sends_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, whole)
    bench.advance()
    assert bench.engine.cancel("run-1").status is Status.FAILED
    outcome = bench.advance()
    assert outcome == Finished(Failed("Cancelled by CONTOSO\\kim on PC1.", changed=False), START)
    assert bench.far_end.effects() == []
    with pytest.raises(InputError, match="Run run-1 has ended already"):
        bench.engine.cancel("run-1")


def test_a_run_that_is_cancelled_while_it_works_ends_before_its_next_change(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: delete_account(run, before=see_ada)))

    def cancel(_: str) -> None:
        bench.engine.cancel("run-1")

    bench.advance()
    bench.consent()
    bench.far_end.during = cancel
    assert bench.advance() == Failed("Cancelled by CONTOSO\\kim on PC1.", changed=False)
    assert bench.far_end.effects() == []


def test_a_cancelled_run_with_an_open_intent_names_what_is_not_known(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: delete_account(run, verify=lambda _: None)))
    bench.far_end.faults.after["Remove-Account"] = [raising(ConnectionLost("gone"))]
    assert isinstance(bench.consented(), Operator)
    bench.engine.cancel("run-1")
    outcome = bench.advance()
    assert isinstance(outcome, Finished)
    assert outcome.outcome == Failed(
        "Cancelled by CONTOSO\\kim on PC1. It is not known whether [dir] Remove-Account -Name ada had its effect.", changed=True
    )


def test_sessions_are_closed_when_a_run_ends_or_waits_long_and_kept_for_a_short_wait(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        every = timedelta(seconds=30)
        run.poll("a", "dir", get_account("ada"), until=lambda seen: seen.absent, every=every, timeout=timedelta(days=1), why="a")
        return {}

    bench = Bench(tmp_path, body)
    bench.advance()
    assert bench.endpoints.closed == 0
    bench.far_end.write({"accounts": {}})
    bench.later(seconds=30)
    bench.advance()
    assert bench.endpoints.closed == 1


def test_two_engines_in_one_process_know_nothing_of_each_other(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = Bench(tmp_path / "a", lambda _: {"which": 1}), Bench(tmp_path / "b", lambda _: {"which": 2})
    with one.engine.working(), two.engine.working():
        assert one.advance() == Done({"which": 1})
        assert two.advance() == Done({"which": 2})


def test_an_interrupted_run_can_be_resumed_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, whole)
    bench.advance()
    bench.consent()
    bench.far_end.faults.after["Remove-Account"] = [raising(KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt):
        bench.advance()
    assert bench.states("delete", Kind.DESTROY) == ["intent"]
    assert isinstance(bench.settled(), Done)
    assert bench.far_end.effects() == ["Remove-Account -Name ada", "Start-Sync"]
    assert bench.states("delete", Kind.DESTROY) == ["intent", "observed"]


def test_the_listing_of_runs_tells_what_the_command_line_shows(tmp_path: Path) -> None:
    bench = Bench(tmp_path, whole)
    bench.advance()
    [run] = bench.engine.runs()
    assert (run.run_id, run.playbook, run.version, run.tenant, run.status) == ("run-1", "p", "1", "contoso", Status.WAITING)
    assert (run.inputs, run.started_at, run.started_by) == ({"identity": "ada"}, START, "CONTOSO\\kim on PC1")
    assert run.wake_at == START + timedelta(days=7)
    assert run.why.startswith("somebody must approve consent (")


def test_a_run_of_another_tenant_is_not_carried_on(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "journal.db")
    playbooks = {"p": Playbook("p", "1", "a playbook", (), (), (), lambda _: {})}
    run_id = Engine(store, playbooks, tenant="contoso").start("p", {})
    with pytest.raises(InputError) as caught:
        Engine(store, playbooks, tenant="fabrikam").advance(run_id)
    assert str(caught.value) == (
        f"run {run_id} is of the tenant 'contoso', and this engine works in 'fabrikam'; nothing was sent"
    )


@pytest.mark.parametrize("looks", [False, True])
def test_a_guard_before_the_first_look_has_judged_the_inputs_and_no_retry_helps(tmp_path: Path, looks: bool) -> None:
    def body(run: Run) -> Mapping[str, object]:
        if looks:
            run.read("look", "dir", get_account("ada"))
        run.guard("g", False, found="a.", expected="b.", remedy="c.")
        return {}

    bench = Bench(tmp_path, body)
    assert isinstance(bench.advance(), Failed)
    assert bench.engine.why_over("run-1") == ("" if looks else "it keeps its inputs, and they are what stopped it")
