"""One worker per journal: a file beside it, locked by the operating system, which frees it when the worker dies.

The file tells who holds it. A worker that ends well empties it, so a holder's text without a holder means that the
last worker was killed: then the journal is checked before it is used (engine-notes sections 2.3 and 8).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from psbridge.errors import JournalBusy, JournalError

__all__ = ["WorkerLock"]

# Windows keeps others from reading a locked range, and they must read who holds it: so the lock lies far behind the text.
_FAR: Final = 1 << 30


class WorkerLock:
    """The lock of one journal. Not for several threads at once: the store sees to that."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._path = journal.with_name(journal.name + ".worker")
        self._file: int | None = None

    def acquire(self, holder: str) -> bool:
        """Take the lock; tells whether the last holder ended without giving it back.

        Raises JournalBusy with the text of whoever holds it, JournalError where the file cannot be made.
        """
        while True:
            file = self._open()
            if not _try_lock(file):
                text = _read(file)
                os.close(file)
                raise JournalBusy(str(self._journal), text or "its name is not written yet")
            if self._is_current(file):
                break
            # Somebody removed the file between our opening and locking it; what we hold guards nothing.
            os.close(file)
        unclean = bool(_read(file))
        _write(file, holder)
        self._file = file
        return unclean

    def release(self) -> None:
        """Give the lock back; the file stays, empty."""
        if self._file is not None:
            _write(self._file, "")
            os.close(self._file)
            self._file = None

    def abandon(self) -> None:
        """Let go but leave the file as it says: whoever comes next checks the journal again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def holder(self) -> str:
        """Who holds the lock, or held it when it was killed; empty after a good end. Never takes the lock itself."""
        try:
            return self._path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            return os.open(self._path, flags, 0o600)
        except OSError as error:
            raise JournalError(
                str(self._journal),
                f"the worker lock {self._path.name} cannot be opened: {error.strerror}",
                remedy="A worker must be able to write in the journal's folder.",
            ) from error

    def _is_current(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), self._path.stat())
        except OSError:
            return False


def _read(file: int) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    return os.read(file, 4096).decode("utf-8", "replace").strip()


def _write(file: int, text: str) -> None:
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, text.encode())


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: int) -> bool:
        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        try:
            # flock, not lockf: it belongs to this opening of the file, so two stores of one process exclude each other.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
