"""A live object in full depth in, the object that crosses the wire out: PowerShell's serialization depth.

Depth 1 hides what lies deeper (remoting-notes 9.3): an object inside an object becomes its text, a list stays and its items
become text. A note of a selected object has one level more. Some types have a depth of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from psbridge.psobject import Kind, PSObject, Value

__all__ = ["on_the_wire"]

_MRS: Final = "Microsoft.Exchange.MailboxReplicationService"
# Measured on recordings of the real serializer with Exchange's type data.
_DEPTHS: Final[Mapping[str, int]] = {
    f"{_MRS}.MailboxRestoreRequestStatistics": 2,
    f"{_MRS}.MoveRequestStatistics": 2,
    "Microsoft.Exchange.Data.Storage.Management.MigrationUserStatistics": 2,
    f"{_MRS}.Report": 3,
    "Microsoft.Exchange.Management.MapiTasks.Presentation.MailboxStatistics": 2,
    "System.Globalization.CultureInfo": 1,
    "System.Management.Automation.ErrorRecord": 8,
}


def on_the_wire(value: Value, depth: int = 1) -> Value:
    """Cut a value to what PowerShell serializes of it. The value itself is left as it is."""
    if not isinstance(value, PSObject):
        return value
    read_back = bool(value.types) and value.types[0].startswith("Deserialized.")
    return _in_full(value) if read_back else _cut(value, depth)


def _cut(value: PSObject, depth: int) -> Value:
    depth = _DEPTHS.get(value.types[0], depth) if value.types else depth
    if value.kind in (Kind.DICT, Kind.ORDERED):
        entries = [(key, on_the_wire(held, depth)) for key, held in value.entries or []]
        return PSObject(value.types, kind=value.kind, entries=entries)
    if value.kind is not None:
        return PSObject(value.types, kind=value.kind, items=[on_the_wire(item, depth) for item in value.items or []])
    if depth < 1:
        return str(value)
    if value.has_base:
        return value
    props = {name: on_the_wire(held, depth - 1) for name, held in value.props.items()}
    notes = {name: on_the_wire(held, depth) for name, held in value.ms.items()}
    return PSObject(value.types, to_string=value.to_string, props=props, ms=notes)


def _in_full(value: PSObject) -> PSObject:
    """What was read from a file is written in full; a property that is nothing but its text becomes that text (as seen)."""
    if value.kind is not None or value.has_base:
        return value
    props = {name: _member(held) for name, held in value.props.items()}
    notes = {name: _member(held) for name, held in value.ms.items()}
    return PSObject(value.types, to_string=value.to_string, props=props, ms=notes)


def _member(value: Value) -> Value:
    if not isinstance(value, PSObject):
        return value
    if value.kind is not None:
        items = None if value.items is None else [_member(item) for item in value.items]
        return PSObject(value.types, kind=value.kind, items=items, entries=value.entries)
    if not value.props and not value.ms and not value.has_base and value.to_string is not None:
        return PSObject.wrapping(value.to_string, value.types, to_string=value.to_string)
    return _in_full(value)
