"""Procrastinate's own tables, in a schema of their own beside the journal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import psycopg
from procrastinate.schema import SchemaManager

from psbridge.errors import JournalError
from psbridge.journal.records import write_time
from psbridge.journal.rows import Transaction

if TYPE_CHECKING:
    from psbridge.journal.postgres_connection import PostgresTransaction

__all__ = ["JOBS", "Jobs", "make_job_tables"]

JOBS: Final = "procrastinate"
_LOCK_OF_MAKING: Final = 0x70736274
# The journal's texts sort by their bytes, and Procrastinate's index does not.
_LACKING: Final = (
    "SELECT run_id, epoch > 0 FROM run WHERE tenant = ? AND (status = 'ready' "  # noqa: S608 - constants
    "OR (status IN ('waiting', 'operator', 'failed') AND wake_at <= ?) OR (status = 'running' AND lease_until <= ?)) "
    f"AND NOT run_id = ANY(?) AND NOT EXISTS (SELECT 1 FROM {JOBS}.procrastinate_jobs WHERE status = 'todo' "
    """AND queueing_lock IN ((? || run_id) COLLATE "default", (? || run_id) COLLATE "default")) """
    "ORDER BY epoch = 0, coalesce(wake_at, lease_until, started_at) LIMIT ?"
)
# A heartbeat comes every ten seconds.
_LEFT: Final = (
    f"DELETE FROM {JOBS}.procrastinate_jobs j WHERE queue_name = ? AND status = 'doing' AND NOT EXISTS (SELECT 1 FROM "  # noqa: S608 - constants
    f"{JOBS}.procrastinate_workers w WHERE w.id = j.worker_id AND w.last_heartbeat > clock_timestamp() - interval '2 minutes')"
)
_AMONG_THE_JOBS: Final = f"SET LOCAL search_path = {JOBS}"


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

    def lacking(self, tx: PostgresTransaction, now: datetime, limit: int, *, but: Collection[str] = ()) -> dict[str, bool]:
        """The runs of this tenant that can be carried on now by the server's clock, and for which no job stands in the queue.

        With each, whether it is on its way already: those come first, and in both parts what has been due longest; none of those
        that are named in `but`. Whether a run can be trusted shows when it is taken up (JournalDamaged).
        """
        moment = write_time(tx.moment(now))
        locks = [self.lock_of(""), self.slot_lock_of("")]
        return dict(tx.rows(_LACKING, [self._tenant, moment, moment, list(but), *locks, limit]))

    def tidy(self, tx: Transaction) -> None:
        """Throw away what a worker that is gone had in hand: it would stay for ever, and the journal knows what became of it.

        For the rest of the transaction the tables without a schema are Procrastinate's: its triggers name none.
        """
        tx.rows(_AMONG_THE_JOBS)
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
