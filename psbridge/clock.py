"""Time as something that is handed in: the system's clock at work, a set one in tests."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Clock", "SkippingClock", "SystemClock"]


class Clock(Protocol):
    """What psbridge asks of a clock."""

    def now(self) -> datetime:
        """Give the time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never go back; comparable within one process only."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let this time pass."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        """Give the time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for this time."""
        time.sleep(seconds)


class SkippingClock:
    """A clock for replays and tests: it starts where it is told to, and a wait is over at once."""

    def __init__(self, start: datetime) -> None:
        self._start = self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Give the time that it has come to."""
        return self._now

    def monotonic(self) -> float:
        """Give the seconds that were skipped so far."""
        return (self._now - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Skip this time."""
        self._now += timedelta(seconds=seconds)
