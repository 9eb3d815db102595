"""The queue beside the journal: which runs lack a job, and what a dead worker has left there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from psbridge.engine import Engine
from psbridge.engine.endpoints import NoEndpoints
from psbridge.fleet.jobs import Jobs, make_job_tables
from psbridge.fleet.slots import Slots
from psbridge.fleet.store import FleetStore
from psbridge.fleet.worker import Worker
from psbridge.profile import Limits
from tests.fleet.working import PLAYBOOK, TENANT
from tests.postgres_server import PostgresServer

JOBS = Jobs(TENANT)


@pytest.fixture
def queue(postgres: PostgresServer) -> Iterator[psycopg.Connection]:
    address = postgres.new_database()
    make_job_tables(address, None)
    with psycopg.connect(address, autocommit=True, options="-c search_path=procrastinate") as connection:
        yield connection


@pytest.fixture
def store(queue: psycopg.Connection) -> Iterator[FleetStore]:
    with FleetStore(queue.info.dsn, tenant=TENANT) as made:
        yield made


def put(queue: psycopg.Connection, lock: str, status: str = "todo") -> None:
    """Put a job into the queue."""
    columns = "(queue_name, task_name, queueing_lock, status)"
    queue.execute(f"INSERT INTO procrastinate_jobs {columns} VALUES (%s, 't', %s, %s)".encode(), [JOBS.queue, lock, status])


def start(store: FleetStore, count: int) -> list[str]:
    engine = Engine(store, {PLAYBOOK.name: PLAYBOOK}, tenant=TENANT, actor=lambda: "kim")
    return [engine.start(PLAYBOOK.name, {"identity": "user"}, run_id=f"run-{number}") for number in range(count)]


def lacking(store: FleetStore, limit: int, *but: str) -> list[str]:
    with store.connection.write() as tx:
        return list(JOBS.lacking(tx, store.clock.now(), limit, but=but))


def test_runs_that_wait_for_a_slot_keep_no_later_run_from_a_job(store: FleetStore, queue: psycopg.Connection) -> None:
    waiting, queued, first, damaged, second = start(store, 5)
    put(queue, JOBS.slot_lock_of(waiting))
    put(queue, JOBS.lock_of(queued))
    put(queue, Jobs("fabrikam").lock_of(first))
    put(queue, JOBS.lock_of(second, at=store.clock.now()))
    assert lacking(store, 1, damaged) == [first]
    assert lacking(store, 5, damaged) == [first, second]


def test_what_a_dead_worker_had_in_hand_is_thrown_away(store: FleetStore, queue: psycopg.Connection) -> None:
    """Deleting a job touches tables that are in another schema than the journal's."""
    [run_id] = start(store, 1)
    put(queue, JOBS.lock_of(run_id), "doing")
    with store.connection.write() as tx:
        JOBS.tidy(tx)
    assert queue.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)
    assert lacking(store, 5) == [run_id]


def test_a_run_that_waits_for_a_slot_goes_before_no_other_of_its_kind(store: FleetStore, queue: psycopg.Connection) -> None:
    """What is looked at every second, and goes first, would leave the workers no time for runs that need no such slot."""
    new, begun = start(store, 2)
    now, length = store.clock.now(), timedelta(minutes=1)
    _, lease = store.acquire(begun, owner="o", now=now, until=now + length, monotonic=0, monotonic_until=60)
    assert lease is not None
    store.release(lease, now=now)
    assert Slots(store.connection, TENANT, {"exo": 1}, lease=length).take(["exo"])
    limits = Limits.model_validate({"sessions": {"exo": 1}})
    worker = Worker(queue.info.dsn, {PLAYBOOK.name: PLAYBOOK}, NoEndpoints, tenant=TENANT, limits=limits)
    later = [worker._advance(run_id) for run_id in (new, begun)]
    worker._store.close()
    assert [(job.lock, job.priority) for job in later if job] == [(JOBS.slot_lock_of(new), 0), (JOBS.slot_lock_of(begun), 1)]
