"""A connection to a journal in, its runs and entries out. Every chain and seal is checked on the way."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from psbridge.errors import JournalError
from psbridge.journal.consistency import inconsistencies
from psbridge.journal.records import Approval, Entry, RunRecord, Signal, Status, WholeRun
from psbridge.journal.rows import Rows, Transaction
from psbridge.journal.run_list import is_forgotten

__all__ = ["Journal", "JournalConnection", "JournalTransaction"]


class JournalTransaction(Transaction, Protocol):
    """A transaction that knows what time it is where the journal is."""

    def moment(self, told: datetime) -> datetime:
        """The time by the journal's own clock, where it has one; else the time that the caller tells."""
        ...


class JournalConnection(Protocol):
    """The way to the tables of one journal; everything raises JournalError."""

    @property
    def path(self) -> str:
        """Where it is, for messages."""
        ...

    def read(self) -> AbstractContextManager[JournalTransaction]:
        """One consistent view."""
        ...

    def write(self) -> AbstractContextManager[JournalTransaction]:
        """One write, kept for good when this ends; an exception inside leaves nothing behind."""
        ...

    def integrity(self) -> list[str]:
        """What the database itself finds wrong; empty if nothing."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class Journal:
    """The reading side of a journal; status, show and approvals' lists need no more."""

    def __init__(self, connection: JournalConnection) -> None:
        self._connection = connection
        self._rows = Rows(connection.path)

    @property
    def path(self) -> str:
        """Where the journal is, for messages."""
        return self._connection.path

    def run(self, run_id: str) -> RunRecord:
        """One run. Raises InputError if there is none of this id."""
        with self._connection.read() as tx:
            return self._rows.run(tx, run_id)

    def runs(self, *statuses: Status, problems: list[str] | None = None) -> list[RunRecord]:
        """All runs, oldest first, or those in these statuses.

        Raises JournalDamaged for a run whose row cannot be trusted; with `problems` it is told there, and left out.
        """
        with self._connection.read() as tx:
            found = self._rows.runs(tx, *statuses, problems=problems)
        return sorted(found, key=lambda run: (run.started_at, run.run_id))

    def entries(self, run_id: str) -> list[Entry]:
        """The journal of one run, in order, proved whole: no entry lost, changed or moved."""
        with self._connection.read() as tx:
            return self._rows.entries(tx, self._rows.run(tx, run_id))

    def approvals(self, run_id: str) -> list[Approval]:
        """Every approval ever given to a run, oldest first."""
        with self._connection.read() as tx:
            return self._rows.approvals(tx, self._rows.run(tx, run_id))

    def signals(self, run_id: str) -> list[Signal]:
        """Every word from outside to a run, in order."""
        with self._connection.read() as tx:
            return self._rows.signals(tx, self._rows.run(tx, run_id))

    def whole(self, run_id: str) -> WholeRun:
        """All that is kept of one run, as it was at one moment. Raises InputError if there is none of this id."""
        with self._connection.read() as tx:
            run, rows = self._rows.run(tx, run_id), self._rows
            return WholeRun(run, rows.entries(tx, run), rows.approvals(tx, run), rows.signals(tx, run))

    def why_kept(self, run_id: str) -> str:
        """Why a run that has ended cannot be forgotten yet; empty if it can be."""
        with self._connection.read() as tx:
            return self._why_kept(tx, self._rows.run(tx, run_id))

    def forgotten(self) -> int:
        """How many runs were removed on purpose."""
        with self._connection.read() as tx:
            return sum(is_forgotten(key) for (key,) in tx.rows("SELECT key FROM meta"))

    def verify(self) -> list[str]:
        """Check the whole journal: every chain and seal, and that nothing is missing. Gives what is wrong, empty if nothing."""
        problems = self._connection.integrity()
        with self._connection.read() as tx:
            runs = self._rows.runs(tx, problems=problems)
            problems += inconsistencies(tx, self._rows, runs)
        for run in runs:
            try:
                self.whole(run.run_id)
            except JournalError as error:
                problems.append(error.problem)
        return problems

    def _why_kept(self, tx: Transaction, run: RunRecord) -> str:  # noqa: ARG002 - a file counts no failures
        return ""

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
