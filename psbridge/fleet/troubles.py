"""What a worker meets in, what a person is told of it out.

What stands in its way is told once when it begins, and once when it is over; a run that needs a person, each time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from psbridge.engine import Failed, Operator

__all__ = ["Troubles", "first_line"]


class Troubles:
    """What stands in a worker's way, and which run needs a person. `tell` is called with each line, from any thread."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell: Final = tell
        self._away: set[str] = set()
        self._of_runs: dict[str, str] = {}

    def away(self, part: str, error: Exception) -> None:
        """A part of the worker cannot get at the journal, and tries again; parts that meet the same meanwhile add nothing."""
        if not self._away:
            self._tell(f"The journal cannot be worked with, and is tried again until it can: {first_line(error)}")
        self._away.add(part)

    def back(self, part: str) -> None:
        """A part of the worker gets at the journal."""
        if part in self._away:
            self._away.remove(part)
            if not self._away:
                self._tell("The journal can be worked with again.")

    def of_run(self, run_id: str, error: Exception, what_now: str) -> None:
        """A run could not be carried on; the same again is no news."""
        text = first_line(error)
        if self._of_runs.get(run_id) != text:
            self._of_runs[run_id] = text
            self._tell(f"run {run_id}: {text} {what_now}")

    def needs_a_person(self, run_id: str, outcome: Operator | Failed) -> None:
        """A run has a question or has failed; or somebody is reminded of it."""
        match outcome:
            case Operator(why=why):
                told = f"needs an operator: {why}"
            case Failed(error=error):
                told = f"failed: {error}"
        self._tell(f"run {run_id} {' '.join(told.split())}")


def first_line(error: BaseException) -> str:
    """What an error says first, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
