"""Faults by name and schedule: each strikes where it is said to, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psbridge.errors import ConnectionLost
from psbridge.reply import State
from psbridge.simulator.state import Fault
from tests.simulator.rehearsal import DUPLICATE, SWITCH, Rehearsal


@pytest.fixture
def scene() -> Rehearsal:
    return Rehearsal()


def test_a_throttled_call_fails_and_the_next_one_works(scene: Rehearsal) -> None:
    scene.state.faults.append(Fault("throttled", cmdlet="Get-Mailbox", call=2))
    scene.one("exo", "Get-Mailbox", Identity="testduplicate")
    throttled = scene.ask("exo", "Get-Mailbox", Identity="testduplicate")
    assert throttled.state is State.FAILED
    assert throttled.failure is not None
    assert "MaxConcurrency" in throttled.failure.message
    scene.one("exo", "Get-Mailbox", Identity="testduplicate")


@pytest.mark.parametrize("after", [False, True])
def test_a_dropped_connection_may_have_had_its_effect(scene: Rehearsal, after: bool) -> None:
    scene.state.faults.append(Fault("dropped-connection", cmdlet="Remove-MsolUser", after=after))
    with pytest.raises(ConnectionLost) as lost:
        scene.ask("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH)
    assert lost.value.may_have_run
    account = scene.account()
    assert account is not None
    assert (account.deleted is not None) is after


def test_an_error_goes_to_the_error_stream_and_a_terminating_one_ends_the_pipeline(scene: Rehearsal) -> None:
    fault = Fault("error", cmdlet="Get-User", endpoint="exo", message="not today", error_id="NotToday", category="ResourceBusy")
    scene.state.faults.append(fault)
    result = scene.ask("exo", "Get-User", Identity="testmobile")
    assert (result.state, result.output) == (State.COMPLETED, ())
    assert [(error.message, error.category.name) for error in result.errors] == [("not today", "ResourceBusy")]
    scene.state.calls.clear()
    fault.name = "terminating-error"
    assert scene.ask("exo", "Get-User", Identity="testmobile").state is State.FAILED
    scene.state.calls.clear()
    scene.one("onprem", "Get-User", Identity="testmobile")


def test_a_warning_comes_with_the_answer(scene: Rehearsal) -> None:
    scene.state.faults.append(Fault("warning", cmdlet="Get-User", call=0))
    for _ in range(2):
        result = scene.ask("exo", "Get-User", Identity="testmobile")
        assert len(result.output) == 1
        (warning,) = result.warnings
        assert warning.startswith("Micro delay applied. Actual delayed: 50 msecs, Enforced: True")


def test_a_fault_may_begin_later(scene: Rehearsal) -> None:
    begins = scene.state.now + timedelta(hours=1)
    scene.state.faults.append(Fault("throttled", cmdlet="Get-Mailbox", call=0, begins=begins))
    scene.one("exo", "Get-Mailbox", Identity="testduplicate")
    scene.wait(hours=1)
    assert scene.ask("exo", "Get-Mailbox", Identity="testduplicate").state is State.FAILED


def test_a_sync_cycle_at_the_worst_moment_restores_the_account(scene: Rehearsal) -> None:
    scene.state.faults.append(Fault("sync-cycle", cmdlet="Remove-MsolUser", after=True))
    scene.delete()
    account = scene.account()
    assert account is not None
    assert account.deleted is None
