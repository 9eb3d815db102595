"""Values in, the lines out in which Format-List, Format-Table or the console itself shows them; many at a time, never all.

A table is as wide as its first 20,000 rows need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

from psbridge.cli.clixml.selection import Chosen, has_properties
from psbridge.psobject import Kind, PSObject, Value
from psbridge.report.display import display, plain_text, shown_names
from psbridge.report.format_list import format_list
from psbridge.report.format_output import Written, format_output, listed_names
from psbridge.report.format_table import Column, Table, columns_of
from psbridge.report.screen import Screen
from psbridge.report.views import DICTIONARY, view_of

__all__ = ["as_console", "as_list", "as_table"]

_ROWS: Final = 20_000
_PROPERTIES: Final = 60_000  # of the objects that are held at a time
_MOST_COLUMNS: Final = 10


class _Entry(PSObject):
    """An entry of a dictionary, which PowerShell shows in a table of its own."""

    __slots__ = ()


def as_console(items: Iterable[Value | Written], screen: Screen) -> Iterator[str]:
    """As PowerShell chooses: text as it stands, up to four properties as a table, more as a list, some types as their view."""
    remaining = iter(items)
    first = next(remaining, None)
    others: list[Value | Written] = []
    view = view_of(first) if isinstance(first, PSObject) and has_properties(first) else None

    def of_one_view() -> Iterator[Value | Written]:
        yield first
        for item in remaining:
            if not isinstance(item, Written) and not (isinstance(item, PSObject) and view_of(item) is view):
                others.append(item)
                return
            yield item

    framed = view is not None
    yield from as_table(of_one_view(), None, screen) if view else ()
    for batch in _batches(chain(others if view else [first], remaining)):
        lines = format_output(batch, screen)
        # Each batch has blank lines around it; between two of them stands one.
        yield from lines[1:] if framed and lines and not lines[0] else lines
        framed = True


def as_list(items: Iterable[Value | Written], choice: Chosen | None, screen: Screen) -> Iterator[str]:
    """As Format-List: what has no properties is printed as it stands."""
    framed = False
    for item in _unrolled(items):
        if isinstance(item, Written):
            yield from item.lines
            continue
        names = choice.repeated(item) if choice else listed_names(item)
        if not framed:
            yield ""
            framed = True
        yield from format_list(item, names, screen)
        yield ""


def as_table(items: Iterable[Value | Written], choice: Chosen | None, screen: Screen) -> Iterator[str]:
    """As Format-Table: the first object decides on the columns."""
    remaining = _unrolled(items)
    for item in remaining:
        if isinstance(item, PSObject):
            yield from _table(item, remaining, choice, screen)
            return
        yield from item.lines


def _table(first: PSObject, others: Iterator[PSObject | Written], choice: Chosen | None, screen: Screen) -> Iterator[str]:
    columns, autosize = _columns(first, choice)
    if not columns:
        return
    held = [_cells(item, columns, screen) for item in (first, *islice(others, _ROWS - 1))]
    table = Table(columns, [item for item in held if isinstance(item, PSObject)], screen, autosize=autosize)
    yield ""
    yield from table.header()
    for item in held:
        yield from (table.row(item),) if isinstance(item, PSObject) else item.lines
    for item in others:
        yield from (table.row(item),) if isinstance(item, PSObject) else item.lines
    yield ""


def _columns(first: PSObject, choice: Chosen | None) -> tuple[list[Column], bool]:
    """The columns, and whether they are as wide as their values."""
    view = None if choice else DICTIONARY if isinstance(first, _Entry) else view_of(first)
    if view:
        return list(view.columns), view.autosize
    return columns_of(first, choice.repeated(first, missing=True) if choice else listed_names(first)[:_MOST_COLUMNS]), True


def _cells(item: PSObject | Written, columns: list[Column], screen: Screen) -> PSObject | Written:
    """A row of nothing but the texts that are shown: of a mailbox hardly anything has to be held."""
    if isinstance(item, Written):
        return item
    return PSObject(ms={one.prop: display(item.get(one.prop), screen, two_places=one.two_places) for one in columns})


def _batches(items: Iterable[Value | Written]) -> Iterator[list[Value | Written]]:
    batch: list[Value | Written] = []
    weight = 0
    for item in items:
        batch.append(item)
        weight += 1 + (len(shown_names(item)) if isinstance(item, PSObject) else 1)
        if weight >= _PROPERTIES:
            yield batch
            batch, weight = [], 0
    yield batch


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
