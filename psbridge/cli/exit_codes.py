"""How a command ends, for scripts and schedulers: errors in, exit codes out. Those of a run's outcome are in `outcome_codes`."""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from typing import Final

from psbridge.errors import CassetteError, CassetteMiss, InputError, JournalBusy, PsbridgeError

__all__ = ["ExitCode", "code_for", "most_urgent"]


class ExitCode(IntEnum):
    """The process's exit code."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    WAITING = 3
    OPERATOR = 4
    BUSY = 5
    # A playbook has found something that needs a person: its result has `findings` above zero.
    FINDINGS = 6
    # What shells give a command that ended by Ctrl+C.
    INTERRUPTED = 130


# In this order: a miss is a run that went another way, an unreadable cassette is a wrong argument.
_ERRORS: Final = (
    (CassetteMiss, ExitCode.FAILED),
    (InputError | CassetteError, ExitCode.USAGE),
    (JournalBusy, ExitCode.BUSY),
    (PsbridgeError, ExitCode.FAILED),
)


# Of several runs: what needs most attention first.
_URGENCY: Final = (
    ExitCode.INTERRUPTED, ExitCode.OPERATOR, ExitCode.FAILED, ExitCode.USAGE, ExitCode.FINDINGS, ExitCode.BUSY, ExitCode.WAITING,
)  # fmt: skip


def code_for(error: PsbridgeError) -> ExitCode:
    """The exit code of an error."""
    return next(code for kinds, code in _ERRORS if isinstance(error, kinds))


def most_urgent(codes: Collection[ExitCode]) -> ExitCode:
    """The exit code of a command that carried several runs on."""
    return next((code for code in _URGENCY if code in codes), ExitCode.DONE)
