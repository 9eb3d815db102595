"""Sessions that stand on slots: a worker's, kept open between two runs for a moment, and those of one command or program."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from psbridge.engine.endpoints import Endpoints, EngineSession
from psbridge.errors import JournalError, Throttled
from psbridge.fleet.slots import Slots
from psbridge.log import logger

__all__ = ["Benches", "KeptEndpoints", "SlottedEndpoints"]


class KeptEndpoints:
    """Endpoints that an engine closes in vain: they stay open for the next run, until the worker gives them up."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints

    def session(self, endpoint: str) -> EngineSession:
        """The session of one endpoint."""
        return self.endpoints.session(endpoint)

    def close(self) -> None:
        """Keep them: see the class."""


@dataclass(slots=True)
class Bench:
    """Sessions with the slots they stand on."""

    endpoints: KeptEndpoints
    slots: list[tuple[str, int]]
    for_endpoints: frozenset[str]
    idle_since: float = field(default_factory=time.monotonic)


class Benches:
    """The benches of one worker. `make` gives new endpoints; `idle` is how long, in seconds, sessions are kept for nobody."""

    def __init__(self, slots: Slots, make: Callable[[], Endpoints], *, idle: float) -> None:
        self._slots, self._make, self._idle = slots, make, idle
        self._free: list[Bench] = []
        self._guard = threading.Lock()

    def take(self, endpoints: Iterable[str]) -> Bench | None:
        """A bench for a run that needs these endpoints; None if there is no slot for it now."""
        wanted = frozenset(endpoints)
        while (bench := self._free_for(wanted)) is not None:
            if self._slots.holds(bench.slots):
                return bench
            self._close(bench)
        slots = self._slots.take(wanted)
        return None if slots is None else Bench(KeptEndpoints(self._make()), slots, wanted)

    def give_back(self, bench: Bench, *, broken: bool) -> None:
        """The run is put down; after an error its sessions are not trusted any more."""
        if broken or self._idle <= 0 or not self._slots.holds(bench.slots):
            self._close(bench)
            return
        bench.idle_since = time.monotonic()
        with self._guard:
            self._free.append(bench)

    def tidy(self) -> None:
        """Close what nobody needed for a while, and what stands on a slot that was lost."""
        now = time.monotonic()
        with self._guard:
            free = self._free
            old = [bench for bench in free if now - bench.idle_since >= self._idle or not self._slots.holds(bench.slots)]
            self._free = [bench for bench in self._free if bench not in old]
        for bench in old:
            self._close(bench)

    def close(self) -> None:
        """Close everything that is free."""
        with self._guard:
            free, self._free = self._free, []
        for bench in free:
            self._close(bench)

    def _free_for(self, wanted: frozenset[str]) -> Bench | None:
        with self._guard:
            for bench in reversed(self._free):
                if bench.for_endpoints == wanted:
                    self._free.remove(bench)
                    return bench
        return None

    def _close(self, bench: Bench) -> None:
        try:
            bench.endpoints.endpoints.close()
        finally:
            self._slots.give_back(bench.slots)


class SlottedEndpoints:
    """Endpoints for one engine: the slots of all that a run needs are taken before its first session, and kept until `close`.

    `lease` is that of the slots: they are renewed by a thread of their own, because sessions stay open over a short wait.
    """

    def __init__(self, endpoints: Endpoints, slots: Slots, *, lease: timedelta) -> None:
        self._endpoints, self._slots, self._every = endpoints, slots, lease.total_seconds() / 3
        self._for: frozenset[str] = frozenset()
        self._taken: list[tuple[str, int]] = []
        self._done = threading.Event()
        self._keeper: threading.Thread | None = None

    def reserve(self, endpoints: Collection[str]) -> bool:
        """Take a slot at each of these, all or none, unless we have them; others are given back first, with their sessions."""
        wanted = frozenset(endpoints)
        if wanted <= self._for and self._slots.holds(self._taken):
            return True
        self.close()
        taken = self._slots.take(wanted)
        if taken is None:
            return False
        self._for, self._taken = wanted, taken
        self._keep()
        return True

    def session(self, endpoint: str) -> EngineSession:
        """The session of one endpoint; one that the playbook does not name gets a slot if there is one. Raises Throttled."""
        if endpoint not in self._for:
            taken = self._slots.take([endpoint])
            if taken is None:
                raise Throttled("others have as many sessions as the limits allow", endpoint=endpoint)
            self._for |= {endpoint}
            self._taken += taken
            self._keep()
        return self._endpoints.session(endpoint)

    def close(self) -> None:
        """Disconnect every session, then give its slot back."""
        self._done.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None
        try:
            self._endpoints.close()
        finally:
            taken, self._taken, self._for = self._taken, [], frozenset()
            try:
                self._slots.give_back(taken)
            except JournalError as error:
                logger.warning("the slots could not be given back, and are free when their lease is over: {}", error)

    def _keep(self) -> None:
        if self._taken and self._keeper is None:
            self._done.clear()
            self._keeper = threading.Thread(target=self._renew, name="psbridge-slots", daemon=True)
            self._keeper.start()

    def _renew(self) -> None:
        while not self._done.wait(self._every):
            try:
                self._slots.renew()
            except JournalError as error:
                logger.warning("the slots could not be renewed: {}", error)
