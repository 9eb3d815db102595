"""A journal file in, its runs and entries out; nothing is ever written."""

from __future__ import annotations

import os
from pathlib import Path

from psbridge.journal.connection import Connection
from psbridge.journal.reading import Journal
from psbridge.journal.worker_lock import WorkerLock

__all__ = ["JournalFile", "JournalView"]


class JournalFile(Journal):
    """What a journal in a file has beside every other."""

    _connection: Connection
    _lock: WorkerLock

    def backup(self, target: str | os.PathLike[str]) -> None:
        """Write a whole copy to a new file; works beside an open run, commits wait for it."""
        self._connection.backup(Path(target).expanduser().resolve())

    def last_worker(self) -> str:
        """Who works on this journal, or worked on it when it was killed; empty if the last worker ended well."""
        return self._lock.holder()


class JournalView(JournalFile):
    """A journal file that is only looked at; works on one that may not be written."""

    def __init__(self, path: Path) -> None:
        """Open for reading only. Raises JournalError if the file is missing, damaged, foreign or newer."""
        super().__init__(Connection(path, read_only=True))
        self._lock = WorkerLock(path)
