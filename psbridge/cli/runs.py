"""`psbridge runs`: every run of a journal, one line each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

import typer
from rich.console import Console
from rich.table import Table

from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.options import JournalOption, ProfileOption
from psbridge.cli.outputs import OutputOption, Outputs
from psbridge.cli.tables import Lines
from psbridge.cli.workbench import journal_of, open_view
from psbridge.errors import JournalError
from psbridge.journal import RunRecord, Status, standing, warning_text
from psbridge.journal.reading import Journal
from psbridge.report.visible import visible

__all__ = ["runs"]

_WIDE: Final = 1_000
_COLUMNS: Final = (
    "Run", "Playbook", "Version", "Identity", "Tenant", "Started", "StartedBy", "Status", "Changed", "Until", "Ended", "Why",
    "Question", "Warnings",
)  # fmt: skip
_SHOWN: Final = ("Run", "Playbook", "Identity", "Started", "Status", "Why")


def runs(*, output: OutputOption = None, profile: ProfileOption = None, journal: JournalOption = None) -> None:
    """List all runs: what they are, where they stand, and what they wait for."""
    outputs = Outputs.of(output)
    problems: list[str] = []
    with open_view(journal_of(journal, profile)) as view:
        found = view.runs(problems=problems)
        # A run that has changed nothing has nothing to take back; the others are gone through.
        warnings = {run.run_id: _warnings(view, run, problems) for run in found if run.changed}
    if outputs.form is None:
        _print(found, warnings)
    if outputs:
        outputs.write(Lines(_COLUMNS, _SHOWN, [_row(run, warnings.get(run.run_id, [])) for run in found]))
    for problem in problems:
        typer.echo(f"{view.path}: {visible(problem)}", err=True)
    if problems:
        typer.echo("The other runs can be trusted and go on. Look at all of it: psbridge journal verify", err=True)
        raise typer.Exit(ExitCode.FAILED)


def _warnings(view: Journal, run: RunRecord, problems: list[str]) -> list[str]:
    try:
        return [warning_text(warning) for warning in standing(view.entries(run.run_id))]
    except JournalError as error:
        problems.append(error.problem)
        return ["its entries cannot be trusted"]


def _print(found: Sequence[RunRecord], warnings: dict[str, list[str]]) -> None:
    if not found:
        typer.echo("There is no run yet.")
        return
    table = Table("RUN", "PLAYBOOK", "FOR", "STARTED (UTC)", "STATUS", "WHY", box=None, pad_edge=False)
    for run in found:
        table.add_row(
            run.run_id,
            run.playbook,
            run.inputs.get("identity", ""),
            f"{run.started_at:%Y-%m-%d %H:%M}",
            str(run.status),
            " ".join([_why(run), *(f"WARNING: {text}" for text in warnings.get(run.run_id, ()))]).strip(),
        )
    # In a pipe nothing is cut: somebody looks for a name there.
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _WIDE).print(table)


def _row(run: RunRecord, warnings: Sequence[str]) -> dict[str, Any]:
    values = (
        run.run_id, run.playbook, run.version, run.inputs.get("identity", ""), run.tenant, run.started_at, run.started_by,
        str(run.status), run.changed, run.wake_at, run.ended_at, _why(run), run.question, "; ".join(warnings),
    )  # fmt: skip
    return dict(zip(_COLUMNS, values, strict=True))


def _why(run: RunRecord) -> str:
    """What it waits for; one that has got it (an approval, an answer) does not know it before it is carried on."""
    return "it goes on when it is resumed" if run.status is Status.READY else run.why
