"""Procrastinate's own tables, in a schema of their own beside the journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import psycopg
from procrastinate.schema import SchemaManager

from psbridge.errors import JournalError
from psbridge.journal.rows import Transaction

__all__ = ["JOBS", "lock_of", "make_job_tables", "without_job"]

JOBS: Final = "procrastinate"
_LOCK_OF_MAKING: Final = 0x70736274
_QUEUED: Final = f"SELECT queueing_lock FROM {JOBS}.procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(?)"  # noqa: S608 - a constant


def lock_of(run_id: str) -> str:
    """What keeps a second job for now from standing behind the first one of a run."""
    return f"now:{run_id}"


def without_job(tx: Transaction, run_ids: Sequence[str]) -> list[str]:
    """Those of these runs for which no job stands in the queue."""
    if not run_ids:
        return []
    queued = {lock for (lock,) in tx.rows(_QUEUED, [[lock_of(run_id) for run_id in run_ids]])}
    return [run_id for run_id in run_ids if lock_of(run_id) not in queued]


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
