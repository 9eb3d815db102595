"""OPTION #0 in the simulator: the playbook as it is, from the first Get-Mailbox to the completed restore request."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.endpoints import Endpoints
from psbridge.engine import Done, Failed, Outcome
from psbridge.simulator.state import Fault
from tests.playbooks.option_zero import CAPTURED, RUN, TARGET, begin, carry_on, engine_for, journal_in
from tests.simulator.rehearsal import Rehearsal


def rehearse(scene: Rehearsal, folder: Path, **inputs: str) -> Outcome:
    engine = engine_for(journal_in(folder), Endpoints(scene.transports.__getitem__), scene.clock)
    return carry_on(engine, begin(engine, **inputs), scene.clock, lambda: None)


def test_option_zero_goes_from_the_first_look_to_the_completed_restore_request(tmp_path: Path) -> None:
    scene = Rehearsal("option-0")
    assert rehearse(scene, tmp_path) == Done(
        {
            "merge": "Completed",
            "request": f"testduplicate\\psb-{RUN}",
            "source_mailbox": CAPTURED,
            "target_mailbox": TARGET,
            "account": "7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa",
            "migration": "verified",
        }
    )
    mailbox = scene.one("exo", "Get-Mailbox", Identity="testduplicate")
    assert str(mailbox["ExchangeGuid"]) == TARGET
    assert scene.recipient().items == 1237  # type: ignore[union-attr]
    assert scene.local().kind == "RemoteUserMailbox"


def test_without_the_merge_the_run_ends_with_the_mail_user(tmp_path: Path) -> None:
    scene = Rehearsal("option-0")
    assert isinstance(rehearse(scene, tmp_path, merge="no"), Done)
    assert scene.state.restore_requests == []


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("failed-restore"), "the restore request has not failed"),
        (Fault("group-licence", seconds=0), "the new account has no Exchange licence"),
    ],
    ids=["failed-restore", "group-licence"],
)
def test_a_fault_of_the_tenant_stops_the_run_and_says_why(fault: Fault, says: str, tmp_path: Path) -> None:
    scene = Rehearsal("option-0")
    scene.state.faults.append(fault)
    outcome = rehearse(scene, tmp_path)
    assert isinstance(outcome, Failed)
    assert f"Stopped at {says}." in outcome.error


def test_a_stalled_migration_is_waited_for(tmp_path: Path) -> None:
    scene = Rehearsal("option-0")
    scene.state.faults.append(Fault("stalled-migration", seconds=6 * 3600))
    assert isinstance(rehearse(scene, tmp_path), Done)
    assert scene.state.moves[-1].ended - scene.state.moves[-1].created > timedelta(hours=6)  # type: ignore[operator]


def test_a_sync_cycle_at_the_worst_moment_is_found_out(tmp_path: Path) -> None:
    scene = Rehearsal("option-0")
    scene.state.faults.append(Fault("sync-cycle", cmdlet="Remove-MsolUser", call=1, after=True))
    outcome = rehearse(scene, tmp_path)
    assert isinstance(outcome, Failed)
    assert "Stopped at the account is deleted and not back." in outcome.error
    assert scene.account() is not None
