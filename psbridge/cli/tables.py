"""A run that has ended in, what it gave out: the table that it made, or its result where it made none; shown and counted.

Rows go through one by one. Which table: the last one that the run made (`Run.tabulate`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

import typer

from psbridge.engine import Cell, read_table
from psbridge.journal import Entry, Kind, RunRecord, Status
from psbridge.report.result import result_lines
from psbridge.report.screen import cells
from psbridge.report.visible import visible

__all__ = ["Content", "Lines", "ResultContent", "RunTable", "content_of", "one_line", "show_table", "table_of"]

# Lines that a person wants to have on the screen; files and pipes get all.
_ON_SCREEN: Final = 50
# The columns that tell one person from another, the first that is filled.
_WHO: Final = ("UserPrincipalName", "ObjectId", "OnPremisesGuid", "ImmutableId")


class Content(Protocol):
    """What is written: `columns` and `rows` for formats with a line for each thing, `objects` for those that hold all of it."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of the cells of a row."""
        ...

    @property
    def count(self) -> int | None:
        """How many lines a list has; None for one object."""
        ...

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """The rows, one by one."""
        ...

    def objects(self) -> Iterator[Mapping[str, Any]]:
        """The objects, one by one, with everything that they hold."""
        ...

    def lines(self) -> Iterator[str]:
        """The lines for people, without line ends."""
        ...


@dataclass(frozen=True)
class Lines:
    """Rows that are at hand; `shown` are the columns for people."""

    columns: Sequence[str]
    shown: Sequence[str]
    given: Sequence[Mapping[str, Any]]

    @property
    def count(self) -> int:
        """All of them."""
        return len(self.given)

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Each of them."""
        return iter(self.given)

    objects = rows

    def lines(self) -> Iterator[str]:
        """A table that is as wide as it is."""
        return _table_lines(self.shown, lambda: self.given)


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

    def objects(self) -> Iterator[dict[str, Cell]]:
        """The same."""
        return self.rows()

    def lines(self, most: int | None = None) -> Iterator[str]:
        """The first of its rows, or all, as a table that is as wide as it is."""
        return _table_lines(self.shown, lambda: islice(self.rows(), most))

    def told(self) -> str:
        """How many lines it has, and of how many people where it names them: one person may have several."""
        named = [name for name in _WHO if name in self.columns]
        if not named:
            return f"{self.count} lines"
        people = {who for row in self.rows() if (who := next((str(row[name]).lower() for name in named if row[name]), ""))}
        return f"{self.count} lines about {len(people)} people"


@dataclass(frozen=True)
class ResultContent:
    """The result of a run that made no table: one object. A result that reports on several moves has a row for each."""

    result: Mapping[str, Any]
    count = None

    @cached_property
    def _rows(self) -> Sequence[Mapping[str, Any]]:
        moves = self.result.get("moves")
        return moves if isinstance(moves, list) and moves else [self.result]

    @property
    def columns(self) -> Sequence[str]:
        """The names in any row."""
        return list(dict.fromkeys(name for row in self._rows for name in row))

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """What is nested is JSON in its cell."""
        return ({name: _cell(row.get(name)) for name in self.columns} for row in self._rows)

    def objects(self) -> Iterator[Mapping[str, Any]]:
        """The result."""
        return iter([self.result])

    def lines(self) -> Iterator[str]:
        """As it is shown at the end of a run."""
        return result_lines(self.result)


def content_of(run: RunRecord, entries: Iterable[Entry]) -> RunTable | ResultContent | None:
    """What a run gave; None as long as it has not come to its end."""
    if run.status is not Status.DONE:
        return None
    return table_of(entries) or ResultContent(run.result or {})


def table_of(entries: Iterable[Entry]) -> RunTable | None:
    """The last table that a run made."""
    told = [entry.body["gathered"] for entry in entries if entry.kind is Kind.TABLE and entry.state == "done"]
    if not told:
        return None
    last = told[-1]
    return RunTable(Path(last["path"]), last["table"], tuple(last["columns"]), tuple(last["shown"]), int(last["count"]))


def show_table(table: RunTable) -> None:
    """Print it: all of it into a pipe, the first lines on a screen."""
    most = _ON_SCREEN if sys.stdout.isatty() else table.count
    for line in table.lines(most):
        typer.echo(visible(line))
    if table.count > most:
        typer.echo(f"... and {table.count - most} more; --output FILE keeps all of them.")
    if table.count:
        typer.echo(f"{table.told()}.")


def one_line(value: Any) -> str:
    """The text of a cell, with line ends that are seen."""
    return visible(str("" if value is None else value)).replace("\r", "\u240d").replace("\n", "\u240a")


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, Mapping | list | tuple) else value


class _Again(Protocol):
    def __call__(self) -> Iterable[Mapping[str, Any]]: ...


def _table_lines(names: Sequence[str], rows: _Again) -> Iterator[str]:
    """As Format-Table would have it, but nothing is cut: the widths are those of the first pass."""
    widths, any_row = [cells(name) for name in names], False
    for row in rows():
        any_row = True
        widths = [max(width, cells(one_line(row[name]))) for width, name in zip(widths, names, strict=True)]
    if not any_row:
        return
    heading = ([*names], ["-" * width for width in widths])
    told = ([one_line(row[name]) for name in names] for row in rows())
    for texts in (*heading, *told):
        padded = (text + " " * (width - cells(text)) for text, width in zip(texts, widths, strict=True))
        yield "  ".join(padded).rstrip()
