"""Slots and the sessions on them, in one process: what is known of a slot that was lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from psbridge.engine.endpoints import NoEndpoints
from psbridge.fleet.bench import Benches
from psbridge.fleet.slots import Slots
from psbridge.fleet.store import FleetStore
from tests.fleet.working import TENANT
from tests.postgres_server import PostgresServer

LEASE = timedelta(seconds=0.3)


@pytest.fixture
def store(postgres: PostgresServer) -> Iterator[FleetStore]:
    with FleetStore(postgres.new_database(), tenant=TENANT) as made:
        yield made


def slots(store: FleetStore, owner: str, lease: timedelta = LEASE) -> Slots:
    return Slots(store.connection, TENANT, {"exo": 1}, owner=owner, lease=lease)


def test_sessions_whose_slot_was_lost_are_closed_and_not_used_again(store: FleetStore) -> None:
    """A worker that was stopped for longer than the lease: another has its slot, and may have its session open."""
    ours, theirs = slots(store, "ours"), slots(store, "theirs", timedelta(minutes=1))
    benches = Benches(ours, NoEndpoints, idle=60)
    bench = benches.take(["exo"])
    assert bench is not None
    benches.give_back(bench, broken=False)
    time.sleep(2 * LEASE.total_seconds())
    assert theirs.take(["exo"])
    ours.renew()
    assert benches.take(["exo"]) is None
    assert theirs.holds(bench.slots)


def test_a_slot_is_sure_only_as_long_as_its_lease(store: FleetStore) -> None:
    ours = slots(store, "ours")
    taken = ours.take(["exo"])
    assert taken
    assert ours.holds(taken)
    time.sleep(2 * LEASE.total_seconds())
    assert not ours.holds(taken)
    ours.renew()  # nobody else took it
    assert ours.holds(taken)
    ours.give_back(taken)
    assert not ours.holds(taken)
