"""Requests in, their answers into an inbox, one after another, in a thread of its own.

A request over HTTP cannot be waited for with an exact limit, nor broken off by Ctrl+C on Windows; an inbox can. A thread
that is stuck in a request is left behind: it ends when its connection times out, and keeps no process alive.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final

from psbridge.transports.shell import Shell

__all__ = ["Courier", "Delivery"]

Job = Callable[[Shell], object]
_Jobs = SimpleQueue[tuple[int, Job] | None]
_tickets: Final = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a request: its value, or what it raised. Ticket 0 is no request: somebody wants to be looked at."""

    ticket: int
    value: object = None
    error: Exception | None = None


class Courier:
    """One connection and the thread that uses it. A forgotten one ends its thread."""

    def __init__(self, make: Callable[[], Shell], inbox: SimpleQueue[Delivery]) -> None:
        self._jobs: _Jobs = SimpleQueue()
        thread = threading.Thread(target=_carry, args=(make, self._jobs, inbox), name="psbridge-wsman", daemon=True)
        thread.start()
        self._end = weakref.finalize(self, self._jobs.put, None)

    def put(self, job: Job) -> int:
        """Hand a request over; gives the ticket that its delivery will have."""
        ticket = next(_tickets)
        self._jobs.put((ticket, job))
        return ticket

    def end(self) -> None:
        """End the thread after what it has; does not wait for it."""
        self._end()


def _carry(make: Callable[[], Shell], jobs: _Jobs, inbox: SimpleQueue[Delivery]) -> None:
    shell: Shell | None = None
    while (item := jobs.get()) is not None:
        ticket, job = item
        try:
            shell = shell or make()
            inbox.put(Delivery(ticket, job(shell)))
        except Exception as error:  # noqa: BLE001 - the waiting thread judges it (faults.py); none must be lost here
            inbox.put(Delivery(ticket, error=error))
    if shell:
        with contextlib.suppress(OSError):
            shell.wsman.close()
