"""A scan carried to its end, and its findings as a test compares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from playbooks.duplicate_mailbox.scan import playbook
from psbridge.cli.tables import table_of
from psbridge.clock import Clock, SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Cell, Done, Engine
from psbridge.journal import SqliteStore
from psbridge.simulator import SimulatedOrganisation
from psbridge.transports.simulated import SimulatedTransport
from tests.playbooks.change import Change

__all__ = ["BEGIN", "NAME", "RUN", "engine_for", "findings", "scanned", "short", "simulated"]

NAME = playbook.name
RUN = "0a1b2c3d4e5f"
BEGIN = datetime(2018, 7, 15, 15, 45, tzinfo=UTC)


def engine_for(folder: Path, endpoints: Endpoints, clock: Clock | None = None) -> Engine:
    """An engine with the one playbook over a journal in this folder."""
    folder.mkdir(exist_ok=True)
    store = SqliteStore(folder / "journal.db")
    return Engine(store, {NAME: playbook}, endpoints, clock=clock or SkippingClock(BEGIN), tenant="domain.onmicrosoft.com")


def simulated(seed: str, changes: Iterable[Change] = ()) -> Endpoints:
    """Sessions at a simulated organisation, with what is different from its seed."""
    organisation = SimulatedOrganisation.from_seed(seed)
    for change in changes:
        change.simulated(organisation.state)
    clock = SkippingClock(organisation.state.now)
    return Endpoints(lambda endpoint: SimulatedTransport(organisation, endpoint, clock))


def scanned(engine: Engine, *, run_id: str = RUN, **inputs: str) -> Done:
    """Run it to its end."""
    outcome = engine.advance(engine.start(NAME, inputs, run_id=run_id))
    assert isinstance(outcome, Done), outcome
    return outcome


def findings(engine: Engine, run_id: str = RUN) -> Iterator[dict[str, Cell]]:
    """The lines of the table that the run made."""
    table = table_of(engine.entries(run_id))
    assert table is not None
    return table.rows()


def short(engine: Engine, run_id: str = RUN) -> list[tuple[str, str, str]]:
    """Class, user without the domain, and the playbook without what all begin with."""
    return [
        (
            str(line["Class"]),
            str(line["UserPrincipalName"]).partition("@")[0],
            str(line["Playbook"]).removeprefix("duplicate-mailbox-"),
        )
        for line in findings(engine, run_id)
    ]
