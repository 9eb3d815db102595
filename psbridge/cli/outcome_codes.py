"""The outcome of a run in, the exit code of the command out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from psbridge.cli.exit_codes import ExitCode
from psbridge.engine import Busy, Done, Failed, Finished, NotDue, Operator, Outcome, Waiting

__all__ = ["code_of", "has_findings"]

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
    if isinstance(outcome, Done) and has_findings(outcome.result):
        return ExitCode.FINDINGS
    return next(code for kinds, code in _OUTCOMES if isinstance(outcome, kinds))


def has_findings(result: Mapping[str, Any]) -> bool:
    """Whether a playbook that looks for something has found it, or could not read everything: then it may be there."""
    return any(isinstance(count, int) and count > 0 for count in (result.get("findings"), result.get("unreadable")))
