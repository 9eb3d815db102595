"""How a command ends, for scripts and schedulers: outcomes and errors in, exit codes out."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from psbridge.engine import Busy, Done, Failed, Finished, NotDue, Operator, Outcome, Waiting
from psbridge.errors import CassetteError, CassetteMiss, InputError, JournalBusy, PsbridgeError

__all__ = ["ExitCode", "code_for", "code_of"]


class ExitCode(IntEnum):
    """The process's exit code."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    WAITING = 3
    OPERATOR = 4
    BUSY = 5
    # What shells give a command that ended by Ctrl+C.
    INTERRUPTED = 130


_OUTCOMES: Final = (
    (Done, ExitCode.DONE),
    (Failed, ExitCode.FAILED),
    (Waiting | NotDue, ExitCode.WAITING),
    (Operator, ExitCode.OPERATOR),
    (Busy, ExitCode.BUSY),
)
# In this order: a miss is a run that went another way, an unreadable cassette is a wrong argument.
_ERRORS: Final = (
    (CassetteMiss, ExitCode.FAILED),
    (InputError | CassetteError, ExitCode.USAGE),
    (JournalBusy, ExitCode.BUSY),
    (PsbridgeError, ExitCode.FAILED),
)


def code_of(outcome: Outcome) -> ExitCode:
    """The exit code of a run's outcome; a run that had ended before ends the command as it ended then."""
    if isinstance(outcome, Finished):
        return code_of(outcome.outcome)
    return next(code for kinds, code in _OUTCOMES if isinstance(outcome, kinds))


def code_for(error: PsbridgeError) -> ExitCode:
    """The exit code of an error."""
    return next(code for kinds, code in _ERRORS if isinstance(error, kinds))
