"""`psbridge journal forget`: what ended long ago is gone from the file, and nothing is missed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from psbridge.fleet.store import FleetStore
from psbridge.journal import Draft, Kind, NewRun, SqliteStore, Status
from psbridge.journal.postgres import PostgresStore
from tests.cli.commands import psbridge
from tests.postgres_server import PostgresServer

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


def test_a_failure_that_holds_a_fleet_back_stays_until_somebody_has_looked(postgres: PostgresServer) -> None:
    address, long_ago = postgres.new_database(), datetime.now(UTC) - timedelta(days=9)
    with FleetStore(address, tenant="contoso") as fleet:
        fleet.set_brake(paused=False, draining=False, who="lee", why="")
        with fleet.connection.write() as tx:
            tx.rows("UPDATE psbridge_fleet.brake SET since = ?", [long_ago - timedelta(days=1)])
    with PostgresStore(address, times="caller") as store:
        for run_id, status in (("failed", Status.FAILED), ("done", Status.DONE)):
            store.create(NewRun(run_id, "p", "1", "contoso", {"identity": "ada"}, "kim"), now=long_ago)
            until = long_ago + timedelta(minutes=1)
            _, lease = store.acquire(run_id, owner="o", now=long_ago, until=until, monotonic=0.0, monotonic_until=60.0)
            assert lease is not None
            store.finish(lease, now=long_ago, status=status)
    command = ("journal", "forget", "--older-than", "8", "--journal", address, "--yes")
    first = psbridge(*command)
    assert (first.returncode, first.stdout.splitlines()[-1]) == (1, "1 run removed.")
    assert first.stderr == "Stays: run failed: it counts for stop_after_failures until `psbridge fleet resume`\n"
    with FleetStore(address, tenant="contoso") as fleet:
        assert [run.run_id for run in fleet.runs()] == ["failed"]
        fleet.set_brake(paused=False, draining=False, who="lee", why="")
    again = psbridge(*command)
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "1 run removed.")
