"""Seconds from now in, what is left of them out."""

from __future__ import annotations

import math
import time

__all__ = ["Deadline"]


class Deadline:
    """A moment by which something must have ended; without seconds it never comes."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._end = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, zero when it has come."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether it has come."""
        return self.remaining == 0.0

    def renew(self) -> None:
        """Begin to count anew: something came."""
        if self.seconds is not None:
            self._end = time.monotonic() + self.seconds

    def within(self, seconds: float) -> Deadline:
        """The earlier one of this and one in `seconds`."""
        return self if self.remaining <= seconds else Deadline(seconds)
