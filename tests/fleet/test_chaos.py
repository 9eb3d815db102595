"""A short round of the fleet's chaos; more of them: `python -m tests.fleet.chaos`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fleet.chaos import played
from tests.postgres_server import PostgresServer


@pytest.mark.timeout(180)
def test_runs_outlive_workers_that_are_killed_and_stopped_at_random(postgres: PostgresServer, tmp_path: Path) -> None:
    found = played(postgres, tmp_path, 1, runs=30, workers=2, kills=4, seed=20261127)
    # A machine that is quick is done before the last of them.
    assert found.killed + found.stopped > 0
    assert found.is_right, found
    assert found.steps == 60
