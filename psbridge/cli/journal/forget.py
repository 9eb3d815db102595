"""`psbridge journal forget`: remove runs that ended long ago, with all that was kept of the people in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from psbridge.cli.consent import at_a_terminal
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.journal.verify import count_of
from psbridge.cli.options import JournalOption, ProfileOption
from psbridge.cli.tables import table_of
from psbridge.cli.workbench import journal_of, open_view
from psbridge.clock import SystemClock
from psbridge.engine.actor import system_actor
from psbridge.errors import InputError, JournalError
from psbridge.journal import RunRecord, standing
from psbridge.journal.opening import open_journal
from psbridge.journal.reading import Journal
from psbridge.report.visible import visible

__all__ = ["forget"]


def forget(
    *,
    older_than: Annotated[
        int, typer.Option("--older-than", metavar="DAYS", min=1, help="The runs that ended more days ago than this.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    profile: ProfileOption = None,
    journal: JournalOption = None,
) -> None:
    """Remove runs that ended long ago, for good. Nothing is exported: export before what must be kept.

    That a run was there, the last hash of its chain and who removed it stay in the journal, so that verify misses nothing.
    A run with a standing warning stays, one that cannot be trusted, and one that counts for stop_after_failures until
    `psbridge fleet resume`. A table is a file of its own: it is named, and stays.
    """
    where, problems = journal_of(journal, profile), list[str]()
    with open_view(where) as view:
        before = SystemClock().now() - timedelta(days=older_than)
        ended = [run for run in view.runs(problems=problems) if run.ended_at is not None and run.ended_at < before]
        tables = {run.run_id: _table(view, run, problems) for run in ended}
    old = [run for run in ended if tables[run.run_id] is not None]
    for problem in problems:
        typer.echo(f"Stays: {visible(problem)}", err=True)
    for run in old:
        typer.echo(visible(f"{run.run_id}  {run.playbook}  {run.inputs.get('identity', '')}  ended {run.ended_at:%Y-%m-%d}"))
    if not old:
        typer.echo(f"No run that ended more than {older_than} days ago can be removed.")
    elif _confirmed(count_of(old), yes=yes):
        with open_journal(where) as store:
            for run in old:
                store.forget(run.run_id, who=system_actor(), now=SystemClock().now())
        typer.echo(f"{count_of(old)} removed.")
        for path in filter(None, tables.values()):
            typer.echo(f"A table is still there, remove it as a file: {visible(path)}")
    if problems:
        raise typer.Exit(ExitCode.FAILED)


def _table(view: Journal, run: RunRecord, problems: list[str]) -> str | None:
    """The file of a run's table, empty where it made none; None for a run that must stay, with the reason among the problems."""
    try:
        entries = view.entries(run.run_id)
    except JournalError as error:
        problems.append(error.problem)
        return None
    if standing(entries):
        problems.append(f"run {run.run_id} has a standing warning")
        return None
    if kept := view.why_kept(run.run_id):
        problems.append(f"run {run.run_id}: {kept}")
        return None
    table = table_of(entries)
    return "" if table is None else str(table.path)


def _confirmed(what: str, *, yes: bool) -> bool:
    if yes:
        return True
    if not at_a_terminal():
        raise InputError(f"{what} would be removed for good; nobody can be asked here: give --yes. Nothing was removed")
    if typer.confirm(f"Remove {what} for good?"):
        return True
    typer.echo("Nothing was removed.")
    return False
