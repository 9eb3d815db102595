"""Procrastinate's own tables, in a schema of their own beside the journal."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from procrastinate.schema import SchemaManager

from psbridge.errors import JournalError

__all__ = ["JOBS", "make_job_tables"]

JOBS: Final = "procrastinate"
_LOCK_OF_MAKING: Final = 0x70736274


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
