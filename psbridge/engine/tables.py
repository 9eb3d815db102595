"""Rows in, tables on the disk out: what a run has read of many objects, and what it concluded from them.

Each run has a SQLite file of its own beside the journal; the journal keeps how many rows a table has, the hash of what was read
and where the file is. A table that is not whole is as good as none: it is made again. Memory does not grow with the rows.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from psbridge.errors import InputError, JournalError

__all__ = ["Cell", "Kept", "Query", "Row", "TableWriter", "Tables", "read_table", "table_name"]

Cell: TypeAlias = str | int | None
Row: TypeAlias = Sequence[Cell]

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,50}")
# Rows that are handed to SQLite together.
_TOGETHER: Final = 500
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_META: Final = "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, count INTEGER NOT NULL, sha256 TEXT NOT NULL)"
# What SQLite holds in memory: 8 MB of pages. What it sorts goes to files.
_PRAGMAS: Final = ("PRAGMA journal_mode = TRUNCATE", "PRAGMA cache_size = -8192", "PRAGMA temp_store = FILE")
_REMEDY: Final = "See to the disk, then retry the run: the table is made again."


@dataclass(frozen=True, slots=True)
class Kept:
    """A table that is whole: its rows, and the hash of what they were made of."""

    count: int
    sha256: str


class Tables:
    """The tables of one run. The file is opened when it is needed; one that is damaged is begun anew."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    @property
    def path(self) -> Path:
        """The file. Raises InputError where nobody said where tables are kept."""
        if self._path is None:
            raise InputError("This playbook keeps tables, and the engine was not told where: Engine(..., tables=FOLDER)")
        return self._path

    def kept(self, name: str) -> Kept | None:
        """What is known of a table that is whole; None where there is none."""
        if self._database is None and not self.path.exists():
            return None
        with self._failing():
            found = self._open().execute("SELECT count, sha256 FROM kept WHERE name = ?", (name,)).fetchone()
        return None if found is None else Kept(*found)

    def write(self, name: str, columns: Sequence[str], index: Sequence[str] = ()) -> TableWriter:
        """Begin a table anew; it is not there before `finish`."""
        with self._failing():
            return TableWriter(self._open(), self.path, name, columns, index)

    def rows(self, statement: str, parameters: Sequence[Cell] = ()) -> Iterator[tuple[Cell, ...]]:
        """What a SELECT over the tables gives, row by row."""
        with self._failing():
            yield from self._open().execute(statement, parameters)

    def close(self) -> None:
        """Close the file; what was not finished is gone."""
        database, self._database = self._database, None
        if database is not None:
            database.close()

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = _opened(self.path)
        return self._database

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise JournalError(str(self.path), f"the tables of the run cannot be used ({error})", remedy=_REMEDY) from error


class Query:
    """Reads the tables of a run with a SELECT; what `tabulate` makes its rows from."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def __call__(self, statement: str, *parameters: Cell) -> Iterator[tuple[Cell, ...]]:
        """Give the rows one by one."""
        return self._tables.rows(statement, parameters)


class TableWriter:
    """One table while it is made; all of it is written or nothing."""

    def __init__(
        self, database: sqlite3.Connection, path: Path, name: str, columns: Sequence[str], index: Sequence[str] = ()
    ) -> None:
        for word in (name, *columns):
            if not _NAME.fullmatch(word):
                raise InputError(f"{word!r} cannot name a table or a column; use letters, digits and _")
        self._database, self._path, self._name, self._columns, self._index = database, path, name, columns, index
        self._insert = f'INSERT INTO "{name}" VALUES ({", ".join("?" for _ in columns)})'  # noqa: S608 - checked names only
        self._waiting: list[Row] = []
        self.count = 0
        if database.in_transaction:
            database.rollback()
        database.execute("BEGIN IMMEDIATE")
        database.execute("DELETE FROM kept WHERE name = ?", (name,))
        database.execute(f'DROP TABLE IF EXISTS "{name}"')
        database.execute(f'CREATE TABLE "{name}" ({", ".join(columns)})')

    def add(self, row: Row) -> None:
        """Add a row. Raises JournalError where the disk refuses."""
        self._waiting.append([_storable(cell) for cell in row])
        self.count += 1
        if len(self._waiting) >= _TOGETHER:
            self._flush()

    def finish(self, sha256: str) -> Kept:
        """Make its indexes and keep it. Raises JournalError where the disk refuses."""
        self._flush()
        try:
            for column in self._index:
                self._database.execute(f'CREATE INDEX "{self._name}_{column}" ON "{self._name}" ({column})')
            self._database.execute("INSERT INTO kept VALUES (?, ?, ?)", (self._name, self.count, sha256))
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._refused(error) from error
        return Kept(self.count, sha256)

    def abandon(self) -> None:
        """Leave no trace of it; after `finish` this does nothing."""
        with contextlib.suppress(sqlite3.Error):
            if self._database.in_transaction:
                self._database.rollback()

    def _flush(self) -> None:
        try:
            self._database.executemany(self._insert, self._waiting)
        except sqlite3.Error as error:
            raise self._refused(error) from error
        self._waiting.clear()

    def _refused(self, error: sqlite3.Error) -> JournalError:
        return JournalError(str(self._path), f"the table {self._name} cannot be written ({error})", remedy=_REMEDY)


def _storable(cell: Cell) -> Cell:
    """SQLite keeps UTF-8: half a surrogate pair, which CLIXML can hold, becomes a question mark."""
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) and not cell.isascii() else cell


def table_name(key: str) -> str:
    """The name of the table of a step."""
    return key.replace("-", "_")


def read_table(path: Path, name: str) -> tuple[tuple[str, ...], Iterator[tuple[Cell, ...]]]:
    """The columns of a table that is whole, and its rows one by one. Raises InputError where it is not there any more."""
    if not path.exists() or not _NAME.fullmatch(name):
        raise InputError(f"{path} is not there; the table {name} is kept on the machine on which the run was carried on")
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        if database.execute("SELECT 1 FROM kept WHERE name = ?", (name,)).fetchone() is None:
            raise InputError(f"{path} has no table {name}")
        cursor = database.execute(f'SELECT * FROM "{name}" ORDER BY rowid')  # noqa: S608 - a checked name
    except sqlite3.Error as error:
        database.close()
        raise InputError(f"{path} cannot be read: {error}") from error
    return tuple(column[0] for column in cursor.description), _rows(database, cursor)


def _rows(database: sqlite3.Connection, cursor: sqlite3.Cursor) -> Iterator[tuple[Cell, ...]]:
    with contextlib.closing(database):
        yield from cursor


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in _DAMAGED:
            raise
        # It holds nothing that cannot be read again. A journal that was left behind must not be played into the new file.
        path.unlink()
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # names and addresses are in it
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            database.execute(pragma)
        database.execute(_META)
    except sqlite3.Error:
        database.close()
        raise
    return database
