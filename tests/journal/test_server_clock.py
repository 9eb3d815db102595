"""What the server's time is, between two of its answers."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from psbridge.journal.server_clock import ServerClock

TOLD = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("steady", "wall"),
    [
        pytest.param(0.0, 90.0, id="the machine slept: one clock stood still"),
        pytest.param(90.0, -3600.0, id="the computer's time was set back"),
        pytest.param(90.0, 90.0, id="both go"),
    ],
)
def test_a_lease_does_not_seem_to_last_because_a_clock_stood_still(
    monkeypatch: pytest.MonkeyPatch, steady: float, wall: float
) -> None:
    began = time.monotonic(), time.time()
    monkeypatch.setattr(time, "monotonic", lambda: began[0])
    monkeypatch.setattr(time, "time", lambda: began[1])
    clock = ServerClock()
    clock.set(TOLD)
    monkeypatch.setattr(time, "monotonic", lambda: began[0] + steady)
    monkeypatch.setattr(time, "time", lambda: began[1] + wall)
    assert clock.now() == TOLD + timedelta(seconds=90)
