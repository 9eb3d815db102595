"""A journal's path in, a checked SQLite connection out: opened, proved to be durable, and held to short transactions.

journal_mode=TRUNCATE and synchronous=FULL belong to the connection, not to the file; SQLite's default lost evidence
that was already acknowledged (engine-notes section 2). A COMMIT that a reader blocks is tried again, never rolled back.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from psbridge.errors import JournalError
from psbridge.journal.records import sealed
from psbridge.journal.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES

__all__ = ["Connection", "Transaction", "create"]

_CHECK_BELOW: Final = 32 * 1024 * 1024
_OPENING_PATIENCE: Final = 10.0
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

_RESTORE: Final = "Restore the last good copy; what is in this file stays as evidence. psbridge changes nothing in it."
# The primary result code: what is wrong, and what to do about it.
_PROBLEMS: Final = {
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", _RESTORE),
    sqlite3.SQLITE_NOTADB: ("the file is no SQLite database", "Name a journal, or a path where none is yet."),
    sqlite3.SQLITE_FULL: ("the disk is full", "Free some space and resume; what was not committed was not done."),
    sqlite3.SQLITE_IOERR: ("the disk could not be read or written", "Check the disk, then resume."),
    sqlite3.SQLITE_READONLY: ("it cannot be written", "Check the rights on the file and its folder."),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "Check the path, and the rights on the file and its folder."),
    sqlite3.SQLITE_PERM: ("access is denied", "Check the rights on the file and its folder."),
    sqlite3.SQLITE_BUSY: (
        "another program keeps it locked",
        "Close what has it open (a database browser, a backup), then resume.",
    ),
    sqlite3.SQLITE_LOCKED: ("another program keeps it locked", "Close what has it open, then resume."),
}


class Transaction:
    """Statements inside one transaction; every result is fetched whole, because an open cursor blocks COMMIT."""

    def __init__(self, connection: sqlite3.Connection, patience: float = 0.0) -> None:
        self._connection = connection
        self._patience = patience

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and give all its rows; where another program locks the file, try again for a while."""
        give_up = time.monotonic() + self._patience
        while True:
            try:
                with contextlib.closing(self._connection.execute(statement, values)) as cursor:
                    return cursor.fetchall()
            except sqlite3.OperationalError as error:
                if _code(error) not in _BUSY or time.monotonic() >= give_up:
                    raise
                time.sleep(0.02)

    def held(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Rows that are about to be written: a write has the whole file for itself."""
        return self.rows(statement, values)

    def moment(self, told: datetime) -> datetime:
        """A file has no clock: the time is what the caller says."""
        return told


class Connection:
    """One SQLite connection for all threads of a process, one transaction at a time."""

    def __init__(self, path: Path, *, read_only: bool = False, patience: float = 120.0) -> None:
        self._path = path
        self._read_only = read_only
        self._patience = patience
        self._lock = threading.RLock()
        with self._problems():
            self._raw = self._open()
        # Whoever drops a store without closing it leaves no lock behind.
        weakref.finalize(self, self._raw.close)

    @property
    def path(self) -> str:
        """The file, for messages."""
        return str(self._path)

    @contextlib.contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent view; nothing is left open afterwards."""
        with self._lock, self._problems():
            tx = Transaction(self._raw, self._patience)
            tx.rows("BEGIN")
            try:
                yield tx
            finally:
                self._raw.rollback()

    @contextlib.contextmanager
    def write(self) -> Iterator[Transaction]:
        """One write, on the disk when this ends; an exception inside leaves nothing behind."""
        if self._read_only:
            raise JournalError(self.path, "it was opened to be read only", remedy="Open it as a store to write.")
        with self._lock, self._problems():
            tx = Transaction(self._raw, self._patience)
            tx.rows("BEGIN IMMEDIATE")
            try:
                yield tx
                # "database is locked" leaves it open and it is tried again: a rollback would throw away what has happened.
                tx.rows("COMMIT")
            except BaseException:
                self._raw.rollback()
                raise

    def integrity(self, *, quick: bool = False) -> list[str]:
        """What SQLite finds wrong with the file; empty if nothing."""
        with self._lock, self._problems():
            found = Transaction(self._raw).rows(f"PRAGMA {'quick_check' if quick else 'integrity_check'}")
        return [] if found == [("ok",)] else [str(row[0]) for row in found]

    def backup(self, target: Path) -> None:
        """Write a copy that is whole in itself to a path where nothing is yet."""
        if target.exists():
            raise JournalError(str(target), "there is a file already", remedy="Name another one.")
        draft = target.with_name(f"{target.name}.{uuid4().hex}.new")
        try:
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            with self._lock:
                Transaction(self._raw).rows("VACUUM INTO ?", (str(draft),))
            _publish(draft, target)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(
                str(target),
                f"the copy cannot be written: {error}",
                remedy="Check the rights and the space of its folder. The journal itself is as it was.",
            ) from error
        finally:
            _thrown_away(draft)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._raw.close()

    def _open(self) -> sqlite3.Connection:
        _must_hold_something(self._path)
        if self._read_only and _in_wal(self._path):
            raise JournalError(
                self.path, "another program switched it to WAL", remedy="Run `PRAGMA journal_mode=TRUNCATE` with that program."
            )
        if self._read_only:
            _roll_back(self._path)
        uri = f"{self._path.as_uri()}?mode={'ro' if self._read_only else 'rw'}"
        raw = sqlite3.connect(uri, uri=True, timeout=0.2, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(raw)
        except BaseException:
            raw.close()
            raise
        return raw

    def _prepare(self, raw: sqlite3.Connection) -> None:
        one = Transaction(raw, min(self._patience, _OPENING_PATIENCE))
        one.rows("PRAGMA trusted_schema=OFF")
        one.rows("PRAGMA cell_size_check=ON")
        self._identify(one)
        if not self._read_only:
            self._make_durable(one)
        if self._path.stat().st_size < _CHECK_BELOW:
            found = one.rows("PRAGMA quick_check")
            if found != [("ok",)]:
                raise JournalError(self.path, f"the file is damaged: {found[0][0]}", remedy=_RESTORE)

    def _make_durable(self, one: Transaction) -> None:
        mode = one.rows("PRAGMA journal_mode=TRUNCATE")[0][0]
        one.rows("PRAGMA synchronous=FULL")
        level = one.rows("PRAGMA synchronous")[0][0]
        if mode != "truncate" or level != 2:
            raise JournalError(
                self.path,
                f"it cannot be made durable: journal_mode is {mode} and synchronous is {level}, expected truncate and 2",
                remedy="Close every other program that has it open; psbridge does not write to it as it is.",
            )

    def _identify(self, one: Transaction) -> None:
        application, version = one.rows("PRAGMA application_id")[0][0], one.rows("PRAGMA user_version")[0][0]
        if application != APPLICATION_ID:
            raise JournalError(self.path, "it is an SQLite database of another program", remedy="Name a journal of psbridge.")
        if version > SCHEMA_VERSION:
            raise JournalError(
                self.path,
                f"it has schema version {version}; this psbridge knows version {SCHEMA_VERSION}",
                remedy="Use the psbridge that wrote it, or a newer one.",
            )
        found = dict(one.rows("SELECT name, sql FROM sqlite_master"))
        if version < SCHEMA_VERSION or found != TABLES:
            raise JournalError(self.path, "its tables are not those of a journal", remedy=_RESTORE)
        for key, value, seal in one.rows("SELECT key, value, seal FROM meta"):
            if sealed("meta", [key, value]) != seal:
                raise JournalError(self.path, f"its entry {key!r} was changed", remedy=_RESTORE)

    @contextlib.contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            problem, remedy = _PROBLEMS.get(_code(error), (f"SQLite says: {error}", _RESTORE))
            raise JournalError(self.path, f"{problem} ({error})", remedy=remedy) from error


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 for an error of Python's own (a text that is no UTF-8)."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def create(path: Path, meta: dict[str, str]) -> None:
    """Make an empty journal; it appears at its path whole or not at all. Does nothing if one is there by then."""
    left_over = path.with_name(path.name + "-journal")
    if left_over.exists() and left_over.stat().st_size:
        raise JournalError(
            str(path),
            f"it is missing, but {left_over.name} is there: a journal was moved or deleted while a write was under way",
            remedy="Put the two files together again. A new journal beside it would be mixed up with the old one.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{uuid4().hex}.new")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _fill(draft, meta)
        _publish(draft, path)
    except (OSError, sqlite3.Error) as error:
        raise JournalError(
            str(path), f"it cannot be made: {error}", remedy="Check the rights and the space of the folder."
        ) from error
    finally:
        for leftover in (draft, draft.with_name(draft.name + "-journal")):
            _thrown_away(leftover)


def _fill(path: Path, meta: dict[str, str]) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode=TRUNCATE")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("BEGIN IMMEDIATE")
        raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
        raw.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        for statement in TABLES.values():
            raw.execute(statement)
        for key, value in meta.items():
            raw.execute("INSERT INTO meta VALUES (?, ?, ?)", (key, value, sealed("meta", [key, value])))
        raw.execute("COMMIT")


def _thrown_away(draft: Path) -> None:
    # Where nothing can be deleted nothing could be made: that is what must be told.
    with contextlib.suppress(OSError):
        draft.unlink()


def _publish(draft: Path, path: Path) -> None:
    """Give the file its name; whoever came first keeps it."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    except OSError:
        # A file system without hard links: the gap between look and rename is as small as it can be.
        if not path.exists():
            draft.rename(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _roll_back(path: Path) -> None:
    """Let SQLite undo a write that a kill interrupted; without that nobody can read the file, and reading alone cannot do it."""
    left_over = path.with_name(path.name + "-journal")
    if left_over.exists() and left_over.stat().st_size:
        Connection(path).close()


def _must_hold_something(path: Path) -> None:
    """Raise JournalError for a file that is missing or empty; SQLite would take an empty one for a new database."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise JournalError(
            str(path), f"it cannot be read: {error.strerror}", remedy="Check the path, and the rights on the file."
        ) from error
    if not size:
        raise JournalError(str(path), "the file is empty; a journal never is", remedy=_RESTORE)


def _in_wal(path: Path) -> bool:
    """Whether the file says that it is in WAL mode; looked up by SQLite alone, and without making a file beside it.

    Closing a file of one's own would take from this process every lock that it has on it (POSIX, fcntl): SQLite's connections
    would write on without. SQLite refuses a file in WAL mode without locks before it makes the -wal and -shm beside it.
    """
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&nolock=1", uri=True, isolation_level=None)) as raw:
        try:
            raw.execute("PRAGMA application_id").fetchall()
        except sqlite3.Error as error:
            # All else is for the opening proper to tell: without locks a write that is under way looks like damage.
            return _code(error) == sqlite3.SQLITE_CANTOPEN
    return False
