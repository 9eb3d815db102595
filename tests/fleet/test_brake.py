"""What the brake counts, in one process: failures and questions that nobody planned, but nothing that a person ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from psbridge.errors import HeldBack, InputError
from psbridge.fleet.brake import Brake
from psbridge.fleet.store import FleetStore
from psbridge.journal import Draft, Kind, Lease, NewRun, Pause, Status
from psbridge.journal.postgres import PostgresStore
from psbridge.profile import Limits
from tests.fleet.working import TENANT
from tests.postgres_server import PostgresServer


@pytest.fixture
def store(postgres: PostgresServer) -> Iterator[FleetStore]:
    with FleetStore(postgres.new_database(), tenant=TENANT, limits=Limits(stop_after_failures=1)) as made:
        yield made


def begin(store: PostgresStore, run_id: str) -> Lease:
    now = store.clock.now()
    store.create(NewRun(run_id, "p", "1", TENANT, {}, "kim"), now=now)
    return take(store, run_id)


def take(store: PostgresStore, run_id: str) -> Lease:
    now, minute = store.clock.now(), timedelta(minutes=1)
    _, lease = store.acquire(run_id, owner="one", now=now, until=now + minute, monotonic=0, monotonic_until=60)
    assert lease is not None
    return lease


def destroy(store: FleetStore, run_id: str) -> None:
    store.append(begin(store, run_id), Draft("remove", Kind.DESTROY, "intent"), now=store.clock.now())


def test_a_run_that_stopped_before_a_person_counts_as_a_failure(store: FleetStore) -> None:
    """A destructive step whose outcome is not known is the worst of them."""
    lease = begin(store, "run-1")
    unknown = Pause(Status.OPERATOR, "nobody can tell whether it was deleted", question="look")
    store.suspend(lease, unknown, now=store.clock.now(), seen=0)
    with pytest.raises(HeldBack, match="1 runs failed or stopped"):
        destroy(store, "run-2")


def test_what_failed_before_anybody_asked_for_the_brake_counts_all_the_same(postgres: PostgresServer) -> None:
    """Nothing is taken as seen that nobody has seen: not even what failed before there was a fleet."""
    address = postgres.new_database()
    with PostgresStore(address) as alone:
        alone.finish(begin(alone, "run-1"), now=alone.clock.now(), status=Status.FAILED, why="it failed")
    with FleetStore(address, tenant=TENANT, limits=Limits(stop_after_failures=1)) as store:
        with pytest.raises(HeldBack, match=r"^1 runs failed or stopped, and the limit is 1: somebody must look at them, then"):
            destroy(store, "run-2")
        store.set_brake(paused=False, draining=False, who="lee", why="")  # somebody has looked
        destroy(store, "run-3")
        store.finish(begin(store, "run-4"), now=store.clock.now(), status=Status.FAILED, why="it failed")
        with pytest.raises(HeldBack, match=r"^1 runs failed or stopped since \d{4}-\d\d-\d\d \d\d:\d\d UTC, and the limit is 1"):
            destroy(store, "run-5")


def test_a_failure_that_is_tried_again_still_counts(store: FleetStore) -> None:
    store.finish(begin(store, "run-1"), now=store.clock.now(), status=Status.FAILED, why="it failed")
    store.retry("run-1", who="lee", now=store.clock.now())
    with pytest.raises(HeldBack):
        destroy(store, "run-2")
    store.set_brake(paused=False, draining=False, who="lee", why="")  # somebody has looked
    destroy(store, "run-3")


def test_a_reminder_is_no_failure(store: FleetStore) -> None:
    reminded = Pause(Status.OPERATOR, "three days are left", question="look at it", went_wrong=False)
    store.suspend(begin(store, "run-1"), reminded, now=store.clock.now(), seen=0)
    destroy(store, "run-2")
    assert store.entries("run-2")[-1].state == "intent"


def test_a_question_of_the_playbook_and_a_run_that_was_cancelled_are_no_failures(store: FleetStore) -> None:
    asked = Pause(Status.OPERATOR, "it asks", question="pause the scheduler", signal="paused")
    store.suspend(begin(store, "run-1"), asked, now=store.clock.now(), seen=0)
    store.cancel("run-1", who="lee", why="not now", now=store.clock.now(), monotonic=0)
    destroy(store, "run-2")
    assert store.entries("run-2")[-1].state == "intent"


def test_what_counts_is_forgotten_by_nobody_before_somebody_has_looked(postgres: PostgresServer) -> None:
    """The journal alone refuses it, too: a program need not know that there is a fleet."""
    address = postgres.new_database()
    with FleetStore(address, tenant=TENANT, limits=Limits(stop_after_failures=1)) as store, PostgresStore(address) as journal:
        store.finish(begin(store, "failed"), now=store.clock.now(), status=Status.FAILED, why="it failed")
        store.suspend(begin(store, "stopped"), Pause(Status.OPERATOR, "unknown"), now=store.clock.now(), seen=0)
        store.retry("stopped", who="lee", now=store.clock.now())
        store.finish(take(store, "stopped"), now=store.clock.now(), status=Status.DONE)
        store.finish(begin(store, "done"), now=store.clock.now(), status=Status.DONE)
        for run_id in ("failed", "stopped"):
            for of in (store, journal):
                with pytest.raises(InputError, match=f"Run {run_id} stays: it counts for stop_after_failures until"):
                    of.forget(run_id, who="lee", now=store.clock.now())
        journal.forget("done", who="lee", now=store.clock.now())
        with pytest.raises(HeldBack, match="2 runs failed or stopped"):
            destroy(store, "run-1")
        store.set_brake(paused=False, draining=False, who="lee", why="")  # somebody has looked
        for run_id in ("failed", "stopped"):
            journal.forget(run_id, who="lee", now=store.clock.now())
        assert (journal.verify(), journal.forgotten()) == ([], 3)


def test_the_brake_tells_when_it_was_pulled_and_counts_on_from_its_last_release(postgres: PostgresServer) -> None:
    """Also in a database whose brake was made before it knew that, and whose times are not in UTC."""
    address = postgres.new_database()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {conninfo_to_dict(address)['dbname']} SET timezone = 'Asia/Kolkata'".encode())
    with FleetStore(address, tenant=TENANT) as store, store.connection.write() as tx:
        tx.rows("ALTER TABLE psbridge_fleet.brake DROP COLUMN set_at")
        tx.rows("INSERT INTO psbridge_fleet.brake VALUES (?, true, false, 'lee', 'patching', '2026-01-02 03:04Z')", [TENANT])
    with FleetStore(address, tenant=TENANT) as store, FleetStore(address, tenant=TENANT):
        released = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
        assert store.brake == Brake(paused=True, draining=False, who="lee", why="patching", since=released, set_at=None)
        before = store.clock.now()
        store.set_brake(draining=True, who="kim", why="")
        pulled = store.brake
        assert pulled.set_at is not None
        assert before < pulled.set_at < store.clock.now()
        assert (pulled.since, pulled.since.tzinfo, pulled.set_at.tzinfo) == (released, UTC, UTC)
        store.set_brake(paused=False, draining=False, who="lee", why="")
        assert store.brake.since > pulled.set_at


def test_what_was_cancelled_and_what_failed_where_there_is_no_fleet_is_forgotten(
    store: FleetStore, postgres: PostgresServer
) -> None:
    begin(store, "run-1")
    store.release(Lease("run-1", "one", 1, store.clock.now(), 60), now=store.clock.now())
    store.cancel("run-1", who="lee", why="not now", now=store.clock.now(), monotonic=0)
    store.forget("run-1", who="lee", now=store.clock.now())
    with PostgresStore(postgres.new_database()) as alone:
        alone.finish(begin(alone, "run-1"), now=alone.clock.now(), status=Status.FAILED, why="it failed")
        alone.forget("run-1", who="lee", now=alone.clock.now())
        assert (store.runs(), alone.runs()) == ([], [])
