"""Many runs over worker processes, on a real PostgreSQL: killed, braked, slowed down, and none lost or done twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from psbridge.engine import Desk, Engine
from psbridge.fleet.jobs import Jobs, make_job_tables
from psbridge.fleet.store import FleetStore
from psbridge.journal import WAKE, Kind, RunRecord, Status
from tests.fleet.working import PLAYBOOK, TENANT, far_end_of
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.timeout(180)


class Fleet:
    """A database, a folder of far ends, and the workers that were started."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder
        self.store = FleetStore(address, tenant=TENANT)
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self, count: int, **inputs: str) -> list[str]:
        """Begin runs; each person's far end is made before."""
        engine = Engine(self.store, {PLAYBOOK.name: PLAYBOOK}, tenant=TENANT, actor=lambda: "kim")
        first = len(self.store.runs())
        started = []
        for number in range(first, first + count):
            far_end_of(self.folder, f"user-{number}")
            started.append(engine.start(PLAYBOOK.name, {"identity": f"user-{number}", **inputs}, run_id=f"run-{number}"))
        return started

    def work(self, **options: Any) -> subprocess.Popen[bytes]:
        """Start a worker."""
        command = [sys.executable, "-m", "tests.fleet.working", self.address, str(self.folder), json.dumps(options)]
        with (self.folder / "errors").open("ab") as errors:
            worker = subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=errors)
        self.workers.append(worker)
        return worker

    def until(self, so: Callable[[list[RunRecord]], bool], *, seconds: float = 60) -> list[RunRecord]:
        """Look until something is so of the runs."""
        give_up = time.monotonic() + seconds
        while True:
            runs = self.store.runs()
            if so(runs):
                return runs
            if time.monotonic() >= give_up:
                told = [(run.run_id, str(run.status), run.why, run.signal) for run in runs if run.status is not Status.DONE]
                raise AssertionError(f"{told[:5]} {(self.folder / 'errors').read_text()[-3000:]}")
            time.sleep(0.05)

    def effects(self) -> dict[str, list[str]]:
        """What really happened, by person."""
        people = [path.name for path in self.folder.iterdir() if path.name.startswith("user-")]
        return {person: far_end_of(self.folder, person).effects() for person in people}

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.store.close()


@pytest.fixture
def fleet(postgres: PostgresServer, tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(postgres.new_database(), tmp_path)
    yield made
    made.close()


def all_done(runs: list[RunRecord]) -> bool:
    return all(run.status is Status.DONE for run in runs)


def once_each(effects: dict[str, list[str]]) -> bool:
    return all([line.split()[0] for line in lines] == ["Remove-Account", "New-Request"] for lines in effects.values())


def test_what_a_killed_worker_had_in_hand_is_carried_on_by_another_and_nothing_happens_twice(fleet: Fleet) -> None:
    fleet.start(60)
    first = fleet.work(concurrency=4, slowness=0.1)
    fleet.work(concurrency=4, slowness=0.1)
    fleet.until(lambda runs: sum(run.status is Status.DONE for run in runs) >= 8)
    first.send_signal(signal.SIGKILL)
    fleet.until(all_done)
    effects = fleet.effects()
    assert len(effects) == 60
    assert once_each(effects)
    assert fleet.store.verify() == []


def test_an_approval_wakes_a_run_at_once(fleet: Fleet) -> None:
    """Told by the database: the next sweep is a minute away."""
    [run_id] = fleet.start(1, ask="yes")
    fleet.work(concurrency=2, sweep=60)
    fleet.until(lambda runs: runs[0].signal == "approval:consent")
    desk = Desk(fleet.store, actor=lambda: "lee")
    [asked] = desk.pending_approvals(run_id)
    _until_listening(fleet.address)
    desk.approve(run_id, asked.key, asked.sha)
    fleet.until(lambda runs: runs[0].status is not Status.READY, seconds=10)
    fleet.until(all_done)
    assert once_each(fleet.effects())


def test_a_lost_queue_loses_no_run(fleet: Fleet) -> None:
    fleet.start(10, ask="yes")
    worker = fleet.work(concurrency=2)
    fleet.until(lambda runs: all(run.signal == "approval:consent" for run in runs))
    worker.kill()
    worker.wait()
    desk = Desk(fleet.store, actor=lambda: "lee")
    for asked in desk.pending_approvals():
        desk.approve(asked.run_id, asked.key, asked.sha)
    with psycopg.connect(fleet.address, autocommit=True) as connection:
        connection.execute("SET search_path = procrastinate")
        connection.execute("DELETE FROM procrastinate_events")
        connection.execute("DELETE FROM procrastinate_jobs")
    fleet.work(concurrency=2)
    fleet.until(all_done)
    assert once_each(fleet.effects())


def test_a_sweep_hands_out_only_runs_for_which_no_job_stands_in_the_queue(fleet: Fleet) -> None:
    """One that a worker has taken is none: the worker may be dead."""
    queued, taken, forgotten = fleet.start(3)
    make_job_tables(fleet.address, None)
    jobs = Jobs(TENANT)
    with psycopg.connect(fleet.address, autocommit=True) as connection:
        connection.execute("SET search_path = procrastinate")
        for run_id, status in ((queued, "todo"), (taken, "doing")):
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status) VALUES ('q', 't', %s, %s)",
                [jobs.lock_of(run_id), status],
            )
    with fleet.store.connection.read() as tx:
        assert jobs.lacking(tx, fleet.store.clock.now(), 200) == {taken: False, forgotten: False}


def test_what_is_on_its_way_goes_before_what_was_not_begun(fleet: Fleet) -> None:
    """An approval is acted on at once, however many runs stand in the queue. No sweep comes in between."""
    [asked_run] = fleet.start(1, ask="yes")
    first = fleet.work(concurrency=1)
    fleet.until(lambda runs: runs[0].signal == "approval:consent")
    first.kill()
    first.wait()
    fleet.start(40)
    with fleet.store.connection.write() as tx:
        tx.rows("DELETE FROM psbridge_fleet.sweep")  # the next worker sweeps when it begins, and then no more
    fleet.work(concurrency=1, sweep=60)
    fleet.until(lambda runs: any(run.status is Status.DONE for run in runs))
    _until_listening(fleet.address)
    desk = Desk(fleet.store, actor=lambda: "lee")
    [asked] = desk.pending_approvals(asked_run)
    desk.approve(asked_run, asked.key, asked.sha)
    runs = fleet.until(lambda runs: any(run.run_id == asked_run and run.status is Status.DONE for run in runs))
    assert sum(run.status is Status.DONE for run in runs) < 30


def test_two_tenants_in_one_database_leave_each_others_runs_alone(fleet: Fleet) -> None:
    """A job in the queue of a tenant whose workers have ended would keep the run from its own."""
    [ours] = fleet.start(1, ask="yes")
    first = fleet.work(concurrency=2)
    fleet.until(lambda runs: runs[0].signal == "approval:consent")
    first.kill()
    first.wait()
    other = fleet.work(concurrency=2, tenant="fabrikam")
    _until_listening(fleet.address)
    desk = Desk(fleet.store, actor=lambda: "lee")
    [asked] = desk.pending_approvals(ours)
    desk.approve(ours, asked.key, asked.sha)
    far_end_of(fleet.folder, "user-99")
    with FleetStore(fleet.address, tenant="fabrikam") as store:
        engine = Engine(store, {PLAYBOOK.name: PLAYBOOK}, tenant="fabrikam", actor=lambda: "kim")
        theirs = engine.start(PLAYBOOK.name, {"identity": "user-99"}, run_id="theirs")
    fleet.until(lambda runs: any(run.run_id == theirs and run.status is Status.DONE for run in runs))
    other.kill()
    other.wait()
    assert fleet.store.run(ours).status is Status.READY
    fleet.work(concurrency=2)
    fleet.until(all_done)


def test_however_often_a_run_is_looked_at_one_job_stands_for_its_next_time(fleet: Fleet) -> None:
    [run_id] = fleet.start(1, ask="yes")
    fleet.work(concurrency=2)
    fleet.until(lambda runs: runs[0].signal == "approval:consent")
    for _ in range(6):
        looked = fleet.store.run(run_id).epoch
        fleet.store.signal(run_id, WAKE, "", who="lee", now=fleet.store.clock.now())
        fleet.until(partial(_looked_at_after, looked))
    give_up = time.monotonic() + 20
    while _jobs(fleet.address) > 2:  # two seconds may share one moment
        assert time.monotonic() < give_up, _jobs(fleet.address)
        time.sleep(0.05)


def test_a_worker_that_was_taken_for_dead_begins_anew(fleet: Fleet) -> None:
    """What a newcomer does after this one was stopped for long: its next job meets a foreign key."""
    worker = fleet.work(concurrency=2)
    fleet.start(1)
    fleet.until(all_done)
    with psycopg.connect(fleet.address, autocommit=True) as connection:
        connection.execute("DELETE FROM procrastinate.procrastinate_workers")
    fleet.start(2)
    fleet.until(all_done)
    assert worker.poll() is None


def _looked_at_after(epoch: int, runs: list[RunRecord]) -> bool:
    return runs[0].epoch > epoch and runs[0].status is Status.WAITING


def _until_listening(address: str) -> None:
    give_up = time.monotonic() + 30
    with psycopg.connect(address, autocommit=True) as connection:
        listens = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN psbridge%' AND datname = current_database()"
        while connection.execute(listens).fetchone() is None:
            assert time.monotonic() < give_up
            time.sleep(0.05)


def _jobs(address: str) -> int:
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE status = 'todo'").fetchone()
        assert row is not None
        return int(row[0])


def test_there_are_never_more_sessions_than_slots(fleet: Fleet) -> None:
    fleet.start(24)
    limits = {"sessions": {"directory": 3, "exo": 2}}
    for _ in range(3):
        fleet.work(concurrency=3, limits=limits, idle=0.2)
    fleet.until(all_done)
    most: dict[str, int] = {}
    now: dict[str, set[str]] = {"directory": set(), "exo": set()}
    lines = sorted(line.split() for line in (fleet.folder / "sessions").read_text().splitlines())
    for _, what, endpoint, name, _ in lines:
        (now[endpoint].add if what == "open" else now[endpoint].discard)(name)
        most[endpoint] = max(most.get(endpoint, 0), len(now[endpoint]))
    assert most["exo"] == 2
    assert most["directory"] <= 3
    assert once_each(fleet.effects())


def test_a_worker_that_was_paused_in_the_middle_of_a_cmdlet_is_fenced_off_when_it_wakes(fleet: Fleet) -> None:
    """Two owners: one thought dead, whose cmdlet had its effect, and one who looks and does not repeat it."""
    fleet.start(1)
    first = fleet.work(concurrency=1, delay=4.0)
    fleet.until(lambda _: fleet.effects()["user-0"] != [])
    first.send_signal(signal.SIGSTOP)
    fleet.work(concurrency=1)
    fleet.until(all_done)
    ended = fleet.store.entries("run-0")
    first.send_signal(signal.SIGCONT)
    time.sleep(6)
    assert fleet.store.entries("run-0") == ended
    assert once_each(fleet.effects())
    assert any((entry.kind, entry.state) == (Kind.DESTROY, "observed") for entry in ended)
    assert len({entry.epoch for entry in ended if entry.epoch}) == 2


def test_a_dead_workers_slots_come_back_when_its_lease_is_over(fleet: Fleet) -> None:
    fleet.start(6)
    limits = {"sessions": {"directory": 1, "exo": 1}}
    first = fleet.work(concurrency=2, limits=limits, slowness=0.3)
    fleet.until(lambda runs: any(run.changed for run in runs))
    first.kill()
    first.wait()
    fleet.work(concurrency=2, limits=limits)
    fleet.until(all_done)
    assert once_each(fleet.effects())


def test_calls_of_all_workers_keep_the_pace(fleet: Fleet) -> None:
    fleet.start(6)
    for _ in range(2):
        fleet.work(concurrency=3, limits={"calls_per_minute": {"directory": 600}}, slowness=0.0)
    fleet.until(all_done)
    asked = sorted(float(line.split()[0]) for line in (fleet.folder / "asked").read_text().splitlines() if " directory " in line)
    # Any ten calls take the time of nine gaps, but for what a busy machine is late by.
    assert len(asked) >= 18
    assert asked[-1] - asked[0] >= 0.1 * (len(asked) - 1) - 0.3


def test_no_more_destructive_steps_than_allowed_begin_within_an_hour(fleet: Fleet) -> None:
    fleet.start(6)
    for _ in range(2):
        fleet.work(concurrency=3, limits={"destructive_per_hour": 5})
    held = fleet.until(lambda runs: sum(run.signal == "wake" for run in runs) >= 3 and not _busy(runs))
    entries = [entry for run in held for entry in fleet.store.entries(run.run_id)]
    assert sum((entry.kind, entry.state) == (Kind.DESTROY, "intent") for entry in entries) == 5
    assert sum(len(lines) for lines in fleet.effects().values()) == 5
    waiting = next(run for run in held if run.signal == "wake")
    assert waiting.why == "5 destructive steps began within an hour, and the limit is 5"
    assert waiting.wake_at is not None
    assert waiting.wake_at > fleet.store.clock.now()


def test_after_so_many_failures_nothing_destructive_begins_until_somebody_has_looked(fleet: Fleet) -> None:
    fleet.start(2, fail="yes")
    limits = {"stop_after_failures": 2}
    fleet.work(concurrency=1, limits=limits)
    fleet.until(lambda runs: all(run.status is Status.FAILED for run in runs))
    fleet.start(2)
    held = fleet.until(lambda runs: sum(run.signal == "wake" for run in runs) == 2)
    assert "2 runs failed" in held[-1].why
    assert "psbridge fleet resume" in held[-1].why
    fleet.store.set_brake(paused=False, draining=False, who="lee", why="")
    fleet.until(lambda runs: sum(run.status is Status.DONE for run in runs) == 2)


def test_whoever_a_run_needs_is_told_by_a_worker_and_reminded_when_it_is_time(fleet: Fleet) -> None:
    [run_id] = fleet.start(1, fail="yes", remind="3")
    fleet.work(concurrency=2)
    fleet.until(lambda _: any(entry.state == "reminded" for entry in fleet.store.entries(run_id)))
    told = f"run {run_id} failed: Stopped at it may be done. "
    runs = fleet.until(lambda _: (fleet.folder / "errors").read_text().count(told) == 2)
    assert runs[0].wake_at is None


def test_a_pause_lets_nothing_destructive_through_and_its_end_wakes_the_runs(fleet: Fleet) -> None:
    fleet.store.set_brake(paused=True, draining=False, who="lee", why="the director calls")
    fleet.start(3)
    fleet.work(concurrency=2)
    held = fleet.until(lambda runs: all(run.signal == "wake" for run in runs))
    assert held[0].why == "lee has paused destructive steps: the director calls"
    assert sum(len(lines) for lines in fleet.effects().values()) == 0
    fleet.store.set_brake(paused=False, draining=False, who="lee", why="")
    fleet.until(all_done)
    assert once_each(fleet.effects())


def test_a_drained_worker_ends_by_itself_and_leaves_every_run_at_rest(fleet: Fleet) -> None:
    fleet.start(30)
    worker = fleet.work(concurrency=2, slowness=0.1)
    fleet.until(lambda runs: any(run.status is Status.DONE for run in runs))
    fleet.store.set_brake(paused=False, draining=True, who="lee", why="patch day")
    assert worker.wait(30) == 0
    assert not _busy(fleet.store.runs())
    fleet.store.set_brake(paused=False, draining=False, who="lee", why="")
    fleet.work(concurrency=4)
    fleet.until(all_done)
    assert once_each(fleet.effects())


def test_a_worker_that_is_told_to_end_lets_its_runs_come_to_rest(fleet: Fleet) -> None:
    fleet.start(20)
    worker = fleet.work(concurrency=2, slowness=0.1)
    fleet.until(lambda runs: any(run.status is Status.DONE for run in runs))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert not _busy(fleet.store.runs())


def test_a_worker_that_is_refused_asks_for_no_further_run_and_stays_at_rest(fleet: Fleet) -> None:
    """Each run would sign in again with the same credentials, and lock the account; so would the worker that takes its place."""
    fleet.start(8)
    (fleet.folder / "refuses").touch()
    worker = fleet.work(concurrency=2)
    fleet.until(lambda _: "This worker takes no further run." in (fleet.folder / "errors").read_text())
    fleet.until(lambda runs: not _busy(runs))
    assert worker.poll() is None
    worker.send_signal(signal.SIGINT)
    assert worker.wait(30) == 0
    asked = (fleet.folder / "asked").read_text().splitlines()
    assert 1 <= len(asked) <= 2  # what two threads had begun before either was refused
    assert sorted(str(run.status) for run in fleet.store.runs()) == ["failed"] * len(asked) + ["ready"] * (8 - len(asked))


def test_a_database_that_is_away_and_is_back_is_told_once_each(fleet: Fleet, postgres: PostgresServer) -> None:
    fleet.work(concurrency=1, sweep=0.1)
    _until_listening(fleet.address)
    name = conninfo_to_dict(fleet.address)["dbname"]
    errors = fleet.folder / "errors"
    with psycopg.connect(postgres.address(), autocommit=True) as administrator:
        administrator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        administrator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        _until(lambda: "tried again until it can: " in errors.read_text())
        administrator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
    fleet.start(1)
    fleet.until(all_done)
    _until(lambda: "again.\n" in errors.read_text())
    # Procrastinate notices by itself, some time before or after.
    told = [line for line in errors.read_text().splitlines() if not line.startswith("No jobs can be taken; tried again in ")]
    away, back = told
    assert away.startswith("The journal cannot be worked with, and is tried again until it can: ")
    assert back == "The journal can be worked with again."


def _until(so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not so():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_a_damaged_run_is_told_once_and_left_and_the_others_go_on(fleet: Fleet) -> None:
    row, entry, _ = fleet.start(3)
    with fleet.store.connection.write() as tx:
        tx.rows("UPDATE run SET started_by = 'x' WHERE run_id = ?", [row])
        tx.rows("UPDATE entry SET state = 'x' WHERE run_id = ?", [entry])
    fleet.work(concurrency=1, sweep=0.1, lease=1)
    _until_swept(fleet, 10, after=lambda told: row in told and entry in told)
    told = (fleet.folder / "errors").read_text().splitlines()
    assert [line.partition(":")[0] for line in sorted(told)] == [f"run {row}", f"run {entry}"]
    assert all(line.endswith("This worker leaves it as it is; the others go on.") for line in told)
    problems: list[str] = []
    assert [str(run.status) for run in fleet.store.runs(problems=problems) if run.run_id != entry] == ["done"]


def _until_swept(fleet: Fleet, times: int, *, after: Callable[[str], bool]) -> None:
    """Wait for so many sweeps after something was told."""
    give_up, seen = time.monotonic() + 60, set[object]()
    while len(seen) <= times:
        assert time.monotonic() < give_up
        if after((fleet.folder / "errors").read_text()):
            with fleet.store.connection.read() as tx:
                seen.update(at for (at,) in tx.rows("SELECT at FROM psbridge_fleet.sweep WHERE tenant = ?", [TENANT]))
        time.sleep(0.02)


def _busy(runs: list[RunRecord]) -> bool:
    return any(run.status is Status.RUNNING for run in runs)
