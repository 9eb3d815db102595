"""`psbridge cancel`: end a run."""

from __future__ import annotations

import typer

from psbridge.cli.again import Again
from psbridge.cli.options import JournalOption, ProfileOption, RunArgument
from psbridge.cli.standing import warn
from psbridge.cli.workbench import journal_of, open_desk

__all__ = ["cancel"]


def cancel(run: RunArgument, *, profile: ProfileOption = None, journal: JournalOption = None) -> None:
    """End a run before its next change. Nothing is undone but what must not outlive it, such as a pause of the scheduler."""
    with open_desk(journal_of(journal, profile)) as desk:
        ended, warnings = desk.cancel(run).status.ended, desk.warnings(run)
    again = Again(journal, profile)
    if ended:
        typer.echo(f"Run {run} is cancelled. Nothing was undone; {again.command('show', run)} tells what had been done.")
    else:
        typer.echo(f"Run {run} will end before its next change. Let it take back what it holds: {again.command('resume', run)}")
    warn(warnings)
