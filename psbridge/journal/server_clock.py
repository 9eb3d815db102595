"""The time on a server in, the time there now out, without asking it again."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

__all__ = ["ServerClock"]


class ServerClock:
    """A clock that goes by a server's, set by every answer of it. Until the first one it is the computer's own.

    Between two answers it goes on by the quicker of the computer's clocks: one may stand still while the machine sleeps, the
    other may be set back, and a lease must not seem to last because of either.
    """

    def __init__(self) -> None:
        self.set(datetime.now(UTC))

    def set(self, told: datetime) -> None:
        """The server has just told its time."""
        self._set = (told.astimezone(UTC), time.monotonic(), time.time())

    def now(self) -> datetime:
        """Give the server's time, as far as it is known."""
        told, steady, wall = self._set
        return told + timedelta(seconds=max(time.monotonic() - steady, time.time() - wall))

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for this time."""
        time.sleep(seconds)
