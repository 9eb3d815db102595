"""Values in, the lines out in which Format-List, Format-Table or the console itself shows them; a few hundred at a time.

A table is as wide as its first 500 rows need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from psbridge.cli.clixml.selection import Chosen, has_properties
from psbridge.psobject import Kind, PSObject, Value
from psbridge.report.display import plain_text
from psbridge.report.format_list import format_list
from psbridge.report.format_output import Written, format_output, listed_names
from psbridge.report.format_table import Table, columns_of
from psbridge.report.screen import Screen
from psbridge.report.views import DICTIONARY, view_of

__all__ = ["as_console", "as_list", "as_table"]

_TOGETHER: Final = 500
_MOST_COLUMNS: Final = 10


class _Entry(PSObject):
    """An entry of a dictionary, which PowerShell shows in a table of its own."""

    __slots__ = ()


def as_console(items: Iterable[Value | Written], screen: Screen) -> Iterator[str]:
    """As PowerShell chooses: text as it stands, up to four properties as a table, more as a list, some types as their view."""
    remaining = iter(items)
    first = True
    while batch := list(islice(remaining, _TOGETHER)):
        lines = format_output(batch, screen)
        # Each batch has blank lines around it; between two of them stands one.
        yield from lines[1:] if not first and lines and not lines[0] else lines
        first = False


def as_list(items: Iterable[Value | Written], choice: Chosen | None, screen: Screen) -> Iterator[str]:
    """As Format-List: what has no properties is printed as it stands."""
    framed = False
    for item in _unrolled(items):
        if isinstance(item, Written):
            yield from item.lines
            continue
        names = choice.of(item) if choice else listed_names(item)
        if not framed:
            yield ""
            framed = True
        yield from format_list(item, names, screen)
        yield ""


def as_table(items: Iterable[Value | Written], choice: Chosen | None, screen: Screen) -> Iterator[str]:
    """As Format-Table: the first object decides on the columns."""
    remaining = _unrolled(items)
    batch = list(islice(remaining, _TOGETHER))
    while batch and not any(isinstance(item, PSObject) for item in batch):
        yield from _written(batch)
        batch = list(islice(remaining, _TOGETHER))
    rows = [item for item in batch if isinstance(item, PSObject)]
    if not rows:
        return
    place = batch.index(rows[0])
    yield from _written(batch[:place])
    table = _table(rows, choice, screen)
    if table is None:
        return
    yield ""
    yield from table.header()
    while batch:
        for item in batch[place:]:
            yield from (table.row(item),) if isinstance(item, PSObject) else item.lines
        batch, place = list(islice(remaining, _TOGETHER)), 0
    yield ""


def _table(rows: list[PSObject], choice: Chosen | None, screen: Screen) -> Table | None:
    view = None if choice else DICTIONARY if isinstance(rows[0], _Entry) else view_of(rows[0])
    if view:
        return Table(view.columns, rows, screen, autosize=view.autosize)
    names = choice.of(rows[0], missing=True) if choice else listed_names(rows[0])[:_MOST_COLUMNS]
    return Table(columns_of(rows[0], names), rows, screen, autosize=True) if names else None


def _written(items: Iterable[PSObject | Written]) -> Iterator[str]:
    return (line for item in items if isinstance(item, Written) for line in item.lines)


def _unrolled(items: Iterable[Value | Written]) -> Iterator[PSObject | Written]:
    """What has properties, and lines for what has none; a list gives its items, a dictionary its entries."""
    for item in items:
        if isinstance(item, Written):
            yield item
        elif isinstance(item, PSObject) and item.kind in (Kind.DICT, Kind.ORDERED):
            yield from (_Entry(ms={"Name": plain_text(key), "Value": value}) for key, value in item.entries or [])
        elif isinstance(item, PSObject) and item.kind is not None:
            yield from map(_row, item.items or [])
        else:
            yield _row(item)


def _row(item: Value) -> PSObject | Written:
    return item if has_properties(item) else Written(tuple(format_output([item], Screen())))
