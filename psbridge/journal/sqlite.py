"""The embedded store: one SQLite file on a local disk, one worker, standard library only."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from uuid import uuid4

from psbridge.clock import Clock, SystemClock
from psbridge.errors import JournalError
from psbridge.journal.connection import Connection, create
from psbridge.journal.location import local_path
from psbridge.journal.rows import Transaction
from psbridge.journal.schema import SCHEMA_VERSION
from psbridge.journal.view import JournalFile, JournalView
from psbridge.journal.worker_lock import WorkerLock
from psbridge.journal.writing import WritableJournal

__all__ = ["SqliteStore"]


class SqliteStore(WritableJournal, JournalFile):
    """A journal file that can be written; it is made if there is none.

    Raises JournalError if the place is not safe for a journal, or the file is damaged, foreign, newer, or cannot be
    made durable. `patience` is how long, in seconds, a reader that blocks a commit is borne with.
    """

    def __init__(self, path: str | os.PathLike[str], *, patience: float = 120.0) -> None:
        where = local_path(path)
        if not where.exists():
            create(where, {"schema": str(SCHEMA_VERSION), "journal": uuid4().hex})
        super().__init__(Connection(where, patience=patience))
        self._lock = WorkerLock(where)
        self._workers = 0
        self._guard = threading.Lock()
        self._reign = ""

    @classmethod
    def view(cls, path: str | os.PathLike[str]) -> JournalView:
        """Open a journal for reading only; works on a file that may not be written."""
        return JournalView(Path(path).expanduser().resolve())

    @property
    def clock(self) -> Clock:
        """The computer's own: a file has one machine."""
        return SystemClock()

    @contextlib.contextmanager
    def worker(self, holder: str) -> Iterator[None]:
        """Be the one worker of this journal; may be nested, and shared by the threads of this store.

        The first one in takes the operating system's lock and with it a new reign: every lease of an older reign
        belonged to a worker that is gone. After a worker that was killed the whole file is checked first.
        """
        self._enter(holder)
        try:
            yield
        finally:
            self._leave()

    def __enter__(self) -> Self:
        return self

    def _wipe(self, tx: Transaction) -> None:
        # SQLite would only mark the pages as free.
        tx.rows("PRAGMA secure_delete=ON")

    def _enter(self, holder: str) -> None:
        with self._guard:
            if not self._workers:
                unclean = self._lock.acquire(holder)
                try:
                    if unclean:
                        self._check()
                except BaseException:
                    self._lock.abandon()
                    raise
                self._reign = uuid4().hex
            self._workers += 1

    def _leave(self) -> None:
        with self._guard:
            self._workers -= 1
            if not self._workers:
                self._reign = ""
                self._lock.release()

    def _check(self) -> None:
        problems = self._connection.integrity()
        if problems:
            raise JournalError(
                self.path,
                f"the last worker was killed and the file is damaged: {problems[0]}",
                remedy="Restore the last good copy and keep this one as evidence.",
            )
