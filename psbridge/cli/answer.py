"""`psbridge answer`: answer the question that a run asked its operator."""

from __future__ import annotations

from typing import Annotated

import typer

from psbridge.cli.again import Again
from psbridge.cli.options import JournalOption, ProfileOption, RunArgument
from psbridge.cli.workbench import journal_of, open_desk
from psbridge.errors import InputError

__all__ = ["answer"]


def answer(
    run: RunArgument,
    text: Annotated[str, typer.Argument(help="What you answer, as the question says.")],
    *,
    profile: ProfileOption = None,
    journal: JournalOption = None,
) -> None:
    """Answer a run's question; it goes on when it is resumed."""
    with open_desk(journal_of(journal, profile)) as desk:
        asked = desk.run(run)
        if not asked.signal:
            raise InputError(f"run {run} asks no question now; it is {asked.status}")
        desk.signal(run, asked.signal, text)
    typer.echo(f"Answered. Go on with: {Again(journal, profile).command('resume', run)}")
