"""A journal file in, its runs and entries out; nothing is ever written. Every chain and seal is checked on the way."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from psbridge.errors import JournalError
from psbridge.journal.connection import Connection
from psbridge.journal.records import Approval, Entry, RunRecord, Signal, Status
from psbridge.journal.rows import Rows
from psbridge.journal.worker_lock import WorkerLock

__all__ = ["JournalView"]


class JournalView:
    """The reading side of a journal; status, show and approvals' lists need no more."""

    def __init__(self, path: Path) -> None:
        """Open for reading only. Raises JournalError if the file is missing, damaged, foreign or newer."""
        self._connection = Connection(path, read_only=True)
        self._rows = Rows(self._connection.path)
        self._lock = WorkerLock(path)

    @property
    def path(self) -> str:
        """The journal's file."""
        return self._connection.path

    def run(self, run_id: str) -> RunRecord:
        """One run. Raises InputError if there is none of this id."""
        with self._connection.read() as tx:
            return self._rows.run(tx, run_id)

    def runs(self, *statuses: Status) -> list[RunRecord]:
        """All runs, oldest first, or those in these statuses."""
        with self._connection.read() as tx:
            found = self._rows.runs(tx)
        wanted = [run for run in found if not statuses or run.status in statuses]
        return sorted(wanted, key=lambda run: (run.started_at, run.run_id))

    def entries(self, run_id: str) -> list[Entry]:
        """The journal of one run, in order, proved whole: no entry lost, changed or moved."""
        with self._connection.read() as tx:
            return self._rows.entries(tx, run_id)

    def approvals(self, run_id: str) -> list[Approval]:
        """Every approval ever given to a run, oldest first."""
        with self._connection.read() as tx:
            return self._rows.approvals(tx, run_id)

    def signals(self, run_id: str) -> list[Signal]:
        """Every word from outside to a run, in order."""
        with self._connection.read() as tx:
            return self._rows.signals(tx, run_id)

    def verify(self) -> list[str]:
        """Check the whole file, every chain and every seal; gives what is wrong, empty if nothing."""
        problems = self._connection.integrity()
        with self._connection.read() as tx:
            runs = self._rows.runs(tx, problems=problems)
        for run in runs:
            try:
                self.entries(run.run_id)
                self.approvals(run.run_id)
                self.signals(run.run_id)
            except JournalError as error:
                problems.append(error.problem)
        return problems

    def backup(self, target: str | os.PathLike[str]) -> None:
        """Write a whole copy to a new file; works beside an open run, commits wait for it."""
        self._connection.backup(Path(target).expanduser().resolve())

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
