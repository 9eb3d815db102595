"""A run's result in, what the page shows of it out: values, lists, tables, and sections of all of these.

A result is what JSON holds. What is empty is left out; what is very long is cut, and the page says how much.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from psbridge.report.html.writing import name, number

__all__ = ["Grid", "Items", "Part", "Section", "found_in"]

MOST_ROWS: Final = 200
MOST_CARDS: Final = 30
# A wider table would not fit on paper; its rows are shown one below the other.
MOST_COLUMNS: Final = 7
MOST_DEPTH: Final = 5


@dataclass(frozen=True, slots=True)
class Section:
    """Values under their names, and parts below them."""

    title: str
    values: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    more: int = 0
    shape: str = "section"


@dataclass(frozen=True, slots=True)
class Items:
    """A list; `more` are left out."""

    title: str
    texts: tuple[str, ...]
    more: int = 0
    shape: str = "items"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `more` rows are left out. `numeric`: which columns hold numbers only."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    more: int = 0
    shape: str = "grid"


Part: TypeAlias = Section | Items | Grid


def found_in(result: Mapping[str, Any], *, title: str = "", depth: int = 0) -> Section:
    """Take a result apart."""
    told = {key: result[key] for key in _ordered(result) if not _is_empty(result[key])}
    values = tuple((name(key), _text(value)) for key, value in told.items() if not _is_nested(value))
    parts = (_part(name(key), value, depth + 1) for key, value in told.items() if _is_nested(value))
    return Section(title, values, tuple(parts))


# The journal keeps names in the order of the alphabet; these are what a person looks for first.
_FIRST: Final = (
    *("findings", "unreadable", "verdict", "attention", "reasons", "user", "status", "status_detail"),
    *("at", "began", "first", "folder", "failure", "kind", "reason", "means", "what_to_do"),
    *("transferred", "estimated", "ratio", "why_they_differ", "after_each_stall"),
)


def _ordered(keys: Iterable[str]) -> list[str]:
    return sorted(dict.fromkeys(keys), key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))


def _part(title: str, value: Any, depth: int) -> Part:
    if depth > MOST_DEPTH:
        return Items(title, (json.dumps(value),))
    if isinstance(value, Mapping):
        return found_in(value, title=title, depth=depth)
    if all(isinstance(item, Mapping) for item in value):
        return _rows(title, value, depth)
    texts = tuple(json.dumps(item) if _is_nested(item) else _text(item) for item in value[:MOST_ROWS])
    return Items(title, texts, max(0, len(value) - MOST_ROWS))


def _rows(title: str, rows: Sequence[Mapping[str, Any]], depth: int) -> Part:
    columns = [key for key in _ordered(key for row in rows for key in row) if any(not _is_empty(row.get(key)) for row in rows)]
    if len(columns) > MOST_COLUMNS or any(_is_deep(value) for row in rows for value in row.values()):
        cards = tuple(found_in(row, title=_card_title(row, at), depth=depth) for at, row in enumerate(rows[:MOST_CARDS], start=1))
        return Section(title, (), cards, max(0, len(rows) - MOST_CARDS))
    numeric = tuple(all(_is_number(row.get(key)) for row in rows if not _is_empty(row.get(key))) for key in columns)
    shown = tuple(tuple(_text(row.get(key)) for key in columns) for row in rows[:MOST_ROWS])
    return Grid(title, tuple(map(name, columns)), shown, numeric, max(0, len(rows) - MOST_ROWS))


def _card_title(row: Mapping[str, Any], at: int) -> str:
    told: Iterator[str] = (_text(value) for value in row.values() if isinstance(value, str) and value)
    return next(told, f"No. {at}")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_text, value))
    return str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple) and bool(value)


def _is_deep(value: Any) -> bool:
    """Whether a value holds more than a cell can show."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return any(map(_is_nested, inner))


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, Mapping | list | tuple) and not value)
