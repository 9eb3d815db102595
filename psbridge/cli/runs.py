"""`psbridge runs`: every run of a journal, one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import typer

from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.folding import folded
from psbridge.cli.options import JournalOption, ProfileOption
from psbridge.cli.outputs import OutputOption, Outputs
from psbridge.cli.stands import own_time, why_now
from psbridge.cli.tables import Lines, one_line
from psbridge.cli.workbench import journal_of, open_view
from psbridge.clock import SystemClock
from psbridge.errors import JournalError
from psbridge.journal import RunRecord, Status, standing, warning_text
from psbridge.journal.reading import Journal
from psbridge.report.screen import cells
from psbridge.report.visible import visible

__all__ = ["runs"]

_HEADINGS: Final = ("RUN", "PLAYBOOK", "FOR", "STARTED (UTC)", "STATUS")
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
        told = {run.run_id: _told(view, run, problems) if _has_more(run) else _Told(run.why) for run in found}
    if outputs.form is None:
        _print(found, told)
    if outputs:
        outputs.write(Lines(_COLUMNS, _SHOWN, [_row(run, told[run.run_id]) for run in found]))
    for problem in problems:
        typer.echo(f"{view.path}: {visible(problem)}", err=True)
    if problems:
        typer.echo("The other runs can be trusted and go on. Look at all of it: psbridge journal verify", err=True)
        raise typer.Exit(ExitCode.FAILED)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a run beside its record."""

    why: str
    warnings: Sequence[str] = ()
    own_time: str = ""

    def __str__(self) -> str:
        ahead = [self.why, *(f"WARNING: {text}" for text in self.warnings)]
        return " ".join([f"{self.own_time}:" if self.own_time and any(ahead) else "", *ahead]).strip()


def _has_more(run: RunRecord) -> bool:
    """Whether its entries must be gone through: one that has changed nothing has nothing to take back."""
    return run.changed or run.status in {Status.READY, Status.RUNNING} or (run.simulated and not run.status.ended)


def _told(view: Journal, run: RunRecord, problems: list[str]) -> _Told:
    try:
        entries = view.entries(run.run_id)
    except JournalError as error:
        problems.append(error.problem)
        return _Told(run.why, ["its entries cannot be trusted"])
    warnings = [warning_text(warning) for warning in standing(entries)]
    ahead = warnings or not run.status.ended
    return _Told(why_now(run, entries, SystemClock().now()), warnings, own_time(run, entries) if ahead else "")


def _print(found: Sequence[RunRecord], told: Mapping[str, _Told]) -> None:
    if not found:
        typer.echo("There is no run yet.")
        return
    rows = [
        (run.run_id, run.playbook, run.inputs.get("identity", ""), f"{run.started_at:%Y-%m-%d %H:%M}", str(run.status))
        for run in found
    ]
    shown = [tuple(map(one_line, row)) for row in (_HEADINGS, *rows)]
    widths = [max(map(cells, column)) for column in zip(*shown, strict=True)]
    for row, why in zip(shown, ("WHY", *(one_line(told[run.run_id]) for run in found)), strict=True):
        line = "  ".join(text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True))
        whole = f"{line}  {why}".rstrip()
        # What does not fit goes below: a row that the terminal breaks itself is broken in the middle of an id.
        for part in [whole] if len(folded(whole)) == 1 else [line.rstrip(), *folded(f"    {why}")]:
            typer.echo(part)


def _row(run: RunRecord, told: _Told) -> dict[str, Any]:
    values = (
        run.run_id, run.playbook, run.version, run.inputs.get("identity", ""), run.tenant, run.started_at, run.started_by,
        str(run.status), run.changed, run.wake_at, run.ended_at, told.why, run.question, "; ".join(told.warnings),
    )  # fmt: skip
    return dict(zip(_COLUMNS, values, strict=True))
