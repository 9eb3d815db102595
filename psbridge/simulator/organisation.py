"""A seed or a state in, a simulated hybrid organisation out, with a session at each of its four endpoints."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from psbridge.errors import InputError
from psbridge.simulator.rules.passing import advance
from psbridge.simulator.runspace.records import Invocation, Outcome
from psbridge.simulator.runspace.runspace import Runspace
from psbridge.simulator.seed import load_seed
from psbridge.simulator.state import Tenant
from psbridge.simulator.world import World

__all__ = ["ENDPOINTS", "RunPipeline", "SimulatedOrganisation", "check_endpoint"]

ENDPOINTS: Final = ("onprem", "exo", "directory", "sync")


class RunPipeline(Protocol):
    """A session at one endpoint."""

    def __call__(self, commands: Sequence[Invocation], *, consent: bool = False) -> Outcome:
        """Run a pipeline; see `Runspace.run`."""
        ...


class SimulatedOrganisation:
    """A hybrid organisation in this process. Several threads may use it; one command runs at a time."""

    def __init__(self, state: Tenant) -> None:
        self._world = World(state)
        self._lock = threading.RLock()

    @classmethod
    def from_seed(cls, seed: str | Path) -> SimulatedOrganisation:
        """Begin with a seed. Raises InputError."""
        return cls(load_seed(seed))

    @property
    def state(self) -> Tenant:
        """Everything that lasts."""
        return self._world.state

    def advance(self, until: datetime) -> None:
        """Let time pass: whatever is due until then happens."""
        with self._lock:
            advance(self._world, until)

    def session(self, endpoint: str, clock: Callable[[], datetime] | None = None) -> RunPipeline:
        """A session: a function that runs a pipeline at this endpoint. Raises InputError for an endpoint that is none."""
        check_endpoint(endpoint)
        runspace = Runspace(self._world, endpoint, clock=clock)

        def run(commands: Sequence[Invocation], *, consent: bool = False) -> Outcome:
            with self._lock:
                return runspace.run(commands, consent=consent)

        return run


def check_endpoint(endpoint: str) -> None:
    """Raise InputError for an endpoint that is none."""
    if endpoint not in ENDPOINTS:
        raise InputError(f"There is no endpoint {endpoint!r}; a hybrid organisation has: {', '.join(ENDPOINTS)}")
