"""Journals of every version that ever was: read whole, and never changed by a look."""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.clock import SkippingClock
from psbridge.discovery import find_playbooks
from psbridge.engine import Engine
from psbridge.journal import Kind, SqliteStore, Status
from psbridge.report.run_transcript import items_of
from psbridge.report.transcript import transcript

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "journals"
VERSIONS = sorted(path.name for path in FOLDER.iterdir())


@pytest.fixture(params=VERSIONS)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The journals of one version, to be opened without touching the ones that are kept."""
    version = str(request.param)
    shutil.copytree(FOLDER / version, tmp_path / version)
    return tmp_path / version


def test_the_versions_are_those_of_the_schema() -> None:
    assert VERSIONS[0] == "1"
    assert all(name.isdigit() for name in VERSIONS)


def test_a_finished_run_is_read_whole(kept: Path) -> None:
    path = kept / "finished.db"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with SqliteStore.view(path) as view:
        assert view.verify() == []
        run, entries = view.run("finished"), view.entries("finished")
        assert (run.status, run.inputs["identity"]) == (Status.DONE, "testduplicate@domain.com")
        assert [entry.key for entry in entries if entry.kind is Kind.DESTROY and entry.state == "done"] == [
            "delete-account",
            "purge-account",
        ]
        shown = "\n".join(transcript(items_of(entries)))
    assert "Remove-MsolUser -UserPrincipalName testduplicate@domain.com -Force -RemoveFromRecycleBin" in shown
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_waiting_run_can_still_be_written(kept: Path) -> None:
    with SqliteStore(kept / "waiting.db") as store, store.worker("kim"):
        run = store.run("waiting")
        assert (run.status, run.signal) == (Status.WAITING, "approval:remove-account")
        assert run.wake_at is not None
        told = store.signal("waiting", "wake", "", who="kim", now=run.started_at)
        assert told.status is Status.READY
        assert store.verify() == []


def test_a_waiting_run_is_approved_by_the_hash_that_it_showed(kept: Path) -> None:
    """It may have been made otherwise than today: once it left the words out."""
    with SqliteStore(kept / "waiting.db") as store:
        run = store.run("waiting")
        clock = SkippingClock(run.started_at + timedelta(minutes=1))
        engine = Engine(store, find_playbooks(None), clock=clock, tenant=run.tenant)
        (asked,) = engine.pending_approvals("waiting")
        engine.approve("waiting", asked.key, asked.sha)
        engine.advance("waiting")  # as far as the first session, which is not there
        given = [entry for entry in store.entries("waiting") if entry.kind is Kind.APPROVAL]
    assert [(entry.state, entry.body["sha"]) for entry in given] == [("asked", asked.sha), ("granted", asked.sha)]
