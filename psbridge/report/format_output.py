"""A pipeline's output in, the lines out that the console prints for it without being told how (Out-Default).

Strings and numbers stand as they are; up to four properties make a table, more a list, and a type with a view its view.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from psbridge.psobject import DateTime, Kind, PSObject, Value
from psbridge.report.display import plain_text, shown_names
from psbridge.report.format_list import format_list
from psbridge.report.format_table import Table, columns_of
from psbridge.report.screen import Screen
from psbridge.report.views import DICTIONARY, GUID, View, view_of
from psbridge.report.visible import visible

__all__ = ["Written", "format_output"]

MOST_COLUMNS = 4


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
    for group in groups.made:
        printed = list(group.lines(screen))
        # Between two groups stands one blank line, not the end of one and the beginning of the next.
        lines.extend(printed[1:] if lines and printed and not lines[-1] and not printed[0] else printed)
    return lines


@dataclass(slots=True)
class _Group:
    """Objects of one shape, and what was printed between them."""

    view: View | None = None
    as_list: bool = False
    members: list[PSObject | Written] = field(default_factory=list)

    def lines(self, screen: Screen) -> Iterator[str]:
        rows = [member for member in self.members if isinstance(member, PSObject)]
        table = None if self.as_list or not rows else self._table(rows, screen)
        if rows:
            yield ""
        if table:
            yield from table.header()
        for member in self.members:
            if isinstance(member, Written):
                yield from member.lines
            elif table:
                yield table.row(member)
            else:
                yield from format_list(member, _shown(member), screen)
                yield ""
        if table:
            yield ""

    def _table(self, rows: Sequence[PSObject], screen: Screen) -> Table:
        if self.view:
            return Table(self.view.columns, rows, screen, autosize=self.view.autosize)
        return Table(columns_of(rows[0], _shown(rows[0])), rows, screen, autosize=True)


class _Groups:
    def __init__(self, *, on_premises: bool) -> None:
        self.made: list[_Group] = []
        self._on_premises = on_premises

    def add(self, item: Value | Written) -> None:
        if isinstance(item, Written):
            self._print(item)
        elif isinstance(item, PSObject) and item.has_base and item.kind is None:
            self.add(item.base if item.to_string is None else item.to_string)
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
        else:
            self._print(Written(tuple(_as_it_stands(item))))

    def _row(self, item: PSObject, view: View | None) -> None:
        last = self.made[-1] if self.made else None
        if last is None or last.view is not view or (view is None and not self._has_rows(last)):
            first = not any(self._has_rows(group) for group in self.made)
            many = len(shown_names(item)) > MOST_COLUMNS
            # Once something was shown, PowerShell lists objects that it knows no view for.
            last = _Group(view, as_list=view is None and (many or not first))
            self.made.append(last)
        last.members.append(item)

    def _print(self, written: Written) -> None:
        if not self.made:
            self.made.append(_Group())
        self.made[-1].members.append(written)

    @staticmethod
    def _has_rows(group: _Group) -> bool:
        return any(isinstance(member, PSObject) for member in group.members)


def _as_it_stands(value: Value) -> list[str]:
    if value is None or (isinstance(value, PSObject) and value.to_string is None):
        return []
    if isinstance(value, bytes):
        return [str(byte) for byte in value]
    if isinstance(value, DateTime):
        moment = value.to_datetime()
        return ["", f"{moment:%A}, {moment:%d} {moment:%B} {moment:%Y} {moment:%H:%M:%S}", ""]
    return visible(plain_text(value)).replace("\r\n", "\n").split("\n")


def _shown(value: PSObject) -> list[str]:
    """The names to show: the computer's is shown where the object asks for it."""
    told = value.get("PSShowComputerName")
    hidden = {"psshowcomputername"} if told is True else {"psshowcomputername", "pscomputername"} if told is not None else set()
    return [name for name in shown_names(value) if name.lower() not in hidden]
