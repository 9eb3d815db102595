"""The sessions of one command or program: on slots that are renewed as long as they are open, and given back with them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.errors import Throttled
from psbridge.fleet.bench import SlottedEndpoints
from psbridge.fleet.slots import Slots
from psbridge.fleet.store import FleetStore
from tests.fleet.working import TENANT, FleetEndpoints
from tests.postgres_server import PostgresServer

CAPS = {"exo": 1, "onprem": 1}
LEASE = timedelta(seconds=0.6)


@pytest.fixture
def store(postgres: PostgresServer) -> Iterator[FleetStore]:
    with FleetStore(postgres.new_database(), tenant=TENANT) as store:
        yield store


def slots(store: FleetStore) -> Slots:
    return Slots(store.connection, TENANT, CAPS, lease=timedelta(minutes=5))


def test_slots_outlive_their_lease_as_long_as_the_sessions_are_open(store: FleetStore, tmp_path: Path) -> None:
    renewed: list[float] = []

    class Noted(Slots):
        def renew(self) -> None:
            super().renew()
            renewed.append(time.monotonic())

    mine = Noted(store.connection, TENANT, CAPS, lease=LEASE)
    ends = SlottedEndpoints(FleetEndpoints(tmp_path, 0), mine, lease=LEASE)
    assert ends.reserve(["exo", "directory"])
    begun, give_up = time.monotonic(), time.monotonic() + 30
    while not renewed or renewed[-1] - begun < 2 * LEASE.total_seconds():
        assert time.monotonic() < give_up
        time.sleep(0.05)
    others = slots(store)
    assert others.take(["exo"]) is None
    ends.close()
    assert others.take(["exo"])


def test_all_that_a_run_needs_is_had_at_once_or_nothing(store: FleetStore, tmp_path: Path) -> None:
    mine, others = SlottedEndpoints(FleetEndpoints(tmp_path, 0), slots(store), lease=timedelta(minutes=1)), slots(store)
    taken = others.take(["onprem"])
    assert taken
    assert not mine.reserve(["exo", "onprem"])
    assert others.take(["exo"]), "what was free is not kept by who cannot have the other"
    with pytest.raises(Throttled, match="as many sessions as the limits allow"):
        mine.session("onprem")
    others.give_back(taken)
    assert mine.reserve(["onprem"])
    mine.close()


def test_a_journal_that_is_gone_keeps_no_session_open(postgres: PostgresServer, tmp_path: Path) -> None:
    store = FleetStore(postgres.new_database(), tenant=TENANT)
    ends = SlottedEndpoints(FleetEndpoints(tmp_path, 0), slots(store), lease=timedelta(minutes=1))
    ends.session("exo")
    store.close()
    ends.close()
    assert "close exo" in (tmp_path / "sessions").read_text()
