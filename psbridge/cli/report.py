"""`psbridge report`: what became of a run, as one HTML file that opens anywhere and prints well."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.again import Again
from psbridge.cli.clixml.output import opened
from psbridge.cli.options import JournalOption, ProfileOption, RunArgument
from psbridge.cli.tables import RunTable, table_of
from psbridge.cli.workbench import journal_of, open_view
from psbridge.clock import SystemClock
from psbridge.discovery import find_playbooks
from psbridge.engine import Cell
from psbridge.errors import InputError
from psbridge.journal import Entry, Kind
from psbridge.report.html import Listing, page

__all__ = ["listing_of", "report"]

_SUFFIXES = (".html", ".htm")


def report(
    run: RunArgument,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="The file, .html; default: psbridge-RUN.html in this folder.", show_default=False),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    profile: ProfileOption = None,
    journal: JournalOption = None,
) -> None:
    """Write a run's report as one HTML file: asked, found, done, approved, the time line, evidence, warnings, next steps.

    It needs nothing else, and nothing in it comes from elsewhere. Passwords are not in it; names, addresses and ids are.
    """
    target = output or Path(f"psbridge-{run}.html")
    if target.suffix.lower() not in _SUFFIXES:
        raise InputError(f"{target}: its name must end with one of {', '.join(_SUFFIXES)}; nothing was written")
    with open_view(journal_of(journal, profile)) as view:
        kept = view.whole(run)
    record, entries = kept.run, kept.entries
    pieces = page(
        record,
        entries,
        made_at=SystemClock().now(),
        command=Again(journal, profile).command,
        signals=kept.signals,
        listing=listing_of(entries),
        about=_about(record.playbook),
    )
    with opened(target, reads="-", before=lambda: None) as out:
        for piece in pieces:
            out.write(piece)
    typer.echo(f"The report of run {run} is in {target}")
    if open_it:
        webbrowser.open(target.resolve().as_uri())


def _about(playbook: str) -> str:
    """What the playbook does; nothing where it is not installed here: the journal tells the rest."""
    found = find_playbooks().get(playbook)
    return found.summary if found is not None else ""


def listing_of(entries: Sequence[Entry]) -> Listing | None:
    """The last table that the run made, to be shown; None where it made none."""
    table = table_of(entries)
    if table is None:
        return None
    told = next(entry.body["gathered"] for entry in reversed(entries) if entry.kind is Kind.TABLE and entry.state == "done")
    by = told.get("by")  # a journal of an earlier version does not tell
    at = table.shown.index(by) if by in table.shown else None
    return Listing(table.shown, _rows(table), table.count, told["counts"], str(table.path), at)


def _rows(table: RunTable) -> Iterator[tuple[str, ...]] | None:
    """The rows as texts; None where the table is not on this machine."""
    try:
        rows = table.rows()
    except InputError:
        return None
    return (tuple(_text(row[name]) for name in table.shown) for row in rows)


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)
