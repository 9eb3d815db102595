"""`psbridge journal backup`: a whole copy of the journal in a new file, also beside a run that is being carried on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.journal.verify import count_of
from psbridge.cli.options import JournalOption, ProfileOption
from psbridge.cli.workbench import journal_of, open_view
from psbridge.errors import JournalError
from psbridge.journal.view import JournalFile

__all__ = ["backup"]


def backup(
    file: Annotated[Path, typer.Argument(help="The new file; one that is there is never written over.")],
    *,
    profile: ProfileOption = None,
    journal: JournalOption = None,
) -> None:
    """Copy the journal, and check the copy. Never copy the file itself while psbridge is at work on it."""
    with open_view(journal_of(journal, profile)) as view:
        if not isinstance(view, JournalFile):
            remedy = "Back it up as the database it is in: pg_dump, or the server's own backup."
            raise JournalError(view.path, "it is in a PostgreSQL database", remedy=remedy)
        view.backup(file)
    with open_view(file) as copy:
        problems, runs = copy.verify(), copy.runs(problems=[])
    if problems:
        typer.echo(f"{file}: the copy is as damaged as the journal: {problems[0]}", err=True)
        raise typer.Exit(ExitCode.FAILED)
    typer.echo(f"{file}: {count_of(runs)}, every chain and seal fits.")
