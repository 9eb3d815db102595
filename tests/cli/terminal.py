"""A command at a terminal, as a person sees it: a process of its own on a pseudo-terminal, and everything that it wrote there."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from typing import Self

__all__ = ["Terminal"]


class Terminal:
    """A process at a terminal of 120 columns. Leaving the block waits for its end."""

    def __init__(self, *arguments: str | Path, **environment: str) -> None:
        self.said = ""
        self.code: int | None = None
        # A worker of the tests may have a width of its own; a person's terminal says its width itself.
        inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        self._process, self._file = pty.fork()
        if not self._process:  # pragma: no cover - in the child
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            os.execve(sys.executable, [sys.executable, *map(str, arguments)], {**inherited, **environment})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if failure is not None:
            os.kill(self._process, signal.SIGKILL)
        end = time.monotonic() + 60
        while self._read(60):
            if time.monotonic() > end:
                os.kill(self._process, signal.SIGKILL)
        self.code = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])
        os.close(self._file)

    def until(self, text: str) -> None:
        """Wait until it has written this."""
        while text not in self.said:
            assert self._read(60), self.said

    def press(self, keys: bytes) -> None:
        """What a person types."""
        os.write(self._file, keys)

    def _read(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        assert select.select([self._file], [], [], max(0.0, end - time.monotonic()))[0], f"nothing came any more: {self.said}"
        try:
            data = os.read(self._file, 1 << 16)
        except OSError:  # Linux: the process has ended
            return False
        self.said += data.decode("utf-8", "replace")
        return bool(data)
