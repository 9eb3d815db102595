"""The profile's limits and the brake of its fleet hold for every command that carries runs on, in a database and in a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from psbridge.cli import ExitCode
from psbridge.clock import SystemClock
from psbridge.discovery import find_playbooks
from psbridge.engine import Busy, Failed, Waiting
from psbridge.fleet.slots import Slots
from psbridge.fleet.store import FleetStore
from psbridge.journal import Entry, Kind, SqliteStore
from psbridge.journal.records import read_time
from psbridge.journal.server_clock import ServerClock
from psbridge.profile import Profile
from psbridge.workplace import open_engine
from tests.cli.in_process import Run, runner
from tests.postgres_server import PostgresServer

DROP = """
from psbridge.cmdlets import get_msol_user, remove_msol_user
from psbridge.engine import Input, Playbook

def body(run):
    name = run.inputs["identity"]
    run.evidence("account", "directory", get_msol_user(name), need=("object_id",))
    run.destroy("delete", "directory", remove_msol_user(name), requires=["account"], approval=None, verify=lambda look: None)
    return {}

playbook = Playbook("drop", "1", "A deletion.", (Input("identity"),), ("directory",), (), body)
"""
ASKS = """
from datetime import timedelta
from psbridge.engine import Input, Playbook

def body(run):
    run.note("begun", "It begins.")
    run.warn("end", "It is lost.", asking=[run.began("begun") + timedelta(hours=1)])
    run.ask("merged", "Is it merged?", "Look.")
    return {}

playbook = Playbook("drop", "1", "A question.", (Input("identity"),), ("directory",), (), body)
"""
TENANT = "domain.onmicrosoft.com"
USERS = ("testduplicate@domain.com", "testlicense@domain.com")


class Desk:
    """A folder with a profile and the playbook; commands run in it."""

    def __init__(self, folder: Path, run: Run, journal: str) -> None:
        self.folder, self._run, self.journal = folder, run, journal
        (folder / "playbooks").mkdir()
        (folder / "playbooks" / "drop.py").write_text(DROP)
        self.profile = folder / "profile.toml"

    def limited(self, *limits: str) -> None:
        command = [sys.executable, "-m", "psbridge.simulator", "-s", "--endpoint", "directory"]
        command += ["--seed", "documents", "--state", str(self.folder / "tenant.json")]
        lines = [f'tenant = "{TENANT}"', f"journal = '{self.journal}'"]
        lines += ["[endpoints.directory]", 'transport = "process"', f"command = {command}", "deadline = 7200"]
        self.profile.write_text("\n".join([*lines, "[limits]", *limits]))

    def __call__(self, line: str) -> Any:
        return self._run(f"psbridge {line} --profile profile.toml --playbooks playbooks")

    def store(self) -> SqliteStore | FleetStore:
        return FleetStore(self.journal, tenant=TENANT) if "dbname" in self.journal else SqliteStore(self.journal)

    def writes(self) -> list[Entry]:
        with self.store() as store:
            return [entry for run in store.runs() for entry in store.entries(run.run_id) if entry.kind is Kind.DESTROY]


@pytest.fixture
def desk_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Desk]:
    return lambda journal: Desk(tmp_path, runner(tmp_path, monkeypatch), journal)


@pytest.fixture
def desk(postgres: PostgresServer, desk_at: Callable[[str], Desk]) -> Desk:
    return desk_at(postgres.new_database())


@pytest.fixture
def desk_with_a_file(tmp_path: Path, desk_at: Callable[[str], Desk]) -> Desk:
    return desk_at(str(tmp_path / "journal.db"))


def test_a_paused_fleet_lets_no_command_and_no_program_begin_a_destructive_step(desk: Desk) -> None:
    desk.limited()
    with FleetStore(desk.journal, tenant=TENANT) as store:
        store.set_brake(paused=True, who="lee", why="patching")
        done = desk(f"run drop {USERS[0]} --yes --wait 0")
        assert (done.code, "lee has paused destructive steps: patching" in done.out) == (ExitCode.WAITING, True), done.err
        [run] = store.runs()
    with open_engine(Profile.load(desk.profile), find_playbooks(desk.folder / "playbooks")) as engine:
        engine.wake(run.run_id)
        outcome = engine.advance(run.run_id)
    assert isinstance(outcome, Waiting)
    assert desk.writes() == []
    with FleetStore(desk.journal, tenant=TENANT) as store:
        store.set_brake(paused=False, who="lee", why="")
    done = desk(f"resume {run.run_id} --yes --wait 0")
    assert done.code == ExitCode.DONE, done.err
    intent, _ = desk.writes()
    assert read_time(intent.body["not_before"]) - intent.at == pytest.approx(timedelta(hours=2), abs=timedelta(seconds=5))


def test_after_so_many_failures_a_program_begins_nothing_destructive_where_there_was_never_a_worker(desk: Desk) -> None:
    desk.limited("stop_after_failures = 1")
    with open_engine(Profile.load(desk.profile), find_playbooks(desk.folder / "playbooks")) as engine:
        failed = engine.advance(engine.start("drop", {"identity": "nobody@domain.com"}))
        held = engine.advance(engine.start("drop", {"identity": USERS[0]}))
    assert isinstance(failed, Failed)
    assert isinstance(held, Waiting)
    assert held.why.startswith("1 runs failed or stopped, and the limit is 1")
    assert desk.writes() == []


@pytest.mark.parametrize("where", ["desk", "desk_with_a_file"])
def test_no_command_begins_more_destructive_steps_than_an_hour_may_have(where: str, request: pytest.FixtureRequest) -> None:
    desk: Desk = request.getfixturevalue(where)
    desk.limited("destructive_per_hour = 1")
    (desk.folder / "users.csv").write_text("\n".join(["Playbook,UserPrincipalName", *(f"drop,{name}" for name in USERS)]))
    done = desk("run drop --from users.csv --yes --wait 0")
    assert done.code == ExitCode.WAITING, done.err
    assert "1 destructive steps began within an hour, and the limit is 1" in done.out
    assert [entry.state for entry in desk.writes()] == ["intent", "done"]


def test_a_command_waits_for_a_session_that_others_have_and_gives_its_own_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.limited("sessions = { directory = 1 }")
    with FleetStore(desk.journal, tenant=TENANT) as store:
        others = Slots(store.connection, TENANT, {"directory": 1}, lease=timedelta(minutes=5))
        taken = others.take(["directory"])
        assert taken
        done = desk(f"run drop {USERS[0]} --yes --wait 0")
        assert (done.code, done.err.splitlines()[0]) == (ExitCode.BUSY, "Busy: no session is free at directory.")
        assert desk(f"run drop {USERS[1]} --what-if").code == ExitCode.FAILED
        assert not (desk.folder / "tenant.json").exists(), "nobody was asked"
        slept: list[float] = []

        def sleep(_: ServerClock, seconds: float) -> None:
            slept.append(seconds)
            others.give_back(taken)

        monkeypatch.setattr(ServerClock, "sleep", sleep)
        [run] = store.runs()
        done = desk(f"resume {run.run_id} --yes --wait 1")
        assert (done.code, "no session is free at directory" in done.out) == (ExitCode.DONE, True), done.err
        assert len(slept) == 1
        assert others.take(["directory"]), "the command has given it back"


def test_a_session_is_kept_by_a_program_as_long_as_it_may_be_open(desk: Desk) -> None:
    desk.limited("sessions = { directory = 1 }")
    playbooks = find_playbooks(desk.folder / "playbooks")
    with open_engine(Profile.load(desk.profile), playbooks) as first, open_engine(Profile.load(desk.profile), playbooks) as other:
        run_id = other.start("drop", {"identity": USERS[0]})
        session = first._endpoints.session("directory")
        busy = other.advance(run_id)
        assert isinstance(busy, Busy)
        assert busy.why == "no session is free at directory"
        assert busy.until > other.clock.now()
        assert session is first._endpoints.session("directory")
        first._endpoints.close()
        assert not isinstance(other.advance(run_id), Busy)


def test_a_command_on_a_file_keeps_the_pace(desk_with_a_file: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: slept.append(seconds))
    desk_with_a_file.limited("calls_per_minute = { directory = 1 }")
    done = desk_with_a_file(f"run drop {USERS[0]} --yes --wait 0")
    assert done.code == ExitCode.DONE, done.err
    assert sum(slept) == pytest.approx(60, abs=10)


def test_a_limit_that_a_file_cannot_hold_is_told(desk_with_a_file: Desk) -> None:
    desk_with_a_file.limited("stop_after_failures = 2")
    SqliteStore(desk_with_a_file.journal).close()
    done = desk_with_a_file("resume --due")
    assert done.code == ExitCode.DONE
    assert done.err.startswith("WARNING: limits.stop_after_failures does not hold here: it needs a journal in PostgreSQL")


def test_what_stands_is_told_again_by_resume_due_when_its_time_has_come(
    desk_with_a_file: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk_with_a_file.limited()
    (desk_with_a_file.folder / "playbooks" / "drop.py").write_text(ASKS)
    assert desk_with_a_file(f"run drop {USERS[0]}").code == ExitCode.OPERATOR
    assert desk_with_a_file("resume --due").code == ExitCode.DONE
    later = datetime.now(UTC) + timedelta(hours=1)
    monkeypatch.setattr(SystemClock, "now", lambda _: later)
    told = desk_with_a_file("resume --due")
    assert told.code == ExitCode.OPERATOR
    assert "An operator is needed. Is it merged?" in told.err
    assert "WARNING: It is lost." in told.err
    assert desk_with_a_file("resume --due").code == ExitCode.DONE, "once"


def test_a_worker_believes_nothing_undone_before_the_longest_deadline(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    class Listed:
        path = "here"

        def __init__(self, *_: object, **options: object) -> None:
            given.update(options)

        def run(self) -> None: ...

    monkeypatch.setattr("psbridge.fleet.worker.Worker", Listed)
    desk.limited()
    assert desk("worker --lease 5").code == ExitCode.DONE
    engine = given["settings"].engine
    assert (engine.lease, engine.cmdlet_timeout) == (timedelta(seconds=5), timedelta(hours=2))
