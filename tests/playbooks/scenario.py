"""A scenario: a playbook, a tenant, inputs and what the world does meanwhile in; what `play` carries to its end.

A new playbook needs no more than a module of these in `scenarios/` (see README.md there).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from psbridge.engine import Done, Failed, Operator, Outcome, Playbook
from psbridge.simulator.state import Tenant
from tests.playbooks.change import Change
from tests.playbooks.golden import Golden
from tests.playbooks.live_tenant import LiveTenant
from tests.simulator.rehearsal import Rehearsal

__all__ = ["BEGIN", "RUN", "Happening", "Scenario", "all_scenarios", "becomes", "scenarios_of"]

BEGIN: Final = datetime(2018, 7, 15, 15, 45, tzinfo=UTC)
RUN: Final = "0a1b2c3d4e5f"


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens at the far end meanwhile, once: when the run waits, when it asks, or after a call.

    - `when`: part of what a wait says it waits for, or the signal of a question to the operator; or
    - `after`: a cmdlet; it happens directly after its first call.
    - `live`: a script for the operator's PowerShell, or a function of the tenant; `simulated`: the same in the simulator.
    """

    when: str = ""
    after: str = ""
    live: str | Callable[[LiveTenant], object] | None = None
    simulated: Callable[[Rehearsal], object] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way of a playbook through one tenant.

    - `name`: of the cassette and the test.
    - `seed`: the simulator's (fixtures/tenants); `tenant`: the real engine's; `changes`: what is different in both.
    - `simulated`, `live`: what only one of them needs.
    - `simulator`: False where the simulator's tenant cannot be made what this scenario needs.
    - `ends`: Done, Failed or Operator; `says`: a part of the error, or of what the operator is told, or "".
    - `result`: what the result of a run that is done holds at least.
    - `unchanged`: the run must not have written anything.
    - `answers`: what the operator answers, by signal.
    - `golden`: the section of the documents whose lines the run must send.
    - `sweep`: it is played with every fault at every call (fault_sweep.py); the main way of a playbook is.
    - `branch`: it is played with faults at the writes that the main way does not have.
    - `recorded`: False where the run makes a table: its journal names a place on the disk.
    - `loses`: the GUIDs of mailboxes that the documents' way loses, too; any other must be kept (`contents_of`).
    """

    name: str
    playbook: Playbook
    inputs: Mapping[str, str]
    ends: type[Done | Failed | Operator] = Done
    says: str = ""
    result: Mapping[str, object] = field(default_factory=dict)
    unchanged: bool = False
    seed: str = "documents"
    tenant: str = "documents.json"
    changes: tuple[Change, ...] = ()
    simulated: Callable[[Tenant], object] | None = None
    simulator: bool = True
    live: Callable[[dict[str, Any]], object] | None = None
    happenings: tuple[Happening, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    golden: Golden | None = None
    sweep: bool = False
    branch: bool = False
    recorded: bool = True
    loses: frozenset[str] = frozenset()
    begin: datetime = BEGIN

    def prepare(self, tenant: Tenant) -> None:
        """Make the simulator's tenant what the scenario needs."""
        for change in self.changes:
            change.simulated(tenant)
        if self.simulated is not None:
            self.simulated(tenant)

    def prepare_live(self, tenant: dict[str, Any]) -> None:
        """Make the real engine's."""
        for change in self.changes:
            change.live(tenant)
        if self.live is not None:
            self.live(tenant)

    def complaint(self, outcome: Outcome) -> str:
        """How an outcome differs from what is expected; empty if it does not."""
        if not isinstance(outcome, self.ends):
            return f"ends as {outcome}, not as {self.ends.__name__}"
        said = {Failed: "error", Operator: "why"}.get(type(outcome), "")
        if said and self.says not in getattr(outcome, said):
            return f"does not say {self.says!r}: {getattr(outcome, said)}"
        if isinstance(outcome, Done) and not self.result.items() <= outcome.result.items():
            return f"the result is {dict(outcome.result)}, not {dict(self.result)}"
        if isinstance(outcome, Failed) and self.unchanged and outcome.changed:
            return "something may have been changed"
        return ""


def becomes(*changes: Change, when: str = "", after: str = "") -> Happening:
    """Both tenants become different, while the run waits or in the moment between two calls."""

    def live(there: LiveTenant) -> None:
        for change in changes:
            there.edit(change.live)

    def simulated(there: Rehearsal) -> None:
        for change in changes:
            change.simulated(there.state)

    return Happening(when=when, after=after, live=live, simulated=simulated)


def all_scenarios() -> list[Scenario]:
    """Every scenario of every module in `scenarios/`."""
    folder = Path(__file__).parent / "scenarios"
    modules = [importlib.import_module(f"tests.playbooks.scenarios.{path.stem}") for path in sorted(folder.glob("[a-z]*.py"))]
    return [scenario for module in modules for scenario in module.SCENARIOS]


def scenarios_of(playbook: str) -> list[Scenario]:
    """Those of one playbook."""
    return [scenario for scenario in all_scenarios() if scenario.playbook.name == playbook]
