"""`psbridge worker` and `psbridge fleet`, as a user's shell starts them, on a real PostgreSQL and simulated endpoints."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from psbridge.discovery import find_playbooks
from psbridge.engine import Engine
from psbridge.fleet.store import FleetStore
from psbridge.journal import Status
from tests.cli.commands import psbridge
from tests.postgres_server import PostgresServer

LOOK = """
from psbridge.cmdlets import get_mailbox
from psbridge.engine import Input, Playbook

def body(run):
    return {"guid": str(run.read("mailbox", "exo", get_mailbox(run.inputs["identity"])).one().exchange_guid)}

playbook = Playbook("look", "1", "A look.", (Input("identity"),), ("exo",), (), body)
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
        engine.start("look", {"identity": "nobody@domain.com"}, run_id="run-2")
        with store.connection.write() as tx:
            tx.rows("UPDATE run SET started_by = 'x' WHERE run_id = 'run-2'")
        command = [sys.executable, "-m", "psbridge", "worker", "--profile", str(profile), "--playbooks", str(playbooks)]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert worker.stderr is not None
            told = worker.stderr.readline()
            _until(lambda: engine.run("run-1").status is Status.DONE, worker)
            worker.send_signal(signal.SIGINT)
            shown, errors = worker.communicate(timeout=30)
        finally:
            worker.kill()
    assert (worker.returncode, errors) == (0, "")
    assert told.startswith("run run-2: postgresql://"), "a person sees what is in its way"
    assert told.endswith("This worker leaves it as it is; the others go on.\n")
    assert shown.splitlines()[0].startswith("At work for domain.onmicrosoft.com in postgresql://")
    assert shown.splitlines()[-1] == "At rest."
    assert psbridge("fleet", "status", "--profile", profile).stdout == "1 done\n"


def test_the_brake_is_shown_with_who_and_why(profile: Path) -> None:
    before = datetime.now(UTC).replace(second=0, microsecond=0)
    assert psbridge("fleet", "pause", "--why", "the director calls", "--profile", profile).returncode == 0
    shown = psbridge("fleet", "status", "--profile", profile).stdout
    who, _, since = shown.partition("paused: no destructive step begins, by ")[2].partition(" since ")
    assert who
    when, _, why = since.partition(" UTC: ")
    assert before <= datetime.fromisoformat(f"{when}Z") <= datetime.now(UTC)
    assert why == "the director calls\n"
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
