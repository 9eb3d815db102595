"""`psbridge cancel`: end a run."""

from __future__ import annotations

import typer

from psbridge.cli.again import Again
from psbridge.cli.options import JournalOption, ProfileOption, RunArgument
from psbridge.cli.workbench import journal_of, open_desk

__all__ = ["cancel"]


def cancel(run: RunArgument, *, profile: ProfileOption = None, journal: JournalOption = None) -> None:
    """End a run before its next change. Nothing is undone."""
    with open_desk(journal_of(journal, profile)) as desk:
        desk.cancel(run)
    show = Again(journal, profile).command("show", run)
    typer.echo(f"Run {run} is cancelled. Nothing was undone; {show} tells what had been done.")
