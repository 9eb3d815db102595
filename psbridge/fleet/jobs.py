"""Procrastinate's own tables, in a schema of their own beside the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import psycopg
from procrastinate.schema import SchemaManager

from psbridge.errors import JournalError
from psbridge.journal.rows import Transaction

__all__ = ["JOBS", "Jobs", "make_job_tables"]

JOBS: Final = "procrastinate"
_LOCK_OF_MAKING: Final = 0x70736274
_QUEUED: Final = f"SELECT queueing_lock FROM {JOBS}.procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(?)"  # noqa: S608 - a constant
# A heartbeat comes every ten seconds.
_LEFT: Final = (
    f"DELETE FROM {JOBS}.procrastinate_jobs j WHERE queue_name = ? AND status = 'doing' AND NOT EXISTS (SELECT 1 FROM "  # noqa: S608 - constants
    f"{JOBS}.procrastinate_workers w WHERE w.id = j.worker_id AND w.last_heartbeat > clock_timestamp() - interval '2 minutes')"
)


class Jobs:
    """The jobs of one tenant's workers. A run has one job for now at most, and any number for later times."""

    def __init__(self, tenant: str) -> None:
        self._tenant = tenant
        self.queue = f"psbridge:{tenant}"

    def lock_of(self, run_id: str, *, at: datetime | None = None) -> str:
        """What keeps a second job for now, or for the same second, from standing behind the first."""
        return f"{'now' if at is None else at.isoformat(timespec='seconds')}:{self._tenant}:{run_id}"

    def slot_lock_of(self, run_id: str) -> str:
        """The same for a run that found no slot and tries again in a moment."""
        return f"slot:{self._tenant}:{run_id}"

    def without_job(self, tx: Transaction, due: Mapping[str, bool]) -> dict[str, bool]:
        """Those of these runs for which no job stands in the queue."""
        if not due:
            return {}
        locks = {lock: run_id for run_id in due for lock in (self.lock_of(run_id), self.slot_lock_of(run_id))}
        queued = {locks[lock] for (lock,) in tx.rows(_QUEUED, [list(locks)])}
        return {run_id: begun for run_id, begun in due.items() if run_id not in queued}

    def tidy(self, tx: Transaction) -> None:
        """Throw away what a worker that is gone had in hand: it would stay for ever, and the journal knows what became of it."""
        tx.rows(_LEFT, [self.queue])


def make_job_tables(where: str, password: str | None) -> None:
    """Make them if they are not there; several workers may start at once. Raises JournalError."""
    secret: dict[str, Any] = {} if password is None else {"password": password}
    try:
        with psycopg.connect(where, **secret) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_OF_MAKING])
            row = connection.execute("SELECT to_regclass(%s)", [f"{JOBS}.procrastinate_jobs"]).fetchone()
            if row is None or row[0] is None:
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {JOBS}".encode())
                connection.execute(f"SET LOCAL search_path = {JOBS}".encode())
                connection.execute(SchemaManager.get_schema().encode())
    except psycopg.Error as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise JournalError(
            "the fleet's tables", f"they cannot be made: {lines[0]}", remedy="See to the server's rights."
        ) from error
