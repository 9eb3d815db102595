"""A worker's sessions, kept open between two runs for a moment: opening one costs seconds, and a slot is scarce."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from psbridge.engine.endpoints import Endpoints, EngineSession
from psbridge.fleet.slots import Slots

__all__ = ["Benches", "KeptEndpoints"]


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
