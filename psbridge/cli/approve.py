"""`psbridge approve`: consent to exactly what a run asks for. It starts no worker and no session."""

from __future__ import annotations

from typing import Annotated

import typer

from psbridge.cli.again import Again
from psbridge.cli.consent import at_a_terminal, describe
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.options import JournalOption, ProfileOption, RunArgument
from psbridge.cli.workbench import journal_of, open_desk
from psbridge.errors import InputError

__all__ = ["approve"]


def approve(
    run: RunArgument,
    sha: Annotated[
        str | None,
        typer.Argument(help="The SHA-256 of what is approved; without it you are shown it and asked.", show_default=False),
    ] = None,
    *,
    profile: ProfileOption = None,
    journal: JournalOption = None,
) -> None:
    """Show what a run asks for, and approve it."""
    with open_desk(journal_of(journal, profile)) as desk:
        pending = desk.pending_approvals(run)
        if not pending:
            typer.echo(f"Run {desk.run(run).run_id} asks for no approval now.")
            raise typer.Exit(ExitCode.FAILED)
        if sha is None and not at_a_terminal():
            command = Again(journal, profile).command("approve", run, pending[0].sha)
            raise InputError(f"Nobody is at a terminal: name what you approve, as {command}")
        for asked in pending:
            typer.echo(describe(asked))
            given = sha if sha is not None else _typed(asked.sha)
            if given is None:
                typer.echo("Not approved.")
                raise typer.Exit(ExitCode.WAITING)
            desk.approve(run, asked.key, given)
            typer.echo(f"Approved. Go on with: {Again(journal, profile).command('resume', run)}")


def _typed(sha: str) -> str | None:
    return sha if typer.prompt("Type yes to approve exactly this", default="no").strip().lower() == "yes" else None
