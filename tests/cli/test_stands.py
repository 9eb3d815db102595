"""Where a run stands, as `psbridge runs` and `show` tell it: a worker that was killed is silent, and its lease says how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from psbridge.journal import SqliteStore
from tests.cli.here import psbridge
from tests.journal.making import append, new_run


@pytest.mark.parametrize(
    ("lasts", "told"),
    [
        (timedelta(minutes=20), "; where its worker is gone, psbridge resume takes it over at {until} UTC at the latest"),
        (timedelta(seconds=-1), ", and its worker is gone; psbridge resume takes it over"),
    ],
)
def test_a_run_whose_worker_was_killed_is_silent_until_its_lease_is_over(tmp_path: Path, lasts: timedelta, told: str) -> None:
    now, journal = datetime.now(UTC), tmp_path / "journal.db"
    begun, until = now - timedelta(hours=1), now + lasts
    with SqliteStore(journal) as store, store.worker("kim"):
        store.create(new_run(), now=begun)
        taken = store.acquire("run-1", owner="one", now=begun, until=until, monotonic=0.0, monotonic_until=60.0)[1]
        assert taken is not None
        append(store, taken, "look", now=begun)
    expected = f"silent since {begun:%Y-%m-%d %H:%M:%S} UTC{told.format(until=f'{until:%Y-%m-%d %H:%M:%S}')}"
    assert f"running  {expected}" in psbridge("runs", "--journal", journal).stdout
    assert f"Running: {expected}." in psbridge("show", "run-1", "--journal", journal).stderr
