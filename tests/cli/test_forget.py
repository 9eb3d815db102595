"""`psbridge journal forget`: what ended long ago is gone from the file, and nothing is missed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from psbridge.journal import Draft, Kind, NewRun, SqliteStore, Status
from tests.cli.commands import psbridge

KEPT = Path(__file__).resolve().parents[2] / "fixtures" / "journals" / "1" / "finished.db"


def test_a_run_that_ended_long_ago_is_removed_for_good(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    shutil.copy(KEPT, path)
    with SqliteStore(path) as store, store.worker("kim"):
        now = datetime.now(UTC)
        long_ago = now - timedelta(days=9)
        for run_id, ended, state in (("young", now, ""), ("damaged", long_ago, ""), ("held", long_ago, "stands")):
            store.create(NewRun(run_id, "p", "1", "contoso", {"identity": "ada"}, "kim"), now=ended)
            _, lease = store.acquire(run_id, owner="o", now=ended, until=ended + timedelta(1), monotonic=0.0, monotonic_until=9.0)
            assert lease is not None
            if state:
                store.append(lease, Draft("sync", Kind.WARNING, state, body={"text": "It is off."}), now=ended)
            store.finish(lease, now=ended, status=Status.DONE)
        with store._connection.write() as tx:
            tx.rows("UPDATE entry SET state = 'x' WHERE run_id = 'damaged' AND seq = 1")
    command = ("journal", "forget", "--older-than", "8", "--journal", path)
    assert b"testduplicate" in path.read_bytes()
    asked = psbridge(*command)
    assert (asked.returncode, "1 run would be removed for good" in asked.stderr) == (2, True)
    assert b"testduplicate" in path.read_bytes()
    done = psbridge(*command, "--yes")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "1 run removed.")
    assert "Stays: entry 1 of run damaged ('') does not fit the chain of hashes" in done.stderr
    assert "Stays: run held has a standing warning" in done.stderr
    assert b"testduplicate" not in path.read_bytes()
    with SqliteStore(path) as store:
        assert [run.run_id for run in store.runs()] == ["damaged", "held", "young"]
        assert store.verify() == ["entry 1 of run damaged ('') does not fit the chain of hashes"]
        assert store.forgotten() == 1
