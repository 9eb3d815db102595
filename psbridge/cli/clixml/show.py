"""`psbridge clixml show`: the objects of an export as PowerShell would print them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from psbridge.cli.clixml.document import Document
from psbridge.cli.clixml.layout import as_console, as_list, as_table
from psbridge.cli.clixml.options import FileArgument, FirstOption, PropertyOption, WhereOption
from psbridge.cli.clixml.output import until_nobody_reads
from psbridge.cli.clixml.selection import Chosen, selection
from psbridge.error_record import ErrorRecord
from psbridge.errors import InputError
from psbridge.psobject import ProgressRecord, PSObject, Value
from psbridge.report.display import plain_text, unwrapped
from psbridge.report.format_error import format_error
from psbridge.report.format_output import Written
from psbridge.report.screen import Screen
from psbridge.report.visible import visible

__all__ = ["show"]


def show(
    file: FileArgument,
    *,
    as_a_list: Annotated[bool, typer.Option("--list", help="As Format-List does.")] = False,
    as_a_table: Annotated[bool, typer.Option("--table", help="As Format-Table does.")] = False,
    properties: PropertyOption = None,
    where: WhereOption = None,
    first: FirstOption = None,
    width: Annotated[
        int | None, typer.Option("--width", min=20, help="Columns; default: the terminal's, else 120.", show_default=False)
    ] = None,
) -> None:
    """Show the objects of an export, laid out as PowerShell would; nothing in them can steer the terminal.

    Example: psbridge clixml show mailboxes.xml --table --property Name,*Quota --where 'Name -like test*'
    """
    if as_a_list and as_a_table:
        raise InputError("--list and --table exclude each other; give one of them.")
    wanted = selection(properties, where, first)
    choice = wanted.choice
    screen = Screen(width or _width())
    with Document(file, properties=wanted.needed, half=True) as document, until_nobody_reads():
        items = (printed(stream, value, screen) for stream, value in wanted.streams(document))
        if as_a_list:
            lines = as_list(items, choice, screen)
        elif as_a_table:
            lines = as_table(items, choice, screen)
        else:
            lines = as_console(_selected(items, choice) if choice else items, screen)
        for line in lines:
            document.clear()
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        wanted.end(document)


def _selected(items: Iterator[Value | Written], choice: Chosen) -> Iterator[Value | Written]:
    """As Select-Object: new objects with these properties only."""
    for item in items:
        if not isinstance(item, PSObject):
            yield item
        elif names := choice.of(item, missing=True):
            yield PSObject(ms={name: item.get(name) for name in names})


def _width() -> int:
    return shutil.get_terminal_size((120, 25)).columns if sys.stdout.isatty() else 120


_LABELS: Final = {"warning": "WARNING: ", "verbose": "VERBOSE: ", "debug": "DEBUG: ", "error": ""}
_ERROR_RECORD: Final = "System.Management.Automation.ErrorRecord"


def printed(stream: str | None, value: Value, screen: Screen) -> Value | Written:
    """Give the value, or the lines of what is no output; PowerShell writes an error of its console as lines of text."""
    inner = unwrapped(value)
    if isinstance(inner, ProgressRecord):
        return Written((visible(_progress(inner)),))
    label = _LABELS.get((stream or "output").lower())
    if label is None:
        return value
    if isinstance(value, PSObject) and value.type_name == _ERROR_RECORD:
        return Written(tuple(format_error(ErrorRecord.of(value), screen)))
    text = visible(label + plain_text(value))
    return Written(tuple(text.removesuffix("\n").removesuffix("\r").replace("\r\n", "\n").split("\n")))


def _progress(record: ProgressRecord) -> str:
    share = f" ({record.percent_complete} %)" if record.percent_complete >= 0 else ""
    return f"PROGRESS: {record.activity}: {record.status_description}{share}"
