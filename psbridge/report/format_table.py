"""Objects and columns in, the lines of Format-Table out.

Source: the widths, cuts and paddings that PowerShell 7.6 computes; the tests ask it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from psbridge.psobject import Char, PSObject, SecureString, Value
from psbridge.report.display import display
from psbridge.report.lines import break_lines
from psbridge.report.screen import Screen, cells, head, tail
from psbridge.report.visible import visible

__all__ = ["Column", "Table", "columns_of"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the property it shows, its width (0: what is left), its alignment.

    `two_places`: floats and decimals are rounded, which PowerShell does where it chose the columns itself.
    """

    label: str
    prop: str
    width: int = 0
    right: bool = False
    two_places: bool = False


def columns_of(first: PSObject, names: Sequence[str]) -> list[Column]:
    """The columns for these properties; the first object decides which stand on the right, as in PowerShell."""
    return [Column(visible(name), name, right=_stands_right(first.get(name)), two_places=True) for name in names]


class Table:
    """A table with its widths worked out.

    `autosize` makes each column as wide as its widest value; so does a first column without a width.
    """

    def __init__(self, columns: Sequence[Column], rows: Sequence[PSObject], screen: Screen, *, autosize: bool = False) -> None:
        self._columns = columns
        self._screen = screen
        widths = [column.width for column in columns]
        if autosize or not widths[0]:
            widths = [max(cells(column.label), *(cells(self._cell(row, column)) for row in rows)) for column in columns]
        self._widths = _fitting(widths, screen.columns)

    def header(self) -> list[str]:
        """The headings, over several lines where they are longer than their column, and a rule as long as each."""
        shown = [(column, width) for column, width in zip(self._columns, self._widths, strict=True) if width > 0]
        labels = [break_lines(column.label, width, self._screen) for column, width in shown]
        height = max(map(len, labels), default=0)
        lines = []
        for number in range(height):
            # Nothing is written to the right of the last heading that is still going on.
            going_on = max(place for place, label in enumerate(labels) if len(label) > number) + 1
            texts = [label[number] if len(label) > number else "" for label in labels[:going_on]]
            fields = [
                (" " if place else "") + self._field(text, width, right=column.right, pad=place < len(shown) - 1)
                for place, (text, (column, width)) in enumerate(zip(texts, shown, strict=False))
            ]
            lines.append("".join(fields[:-1]) + (fields[-1].rstrip() if height > 1 else fields[-1]))
        rules = ["-" * min(width, cells(column.label)) for column, width in zip(self._columns, self._widths, strict=True)]
        return [*lines, self._line(rules)]

    def row(self, value: PSObject) -> str:
        """One line for one object."""
        return self._line([self._cell(value, column) for column in self._columns])

    def _cell(self, value: PSObject, column: Column) -> str:
        return display(value.get(column.prop), self._screen, two_places=column.two_places)

    def _line(self, texts: Sequence[str]) -> str:
        fields = []
        for text, width, column in zip(texts, self._widths, self._columns, strict=True):
            if width > 0:
                # The last column is not padded; where it is hidden, the one that is seen last is.
                fields.append(self._field(text, width, right=column.right, pad=column is not self._columns[-1]))
        return " ".join(fields)

    def _field(self, text: str, width: int, *, right: bool, pad: bool = True) -> str:
        first, newline, _ = text.partition("\n")
        shown = first.rstrip("\r") + self._screen.ellipsis if newline else first
        if cells(shown) > width:
            shown = self._cut(shown, width, right=right)
        blanks = " " * (width - cells(shown))
        if right:
            return blanks + shown
        return shown + blanks if pad else shown

    def _cut(self, text: str, width: int, *, right: bool) -> str:
        mark = self._screen.ellipsis if cells(self._screen.ellipsis) < width else ""
        room = width - cells(mark)
        return mark + tail(text, room) if right else head(text, room) + mark


def _stands_right(value: Value) -> bool:
    """Numbers, letters, truth values and secrets stand on the right; text, dates, GUIDs and objects on the left."""
    if isinstance(value, PSObject):
        return value.has_base and value.kind is None and not value.types and _stands_right(value.base)
    if isinstance(value, str):
        return isinstance(value, Char)
    return isinstance(value, int | float | Decimal | SecureString)


def _fitting(wanted: Sequence[int], width: int) -> list[int]:
    """Share what is left among the columns without a width, or cut and hide columns from the right; 0 is hidden."""
    widths = [column or 1 for column in wanted]
    left = width - sum(widths) - (len(widths) - 1)
    open_columns = [place for place, column in enumerate(wanted) if not column]
    for turn in range(left if open_columns else 0):
        widths[open_columns[turn % len(open_columns)]] += 1
    for place in reversed(range(len(widths))):
        excess = sum(filter(None, widths)) + sum(1 for column in widths if column) - 1 - width
        if excess <= 0:
            break
        widths[place] = max(widths[place] - excess, 0)
    return widths
