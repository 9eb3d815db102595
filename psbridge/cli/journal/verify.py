"""`psbridge journal verify`: is everything in the journal, or in an exported run, as it was written?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.options import JournalOption, ProfileOption
from psbridge.cli.workbench import journal_of, open_view
from psbridge.journal.folder_check import check_folder
from psbridge.journal.view import JournalFile
from psbridge.report.visible import visible

__all__ = ["count_of", "verify"]


def verify(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder that `psbridge journal export` wrote; without it the journal.", show_default=False),
    ] = None,
    *,
    profile: ProfileOption = None,
    journal: JournalOption = None,
) -> None:
    """Check the whole file, every chain of hashes and every seal; nothing is changed.

    It finds what a disk or a hand has changed. Somebody who may write the file can make a new chain: to prove more, note the
    last hash of a run elsewhere (`psbridge journal export` prints it).
    """
    if folder is not None:
        _tell(str(folder), check_folder(folder), "the run is whole")
        return
    with open_view(journal_of(journal, profile)) as view:
        problems, path = view.verify(), view.path
        whole = "" if problems else f"{count_of(view.runs())}, every chain and seal fits{_and_forgotten(view.forgotten())}"
        worker = view.last_worker() if isinstance(view, JournalFile) else ""
    if worker:
        typer.echo(f"At work on it, or killed at work: {visible(worker)}", err=True)
    _tell(path, problems, whole)


def _tell(path: str, problems: list[str], whole: str) -> None:
    if not problems:
        typer.echo(f"{path}: {whole}.")
        return
    for problem in problems:
        typer.echo(f"{path}: {visible(problem)}", err=True)
    typer.echo("Keep it as it is: it is evidence. Go on with the last good copy, and look at what was done since.", err=True)
    raise typer.Exit(ExitCode.FAILED)


def _and_forgotten(number: int) -> str:
    return f"; {number} more {'was' if number == 1 else 'were'} forgotten" if number else ""


def count_of(runs: Sequence[object]) -> str:
    """The number of runs, in words."""
    return "1 run" if len(runs) == 1 else f"{len(runs)} runs"
