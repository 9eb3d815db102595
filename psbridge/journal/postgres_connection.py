"""A libpq connection string in, checked transactions out.

Every transaction begins with one round trip that makes it durable and brings the server's time, so it does not depend on what a
pooler between us and the server kept of a session.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from psbridge.errors import InputError, JournalError
from psbridge.journal.postgres_guards import unsafe
from psbridge.journal.postgres_schema import COLUMNS, SCHEMA, TABLES
from psbridge.journal.records import sealed
from psbridge.journal.schema import SCHEMA_VERSION
from psbridge.journal.server_clock import ServerClock

__all__ = ["PostgresConnection", "PostgresTransaction"]

_SETTINGS: Final = (
    "synchronous_commit",
    "search_path",
    "lock_timeout",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
)
# A library says nothing on a screen that its user did not ask for: what is wrong is raised.
logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
# Two servers may have processes of one number; they have not begun in the same microsecond.
_SESSION: Final = "SELECT pg_backend_pid()::text, (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid()))::text"
_LOCK_OF_MAKING: Final = 0x70736272
_RESTORE: Final = "Restore the last good backup; what is in this database stays as evidence. psbridge changes nothing in it."
_RESUME: Final = "See to the server, then resume; psbridge looks at what the journal holds before it sends anything."


class PostgresTransaction:
    """Statements inside one transaction. A look at a run that is about to be written locks its row."""

    def __init__(
        self, connection: psycopg.Connection[tuple[Any, ...]], clock: ServerClock, *, write: bool, by_server: bool
    ) -> None:
        self._connection, self._clock, self._by_server = connection, clock, by_server
        self._write = write
        self._moment: datetime | None = None

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and give all its rows."""
        cursor = self._connection.execute(statement.replace("?", "%s").encode(), list(values))
        return cursor.fetchall() if cursor.description is not None else []

    def held(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Rows that are about to be written, and the server's time once they are ours.

        PostgreSQL takes the locks of an inner SELECT before it computes what the outer one adds.
        """
        if not self._write:
            return self.rows(statement, values)
        rows = self.rows(f"SELECT locked.*, clock_timestamp() FROM ({statement} FOR UPDATE) AS locked", values)  # noqa: S608 - the caller's constant
        if rows:
            self._told(rows[-1][-1])
        return [row[:-1] for row in rows]

    def moment(self, told: datetime) -> datetime:
        """The server's time, when the rows that are held were ours; without such rows now."""
        if not self._by_server:
            return told
        if self._moment is None:
            self._told(self.rows("SELECT clock_timestamp()")[0][0])
        assert self._moment is not None
        return self._moment

    def _told(self, now: datetime) -> None:
        self._clock.set(now)
        self._moment = now.astimezone(UTC)


class PostgresConnection:
    """The way to one journal. Each thread that writes has a connection of its own while it does."""

    def __init__(
        self,
        where: str,
        *,
        password: str | None = None,
        connections: int,
        patience: float,
        by_server: bool = True,
        read_only: bool = False,
    ) -> None:
        given = _parsed(where)
        self._path = _shown(given)
        self._read_only, self._by_server, self._patience = read_only, by_server, patience
        # Whoever was stopped in the middle of a transaction must not keep others from its run any longer than they wait.
        limits = (f"{2 * patience:g}s", f"{4 * patience:g}s", f"{patience:g}s")
        self._beginnings = {write: _beginning(write, ("on", SCHEMA, *limits)) for write in (False, True)}
        self._wanted = threading.local()
        self._conninfo = make_conninfo(**given, **({} if password is None else {"password": password}))
        self.clock = ServerClock()
        self._pool: ConnectionPool[psycopg.Connection[tuple[Any, ...]]] = ConnectionPool(
            self._conninfo,
            min_size=0,
            max_size=connections,
            timeout=patience,
            reconnect_timeout=patience,
            kwargs={**self._options, "autocommit": True},
            # Whether a connection is still there shows when a transaction begins on it.
            check=self._begin,
            open=False,
        )
        with self._problems():
            self._reach()
            self._pool.open()

    @property
    def _options(self) -> dict[str, Any]:
        return {"connect_timeout": max(2, round(self._patience)), "application_name": "psbridge"}

    @property
    def path(self) -> str:
        """Server and database, for messages; never a password."""
        return self._path

    def prepare(self, journal_id: str) -> None:
        """Make the tables if there are none, and check server and tables. Raises JournalError."""
        self._refuse_shared_sessions()
        with self._begun(write=True) as tx:
            reasons = list(unsafe(tx))
            if reasons:
                raise JournalError(
                    self.path,
                    f"the server could lose what it has acknowledged: {'; '.join(reasons)}",
                    remedy="Have the server's settings changed, then try again. psbridge writes nothing to it as it is.",
                )
            tx.rows("SELECT pg_advisory_xact_lock(?)", [_LOCK_OF_MAKING])
            if not tx.rows("SELECT 1 FROM information_schema.tables WHERE table_schema = ?", [SCHEMA]):
                for statement in TABLES:
                    tx.rows(statement)
                for key, value in {"schema": str(SCHEMA_VERSION), "journal": journal_id}.items():
                    tx.rows("INSERT INTO meta VALUES (?, ?, ?)", [key, value, sealed("meta", [key, value])])
        self.check_tables()

    def check_tables(self) -> None:
        """Raises JournalError where the tables are not those of a journal of this version, or not kept durably."""
        with self.read() as tx:
            found = tx.rows(
                "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = ? "
                "ORDER BY table_name, ordinal_position",
                [SCHEMA],
            )
            if not found:
                raise JournalError(self.path, "there is no journal", remedy="Name it with --journal, or begin a run first.")
            meta = tx.rows("SELECT key, value, seal FROM meta") if ("meta", "seal", "text") in found else []
            self._check_meta(meta)
            if found != COLUMNS:
                raise JournalError(self.path, "its tables are not those of a journal", remedy=_RESTORE)
            statement = "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND "
            forgetful = tx.rows(f"{statement} c.relkind = 'r' AND c.relpersistence <> 'p'", [SCHEMA])
        if forgetful:
            named = ", ".join(name for (name,) in forgetful)
            remedy = "Make it a logged table (ALTER TABLE ... SET LOGGED): an unlogged one is emptied after a crash."
            raise JournalError(self.path, f"the table {named} is not durable", remedy=remedy)

    @contextlib.contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        """One consistent view."""
        with self._begun(write=False) as tx:
            yield tx

    @contextlib.contextmanager
    def write(self) -> Iterator[PostgresTransaction]:
        """One write, committed when this ends; an exception inside leaves nothing behind."""
        if self._read_only:
            raise JournalError(self.path, "it was opened to be read only", remedy="Open it as a store to write.")
        with self._begun(write=True) as tx:
            yield tx

    def integrity(self) -> list[str]:
        """PostgreSQL checks its pages itself when they are read."""
        return []

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    @contextlib.contextmanager
    def _begun(self, *, write: bool) -> Iterator[PostgresTransaction]:
        self._wanted.write = write
        # The block of the connection commits, or takes everything back.
        with self._problems(), self._pool.connection() as raw:
            yield PostgresTransaction(raw, self.clock, write=write, by_server=self._by_server)
            if raw.info.transaction_status is not TransactionStatus.INTRANS:
                # PostgreSQL would answer a COMMIT of what has failed with a ROLLBACK, and no error.
                raise JournalError(self.path, "a statement of this transaction has failed", remedy=_RESUME)

    def _begin(self, raw: psycopg.Connection[tuple[Any, ...]]) -> None:
        """Begin what this thread wants; the pool has another connection tried where this one fails."""
        begun = raw.execute(self._beginnings[self._wanted.write], prepare=False)
        begun.nextset()
        self.clock.set(begun.fetchall()[0][0])

    def _reach(self) -> None:
        """One connection by hand first: the pool would try again and again, and keep to itself why it fails."""
        psycopg.connect(self._conninfo, **self._options).close()

    def _refuse_shared_sessions(self) -> None:
        """Raise JournalError for a pooler that gives a session to another connection between two transactions.

        A connection's session is another one than that of any connection beside it, and never changes: what is found is proved.
        A pooler of which others make much use at this moment may go unnoticed.
        """
        with self._problems(), psycopg.connect(self._conninfo, autocommit=True, **self._options) as beside:
            first = beside.execute(_SESSION).fetchall()
            with self.read() as tx:
                shared = tx.rows(_SESSION) == first or beside.execute(_SESSION).fetchall() != first
        if shared:
            raise JournalError(
                self.path,
                "a pooler before the server gives a session to another connection after each transaction",
                remedy="Have it keep sessions (PgBouncer: pool_mode = session), or name the server itself. Nothing was written.",
            )

    @contextlib.contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled) as error:
            raise JournalError(self.path, "another worker or program keeps a row locked", remedy=_RESUME) from error
        except psycopg.errors.InsufficientPrivilege as error:
            remedy = "Give the account the right to make a schema in this database, or make the schema psbridge for it."
            raise JournalError(self.path, f"the account may not do this ({_first_line(error)})", remedy=remedy) from error
        except PoolTimeout as error:
            raise JournalError(
                self.path, f"no connection was free or to be had within {self._patience:g} s", remedy=_RESUME
            ) from error
        except psycopg.OperationalError as error:
            raise JournalError(self.path, f"the server cannot be used ({_first_line(error)})", remedy=_RESUME) from error
        except psycopg.Error as error:
            raise JournalError(self.path, f"PostgreSQL says: {_first_line(error)}", remedy=_RESTORE) from error

    def _check_meta(self, meta: Sequence[tuple[str, str, str]]) -> None:
        for key, value, seal in meta:
            if sealed("meta", [key, value]) != seal:
                raise JournalError(self.path, f"its entry {key!r} was changed", remedy=_RESTORE)
        version = {key: value for key, value, _ in meta}.get("schema", "")
        if version.isdecimal() and int(version) > SCHEMA_VERSION:
            raise JournalError(
                self.path,
                f"it has schema version {version}; this psbridge knows version {SCHEMA_VERSION}",
                remedy="Use the psbridge that wrote it, or a newer one.",
            )


def _beginning(write: bool, settings: Sequence[str]) -> bytes:  # noqa: FBT001 - there are two kinds
    """Statements of one round trip: the server takes several only without parameters."""
    told = sql.SQL(", ").join(
        sql.SQL("set_config({}, {}, true)").format(name, value) for name, value in zip(_SETTINGS, settings, strict=True)
    )
    return (sql.SQL(_WRITE if write else _READ) + sql.SQL("; SELECT clock_timestamp(), ") + told).as_bytes()


def _parsed(where: str) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(where)
    except psycopg.ProgrammingError as error:
        raise InputError(f"the journal's PostgreSQL address cannot be read: {_first_line(error)}") from None
    if "password" in given:
        raise InputError(
            "the journal's PostgreSQL address must not hold a password: it would be seen in lists of processes and in logs. "
            "Put it into a password file (PGPASSFILE) or a service file (PGSERVICEFILE)"
        )
    return dict(given)


def _shown(given: dict[str, Any]) -> str:
    known = psycopg.conninfo.conninfo_to_dict(make_conninfo(**given))
    host, port = known.get("host") or known.get("service") or "local", known.get("port")
    return f"postgresql://{host}{f':{port}' if port else ''}/{known.get('dbname') or ''}"


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
