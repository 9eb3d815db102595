"""Text in; it goes to a file, or to standard output: in UTF-8 where a program reads it, harmless where a person does."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.replacing import replacing
from psbridge.errors import InputError
from psbridge.report.visible import visible

__all__ = ["Output", "opened", "until_nobody_reads"]

# What writing to a pipe without a reader gives; on Windows it is EINVAL.
_NOBODY_READS: Final = (errno.EPIPE, *((errno.EINVAL,) if sys.platform == "win32" else ()))


class Output:
    """A place for text: a file, a pipe, or a terminal if there is no file; `before` is called before a terminal is written to."""

    def __init__(self, file: BinaryIO | None, before: Callable[[], None]) -> None:
        self._file, self._before = file, before

    def write(self, text: str) -> None:
        """Write text as UTF-8, for a terminal with what could steer it made visible; half a surrogate pair becomes `?`."""
        if self._file is None:
            self._before()
            sys.stdout.write(visible(text))
        else:
            self._file.write(text.encode("utf-8", "replace"))


@contextmanager
def opened(path: Path | None, *, reads: str, before: Callable[[], None]) -> Iterator[Output]:
    """Open a file for writing, or standard output where there is no path; `reads` names the file that is read meanwhile.

    `before`: what to do before something is written to a terminal.
    What was at the path is replaced when all is written, and stays if that fails. Raises InputError.
    """
    if path is None:
        with until_nobody_reads():
            yield Output(None if sys.stdout.isatty() else cast("BinaryIO", sys.stdout.buffer), before)
        return
    if path.exists() and Path(reads).exists() and path.samefile(reads):
        raise InputError(f"{path} is the file that is read; name another one to write to.")
    try:
        with replacing(path) as file:
            yield Output(file, before)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.") from None


@contextmanager
def until_nobody_reads(code: ExitCode = ExitCode.DONE) -> Iterator[None]:
    """End the command quietly, with this exit code, when what it writes to is closed (`| head`)."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in _NOBODY_READS:
            raise
        # Python flushes standard output once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(code) from None
