"""Sessions that stand on slots: a worker's, kept open between two runs for a moment, and those of one command or program."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

from psbridge.engine.endpoints import Endpoints, EngineSession
from psbridge.errors import JournalError, SlotLost, Throttled
from psbridge.fleet.slots import Slots
from psbridge.log import logger

__all__ = ["Bench", "Benches", "SlottedEndpoints"]


class Bench:
    """Sessions with the slots they stand on, for a run that needs these endpoints.

    An engine closes them in vain: they stay open for the next run, until the worker gives them up.
    """

    def __init__(self, endpoints: Endpoints, slots: Slots, taken: list[str], for_endpoints: frozenset[str]) -> None:
        self.for_endpoints, self.taken = for_endpoints, taken
        self.idle_since = time.monotonic()
        self._endpoints = endpoints
        self._seats = _Seats(endpoints, slots)
        self._slots = slots

    @property
    def held(self) -> bool:
        """Whether all its slots are surely still ours."""
        return self._slots.holds(self.taken)

    def reserve(self, endpoints: Collection[str]) -> bool:
        """Whether there are sessions at these: the slots were taken with the bench, and may have been lost since."""
        return self.held and self.for_endpoints.issuperset(endpoints)

    def session(self, endpoint: str) -> EngineSession:
        """The session of one endpoint. Raises SlotLost."""
        return self._seats.session(endpoint, self.taken)

    def close(self) -> None:
        """Keep them: see the class."""

    def stop_if_lost(self) -> None:
        """Stop what is sent through sessions whose slot may be somebody else's; may come from another thread."""
        self._seats.stop_if_lost(self.taken)

    def give_up(self) -> None:
        """Disconnect every session, then give the slots back."""
        try:
            self._endpoints.close()
        finally:
            self._slots.give_back(self.taken)


class Benches:
    """The benches of one worker. `make` gives new endpoints; `idle` is how long, in seconds, sessions are kept for nobody."""

    def __init__(self, slots: Slots, make: Callable[[], Endpoints], *, idle: float) -> None:
        self._slots, self._make, self._idle = slots, make, idle
        self._free: list[Bench] = []
        self._used: set[Bench] = set()
        self._guard = threading.Lock()

    def take(self, endpoints: Iterable[str]) -> Bench | None:
        """A bench for a run that needs these endpoints; None if there is no slot for it now."""
        wanted = frozenset(endpoints)
        while (bench := self._free_for(wanted)) is not None and not bench.held:
            _give_up(bench)
        if bench is None:
            taken = self._slots.take(wanted)
            if taken is None:
                return None
            bench = Bench(self._make(), self._slots, taken, wanted)
        with self._guard:
            self._used.add(bench)
        return bench

    def give_back(self, bench: Bench, *, broken: bool) -> None:
        """The run is put down; after an error its sessions are not trusted any more."""
        keep = not broken and self._idle > 0 and bench.held
        bench.idle_since = time.monotonic()
        with self._guard:
            self._used.discard(bench)
            if keep:
                self._free.append(bench)
        if not keep:
            _give_up(bench)

    def tidy(self) -> None:
        """Close what nobody needed for a while, and what stands on a slot that was lost; what is in use is stopped first.

        Its run ends, or is put down, and gives it back: only who uses a session can close it.
        """
        now = time.monotonic()
        with self._guard:
            used = list(self._used)
            old = [bench for bench in self._free if now - bench.idle_since >= self._idle or not bench.held]
            self._free = [bench for bench in self._free if bench not in old]
        for bench in used:
            bench.stop_if_lost()
        for bench in old:
            _give_up(bench)

    def close(self) -> None:
        """Close everything that is free."""
        with self._guard:
            free, self._free = self._free, []
        for bench in free:
            _give_up(bench)

    def _free_for(self, wanted: frozenset[str]) -> Bench | None:
        with self._guard:
            for bench in reversed(self._free):
                if bench.for_endpoints == wanted:
                    self._free.remove(bench)
                    return bench
        return None


def _give_up(bench: Bench) -> None:
    try:
        bench.give_up()
    except Exception as error:  # noqa: BLE001 - the other benches must be closed all the same
        logger.warning("sessions could not be closed: {}", error)


class SlottedEndpoints:
    """Endpoints for one engine: the slots of all that a run needs are taken before its first session, and kept until `close`.

    `lease` is that of the slots: they are renewed by a thread of their own, because sessions stay open over a short wait.
    """

    def __init__(self, endpoints: Endpoints, slots: Slots, *, lease: timedelta) -> None:
        self._endpoints, self._slots, self._every = endpoints, slots, lease.total_seconds() / 3
        self._seats = _Seats(endpoints, slots)
        self._for: frozenset[str] = frozenset()
        self._taken: list[str] = []
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
        """The session of one endpoint; one that the playbook does not name gets a slot if there is one.

        Raises Throttled, and SlotLost until what was lost is closed.
        """
        if endpoint not in self._for:
            taken = self._slots.take([endpoint])
            if taken is None:
                raise Throttled("others have as many sessions as the limits allow", endpoint=endpoint)
            self._for |= {endpoint}
            self._taken += taken
            self._keep()
        return self._seats.session(endpoint, self._taken)

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
            self._seats = _Seats(self._endpoints, self._slots)
            self._slots.give_back(taken)

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
            self._seats.stop_if_lost(self._taken)


class _Seats:
    """Sessions that are handed out only while their slots are held, and remembered, so that they can be stopped."""

    def __init__(self, endpoints: Endpoints, slots: Slots) -> None:
        self._endpoints, self._slots = endpoints, slots
        self._given: list[EngineSession] = []

    def session(self, endpoint: str, taken: Iterable[str]) -> EngineSession:
        if not self._slots.holds(taken):
            raise SlotLost(self._slots.path, endpoint)
        session = self._endpoints.session(endpoint)
        if session not in self._given:
            self._given.append(session)
        return session

    def stop_if_lost(self, taken: Iterable[str]) -> None:
        """Each is stopped once, and again only when it was handed out again."""
        if not self._slots.holds(taken):
            while self._given:
                self._given.pop().stop()
