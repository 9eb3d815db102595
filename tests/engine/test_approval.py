"""Consent to exactly what will be done: the hash, the two expiries, the races."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.engine import Desk, Done, Failed, Finished, Operator, Run, Waiting
from psbridge.errors import ApprovalError, JournalDamaged, Stopped
from psbridge.journal import Kind, RunRecord, SqliteStore
from tests.engine.bench import Bench, Body, delete_account, just, see_ada
from tests.engine.far_end import ADA, START, get_account, list_accounts, remove_account, start_sync

WRONG = "0" * 64


def bench_of(folder: Path) -> Bench:
    return Bench(folder, just(delete_account))


def sha_of(bench: Bench) -> str:
    [asked] = bench.engine.pending_approvals("run-1")
    return asked.sha


def test_the_run_waits_and_shows_exactly_what_it_would_do(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    outcome = bench.advance()
    [asked] = bench.engine.pending_approvals()
    assert outcome == Waiting(START + timedelta(days=7), "approval:consent", f"somebody must approve consent ({asked.sha})")
    assert (asked.run_id, asked.playbook, asked.key) == ("run-1", "p", "consent")
    assert asked.commands == (("dir", "Remove-Account -Name ada"),)
    assert asked.evidence == {"account": {"id": str(ADA)}}
    assert asked.says == "The account is deleted."
    assert (asked.asked_at, asked.until) == (START, START + timedelta(days=7))
    assert re.fullmatch(r"[0-9a-f]{64}", asked.sha)


def test_an_approval_is_given_without_sessions_and_playbooks_and_beside_a_worker(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.advance()
    desk = Desk(SqliteStore(tmp_path / "journal.db"), clock=bench.clock, actor=lambda: "CONTOSO\\lee on PC2")
    with bench.engine.working():
        desk.approve("run-1", "consent", desk.pending_approvals()[0].sha, expires=timedelta(hours=2))
    assert bench.engine.due() == ["run-1"]
    assert bench.advance() == Done({})
    granted = bench.entries(Kind.APPROVAL)[-1]
    assert (granted.state, granted.body["who"]) == ("granted", "CONTOSO\\lee on PC2")
    assert granted.body["expires"] == "2026-11-23T14:00:00.000000Z"


def test_a_wrong_hash_is_refused_as_soon_as_the_run_has_asked(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.advance()
    right = sha_of(bench)
    with pytest.raises(ApprovalError) as caught:
        bench.engine.approve("run-1", "consent", WRONG)
    assert str(caught.value) == (
        f"Approval consent: run run-1 asks for {right}, not for {WRONG}. "
        f"Look at what the run asks for, and approve {right} if that is what is wanted."
    )
    assert bench.store.approvals("run-1") == []


def test_a_wrong_hash_that_was_given_before_the_question_never_executes_and_does_not_block_the_right_one(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.engine.approve("run-1", "consent", WRONG)
    outcome = bench.advance()
    right = sha_of(bench)
    assert outcome == Operator(
        f"An approval by CONTOSO\\kim on PC1 for consent names {WRONG}; this run asks for {right}. Nothing was sent.",
        f"Look at what the run asks for, and approve {right} if that is what is wanted.",
        "approval:consent",
    )
    assert bench.far_end.effects() == []
    bench.consent()
    assert bench.advance() == Done({})
    assert bench.far_end.effects() == ["Remove-Account -Name ada"]


def test_the_right_hash_may_be_given_before_the_question(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    plan = bench.engine.plan("p", {}, run_id="run-1")
    bench.engine.approve("run-1", "consent", plan.approvals[0].sha)
    assert bench.advance() == Done({})


@pytest.mark.parametrize("sha", ["", "abc", "g" * 64, "0" * 63, "0" * 65])
def test_what_is_no_whole_hash_is_refused(tmp_path: Path, sha: str) -> None:
    bench = bench_of(tmp_path)
    with pytest.raises(ApprovalError, match="is no SHA-256"):
        bench.engine.approve("run-1", "consent", sha)


def test_an_approval_that_would_expire_at_once_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ApprovalError, match="it would expire at once"):
        bench_of(tmp_path).engine.approve("run-1", "consent", WRONG, expires=timedelta())


def test_the_same_approval_given_twice_is_one(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.advance()
    sha = sha_of(bench)
    bench.engine.approve("run-1", "consent", sha)
    bench.later(seconds=1)
    bench.engine.approve("run-1", "consent", sha)
    assert bench.advance() == Done({})
    assert bench.far_end.effects() == ["Remove-Account -Name ada"]


def test_an_approval_for_another_key_or_another_run_does_nothing(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    other = bench.engine.start("p", {}, run_id="run-2")
    bench.advance()
    bench.engine.approve("run-1", "other", sha_of(bench))
    bench.engine.approve(other, "consent", sha_of(bench))
    assert not isinstance(bench.advance(), Done)
    assert bench.far_end.effects() == []


def test_it_expires_when_nobody_answers_and_a_late_answer_never_executes(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.advance()
    sha = sha_of(bench)
    bench.later(days=7)
    assert bench.advance() == Operator(
        "Nobody approved consent until 2026-11-30 12:00 UTC; nothing was sent.",
        "Retry the run: it looks at everything again and asks once more. Or cancel it.",
    )
    with pytest.raises(ApprovalError, match=r"the run waited for it until 2026-11-30 12:00 UTC\. Retry the run; it asks again"):
        bench.engine.approve("run-1", "consent", sha)
    assert bench.far_end.effects() == []


def test_an_approval_that_reached_the_journal_too_late_never_executes(tmp_path: Path) -> None:
    """Another program may write without asking first; the run looks at the time itself."""
    bench = bench_of(tmp_path)
    bench.advance()
    late = START + timedelta(days=8)
    bench.store.approve("run-1", "consent", sha_of(bench), who="lee", now=late, expires_at=late + timedelta(days=1))
    bench.clock.to(late)
    outcome = bench.advance()
    assert isinstance(outcome, Operator)
    assert outcome.why.startswith("Nobody approved consent until 2026-11-30 12:00 UTC")
    assert bench.far_end.effects() == []


def test_evidence_that_was_refused_is_no_ground_for_an_approval(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        with contextlib.suppress(Stopped):
            run.evidence("account", "dir", list_accounts(), need=("id",))
        run.approval("consent", [("dir", remove_account("ada"))], requires=["account"], says="x")
        return {}

    assert Bench(tmp_path, body).advance() == Failed(
        "Step consent requires evidence that the journal does not hold: account. Nothing was sent.", changed=False
    )


def test_an_approval_in_the_last_moment_that_is_looked_at_later_counts_as_given_in_time(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.advance()
    bench.later(days=6, hours=23)
    bench.consent()
    bench.later(hours=3)
    assert bench.advance() == Done({})


def test_after_nobody_answered_a_retry_looks_again_and_asks_once_more(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.advance()
    bench.later(days=8)
    bench.advance()
    looks = len(bench.far_end.asked)
    bench.engine.retry("run-1")
    outcome = bench.advance()
    assert isinstance(outcome, Waiting)
    assert outcome.until == START + timedelta(days=15)
    assert len(bench.far_end.asked) == looks + 1
    bench.consent()
    assert bench.advance() == Done({})


def test_at_given_moments_an_operator_is_asked_sooner_and_after_the_last_as_ever(tmp_path: Path) -> None:
    moments = [START + timedelta(days=days) for days in (2, 3)]

    def body(run: Run) -> Mapping[str, object]:
        run.evidence("account", "dir", get_account("ada"), need=("id",))
        run.approval("consent", [("dir", remove_account("ada"))], requires=["account"], says="It ends.", asking=moments)
        return {}

    bench = Bench(tmp_path, body)
    for moment in (*moments, START + timedelta(days=10)):
        outcome = bench.advance()
        assert isinstance(outcome, Waiting)
        assert outcome.until == moment
        bench.clock.to(moment)
        assert isinstance(bench.advance(), Operator)
        bench.engine.retry("run-1")


def test_an_approval_that_was_not_used_in_time_is_asked_for_again(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.advance()
    bench.consent()
    bench.later(hours=25)
    assert isinstance(bench.advance(), Waiting)
    assert bench.far_end.effects() == []
    bench.consent()
    assert bench.advance() == Done({})


def test_an_approval_that_runs_out_while_the_run_waits_between_two_writes_is_asked_for_again(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.evidence("account", "dir", get_account("ada"), need=("id",))
        actions = [("dir", remove_account("ada")), ("dir", remove_account("ada", purge=True))]
        run.approval("consent", actions, requires=["account"], says="Both.")
        run.destroy("one", *actions[0], requires=["account"], approval="consent", verify=lambda _: True)
        run.ask("pause", "Go on?", "Say so.")
        run.destroy("two", *actions[1], requires=["account"], approval="consent", verify=lambda _: True)
        return {}

    bench = Bench(tmp_path, body)
    bench.consented()
    bench.later(hours=25)
    bench.engine.signal("run-1", "pause", "yes")
    assert isinstance(bench.advance(), Waiting)
    assert bench.far_end.effects() == ["Remove-Account -Name ada"]
    assert bench.states("consent", Kind.APPROVAL) == ["asked", "granted", "expired", "asked"]
    bench.consent()
    assert bench.advance() == Done({})
    assert bench.far_end.effects() == ["Remove-Account -Name ada", "Remove-Account -Name ada -Purge"]


def test_an_approval_that_runs_out_during_the_look_before_sends_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: delete_account(run, before=see_ada)))
    bench.advance()
    bench.engine.approve("run-1", "consent", sha_of(bench), expires=timedelta(seconds=30))

    def slow(_: str) -> None:
        bench.later(seconds=40)

    bench.far_end.during = slow
    assert isinstance(bench.advance(), Waiting)
    assert bench.far_end.effects() == []
    assert bench.states("consent", Kind.APPROVAL)[-2:] == ["expired", "asked"]


def test_only_what_was_approved_may_be_sent(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.evidence("account", "dir", get_account("ada"), need=("id",))
        run.approval("consent", [("dir", remove_account("ada"))], requires=["account"], says="One.")
        run.destroy("d", "dir", remove_account("eve"), requires=["account"], approval="consent", verify=lambda _: True)
        return {}

    bench = Bench(tmp_path, body)
    outcome = bench.consented()
    assert isinstance(outcome, Operator)
    assert outcome.why == (
        "Approval consent: it does not cover what step d would send: [dir] Remove-Account -Name eve. Nothing was sent."
    )
    assert bench.far_end.effects() == []


def test_the_same_command_at_another_endpoint_was_not_approved(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.evidence("account", "dir", get_account("ada"), need=("id",))
        run.approval("consent", [("dir", remove_account("ada"))], requires=["account"], says="One.")
        run.destroy("d", "exo", remove_account("ada"), requires=["account"], approval="consent", verify=lambda _: True)
        return {}

    bench = Bench(tmp_path, body)
    assert isinstance(bench.consented(), Operator)
    assert bench.far_end.effects() == []


def test_an_approval_that_was_never_asked_for_covers_nothing(tmp_path: Path) -> None:
    def step(run: Run) -> None:
        run.destroy("d", "dir", remove_account("ada"), requires=(), approval="consent", verify=lambda _: True)

    outcome = Bench(tmp_path, just(step)).advance()
    assert isinstance(outcome, Operator)
    assert outcome.why == (
        "Approval consent: step d names it, and it has not been given. Call approval() before the step that needs it."
    )


def test_an_approval_needs_evidence_that_is_kept(tmp_path: Path) -> None:
    def step(run: Run) -> None:
        run.approval("consent", [("dir", remove_account("ada"))], requires=["account"], says="x")

    assert Bench(tmp_path, just(step)).advance() == Failed(
        "Step consent requires evidence that the journal does not hold: account. Nothing was sent.", changed=False
    )


@pytest.mark.parametrize("what", ["command", "endpoint", "tenant", "evidence", "order", "fewer", "words"])
def test_the_hash_changes_with_everything_that_matters(tmp_path: Path, what: str) -> None:
    def sha(name: str, *, changed: str = "") -> str:
        def body(run: Run) -> Mapping[str, object]:
            look = list_accounts() if changed == "evidence" else get_account("ada")
            run.evidence("account", "dir", look, need=("id",))
            actions = [("exo" if changed == "endpoint" else "dir", remove_account("eve" if changed == "command" else "ada"))]
            actions.append(("sync", start_sync()))
            if changed == "order":
                actions.reverse()
            if changed == "fewer":
                actions.pop()
            run.approval("consent", actions, requires=["account"], says="y" if changed == "words" else "x")
            return {}

        folder = tmp_path / name
        folder.mkdir()
        bench = Bench(folder, body)
        if changed == "evidence":
            bench.far_end.write({"accounts": {"ada": {"id": "99999999-2222-3333-4444-555555555555", "name": "ada"}}})
        engine = bench.engine
        engine._tenant = "fabrikam" if changed == "tenant" else "contoso"
        plan = engine.plan("p", {})
        return plan.approvals[0].sha

    assert sha("same") == sha("again")
    assert sha("same-too") != sha("other", changed=what)


def test_a_run_that_waits_takes_the_words_that_it_was_asked_with(tmp_path: Path) -> None:
    """A release that words it better drives no run off its way, and what was approved is what was shown."""

    def saying(says: str) -> Body:
        def body(run: Run) -> Mapping[str, object]:
            run.evidence("account", "dir", get_account("ada"), need=("id",))
            run.approval("consent", [("dir", remove_account("ada"))], requires=["account"], says=says)
            return {}

        return body

    bench = Bench(tmp_path, saying("one"))
    bench.advance()
    asked = sha_of(bench)
    bench.becomes(saying("two"))
    bench.engine.approve("run-1", "consent", asked)
    assert bench.advance() == Done({})
    assert [entry.body["sha"] for entry in bench.entries(Kind.APPROVAL)] == [asked, asked]


def test_an_approval_that_is_committed_while_the_run_lies_down_is_not_missed(tmp_path: Path) -> None:
    """Both orders of commit: the approval before the run is put down, and after."""
    bench = bench_of(tmp_path)
    suspend = bench.store.suspend
    races: list[str] = []

    def racing(*given: object, **named: object) -> RunRecord:
        if not races:
            races.append(bench.states("consent", Kind.APPROVAL)[-1])
            sha = bench.entries(Kind.APPROVAL)[-1].body["sha"]
            Desk(SqliteStore(tmp_path / "journal.db"), clock=bench.clock).approve("run-1", "consent", sha)
        return suspend(*given, **named)  # type: ignore[arg-type]  # handed through as they came

    bench.store.suspend = racing  # type: ignore[method-assign]  # the race is between the look and this very call
    assert bench.advance() == Done({})
    assert races == ["asked"]


def test_nothing_is_approved_after_the_end(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.advance()
    sha = sha_of(bench)
    bench.engine.cancel("run-1")
    with pytest.raises(ApprovalError) as caught:
        bench.engine.approve("run-1", "consent", sha)
    assert str(caught.value) == "Approval consent: run run-1 has ended (failed). Nothing is left to approve."
    assert isinstance(bench.advance(), Finished)


def test_two_runs_never_work_on_the_same_object(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    bench.engine.start("p", {}, run_id="run-2")
    bench.advance()
    assert bench.engine.advance("run-2") == Failed(
        f"Stopped at consent. Found: run run-1 works on the object {ADA}. Expected: no other run that works on it. "
        "What to do: Let run run-1 end, or cancel it. Nothing has been changed.",
        changed=False,
    )
    bench.engine.cancel("run-1")
    bench.engine.retry("run-2")
    assert isinstance(bench.engine.advance("run-2"), Waiting)


def asking(run: Run) -> None:
    run.approval("consent", [("sync", start_sync())], requires=[], says="It is started.")


def test_a_damaged_run_keeps_nobody_from_seeing_what_the_others_ask(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(asking))
    for number in (2, 3):
        bench.engine.start("p", {}, run_id=f"run-{number}")
    for number in (1, 2, 3):
        assert isinstance(bench.engine.advance(f"run-{number}"), Waiting)
    with bench.store._connection.write() as tx:
        tx.rows("UPDATE run SET why = 'x' WHERE run_id = 'run-1'")
        tx.rows("UPDATE entry SET state = 'x' WHERE run_id = 'run-2' AND seq = 1")
    problems: list[str] = []
    assert [asked.run_id for asked in bench.engine.pending_approvals(problems=problems)] == ["run-3"]
    assert problems == [
        "a row of table run ('run-1') does not fit its seal",
        "entry 1 of run run-2 ('') does not fit the chain of hashes",
    ]
    assert [asked.run_id for asked in bench.engine.pending_approvals()] == ["run-3"]
    with pytest.raises(JournalDamaged, match="run-2"):
        bench.engine.pending_approvals("run-2")
