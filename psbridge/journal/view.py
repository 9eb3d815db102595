"""A journal file in, its runs and entries out; nothing is ever written. Every chain and seal is checked on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, Self

from psbridge.errors import InputError, JournalError
from psbridge.journal.connection import Connection, Transaction
from psbridge.journal.records import (
    GENESIS,
    Approval,
    Draft,
    Entry,
    Kind,
    RunRecord,
    Signal,
    Status,
    chained,
    dump,
    read_time,
    sealed,
    write_time,
)
from psbridge.journal.schema import RUN_COLUMNS
from psbridge.journal.worker_lock import WorkerLock

__all__ = ["JournalView", "run_row", "storable"]

_REMEDY: Final = "The file was damaged or changed by hand. Restore the last good copy and keep this one as evidence."
_SELECT_RUN: Final = f"SELECT {', '.join(RUN_COLUMNS)}, seal FROM run"  # noqa: S608 - constants only


class JournalView:
    """The reading side of a journal; status, show and approvals' lists need no more."""

    def __init__(self, path: Path) -> None:
        """Open for reading only. Raises JournalError if the file is missing, damaged, foreign or newer."""
        self._connection = Connection(path, read_only=True)
        self._lock = WorkerLock(path)

    @property
    def path(self) -> str:
        """The journal's file."""
        return self._connection.path

    def run(self, run_id: str) -> RunRecord:
        """One run. Raises InputError if there is none of this id."""
        with self._connection.read() as tx:
            return self._run(tx, run_id)

    def runs(self, *statuses: Status) -> list[RunRecord]:
        """All runs, oldest first, or those in these statuses."""
        with self._connection.read() as tx:
            found = [self._as_run(row) for row in tx.rows(_SELECT_RUN)]
        wanted = [run for run in found if not statuses or run.status in statuses]
        return sorted(wanted, key=lambda run: (run.started_at, run.run_id))

    def entries(self, run_id: str) -> list[Entry]:
        """The journal of one run, in order, proved whole: no entry lost, changed or moved."""
        with self._connection.read() as tx:
            run = self._run(tx, run_id)
            rows = tx.rows("SELECT * FROM entry WHERE run_id = ? ORDER BY seq", (run_id,))
        return self._proved(run, rows)

    def approvals(self, run_id: str) -> list[Approval]:
        """Every approval ever given to a run, oldest first."""
        with self._connection.read() as tx:
            return self._approvals(tx, run_id)

    def signals(self, run_id: str) -> list[Signal]:
        """Every word from outside to a run, in order."""
        with self._connection.read() as tx:
            return self._signals(tx, run_id)

    def verify(self) -> list[str]:
        """Check the whole file, every chain and every seal; gives what is wrong, empty if nothing."""
        problems = self._connection.integrity()
        for run in self._tolerant_runs(problems):
            try:
                self.entries(run.run_id)
                self.approvals(run.run_id)
                self.signals(run.run_id)
            except JournalError as error:
                problems.append(error.problem)
        return problems

    def last_worker(self) -> str:
        """Who works on this journal, or worked on it when it was killed; empty if the last worker ended well."""
        return self._lock.holder()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _run(self, tx: Transaction, run_id: str) -> RunRecord:
        rows = tx.rows(f"{_SELECT_RUN} WHERE run_id = ?", (run_id,))
        if not rows:
            raise InputError(f"There is no run {run_id!r} in {self.path}; `psbridge runs` lists them")
        return self._as_run(rows[0])

    def _approvals(self, tx: Transaction, run_id: str) -> list[Approval]:
        rows = tx.rows("SELECT * FROM approval WHERE run_id = ? ORDER BY given_at", (run_id,))
        return [self._as_approval(row) for row in rows]

    def _signals(self, tx: Transaction, run_id: str) -> list[Signal]:
        rows = tx.rows("SELECT * FROM signal WHERE run_id = ? ORDER BY seq", (run_id,))
        return [self._as_signal(row) for row in rows]

    def _proved(self, run: RunRecord, rows: Sequence[tuple[Any, ...]]) -> list[Entry]:
        previous = GENESIS
        entries = []
        for number, row in enumerate(rows, start=1):
            entry = self._as_entry(row, previous, number)
            previous = entry.hash
            entries.append(entry)
        if (len(entries), previous) != (run.entries, run.head):
            self._distrust(f"run {run.run_id} has {len(entries)} entries, expected {run.entries} ending in {run.head[:12]}")
        return entries

    def _as_entry(self, row: Sequence[Any], previous: str, number: int) -> Entry:
        run_id, seq, key, kind, state, attempt, input_hash, at, epoch, body, before, found = row
        try:
            draft = Draft(key, Kind(kind), state, attempt, input_hash)
            expected = chained(draft, run_id=run_id, seq=seq, at=at, epoch=epoch, previous=previous, body=body)
            moment, document = read_time(at), json.loads(body)
        except (ValueError, TypeError, AttributeError):
            expected = ""
        if (seq, before, found) != (number, previous, expected):
            self._distrust(f"entry {number} of run {run_id} ({key!r}) does not fit the chain of hashes")
        return Entry(run_id, seq, key, draft.kind, state, attempt, input_hash, moment, epoch, document, before, found)

    def _tolerant_runs(self, problems: list[str]) -> list[RunRecord]:
        with self._connection.read() as tx:
            rows = tx.rows(_SELECT_RUN)
        runs = []
        for row in rows:
            try:
                runs.append(self._as_run(row))
            except JournalError as error:
                problems.append(error.problem)
        return runs

    def _as_run(self, row: Sequence[Any]) -> RunRecord:
        values = self._unsealed("run", row)
        given = dict(zip(RUN_COLUMNS, values, strict=True))
        for name in ("started_at", "wake_at", "ended_at", "lease_until"):
            given[name] = None if given[name] is None else read_time(given[name])
        for name in ("inputs", "result"):
            given[name] = None if given[name] is None else json.loads(given[name])
        return RunRecord(**{**given, "status": Status(given["status"]), "changed": bool(given["changed"])})

    def _as_approval(self, row: Sequence[Any]) -> Approval:
        run_id, key, sha, given_at, who, expires_at = self._unsealed("approval", row)
        return Approval(run_id, key, sha, who, read_time(given_at), read_time(expires_at))

    def _as_signal(self, row: Sequence[Any]) -> Signal:
        run_id, seq, name, text, who, at = self._unsealed("signal", row)
        return Signal(run_id, seq, name, text, who, read_time(at))

    def _unsealed(self, table: str, row: Sequence[Any]) -> list[Any]:
        *values, seal = row
        try:
            good = sealed(table, values) == seal
        except TypeError:  # bytes where text was written
            good = False
        if not good:
            self._distrust(f"a row of table {table} ({values[0]!r}) does not fit its seal")
        return values

    def _distrust(self, problem: str) -> NoReturn:
        raise JournalError(self.path, problem, remedy=_REMEDY)


def run_row(run: RunRecord) -> list[object]:
    """The columns of a run, in the order of RUN_COLUMNS."""
    return [_column(getattr(run, name)) for name in RUN_COLUMNS]


def _column(value: object) -> object:
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, Status):
        return value.value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return storable(value)
    if value is None or isinstance(value, int | float):
        return value
    return dump(value)


def storable(text: str) -> str:
    """A text as SQLite can hold it: half a character (a lone surrogate) becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode()
