"""How a command ends, for scripts and schedulers."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """The process's exit code."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    WAITING = 3
    OPERATOR = 4
    BUSY = 5
