"""A pipeline's output in, the lines out that the console prints for it without being told how (Out-Default).

Strings and numbers stand as they are; up to four properties make a table, more a list, and a type with a view its view.

Where this differs from PowerShell, on purpose: a time with an offset is shown as it was written, not in this machine's zone;
control characters are marked; versions, time spans, URIs and XML that are no property are one line, not a list of their
parts, and enums their name; dates, GUIDs and dictionaries that follow other objects keep their own shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from psbridge.psobject import DateTime, Kind, PSObject, Value
from psbridge.report.display import plain_text, shown_names, unwrapped
from psbridge.report.format_list import format_list
from psbridge.report.format_table import Table, columns_of
from psbridge.report.screen import Screen
from psbridge.report.views import DICTIONARY, GUID, View, view_of
from psbridge.report.visible import visible

__all__ = ["Written", "format_output", "listed_names"]

MOST_COLUMNS: Final = 4
# Not taken from the machine's language: a transcript is the same everywhere.
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """Lines of another stream, printed where they came: a warning, an error."""

    lines: tuple[str, ...]


def format_output(output: Iterable[Value | Written], screen: Screen, *, on_premises: bool = False) -> list[str]:
    """Lay out what a pipeline gave, in order; a null output prints nothing."""
    groups = _Groups(on_premises=on_premises)
    for item in output:
        groups.add(item)
    lines: list[str] = []
    framed = False
    for group in groups.made:
        printed = list(group.lines(screen))
        # Between two groups stands one blank line: it ends the one and begins the other.
        lines.extend(printed[1:] if framed and group.framed else printed)
        framed = group.framed
    return lines


@dataclass(slots=True)
class _Group:
    """Objects of one shape, and what was printed between them. `dates`: they are lines with blank lines around them."""

    view: View | None = None
    as_list: bool = False
    dates: bool = False
    members: list[PSObject | Written] = field(default_factory=list)

    @property
    def framed(self) -> bool:
        return self.dates or self.has_rows

    @property
    def has_rows(self) -> bool:
        return any(isinstance(member, PSObject) for member in self.members)

    def lines(self, screen: Screen) -> Iterator[str]:
        rows = [member for member in self.members if isinstance(member, PSObject)]
        table = None if self.as_list or not rows else self._table(rows, screen)
        if self.framed:
            yield ""
        if table:
            yield from table.header()
        for member in self.members:
            if isinstance(member, Written):
                yield from member.lines
            elif table:
                yield table.row(member)
            else:
                yield from format_list(member, listed_names(member), screen)
                yield ""
        if table or self.dates:
            yield ""

    def _table(self, rows: Sequence[PSObject], screen: Screen) -> Table:
        if self.view:
            return Table(self.view.columns, rows, screen, autosize=self.view.autosize)
        return Table(columns_of(rows[0], listed_names(rows[0])), rows, screen, autosize=True)


class _Groups:
    def __init__(self, *, on_premises: bool) -> None:
        self.made: list[_Group] = []
        self._on_premises = on_premises

    def add(self, item: Value | Written) -> None:
        if isinstance(item, Written):
            self._print(item)
        elif isinstance(item, PSObject) and item.has_base and item.kind is None:
            inner = unwrapped(item)
            self.add(item.to_string if item.to_string is not None and not isinstance(inner, PSObject) else inner)
        elif isinstance(item, PSObject) and item.kind in (Kind.DICT, Kind.ORDERED):
            for key, value in item.entries or []:
                self._row(PSObject(ms={"Name": plain_text(key), "Value": value}), DICTIONARY)
        elif isinstance(item, PSObject) and item.kind is not None:
            for inner in item.items or []:
                self._print_or_row(inner)
        else:
            self._print_or_row(item)

    def _print_or_row(self, item: Value) -> None:
        if isinstance(item, UUID):
            self._row(PSObject(ms={"Guid": item}), GUID)
        elif isinstance(item, PSObject) and shown_names(item):
            self._row(item, view_of(item, on_premises=self._on_premises))
        elif isinstance(item, DateTime):
            if not self.made or not self.made[-1].dates:
                self.made.append(_Group(dates=True))
            self._print(Written((_long_date(item),)))
        else:
            self._print(Written(tuple(_as_it_stands(item))))

    def _row(self, item: PSObject, view: View | None) -> None:
        last = self.made[-1] if self.made else None
        if last is None or last.view is not view or not last.has_rows:
            first = not any(group.has_rows for group in self.made)
            many = len(shown_names(item)) > MOST_COLUMNS
            # Once objects were shown, PowerShell lists those that it knows no view for.
            last = _Group(view, as_list=view is None and (many or not first))
            self.made.append(last)
        last.members.append(item)

    def _print(self, written: Written) -> None:
        if not self.made:
            self.made.append(_Group())
        self.made[-1].members.append(written)


def _as_it_stands(value: Value) -> list[str]:
    if value is None:
        return []
    if isinstance(value, bytes):
        return [str(byte) for byte in value]
    return visible(plain_text(value)).replace("\r\n", "\n").split("\n")


def _long_date(value: DateTime) -> str:
    moment = value.to_datetime()
    return f"{_DAYS[moment.weekday()]}, {moment.day:02} {_MONTHS[moment.month - 1]} {moment.year:04} {moment:%H:%M:%S}"


def listed_names(value: PSObject) -> list[str]:
    """Give the names that are shown where nobody chose: the computer's only where the object asks for it."""
    told = value.get("PSShowComputerName")
    hidden = {"psshowcomputername"} if told is True else {"psshowcomputername", "pscomputername"} if told is not None else set()
    return [name for name in shown_names(value) if name.lower() not in hidden]
