"""`psbridge cancel`: end a run."""

from __future__ import annotations

import typer

from psbridge.cli.options import JournalOption, RunArgument
from psbridge.cli.workbench import journal_path, open_desk

__all__ = ["cancel"]


def cancel(run: RunArgument, *, journal: JournalOption = None) -> None:
    """End a run before its next change. Nothing is undone."""
    with open_desk(journal_path(journal)) as desk:
        desk.cancel(run)
    typer.echo(f"Run {run} is cancelled. Nothing was undone; psbridge show {run} tells what had been done.")
