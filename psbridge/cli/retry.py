"""`psbridge retry`: make a run ready again after its cause was seen to."""

from __future__ import annotations

import typer

from psbridge.cli.again import Again
from psbridge.cli.options import JournalOption, ProfileOption, RunArgument
from psbridge.cli.workbench import journal_of, open_desk

__all__ = ["retry"]


def retry(run: RunArgument, *, profile: ProfileOption = None, journal: JournalOption = None) -> None:
    """Try a failed or stopped run again: what was kept stays, what was looked at is looked at again."""
    with open_desk(journal_of(journal, profile)) as desk:
        desk.retry(run)
    typer.echo(f"Ready again. Go on with: {Again(journal, profile).command('resume', run)}")
