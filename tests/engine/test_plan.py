"""-WhatIf: looks go out live, writes are collected, nothing is kept, and the hash is the one that the run will ask for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.engine import PlannedWrite, Run
from psbridge.errors import EvidenceMissing, InputError, Stopped
from tests.engine.bench import Bench, delete_account, just, see_ada
from tests.engine.far_end import ADA, get_account, new_request, remove_account, start_sync


def whole(run: Run) -> Mapping[str, object]:
    delete_account(run, before=see_ada)
    run.change("sync", "sync", start_sync())
    run.read("after", "dir", get_account("ada"))
    return {}


def test_only_looks_are_sent_and_nothing_is_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, whole)
    entries = bench.entries()
    plan = bench.engine.plan("p", {})
    assert bench.far_end.asked == ["[dir] Get-Account -Name ada"]
    assert bench.far_end.effects() == []
    assert bench.entries() == entries
    assert len(bench.engine.runs()) == 1
    assert [entry.command for entry in plan.entries if entry.sent] == ["Get-Account -Name ada"]
    assert bench.endpoints.closed == 1


def test_it_lists_the_writes_the_approvals_and_where_it_ends(tmp_path: Path) -> None:
    bench = Bench(tmp_path, whole)
    plan = bench.engine.plan("p", {})
    assert plan.writes == (
        PlannedWrite("delete", "dir", "Remove-Account -Name ada", "consent"),
        PlannedWrite("sync", "sync", "Start-Sync"),
    )
    [approval] = plan.approvals
    assert approval.commands == (("dir", "Remove-Account -Name ada"),)
    assert approval.evidence == {"account": {"id": str(ADA)}}
    assert plan.ended == "Get-Account -Name ada depends on what Start-Sync does"
    assert plan.remaining == ("after",)
    assert (plan.playbook, plan.version, plan.inputs) == ("p", "1", {"identity": "ada"})


def test_the_run_that_follows_asks_for_the_same_hash(tmp_path: Path) -> None:
    bench = Bench(tmp_path, whole)
    plan = bench.engine.plan("p", {})
    bench.advance()
    assert [asked.sha for asked in bench.engine.pending_approvals()] == [approval.sha for approval in plan.approvals]


def test_a_name_that_holds_the_runs_id_is_the_same_if_the_run_gets_the_plans_id(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.approval("consent", [("dir", new_request(f"psb-{run.id}"))], requires=(), says="x")
        return {}

    bench = Bench(tmp_path, body)
    plan = bench.engine.plan("p", {})
    bench.engine.start("p", {}, run_id=plan.run_id)
    bench.engine.advance(plan.run_id)
    assert bench.engine.pending_approvals(plan.run_id)[0].sha == plan.approvals[0].sha


def test_a_playbook_that_only_looks_is_planned_to_its_end(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.note("n", "x")
        return {"found": len(run.read("r", "dir", get_account("ada")).objects)}

    plan = Bench(tmp_path, body).engine.plan("p", {})
    assert (plan.ended, plan.remaining, plan.result) == ("", (), {"found": 1})


def test_it_ends_where_the_run_would_wait_or_ask(tmp_path: Path) -> None:
    def poll(run: Run) -> None:
        run.poll(
            "g",
            "dir",
            get_account("ada"),
            until=lambda seen: seen.absent,
            every=timedelta(1),
            timeout=timedelta(1),
            why="it to go",
        )

    bench = Bench(tmp_path, just(poll))
    assert bench.engine.plan("p", {}).ended == "the run waits here for it to go"
    bench.becomes(just(lambda run: run.ask("q", "Ready?", "x")))
    assert bench.engine.plan("p", {}).ended == "the run asks the operator here: Ready?"


def test_a_wait_that_is_over_already_does_not_end_it(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.poll("g", "dir", get_account("ada"), until=lambda _: True, every=timedelta(1), timeout=timedelta(1), why="x")
        return {"end": True}

    assert Bench(tmp_path, body).engine.plan("p", {}).result == {"end": True}


def test_a_guard_that_fails_is_raised_as_the_run_would_fail(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.guard("g", False, found="a.", expected="b.", remedy="c.")))
    with pytest.raises(Stopped, match=r"Stopped at g\. Found: a\. Expected: b\. What to do: c\. Nothing has been changed\."):
        bench.engine.plan("p", {})


def test_missing_evidence_is_found_in_the_plan_already(tmp_path: Path) -> None:
    def step(run: Run) -> None:
        run.destroy("d", "dir", remove_account("ada"), requires=["account"], approval=None, verify=lambda _: True)

    with pytest.raises(EvidenceMissing):
        Bench(tmp_path, just(step)).engine.plan("p", {})


def test_inputs_are_checked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="p has no input 'x'"):
        Bench(tmp_path, whole).engine.plan("p", {"x": "y"})
