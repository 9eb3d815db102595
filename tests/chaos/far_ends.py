"""The organisations of a round: each endpoint a process that psbridge starts, and an account of what had its effect."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from psbridge.simulator import load_seed
from psbridge.simulator.seed import state_from_json, state_to_json
from psbridge.simulator.server.shared_state import SharedState
from psbridge.simulator.state import Tenant
from tests.playbooks.live_tenant import LiveTenant
from tests.playbooks.scenario import Happening, Scenario
from tests.playbooks.sent import Sent, of_log, writes
from tests.playbooks.witness import LOG, STATE
from tests.playbooks.worlds import SETTLING
from tests.simulator.rehearsal import Rehearsal

__all__ = ["Account", "Engine", "FarEnd", "Simulator"]

_ENDPOINTS = ("onprem", "exo", "directory", "sync")


class Account:
    """What ran: `known` had its effect; of `unknown` the process was killed meanwhile, so only the organisation can tell."""

    def __init__(self, known: Iterable[Sent | str], unknown: Iterable[Sent | str]) -> None:
        self.known, self.unknown = Counter(map(str, known)), Counter(map(str, unknown))

    def of(self, run_id: str, known_as: str) -> Account:
        """The same of a run by another id."""
        known, unknown = ([text.replace(run_id, known_as) for text in some.elements()] for some in (self.known, self.unknown))
        return Account(known, unknown)


class FarEnd(Protocol):
    """What a round is played against."""

    def profile(self) -> Path:
        """The profile that leads to it, in a file."""
        ...

    def now(self) -> datetime:
        """What time it is there."""
        ...

    def until(self, now: datetime) -> None:
        """Let time pass there."""
        ...

    def settle(self, now: datetime) -> None:
        """Let time pass until what the run has set going is over."""
        ...

    def happen(self, happening: Happening) -> None:
        """Let something happen there."""
        ...

    def state(self) -> Any:
        """What it holds."""
        ...

    def account(self) -> Account:
        """Every write, by the far end's own log."""
        ...


class Simulator:
    """Four processes of the simulator that share a file."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self._folder = folder
        tenant = load_seed(scenario.seed)
        scenario.prepare(tenant)
        (folder / STATE).write_bytes(state_to_json(tenant))
        (folder / LOG).touch()

    def profile(self) -> Path:
        endpoints = {name: [sys.executable, "-m", "tests.chaos.endpoint", str(self._folder), name] for name in _ENDPOINTS}
        return _profile(self._folder, endpoints, {name: {} for name in _ENDPOINTS})

    def now(self) -> datetime:
        return self.state().now

    def until(self, now: datetime) -> None:
        SharedState(self._folder / STATE).advance(now)

    def settle(self, now: datetime) -> None:
        self.until(now + timedelta(hours=SETTLING))

    def happen(self, happening: Happening) -> None:
        if happening.simulated is not None:
            there = Rehearsal(self.state())
            happening.simulated(there)
            (self._folder / STATE).write_bytes(state_to_json(there.state))

    def state(self) -> Tenant:
        return state_from_json((self._folder / STATE).read_bytes())

    def account(self) -> Account:
        known, unknown, taken = [], [], None
        for line in _lines(self._folder / LOG):
            if taken is not None and line["event"] == "taken":
                unknown.append(taken)
            sent = Sent(line["endpoint"], line["command"])
            taken = sent if line["event"] == "taken" else None
            known += [sent] if line["event"] == "done" and line["changed"] else []
        return Account(known, [one for one in (*unknown, taken) if one is not None and writes(one.cmdlet.split()[0])])


class Engine:
    """Processes of the real engine that share a tenant."""

    def __init__(self, scenario: Scenario, folder: Path, pwsh: str) -> None:
        self._folder = folder
        self._tenant = LiveTenant(folder, pwsh, seed=scenario.tenant, change=scenario.prepare_live)

    def profile(self) -> Path:
        environments = {name: self._tenant.environment(name) for name in _ENDPOINTS}
        return _profile(self._folder, {name: [self._tenant.pwsh] for name in _ENDPOINTS}, environments)

    def now(self) -> datetime:
        return datetime.fromisoformat(self._tenant.state()["clock"]["now"]).astimezone(UTC)

    def until(self, now: datetime) -> None:
        def later(tenant: dict[str, Any]) -> None:
            tenant["clock"]["now"] = f"{max(now, self.now()):%Y-%m-%dT%H:%M:%S.%f}0Z"

        self._tenant.edit(later)

    def settle(self, now: datetime) -> None:
        self.until(now)
        self._tenant.operator(f"$null = Step-TenantClock -Minutes {SETTLING * 60}")

    def happen(self, happening: Happening) -> None:
        if isinstance(happening.live, str):
            self._tenant.operator(happening.live)
        elif happening.live is not None:
            happening.live(self._tenant)

    def state(self) -> dict[str, Any]:
        return self._tenant.state()

    def account(self) -> Account:
        calls = [call for call in of_log(_lines(self._tenant.log_path)) if call.writes]
        ok, begun = ([replace(call, outcome="") for call in calls if call.outcome == outcome] for outcome in ("ok", "begun"))
        return Account(ok, begun)


def _lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a log; a process that was killed may have left half a line."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _profile(folder: Path, commands: Mapping[str, list[str]], environments: Mapping[str, Mapping[str, str]]) -> Path:
    lines = ['tenant = "domain.onmicrosoft.com"', 'dialect = "msonline"', f"journal = '{folder / 'journal.db'}'"]
    for name, command in commands.items():
        environment = ", ".join(f"{key} = '{value}'" for key, value in environments[name].items())
        lines += [f"[endpoints.{name}]", 'transport = "process"', f"command = {command}", f"environment = {{ {environment} }}"]
    path = folder / "profile.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
