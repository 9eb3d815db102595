"""The far ends that a scenario is played against: the simulator in this process, the real engine, a recording."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from psbridge.cassettes import Cassette, Playback
from psbridge.clock import SkippingClock
from psbridge.simulator import load_seed
from psbridge.simulator.state import Tenant
from psbridge.transports.base import Transport
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.scenario import Happening, Scenario
from tests.playbooks.sent import Sent, of_log
from tests.simulator.rehearsal import Rehearsal

__all__ = ["Live", "Replayed", "Simulated"]


class Simulated:
    """Our simulator, in this process; its time is the run's."""

    def __init__(self, scenario: Scenario) -> None:
        tenant = load_seed(scenario.seed)
        scenario.prepare(tenant)
        self.rehearsal = Rehearsal(tenant)
        self.clock = self.rehearsal.clock

    def transport(self, endpoint: str) -> Transport:
        return self.rehearsal.transports[endpoint]

    def happen(self, happening: Happening) -> None:
        if happening.simulated is not None:
            happening.simulated(self.rehearsal)

    def passes(self, seconds: float) -> None:
        """The simulator follows the clock at its next command."""

    def state(self) -> Tenant:
        return self.rehearsal.state


class Live:
    """The real engine with a tenant of its own; the time that the run skips passes there too."""

    def __init__(
        self,
        scenario: Scenario,
        sessions: LiveSessions,
        *,
        wrap: Callable[[str, Transport], Transport] = lambda _, transport: transport,
    ) -> None:
        self.tenant = sessions.tenant(seed=scenario.tenant, change=scenario.prepare_live)
        self.clock = SkippingClock(scenario.begin)
        self._sessions, self._wrap = sessions, wrap

    def transport(self, endpoint: str) -> Transport:
        return self._wrap(endpoint, self._sessions.transport(self.tenant, endpoint))

    def happen(self, happening: Happening) -> None:
        if isinstance(happening.live, str):
            self.tenant.operator(happening.live)
        elif happening.live is not None:
            happening.live(self.tenant)

    def passes(self, seconds: float) -> None:
        def later(tenant: dict[str, Any]) -> None:
            clock = tenant["clock"]
            clock["now"] = f"{datetime.fromisoformat(clock['now']) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%f}0Z"

        self.tenant.edit(later)

    def state(self) -> dict[str, Any]:
        return self.tenant.state()

    def log(self) -> list[Sent]:
        """What really ran, as the tenant has written it down."""
        return of_log(self.tenant.log())


class Replayed:
    """A recording; it has no world in which anything could happen."""

    def __init__(self, scenario: Scenario, cassette: Path) -> None:
        self.playback = Playback(Cassette.load(cassette))
        self.clock = SkippingClock(scenario.begin)

    def transport(self, endpoint: str) -> Transport:
        return self.playback.transport(endpoint)

    def happen(self, happening: Happening) -> None:
        """It is in the answers already."""

    def passes(self, seconds: float) -> None:
        """The answers come in their order."""

    def state(self) -> None:
        return None
