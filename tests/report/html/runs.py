"""A playbook and a seed in, the run's record, entries and table as `psbridge report` reads them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from psbridge.cli.report import listing_of
from psbridge.clock import SkippingClock
from psbridge.discovery import find_playbooks
from psbridge.endpoints import Endpoints
from psbridge.engine import Desk, Engine, NotDue, Waiting
from psbridge.journal import Entry, RunRecord, Signal, SqliteStore
from psbridge.report.html import Listing, page
from psbridge.simulator import SimulatedOrganisation
from psbridge.transports.base import Transport
from psbridge.transports.local import LOCAL, LocalTransport
from psbridge.transports.simulated import SimulatedTransport

__all__ = ["EVERY_PLAYBOOK", "MADE", "SEEDS", "Told", "rehearsed"]

MADE: Final = datetime(2018, 7, 20, 12, 0, tzinfo=UTC)
FIXTURES: Final = Path(__file__).resolve().parents[3] / "fixtures"
SEEDS: Final = FIXTURES / "tenants"
# Who each playbook is run for, where, and with what.
EVERY_PLAYBOOK: Final[Mapping[str, tuple[str, dict[str, str]]]] = {
    "duplicate-mailbox-delete-account": ("option-0", {"identity": "testduplicate@domain.com"}),
    "duplicate-mailbox-remove-license": ("option-1", {"identity": "testlicense@domain.com"}),
    "duplicate-mailbox-validation-error": ("option-3", {"identity": "testlicense@domain.com"}),
    "duplicate-mailbox-scan": ("scan", {}),
    "migration-report": ("migration", {"identity": "user@domain.com"}),
    "mobile-phone": ("mobile-phone", {"identity": "testmobile@domain.com"}),
    "mobile-phone-scan": ("mobile-phone", {}),
    "mobile-phone-set": ("mobile-phone", {"identity": "testmobile@domain.com", "number": "+1 555 0100"}),
    "mobile-phone-probe": ("mobile-phone", {"identity": "testmobile@domain.com"}),
    "mobile-phone-override": ("mobile-phone", {"identity": "testmobile@domain.com", "keep": "on-premises"}),
    "mobile-phone-bypass": ("mobile-phone", {"turn": "on"}),
}


@dataclass(frozen=True)
class Told:
    """What the page is made from."""

    run: RunRecord
    entries: list[Entry]
    signals: list[Signal]
    listing: Callable[[], Listing | None]

    def page(self, *, made_at: datetime = MADE) -> str:
        """The whole page."""
        pieces = page(
            self.run,
            self.entries,
            made_at=made_at,
            command=_command,
            signals=self.signals,
            listing=self.listing(),
            about="What it does.",
        )
        return "".join(pieces)


def rehearsed(
    folder: Path,
    name: str,
    seed: str = "",
    *,
    approve: bool = True,
    leave: Callable[[Desk, str], bool] = lambda _desk, _run: False,
    then: Callable[[Desk, str], object] = lambda _desk, _run: None,
    **inputs: str,
) -> Told:
    """Carry a run as far as it goes by itself, or until `leave`; then do to it what `then` does."""
    known, needed = EVERY_PLAYBOOK[name]
    organisation = SimulatedOrganisation.from_seed(seed or known)
    clock = SkippingClock(organisation.state.now)

    def transport(endpoint: str) -> Transport:
        return LocalTransport() if endpoint == LOCAL else SimulatedTransport(organisation, endpoint, clock)

    store = SqliteStore(folder / "journal.db")
    endpoints = Endpoints(transport)
    try:
        engine = Engine(store, find_playbooks(), endpoints, clock=clock, tenant="simulated domain.onmicrosoft.com")
        run_id = engine.start(name, {**needed, **inputs})
        while _goes_on(engine, run_id, clock, approve=approve) and not leave(engine, run_id):
            pass
        then(engine, run_id)
        entries = engine.entries(run_id)
        return Told(engine.run(run_id), entries, store.signals(run_id), lambda: listing_of(entries))
    finally:
        endpoints.close()
        store.close()


def _goes_on(engine: Engine, run_id: str, clock: SkippingClock, *, approve: bool) -> bool:
    outcome = engine.advance(run_id)
    if not isinstance(outcome, Waiting | NotDue):
        return False
    pending = engine.pending_approvals(run_id)
    if pending and not approve:
        return False
    for asked in pending:
        engine.approve(run_id, asked.key, asked.sha)
    if not pending:
        clock.sleep(max(timedelta(), outcome.until - clock.now()).total_seconds())
    return True


def _command(name: str, *arguments: str) -> str:
    return " ".join(("psbridge", name, *arguments))
