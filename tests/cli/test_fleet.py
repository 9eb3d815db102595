"""`psbridge worker` and `psbridge fleet`, as a user's shell starts them, on a real PostgreSQL and simulated endpoints."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from psbridge.discovery import find_playbooks
from psbridge.engine import Engine
from psbridge.fleet.store import FleetStore
from psbridge.journal import Status
from tests.cli.commands import psbridge
from tests.postgres_server import PostgresServer, postgres_programs, postgres_server

LOOK = """
from psbridge.cmdlets import get_mailbox
from psbridge.engine import Input, Playbook

def body(run):
    return {"guid": str(run.read("mailbox", "exo", get_mailbox(run.inputs["identity"])).one().exchange_guid)}

playbook = Playbook("look", "1", "A look.", (Input("identity"),), ("exo",), (), body)
"""


TENANT = "domain.onmicrosoft.com"
PROFILE = f"""
tenant = "{TENANT}"
journal = "{{}}"
[endpoints.exo]
transport = "process"
command = ["pwsh"]
"""


@pytest.fixture
def profile(postgres: PostgresServer, tmp_path: Path) -> Path:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "look.py").write_text(LOOK)
    command = [sys.executable, "-m", "psbridge.simulator", "-s", "--endpoint", "exo", "--state", str(tmp_path / "tenant.json")]
    lines = [
        'tenant = "domain.onmicrosoft.com"',
        f'journal = "{postgres.new_database()}"',
        "[endpoints.exo]",
        'transport = "process"',
        f"command = {command}",
        "[limits.sessions]",
        "exo = 1",
    ]
    (tmp_path / "profile.toml").write_text("\n".join(lines))
    return tmp_path / "profile.toml"


def test_a_worker_carries_on_what_is_begun_and_comes_to_rest_when_it_is_told(profile: Path) -> None:
    address = next(line for line in profile.read_text().splitlines() if line.startswith("journal")).partition('"')[2].rstrip('"')
    playbooks = profile.parent / "playbooks"
    with FleetStore(address, tenant="domain.onmicrosoft.com") as store:
        engine = Engine(store, find_playbooks(playbooks), tenant="domain.onmicrosoft.com")
        engine.start("look", {"identity": "testduplicate@domain.com"}, run_id="run-1")
        assert psbridge("fleet", "status", "--profile", profile).stdout == "1 ready\n"
        command = [sys.executable, "-m", "psbridge", "worker", "--profile", str(profile), "--playbooks", str(playbooks)]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            _until(lambda: engine.run("run-1").status is Status.DONE, worker)
            worker.send_signal(signal.SIGINT)
            shown, errors = worker.communicate(timeout=30)
        finally:
            worker.kill()
    assert worker.returncode == 0, errors
    assert shown.splitlines()[0].startswith("At work for domain.onmicrosoft.com in postgresql://")
    assert shown.splitlines()[-1] == "At rest."
    assert psbridge("fleet", "status", "--profile", profile).stdout == "1 done\n"


def test_who_runs_a_worker_sees_what_is_in_its_way(tmp_path: Path) -> None:
    """The database goes away and comes back, and a run is damaged: a line each, and not one each time that it is met."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("needs the programs of a PostgreSQL server")
    with postgres_server(programs) as database:
        address = database.new_database()
        (tmp_path / "profile.toml").write_text(PROFILE.format(address))
        with FleetStore(address, tenant=TENANT) as store:
            Engine(store, find_playbooks(), tenant=TENANT).start("migration-report", {"identity": "ada"}, run_id="run-1")
            with store.connection.write() as tx:
                tx.rows("UPDATE run SET started_by = 'x' WHERE run_id = 'run-1'")
        command = [sys.executable, "-m", "psbridge", "worker", "--profile", "profile.toml"]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as worker:
            try:
                assert worker.stderr is not None
                told = [worker.stderr.readline()]
                _until_listening(address)
                database.stop("fast")
                told.append(worker.stderr.readline())
                database.start()
                told.append(worker.stderr.readline())
            finally:
                worker.kill()
            told += worker.stderr.readlines()
    assert told[0].startswith("run run-1: postgresql://")
    assert "a row of table run ('run-1') does not fit its seal" in told[0]
    assert told[0].endswith("This worker leaves it as it is; the others go on.\n")
    assert told[1].startswith("The journal cannot be worked with, and is tried again until it can: ")
    assert told[2:] == ["The journal can be worked with again.\n"]


def _until_listening(address: str) -> None:
    give_up = time.monotonic() + 60
    with psycopg.connect(address, autocommit=True) as connection:
        while connection.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN psbridge%'").fetchone() is None:
            assert time.monotonic() < give_up
            time.sleep(0.05)


def test_the_brake_is_shown_with_who_and_why(profile: Path) -> None:
    assert psbridge("fleet", "pause", "--why", "the director calls", "--profile", profile).returncode == 0
    shown = psbridge("fleet", "status", "--profile", profile).stdout
    assert "paused: no destructive step begins, by " in shown
    assert ": the director calls" in shown
    assert psbridge("fleet", "drain", "--profile", profile).returncode == 0
    assert "draining: workers end" in psbridge("fleet", "status", "--profile", profile).stdout
    drained = psbridge("worker", "--profile", profile)
    assert (drained.returncode, drained.stdout.splitlines()[-1]) == (0, "At rest.")
    assert psbridge("fleet", "resume", "--profile", profile).returncode == 0
    assert psbridge("fleet", "status", "--profile", profile).stdout == "There is no run yet.\n"


def test_a_journal_in_a_file_has_no_fleet(profile: Path) -> None:
    for command in (("worker",), ("fleet", "status")):
        done = psbridge(*command, "--profile", profile, "--journal", profile.parent / "journal.db")
        assert (done.returncode, "a file has one worker" in done.stderr) == (2, True)


def _until(so: object, worker: subprocess.Popen[str]) -> None:
    give_up = time.monotonic() + 60
    while not so():  # type: ignore[operator]
        assert worker.poll() is None, worker.communicate()
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_runs_from_a_file_are_begun_and_left_to_the_workers(profile: Path) -> None:
    """Twice the same file begins nothing twice."""
    lines = ["Playbook,UserPrincipalName", "look,testduplicate@domain.com", "look,nobody@domain.com", "other,x@domain.com"]
    (profile.parent / "users.csv").write_text("\n".join(lines))
    given = ("--from", profile.parent / "users.csv", "--profile", profile, "--playbooks", profile.parent / "playbooks")
    done = psbridge("run", "look", *given, "--fleet")
    assert (done.returncode, done.stdout.count("begun, and left to the workers")) == (0, 2), done.stderr
    assert psbridge("fleet", "status", "--profile", profile).stdout == "2 ready\n"
    assert psbridge("run", "look", *given, "--fleet").stdout.count("not begun: its run is there already (ready)") == 2
    assert psbridge("fleet", "status", "--profile", profile).stdout == "2 ready\n"
    alone = psbridge("run", "look", "x@domain.com", "--fleet", *given[2:])
    assert (alone.returncode, "--fleet needs --from" in alone.stderr) == (2, True)
    in_a_file = psbridge("run", "look", *given, "--fleet", "--journal", profile.parent / "journal.db")
    assert (in_a_file.returncode, "a file has one worker" in in_a_file.stderr) == (2, True)
