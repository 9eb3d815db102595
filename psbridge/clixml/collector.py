"""The size of a document in; Python's garbage collector held while it is read, and run when too much was read without it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["collector_paused"]

_LARGE: Final = 1 << 16
_FIRST_LIMIT: Final = 1 << 24
_MUCH: Final = 10_000  # objects


class _Unseen:
    """The bytes that were read since garbage was last looked for, and how many may be.

    What is handed to the oldest generation is not counted by Python, so it would never look there by itself. As long as little
    is found the limit doubles: otherwise whoever keeps all that was read would have it walked again and again.
    """

    def __init__(self) -> None:
        self.size = 0
        self._limit = _FIRST_LIMIT

    def look(self) -> None:
        if self.size > self._limit:
            self.size = 0
            self._limit = _FIRST_LIMIT if gc.collect() > _MUCH else 2 * self._limit


_UNSEEN: Final = _Unseen()


@contextmanager
def collector_paused(size: int) -> Iterator[None]:
    """Hold the garbage collector while many objects are made: it would walk them again and again (remoting-notes section 7).

    What was made goes to the oldest generation at once, by way of the frozen one, unless somebody else keeps objects frozen.
    """
    paused = size > _LARGE and gc.isenabled()
    if paused:
        _UNSEEN.look()
        gc.disable()
    try:
        yield
    finally:
        if paused:
            if gc.get_freeze_count() == 0:
                gc.freeze()
                gc.unfreeze()
                _UNSEEN.size += size
            gc.enable()
