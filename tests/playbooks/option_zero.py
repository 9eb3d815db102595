"""OPTION #0 carried from its first look to its end, with the operator's part at the far end played by the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playbooks.duplicate_mailbox.delete_account import playbook
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Engine, NotDue, Outcome, Waiting
from psbridge.journal import SqliteStore
from tests.playbooks.live_tenant import MIGRATE, LiveTenant

__all__ = ["BEGIN", "CAPTURED", "NAME", "RUN", "TARGET", "USER", "begin", "carry_on", "engine_for", "journal_in", "migrated_once"]

NAME = playbook.name
USER = "testduplicate@domain.com"
CAPTURED = "fa38094d-cbfd-46b7-82f6-8a3022e39a66"
TARGET = "e683f1ee-4c85-4b99-b4bc-7511572a361d"
BEGIN = datetime(2018, 7, 15, 15, 45, tzinfo=UTC)
RUN = "0a1b2c3d4e5f"
_MANY = 400


def engine_for(store: SqliteStore, endpoints: Endpoints, clock: SkippingClock) -> Engine:
    """An engine with the one playbook, at the time of the documents."""
    return Engine(
        store, {NAME: playbook}, endpoints, clock=clock, tenant="domain.onmicrosoft.com", actor=lambda: "operator on jump-host"
    )


def begin(engine: Engine, *, run_id: str = RUN, **inputs: str) -> str:
    """Begin the run for the documents' user."""
    return engine.start(NAME, {"identity": USER, **inputs}, run_id=run_id)


def carry_on(engine: Engine, run_id: str, clock: SkippingClock, migrate: Callable[[], object]) -> Outcome:
    """Advance, approve, skip the waits, and have the mailbox migrated when the run waits for it; gives the last outcome."""
    waited_for_migration = 0
    for _ in range(_MANY):
        outcome = engine.advance(run_id)
        match outcome:
            case Waiting() | NotDue() if engine.pending_approvals(run_id):
                (asked,) = engine.pending_approvals(run_id)
                engine.approve(run_id, asked.key, asked.sha)
            case Waiting(until=until, why=why):
                if "to be migrated" in why:
                    waited_for_migration += 1
                    if waited_for_migration == 1:
                        migrate()
                clock.sleep((until - clock.now()).total_seconds())
            case NotDue(until=until):
                clock.sleep((until - clock.now()).total_seconds())
            case _:
                return outcome
    raise AssertionError(f"the run did not end: {outcome}")


def migrated_once(tenant: LiveTenant) -> Callable[[], object]:
    """The operator's part, done once even where a killed run comes to the wait again."""

    def migrate() -> None:
        if not any("testduplicate" in str(move) for move in tenant.state().get("moves", [])):
            tenant.operator(MIGRATE)

    return migrate


def journal_in(folder: Path) -> SqliteStore:
    """A journal of this test's own."""
    return SqliteStore(folder / "journal.db")
