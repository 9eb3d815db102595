"""A journal for many workers: a PostgreSQL database, its own clock, and no server that could lose what it acknowledged."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, Self
from uuid import uuid4

from psbridge.clock import Clock
from psbridge.journal.failures import NEVER_SEEN, is_failure
from psbridge.journal.postgres_connection import PostgresConnection
from psbridge.journal.postgres_schema import FLEET
from psbridge.journal.reading import Journal
from psbridge.journal.records import RunRecord
from psbridge.journal.rows import Transaction
from psbridge.journal.writing import WritableJournal

__all__ = ["CHANNEL", "Notice", "PostgresStore"]

# What NOTIFY goes out on when a run has become ready, for workers that listen; its payload is a `Notice`.
CHANNEL: Final = "psbridge_ready"


@dataclass(frozen=True, slots=True)
class Notice:
    """That a run has become ready again."""

    tenant: str
    run_id: str

    def __str__(self) -> str:
        return json.dumps([self.tenant, self.run_id])

    @classmethod
    def read(cls, payload: str) -> Self | None:
        """None for a payload of another version or program."""
        try:
            tenant, run_id = json.loads(payload)
        except (ValueError, TypeError):
            return None
        return cls(str(tenant), str(run_id))


class _PostgresJournal(Journal):
    """The reading side of a journal in PostgreSQL, where a fleet's brake may count its runs."""

    def _why_kept(self, tx: Transaction, run: RunRecord) -> str:
        if tx.rows("SELECT to_regclass(?)", [f"{FLEET}.brake"]) == [(None,)]:
            return ""
        found = tx.rows(f"SELECT since FROM {FLEET}.brake WHERE tenant = ?", [run.tenant])  # noqa: S608 - a constant
        counts = is_failure(tx, run, found[0][0] if found else NEVER_SEEN)
        return "it counts for stop_after_failures until `psbridge fleet resume`" if counts else ""


class PostgresStore(_PostgresJournal, WritableJournal):
    """A journal in a PostgreSQL database; its tables are made, in a schema of their own, if there are none.

    `where` is a libpq connection string or URL, without a password: that belongs in a password file, a service file or the
    environment (PGPASSFILE, PGSERVICEFILE, PGPASSWORD), or is given as `password`. `connections` is how many threads may write
    at once, `patience` how long, in seconds, a server that does not answer or a lock is waited for. Times are the server's
    (`times="caller"` is for tests: then they are the caller's).

    Raises InputError for a connection string that cannot be used, and JournalError for a server that cannot be reached or could
    lose a commit (engine-notes 5.2), and for tables that are not a journal's.
    """

    _connection: PostgresConnection

    def __init__(
        self,
        where: str,
        *,
        password: str | None = None,
        connections: int = 4,
        patience: float = 15.0,
        times: Literal["server", "caller"] = "server",
    ) -> None:
        connection = PostgresConnection(
            where, password=password, connections=connections, patience=patience, by_server=times == "server"
        )
        super().__init__(connection)
        try:
            connection.prepare(uuid4().hex)
        except BaseException:
            connection.close()
            raise

    @classmethod
    def view(cls, where: str, *, password: str | None = None) -> Journal:
        """Open it to look only: no table is made. Raises what the store raises, and JournalError where there is no journal."""
        connection = PostgresConnection(where, password=password, connections=1, patience=15.0, read_only=True)
        try:
            connection.check_tables()
        except BaseException:
            connection.close()
            raise
        return _PostgresJournal(connection)

    @property
    def clock(self) -> Clock:
        """The server's clock: leases, wake-ups and expiries of all workers go by it."""
        return self._connection.clock

    @contextlib.contextmanager
    def worker(self, holder: str) -> Iterator[None]:
        """Be one of the workers: there may be many, and leases alone keep them apart."""
        _ = holder
        yield

    def __enter__(self) -> Self:
        return self

    def _woken(self, tx: Transaction, run: RunRecord) -> None:
        tx.rows("SELECT pg_notify(?, ?)", [CHANNEL, str(Notice(run.tenant, run.run_id))])
