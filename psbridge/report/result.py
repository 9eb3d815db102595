"""A run's result in, lines for people out: its values as Format-List shows them, its lists of mappings as tables.

A result is what JSON holds. Sentences are broken into lines, never cut; a table may lack columns on its right, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from psbridge.psobject import PSObject
from psbridge.report.format_list import format_list
from psbridge.report.format_table import Table, columns_of
from psbridge.report.lines import break_lines
from psbridge.report.screen import Screen, cells
from psbridge.report.visible import visible

__all__ = ["named_values", "opened_by", "result_lines"]

SCREEN: Final = Screen()
MOST_ROWS: Final = 100
FEW_ROWS: Final = 8
SENTENCE: Final = 40
_INDENT: Final = "  "


def result_lines(result: Mapping[str, Any], screen: Screen = SCREEN) -> Iterator[str]:
    """Show a result: first its simple values, then each list and mapping under its name. What is empty is left out."""
    yield from _values(result, screen)
    for name, value in result.items():
        if _is_nested(value):
            yield ""
            yield f"{visible(name)}:"
            # Two cells to the right, so that what belongs to a name is seen.
            yield from (f"{_INDENT}{line}".rstrip() for line in _nested(value, Screen(screen.width - len(_INDENT))))


def named_values(result: Mapping[str, Any]) -> list[str]:
    """`name: value` for each value of a result that holds simple values only; nothing where it holds more than that."""
    return [] if any(map(_is_nested, result.values())) else [f"{name}: {value}" for name, value in result.items()]


def opened_by(opening: str, result: Mapping[str, Any]) -> Iterator[str]:
    """Show a result behind these words: on their line if it is simple, else below them."""
    named = named_values(result)
    yield " ".join((opening, ", ".join(named))).rstrip()
    if not named:
        yield from result_lines(result)


def _values(result: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    plain = {name: value for name, value in result.items() if not _is_nested(value) and not _is_empty(value)}
    yield from format_list(PSObject(ms=plain), list(plain), screen)


def _nested(value: Any, screen: Screen) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from result_lines(value, screen)
    elif all(isinstance(item, Mapping) for item in value):
        yield from _table(value, screen)
    else:
        yield from _items(value, screen)


def _items(items: Sequence[Any], screen: Screen) -> Iterator[str]:
    for item in items[:MOST_ROWS]:
        if _is_nested(item):
            yield from _nested(item, screen)
            continue
        first, *more = break_lines(visible(str(item)), screen.columns - 2, screen)
        yield f"- {first}"
        yield from (f"  {line}" for line in more)
    yield from _more(len(items), "items")


def _table(rows: Sequence[Mapping[str, Any]], screen: Screen) -> Iterator[str]:
    """A table of the columns that fit; of few rows, where a sentence would not fit, a list."""
    shown = [PSObject(ms={name: _cell(value) for name, value in row.items()}) for row in rows[:MOST_ROWS]]
    names = [
        name for name in dict.fromkeys(name for row in rows for name in row) if any(not _is_empty(row.get(name)) for row in rows)
    ]
    fitting = _fitting(shown, names, screen)
    if len(fitting) < min(len(names), 2) or (len(rows) <= FEW_ROWS and _has_sentence(shown, names[len(fitting) :])):
        yield from _blocks(shown, names, screen)
    elif names:
        table = Table(columns_of(shown[0], fitting), shown, screen, autosize=True)
        yield from table.header()
        yield from map(table.row, shown)
        if len(fitting) < len(names):
            yield from break_lines(f"(not shown: {', '.join(names[len(fitting) :])})", screen.columns, screen)
    yield from _more(len(rows), "rows")


def _fitting(rows: Sequence[PSObject], names: Sequence[str], screen: Screen) -> list[str]:
    """The first columns that fit whole; the first that does not ends the table."""
    room, fitting = screen.columns, list[str]()
    for name in names:
        room -= max(cells(visible(name)), *(cells(visible(str(row.get(name) or ""))) for row in rows)) + bool(fitting)
        if room < 0:
            break
        fitting.append(name)
    return fitting


def _has_sentence(rows: Sequence[PSObject], names: Sequence[str]) -> bool:
    return any(cells(str(row.get(name) or "")) > SENTENCE for name in names for row in rows)


def _blocks(rows: Sequence[PSObject], names: Sequence[str], screen: Screen) -> Iterator[str]:
    for place, row in enumerate(rows):
        if place:
            yield ""
        yield from format_list(row, [name for name in names if not _is_empty(row.get(name))], screen)


def _more(count: int, what: str) -> Iterator[str]:
    if count > MOST_ROWS:
        yield f"... and {count - MOST_ROWS} more {what}"


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return value


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple) and bool(value)


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, Mapping | list | tuple) and not value)
