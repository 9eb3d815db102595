"""The outcome of a run in, the exit code of the command out."""

from __future__ import annotations

from typing import Final

from psbridge.cli.exit_codes import ExitCode
from psbridge.engine import ATTENTION, Busy, Done, Failed, Finished, NotDue, Operator, Outcome, Waiting

__all__ = ["code_of"]

_OUTCOMES: Final = (
    (Done, ExitCode.DONE),
    (Failed, ExitCode.FAILED),
    (Waiting | NotDue, ExitCode.WAITING),
    (Operator, ExitCode.OPERATOR),
    (Busy, ExitCode.BUSY),
)


def code_of(outcome: Outcome) -> ExitCode:
    """The exit code of a run's outcome; a run that had ended before ends the command as it ended then."""
    if isinstance(outcome, Finished):
        return code_of(outcome.outcome)
    if isinstance(outcome, Done) and outcome.result.get(ATTENTION):
        return ExitCode.ATTENTION
    return next(code for kinds, code in _OUTCOMES if isinstance(outcome, kinds))
