"""One damaged run among others: it is told, and the others go on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from psbridge.journal import NewRun, SqliteStore
from psbridge.journal.opening import open_journal
from tests.cli.commands import psbridge
from tests.postgres_server import PostgresServer

TENANT = "domain.onmicrosoft.com"
PROFILE = f"""
tenant = '{TENANT}'
journal = '{{}}'
[endpoints.exo]
transport = "process"
command = ["pwsh"]
"""
PLAYBOOK = """
from psbridge.engine import Input, Playbook

playbook = Playbook("look", "1", "A look.", (Input("identity"),), (), (), lambda run: {"seen": run.inputs["identity"]})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four runs that are due: of the first an entry was changed, of the second its row."""
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "look.py").write_text(PLAYBOOK)
    (tmp_path / "profile.toml").write_text(PROFILE.format(tmp_path / "journal.db"))
    with SqliteStore(tmp_path / "journal.db") as store:
        for number in range(4):
            store.create(NewRun(f"run-{number}", "look", "1", TENANT, {"identity": "ada"}, "kim"), now=datetime.now(UTC))
        with store._connection.write() as tx:
            tx.rows("UPDATE entry SET state = 'x' WHERE run_id = 'run-0'")
            tx.rows("UPDATE run SET why = 'x' WHERE run_id = 'run-1'")
    return tmp_path


def test_resume_carries_on_the_others_and_tells_of_it(folder: Path) -> None:
    due = ("resume", "--due", "--json", "--profile", folder / "profile.toml", "--playbooks", folder / "playbooks")
    done = psbridge(*due)
    told = {line["run"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert (done.returncode, list(told)) == (1, ["run-0", "run-2", "run-3", "run-1"])
    assert [(told[run]["status"], told[run]["result"], told[run]["error"]) for run in ("run-2", "run-3")] == [
        ("done", {"seen": "ada"}, "")
    ] * 2
    assert "entry 1 of run run-0 ('') does not fit the chain of hashes" in told["run-0"]["error"]
    assert (told["run-0"]["status"], told["run-1"]["status"]) == ("ready", None)
    assert "a row of table run ('run-1') does not fit its seal" in told["run-1"]["error"]
    assert set(told["run-1"]) == set(told["run-2"])
    assert "run run-0: " in done.stderr
    again = psbridge(*due)
    assert (again.returncode, [json.loads(line)["run"] for line in again.stdout.splitlines()]) == (1, ["run-0", "run-1"])


def test_runs_lists_the_others_and_tells_of_it(folder: Path) -> None:
    done = psbridge("runs", "--profile", folder / "profile.toml")
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["RUN", "run-0", "run-2", "run-3"]
    assert "a row of table run ('run-1') does not fit its seal" in done.stderr


def test_fleet_status_counts_the_others_and_tells_of_it(postgres: PostgresServer, tmp_path: Path) -> None:
    address = postgres.new_database()
    with open_journal(address) as store:
        for number in range(2):
            store.create(NewRun(f"run-{number}", "look", "1", TENANT, {"identity": "ada"}, "kim"), now=datetime.now(UTC))
        assert store.due(now=datetime.now(UTC), monotonic=0.0) == ["run-0", "run-1"]
        with store._connection.write() as tx:
            tx.rows("UPDATE run SET why = 'x' WHERE run_id = 'run-0'")
        assert store.due(now=datetime.now(UTC), monotonic=0.0) == ["run-1", "run-0"]
    (tmp_path / "profile.toml").write_text(PROFILE.format(address))
    done = psbridge("fleet", "status", "--profile", tmp_path / "profile.toml")
    assert (done.returncode, done.stdout) == (1, "1 ready\n")
    assert "a row of table run ('run-0') does not fit its seal" in done.stderr
