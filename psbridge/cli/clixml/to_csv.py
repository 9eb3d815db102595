"""`psbridge clixml to-csv`: a table for Excel and other tools."""

from __future__ import annotations

import math
import sys
from decimal import Decimal
from typing import Annotated, Final

import typer

from psbridge.cli.clixml.document import Document
from psbridge.cli.clixml.options import FileArgument, FirstOption, OutputOption, PropertyOption, WhereOption
from psbridge.cli.clixml.output import opened
from psbridge.cli.clixml.selection import Chosen, has_properties, selection
from psbridge.errors import InputError
from psbridge.psobject import DateTime, Kind, PSObject, Value
from psbridge.report.display import plain_text, shown_names, unwrapped
from psbridge.report.visible import visible

__all__ = ["guarded", "to_csv"]

_VALUE: Final = "Value"
_MOST_NAMED: Final = 10


def to_csv(
    file: FileArgument,
    *,
    properties: PropertyOption = None,
    where: WhereOption = None,
    first: FirstOption = None,
    excel: Annotated[bool, typer.Option("--excel", help="Begin with a byte order mark, by which Excel knows UTF-8.")] = False,
    delimiter: Annotated[str, typer.Option("--delimiter", help="Between the columns; ';' for Excel in many countries.")] = ",",
    raw: Annotated[bool, typer.Option("--raw", help="Values as they are, also those that a spreadsheet would run.")] = False,
    output: OutputOption = None,
) -> None:
    """Write an export as comma-separated values, one line for each object.

    As with Export-Csv the columns are the chosen properties, else those of the first object; every value stands in quotes, null
    is nothing. Unlike there lists are joined by semicolons, and dates are written as 2018-07-01 12:00:00. A text that a
    spreadsheet would take for a formula (it begins with = + - @ or a tab) gets an apostrophe in front, and what cannot be seen a
    visible mark; --raw leaves both out.

    Example: psbridge clixml to-csv mailboxes.xml --property Name,PrimarySmtpAddress,*Quota --excel --output mailboxes.csv
    """
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise InputError(f"--delimiter {delimiter!r} cannot stand between columns; give one character, for example ';'.")
    wanted = selection(properties, where, first)
    with Document(file, properties=wanted.needed) as document, opened(output, reads=file, before=document.clear) as out:
        mark = "\ufeff" if excel else ""
        rows = _Rows(wanted.choice, raw=raw)
        for place, (_, value) in enumerate(wanted.streams(document)):
            lines = "".join(f"{delimiter.join(cells)}\r\n" for cells in rows.of(value))
            out.write(lines if place else f"{mark}{lines}")
        if rows.left_out:
            names = ", ".join(map(visible, list(rows.left_out)[:_MOST_NAMED]))
            more = ", ..." if len(rows.left_out) > _MOST_NAMED else ""
            sys.stderr.write(f"psbridge: {document.name}: later objects have properties without a column: {names}{more}\n")
        wanted.end(document)
        if document.count and wanted.choice and wanted.unmet.none_of(wanted.choice.given):
            raise InputError(f"{document.name}: no object has any property of --property, so every line is empty.")


class _Rows:
    """The cells of one object after the other. `left_out`: properties of later objects that have no column."""

    def __init__(self, choice: Chosen | None, *, raw: bool) -> None:
        self._choice = choice
        self._raw = raw
        self._names: list[str] = []
        self.left_out: dict[str, None] = {}

    def of(self, value: Value) -> list[list[str]]:
        """Give the object's row, with the row of headings in front of the first."""
        members = value if has_properties(value) else PSObject(ms={_VALUE: value})
        heading = [] if self._names else [self._heading(members)]
        if not heading and not self._choice:
            known = {name.lower() for name in self._names}
            self.left_out.update((name, None) for name in shown_names(members) if name.lower() not in known)
        return [*heading, [_cell(members.get(name), raw=self._raw) for name in self._names]]

    def _heading(self, first: PSObject) -> list[str]:
        self._names = self._choice.of(first, missing=True) if self._choice else shown_names(first)
        if not self._names:
            raise InputError(f"The first object has no property like {', '.join(self._choice.given if self._choice else ())}.")
        return [_cell(name, raw=self._raw) for name in self._names]


_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # wide ones count too


def _cell(value: Value, *, raw: bool) -> str:
    """Give a value as it stands between two delimiters: nothing for null, else quoted.

    Unless `raw`, no text can be a formula, and what cannot be seen is marked.
    """
    if value is None:
        return ""
    text = _text(value)
    if not raw:
        text = visible(text) if _is_number(value) else guarded(visible(text))
    return '"' + text.replace('"', '""') + '"'


def guarded(text: str) -> str:
    """Put an apostrophe in front of what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _is_number(value: Value) -> bool:
    inner = unwrapped(value)
    return inner is value and isinstance(inner, int | float | Decimal) and math.isfinite(inner)


def _text(value: Value) -> str:
    inner = unwrapped(value) if not isinstance(value, PSObject) or value.to_string is None else value
    if isinstance(inner, PSObject) and inner.kind in (Kind.DICT, Kind.ORDERED):
        return "; ".join(f"{plain_text(key)}={_inner(item)}" for key, item in inner.entries or [])
    if isinstance(inner, PSObject) and inner.kind is not None:
        return ";".join(_inner(item) for item in inner.items or [])
    return _inner(inner)


def _inner(value: Value) -> str:
    return str(value).replace("T", " ", 1) if isinstance(value, DateTime) else plain_text(value)
