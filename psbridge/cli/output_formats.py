"""Rows and objects in, text out: a table for people, CSV, JSON, a JSON document in each line, or CLIXML for Import-Clixml."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from psbridge.cli.clixml.output import Output
from psbridge.cli.clixml.to_csv import guarded
from psbridge.cli.tables import Content, one_line
from psbridge.clixml import encode_pieces
from psbridge.psobject import PSObject

__all__ = ["FORMATS", "SUFFIXES"]

_CUSTOM: Final = ("System.Management.Automation.PSCustomObject", "System.Object")


def _table(content: Content, out: Output) -> None:
    for line in content.lines():
        out.write(f"{line}\n")


def _csv(content: Content, out: Output) -> None:
    """For Excel: a byte order mark, quotes around everything, no text that could be run as a formula, a line for each row."""
    out.write("\ufeff" + ",".join(f'"{name}"' for name in content.columns) + "\r\n")
    for row in content.rows():
        texts = (guarded(one_line(row[name])).replace('"', '""') for name in content.columns)
        out.write(",".join(f'"{text}"' for text in texts) + "\r\n")


def _json(content: Content, out: Output) -> None:
    if content.count is None:
        for only in content.objects():
            out.write(f"{json.dumps(only, indent=2, default=_time)}\n")
        return
    between = "[\n"
    for found in content.objects():
        out.write(between + json.dumps(found, default=_time))
        between = ",\n"
    out.write("[]\n" if between == "[\n" else "\n]\n")


def _jsonl(content: Content, out: Output) -> None:
    for found in content.objects():
        out.write(f"{json.dumps(found, default=_time)}\n")


def _clixml(content: Content, out: Output) -> None:
    for piece in encode_pieces(_object(found) for found in content.objects()):
        out.write(piece.decode())


def _object(value: Any) -> Any:
    """What JSON calls an object is one with notes, not a Hashtable: its properties keep their order and can be selected."""
    if isinstance(value, Mapping):
        return PSObject(_CUSTOM, ms={name: _object(item) for name, item in value.items()})
    if isinstance(value, list | tuple):
        return [_object(item) for item in value]
    return value


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


FORMATS: Final[dict[str, Callable[[Content, Output], None]]] = {
    "table": _table,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "clixml": _clixml,
}
SUFFIXES: Final = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".xml": "clixml",
    ".clixml": "clixml",
    ".txt": "table",
}
