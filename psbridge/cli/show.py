"""`psbridge show`: the transcript of a run, as PowerShell would have printed it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.options import JournalOption, ProfileOption, RunArgument
from psbridge.cli.tables import check_outputs, table_of, write_tables
from psbridge.cli.workbench import journal_of, open_view
from psbridge.report.run_transcript import items_of
from psbridge.report.summary import summary
from psbridge.report.transcript import transcript

__all__ = ["show"]


def show(
    run: RunArgument,
    *,
    report: Annotated[bool, typer.Option("--report", help="Add what was asked, found, done and approved.")] = False,
    output: Annotated[
        list[Path] | None,
        typer.Option("--output", help="Write the table that the run made: .csv, .json, .xml or .txt.", show_default=False),
    ] = None,
    profile: ProfileOption = None,
    journal: JournalOption = None,
) -> None:
    """Print every cmdlet that was sent, with its answer, in order."""
    check_outputs(output or [])
    with open_view(journal_of(journal, profile)) as view:
        record, entries = view.run(run), view.entries(run)
    for line in transcript(items_of(entries)):
        typer.echo(line)
    if report:
        typer.echo(summary(record, entries))
    if output:
        write_tables(table_of(entries), output)
