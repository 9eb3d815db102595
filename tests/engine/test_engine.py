"""A run from start to end, and what `advance` answers on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.engine import Done, Engine, Failed, Finished, Input, NotDue, Operator, Playbook, Run, Waiting
from psbridge.errors import InputError
from psbridge.journal import SqliteStore, Status
from tests.engine.far_end import (
    ADA,
    FarEnd,
    FarEndpoints,
    SetClock,
    get_account,
    get_deleted_account,
    remove_account,
    start_sync,
)


def body(run: Run) -> Mapping[str, object]:
    account = run.evidence("account", "dir", get_account("ada"), need=("id",))
    run.guard("it is ada", account.id == ADA, found=f"{account.id}.", expected=f"{ADA}.", remedy="Stop.")
    removal = remove_account("ada")
    run.approval("remove", [("dir", removal)], requires=["account"], says="The account is deleted.")
    run.destroy(
        "delete",
        "dir",
        removal,
        requires=["account"],
        approval="remove",
        before=lambda look: None if look.read("dir", get_account("ada")).one() else None,
        verify=lambda look: bool(look.read("dir", get_deleted_account("ada")).objects),
    )
    run.change("sync", "sync", start_sync())
    gone = run.poll(
        "gone",
        "dir",
        get_account("ada"),
        until=lambda answer: answer.absent,
        every=timedelta(seconds=30),
        timeout=timedelta(hours=1),
        why="it to go",
    )
    return {"gone": gone.absent, "id": account.id}


def test_a_run_goes_from_its_start_over_an_approval_to_its_end(tmp_path: Path) -> None:
    far_end, clock = FarEnd(tmp_path), SetClock()
    playbook = Playbook("p", "1", "s", (Input("identity"),), ("dir",), (), body)
    engine = Engine(SqliteStore(tmp_path / "j.db"), {"p": playbook}, FarEndpoints(far_end), clock=clock, actor=lambda: "Ada on PC1")
    run_id = engine.start("p", {"identity": "ada"})
    first = engine.advance(run_id)
    assert isinstance(first, Waiting), first
    [pending] = engine.pending_approvals()
    assert pending.commands == (("dir", "Remove-Account -Name ada"),)
    engine.approve(run_id, "remove", pending.sha)
    assert engine.advance(run_id) == Done({"gone": True, "id": str(ADA)})
    assert far_end.effects() == ["Remove-Account -Name ada", "Start-Sync"]
    assert isinstance(engine.advance(run_id), Finished)
