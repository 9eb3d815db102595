"""psbridge's decoder in the shape that the corpus's own comparison asks for."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psbridge import clixml
from psbridge.psobject import (
    Byte,
    Char,
    DateTime,
    DateTimeKind,
    Int16,
    Int64,
    Kind,
    MemberSet,
    ProgressRecord,
    PSObject,
    SByte,
    SecureString,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Value,
    Version,
    XmlDocument,
)

Node = dict[str, Any] | None


def decode(data: bytes, form: str) -> list[Value]:
    """Read a case: an exported document, a message's body, or a redirected stream."""
    if form == "wire":
        return [clixml.decode_message(data)]
    if form == "stderr":
        return [value for _, value in clixml.decode_stream(data)]
    return clixml.decode(data)


def to_json(roots: list[Value]) -> list[Node]:
    """Give the roots in the corpus's schema."""
    ids: dict[int, int] = {}
    return [_node(root, ids) for root in roots]


def _node(value: Value, ids: dict[int, int]) -> Node:
    if value is None:
        return None
    if isinstance(value, PSObject):
        return _object(value, ids)
    if isinstance(value, MemberSet):
        return {"t": "MS", "ms": _members(value.members, ids)}
    tag, content = SCALARS[type(value)]
    return {"t": tag} | content(value)


def _object(value: PSObject, ids: dict[int, int]) -> Node:
    if id(value) in ids:
        return {"t": "Ref", "id": ids[id(value)]}
    node: dict[str, Any] = {"t": "Obj", "id": ids.setdefault(id(value), len(ids)), "types": list(value.types)}
    if value.to_string is not None:
        node["tostring"] = value.to_string
    if value.has_base:
        node["base"] = _node(value.base, ids)
    if value.kind is not None:
        node["kind"] = str(value.kind)
    if value.items is not None:
        node["items"] = [_node(item, ids) for item in value.items]
    if value.entries is not None:
        entries = sorted(value.entries, key=_outline) if value.kind is Kind.DICT else value.entries
        node["entries"] = [[_node(key, ids), _node(item, ids)] for key, item in entries]
    node["props"] = _members(value.props, ids)
    node["ms"] = _members(value.ms, ids)
    return node


def _outline(entry: tuple[Value, Value]) -> str:
    """What a Hashtable's entries are sorted by in the corpus. Objects are numbered as they are met, so it matters."""
    key = entry[0]
    if isinstance(key, PSObject):
        key = key.base if key.has_base and not isinstance(key.base, PSObject) else None
    return json.dumps(_node(key, {}))


def _members(members: Mapping[str, Value], ids: dict[int, int]) -> list[list[Any]]:
    return [[name, _node(value, ids)] for name, value in members.items()]


def _text(value: Any) -> dict[str, Any]:
    return {"v": str(value)}


def _number(value: Any) -> dict[str, Any]:
    return {"v": int(value)}


def _date_time(value: DateTime) -> dict[str, Any]:
    node: dict[str, Any] = {"ticks": value.ticks, "kind": str(value.kind)}
    return node | {"utc": value.utc_ticks} if value.kind is DateTimeKind.LOCAL else node


def _decimal(value: Decimal) -> dict[str, Any]:
    # A negative zero keeps its sign bit, but PowerShell shows none.
    return {"v": f"{value:f}".lstrip("-") if value == 0 else f"{value:f}"}


def _progress(value: ProgressRecord) -> dict[str, Any]:
    return {
        "activity": value.activity,
        "activityId": value.activity_id,
        "currentOperation": value.current_operation,
        "parentActivityId": value.parent_activity_id,
        "percentComplete": value.percent_complete,
        "recordType": value.record_type,
        "secondsRemaining": value.seconds_remaining,
        "statusDescription": value.status_description,
    }


SCALARS: Final[dict[type, tuple[str, Callable[[Any], dict[str, Any]]]]] = {
    str: ("S", _text),
    bool: ("B", lambda value: {"v": value}),
    int: ("I32", _number),
    SByte: ("SB", _number),
    Byte: ("By", _number),
    Int16: ("I16", _number),
    UInt16: ("U16", _number),
    UInt32: ("U32", _number),
    Int64: ("I64", _number),
    UInt64: ("U64", _number),
    Char: ("C", lambda value: {"v": ord(value)}),
    float: ("Db", lambda value: {"bits": struct.pack(">d", value).hex()}),
    Single: ("Sg", lambda value: {"bits": struct.pack(">f", value).hex()}),
    Decimal: ("D", _decimal),
    bytes: ("BA", lambda value: {"v": base64.b64encode(value).decode()}),
    UUID: ("G", _text),
    Uri: ("URI", _text),
    Version: ("Version", _text),
    XmlDocument: ("XD", _text),
    DateTime: ("DT", _date_time),
    TimeSpan: ("TS", lambda value: {"v": value.ticks}),
    SecureString: ("SS", lambda value: {}),
    ProgressRecord: ("PR", _progress),
}
