"""A run that made a table in, the table on the screen or in files out: text, CSV, JSON or CLIXML, by the file's name.

Rows go through one by one. Which table: the last one that the run made (`Run.tabulate`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import typer

from psbridge.cli.clixml.output import Output, opened
from psbridge.cli.clixml.to_csv import guarded
from psbridge.clixml import encode_pieces
from psbridge.engine import Cell, Desk, read_table
from psbridge.errors import InputError
from psbridge.journal import Entry, Kind, Status
from psbridge.psobject import PSObject
from psbridge.report.screen import cells
from psbridge.report.visible import visible

__all__ = ["FORMATS", "RunTable", "check_outputs", "give_out", "table_of", "write_tables"]

_CUSTOM: Final = ("System.Management.Automation.PSCustomObject", "System.Object")
# Lines that a person wants to have on the screen; files and pipes get all.
_ON_SCREEN: Final = 50


@dataclass(frozen=True, slots=True)
class RunTable:
    """One table of a run: its file, its columns, and those that are shown where space is short."""

    path: Path
    name: str
    columns: tuple[str, ...]
    shown: tuple[str, ...]
    count: int

    def rows(self) -> Iterator[dict[str, Cell]]:
        """Its rows, one by one. Raises InputError where the file is not there any more."""
        columns, rows = read_table(self.path, self.name)
        return (dict(zip(columns, row, strict=True)) for row in rows)


def table_of(entries: Iterable[Entry]) -> RunTable | None:
    """The last table that a run made."""
    told = [entry.body["gathered"] for entry in entries if entry.kind is Kind.TABLE and entry.state == "done"]
    if not told:
        return None
    last = told[-1]
    return RunTable(Path(last["path"]), last["table"], tuple(last["columns"]), tuple(last["shown"]), int(last["count"]))


def check_outputs(paths: Sequence[Path]) -> None:
    """Raise InputError for a name that tells no format, before anything is begun."""
    for path in paths:
        if path.suffix.lower() not in FORMATS:
            raise InputError(f"{path}: its name must end with one of {', '.join(FORMATS)}; nothing was begun")


def give_out(engine: Desk, run_id: str, outputs: Sequence[Path]) -> None:
    """Show the table of a run that has ended, and write it into files. A run without one does nothing. Raises InputError."""
    if engine.run(run_id).status is not Status.DONE:
        if outputs:
            typer.echo(f"Nothing was written into {', '.join(map(str, outputs))}: the run has not come to its end.", err=True)
        return
    table = table_of(engine.entries(run_id))
    if table is not None:
        _show(table)
    if outputs:
        write_tables(table, outputs)


def _show(table: RunTable) -> None:
    """Print it: all of it into a pipe, the first lines on a screen."""
    most = _ON_SCREEN if sys.stdout.isatty() else table.count
    for line in _lines(table, most):
        typer.echo(visible(line.rstrip("\n")))
    if table.count > most:
        typer.echo(f"... and {table.count - most} more; --output FILE keeps all of them.")


def write_tables(table: RunTable | None, paths: Sequence[Path]) -> None:
    """Write it into files; what was there is replaced when all is written. Raises InputError, also where there is no table."""
    if table is None:
        raise InputError("the run made no table; nothing was written")
    for path in paths:
        with opened(path, reads="-", before=lambda: None) as out:
            FORMATS[path.suffix.lower()](table, out)
        typer.echo(f"{table.count} lines are in {path}")


def _text(table: RunTable, out: Output) -> None:
    for line in _lines(table, table.count):
        out.write(line)


def _lines(table: RunTable, most: int) -> Iterator[str]:
    """As Format-Table would have it, but nothing is cut: the widths are those of the first pass."""
    if not table.count:
        return
    names = table.shown
    widths = [cells(name) for name in names]
    for row in islice(table.rows(), most):
        widths = [max(width, cells(_one_line(row[name]))) for width, name in zip(widths, names, strict=True)]
    heading = ([*names], ["-" * width for width in widths])
    rows = ([_one_line(row[name]) for name in names] for row in islice(table.rows(), most))
    for texts in (*heading, *rows):
        padded = (text + " " * (width - cells(text)) for text, width in zip(texts, widths, strict=True))
        yield "  ".join(padded).rstrip() + "\n"


def _one_line(value: Cell) -> str:
    return visible(str("" if value is None else value)).replace("\r", "\u240d").replace("\n", "\u240a")


def _csv(table: RunTable, out: Output) -> None:
    """For Excel: a byte order mark, quotes around everything, no text that could be run as a formula, a line for each row."""
    out.write("\ufeff" + ",".join(f'"{name}"' for name in table.columns) + "\r\n")
    for row in table.rows():
        texts = (guarded(_one_line(row[name])).replace('"', '""') for name in table.columns)
        out.write(",".join(f'"{text}"' for text in texts) + "\r\n")


def _json(table: RunTable, out: Output) -> None:
    between = "[\n"
    for row in table.rows():
        out.write(between + json.dumps(row))
        between = ",\n"
    out.write("[]\n" if between == "[\n" else "\n]\n")


def _clixml(table: RunTable, out: Output) -> None:
    objects = (PSObject(_CUSTOM, ms=dict(row)) for row in table.rows())
    for piece in encode_pieces(objects):
        out.write(piece.decode())


FORMATS: Final[dict[str, Callable[[RunTable, Output], None]]] = {
    ".csv": _csv,
    ".json": _json,
    ".xml": _clixml,
    ".clixml": _clixml,
    ".txt": _text,
}
