"""One damaged run among others: it is told, and the others go on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from psbridge.cli.completing import runs
from psbridge.fleet.store import FleetStore
from psbridge.journal import WAKE, NewRun, Pause, SqliteStore, Status
from psbridge.journal.opening import open_journal
from tests.cli.commands import psbridge
from tests.cli.in_process import Run, runner
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


@pytest.fixture
def command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(folder, monkeypatch)


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


@pytest.mark.parametrize(
    ("run", "status", "why"),
    [
        ("run-0", "ready", "entry 1 of run run-0 ('') does not fit the chain of hashes"),
        ("run-1", None, "a row of table run ('run-1') does not fit its seal"),
        ("run-9", None, "There is no run 'run-9'"),
    ],
)
def test_a_program_that_resumes_it_reads_why_it_is_not_carried_on(command: Run, run: str, status: str | None, why: str) -> None:
    done = command(f"psbridge resume {run} --json --profile profile.toml --playbooks playbooks")
    told = json.loads(done.out)
    assert (told["run"], told["status"]) == (run, status)
    assert why in told["error"]
    assert (done.code != 0, why in done.err) == (True, True)


def test_a_program_that_runs_a_playbook_reads_why_it_was_not_begun(command: Run) -> None:
    done = command("psbridge run look eve --json --profile profile.toml --playbooks playbooks --journal .")
    told = json.loads(done.out)
    assert {name: value for name, value in told.items() if value is not None} == {"error": told["error"]}
    assert (done.code, done.err) == (1, f"psbridge: {told['error']}\n")


def test_runs_lists_the_others_and_tells_of_it(folder: Path) -> None:
    done = psbridge("runs", "--profile", folder / "profile.toml")
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["RUN", "run-0", "run-2", "run-3"]
    assert "a row of table run ('run-1') does not fit its seal" in done.stderr


def test_users_of_a_file_are_begun_beside_it_and_it_is_told(command: Run, folder: Path) -> None:
    (folder / "users.csv").write_text("Playbook,UserPrincipalName\nlook,eve\nlook,ada\n")
    done = command("psbridge run look --from users.csv --profile profile.toml --playbooks playbooks")
    assert done.code == 1
    assert "a row of table run ('run-1') does not fit its seal. It may be the run of a user of this file" in done.err
    assert "SUMMARY of look: 2 of 2 users" in done.out
    assert [line.split(maxsplit=1)[1] for line in done.out.splitlines() if line.startswith("  ")][:2] == [
        "eve  done",
        "ada  not begun: its run is there already (ready)",
    ]


def test_a_backup_says_that_it_is_as_damaged_and_the_others_are_still_completed(command: Run, folder: Path) -> None:
    done = command("psbridge journal backup copy.db --journal journal.db")
    assert (done.code, "the copy is as damaged as the journal: " in done.err) == (1, True)
    line = SimpleNamespace(params={"journal": str(folder / "journal.db")})
    assert sorted(run for run, _ in runs(line, "run-")) == ["run-0", "run-2", "run-3"]


def test_the_release_of_the_brake_wakes_the_others_and_tells_of_it(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres.new_database()
    with FleetStore(address, tenant=TENANT) as store:
        store.set_brake(paused=True, who="lee", why="patching")
        for number in range(3):
            begun = store.create(NewRun(f"run-{number}", "look", "1", TENANT, {"identity": "ada"}, "kim"), now=store.clock.now())
            until = begun.started_at + timedelta(hours=1)
            at = {"now": begun.started_at, "until": until, "monotonic": 0.0, "monotonic_until": 3600.0}
            _, lease = store.acquire(begun.run_id, owner="one", **at)  # type: ignore[arg-type]
            assert lease is not None
            held = Pause(Status.WAITING, "lee has paused it", wake_at=until, signal=WAKE)
            store.suspend(lease, held, now=store.clock.now(), seen=0)
            store.signal(begun.run_id, "other", "", who="kim", now=store.clock.now())
        with store.connection.write() as tx:
            tx.rows("UPDATE run SET why = 'x' WHERE run_id = 'run-0'")
            tx.rows("DELETE FROM signal WHERE run_id = 'run-1'")
        (tmp_path / "profile.toml").write_text(PROFILE.format(address))
        done = runner(tmp_path, monkeypatch)("psbridge fleet resume --profile profile.toml")
        assert (done.code, done.out.startswith("Released.")) == (1, True), done.err
        assert done.err.splitlines() == [
            "Left as it is: a row of table run ('run-0') does not fit its seal",
            "Left as it is: run run-1 has 0 signals, expected 1",
        ]
        assert store.run("run-2").status is Status.READY
        assert store.brake.paused is False


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
