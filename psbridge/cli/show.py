"""`psbridge show`: the transcript of a run, as PowerShell would have printed it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from psbridge.cli.options import JournalOption, ProfileOption, RunArgument
from psbridge.cli.outputs import OutputOption, Outputs
from psbridge.cli.standing import warn
from psbridge.cli.stands import own_time, why_now
from psbridge.cli.tables import content_of
from psbridge.cli.workbench import journal_of, open_view
from psbridge.clock import SystemClock
from psbridge.errors import InputError
from psbridge.journal import Status, standing, warning_text
from psbridge.report.run_transcript import items_of
from psbridge.report.summary import summary
from psbridge.report.transcript import transcript

__all__ = ["show"]


def show(
    run: RunArgument,
    *,
    report: Annotated[bool, typer.Option("--report", help="Add what was asked, found, done and approved.")] = False,
    output: OutputOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run's result alone, as JSON, for programs.")] = False,
    profile: ProfileOption = None,
    journal: JournalOption = None,
) -> None:
    """Print every cmdlet that was sent, with its answer, in order."""
    outputs = Outputs.of(output)
    if outputs.form and (as_json or report):
        raise InputError("--output FORMAT is standard output alone: it goes with neither --json nor --report")
    with open_view(journal_of(journal, profile)) as view:
        kept = view.whole(run)
    record, entries = kept.run, kept.entries
    if as_json:
        typer.echo(json.dumps(record.result, indent=2, ensure_ascii=True))
        return
    with outputs.apart():
        if outputs.form is None:
            for line in transcript(items_of(entries)):
                typer.echo(line)
        if report:
            typer.echo(summary(record, entries))
        if record.status is Status.RUNNING:
            typer.echo(f"Running: {why_now(record, entries, SystemClock().now())}.", err=True)
        if (at := own_time(record, entries)) and (standing(entries) or not record.status.ended):
            typer.echo(f"This run is {at}: what follows from its times is not so here and now.", err=True)
        warn(warning_text(warning) for warning in standing(entries))
        if outputs:
            outputs.write(content_of(record, entries))
