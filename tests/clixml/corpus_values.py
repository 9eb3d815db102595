"""A value in the corpus' JSON in, the Python value that stands for it out. Written for the tests of the encoder only."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

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

Node = dict[str, Any]

# The class of each simple type: an object around one that says nothing else is written without type names.
CLASSES = {
    "S": "System.String",
    "C": "System.Char",
    "B": "System.Boolean",
    "SB": "System.SByte",
    "By": "System.Byte",
    "I16": "System.Int16",
    "U16": "System.UInt16",
    "I32": "System.Int32",
    "U32": "System.UInt32",
    "I64": "System.Int64",
    "U64": "System.UInt64",
    "Sg": "System.Single",
    "Db": "System.Double",
    "D": "System.Decimal",
    "DT": "System.DateTime",
    "TS": "System.TimeSpan",
    "G": "System.Guid",
    "BA": "System.Byte[]",
    "URI": "System.Uri",
    "Version": "System.Version",
    "XD": "System.Xml.XmlDocument",
    "SBK": "System.Management.Automation.ScriptBlock",
    "SS": "System.Security.SecureString",
}

SIMPLE: dict[str, Callable[[Node], Value]] = {
    "S": lambda n: str(n["v"]),
    "SBK": lambda n: str(n["v"]),  # PowerShell reads it as a string
    "G": lambda n: UUID(n["v"]),
    "Version": lambda n: Version(n["v"]),
    "XD": lambda n: XmlDocument(n["v"]),
    "URI": lambda n: Uri(n["v"]),
    "C": lambda n: Char(chr(n["v"])),
    "B": lambda n: bool(n["v"]),
    "SB": lambda n: SByte(n["v"]),
    "By": lambda n: Byte(n["v"]),
    "I16": lambda n: Int16(n["v"]),
    "U16": lambda n: UInt16(n["v"]),
    "I32": lambda n: int(n["v"]),
    "U32": lambda n: UInt32(n["v"]),
    "I64": lambda n: Int64(n["v"]),
    "U64": lambda n: UInt64(n["v"]),
    "Sg": lambda n: Single(struct.unpack(">f", bytes.fromhex(n["bits"]))[0]),
    "Db": lambda n: float(struct.unpack(">d", bytes.fromhex(n["bits"]))[0]),
    "D": lambda n: Decimal(n["v"]),
    "TS": lambda n: TimeSpan(n["v"]),
    "BA": lambda n: base64.b64decode(n["v"]),
    "SS": lambda n: SecureString(n["v"].encode("utf-16-le").hex()),
    "DT": lambda n: DateTime(n["ticks"], DateTimeKind(n["kind"]), _offset(n)),
    "PR": lambda n: ProgressRecord(
        n["activity"],
        n["activityId"],
        n["statusDescription"],
        n["currentOperation"],
        n["parentActivityId"],
        n["percentComplete"],
        n["recordType"],
        n["secondsRemaining"],
    ),
}


def _offset(node: Node) -> int:
    return (node["ticks"] - node["utc"]) // 600_000_000 if node["kind"] == "Local" else 0


def from_json(roots: list[Node | None]) -> list[Value]:
    """Build the values; an object that is met again is the same Python object."""
    objects: dict[int, PSObject] = {}
    return [_value(node, objects) for node in roots]


def _value(node: Node | None, objects: dict[int, PSObject]) -> Value:
    if node is None:
        return None
    if node["t"] == "Ref":
        return objects[node["id"]]
    if node["t"] == "Obj":
        return _object(node, objects)
    if node["t"] == "MS":
        return MemberSet({name: _value(value, objects) for name, value in node["ms"]})
    return SIMPLE[node["t"]](node)


def _object(node: Node, objects: dict[int, PSObject]) -> PSObject:
    value = objects[node["id"]] = PSObject(_types(node), to_string=node.get("live", node.get("tostring")))
    if "base" in node:
        value.base, value.has_base = _value(node["base"], objects), True
    if "kind" in node:
        value.kind = Kind(node["kind"])
    if "items" in node:
        value.items = [_value(item, objects) for item in node["items"]]
    if "entries" in node:
        value.entries = [(_value(key, objects), _value(item, objects)) for key, item in node["entries"]]
    value.props = {name: _value(item, objects) for name, item in node.get("props", [])}
    value.ms = {name: _value(item, objects) for name, item in node.get("ms", [])}
    return value


def _types(node: Node) -> tuple[str, ...]:
    base = node.get("base")
    if base and node["types"] and node["types"][0] == CLASSES.get(base["t"]):
        return ()
    return tuple(node["types"])


def as_read(roots: list[Node | None]) -> list[Node | None]:
    """What PowerShell must read from these values: type names from the text get a prefix, a script block is a string.

    An object around a simple value that adds nothing to it arrives as that value.
    """
    bare: dict[int, Node] = {}
    return [_as_read(node, bare) for node in roots]


def _as_read(node: Any, bare: dict[int, Node]) -> Any:
    if isinstance(node, list):
        return [_as_read(item, bare) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("t") == "Ref":
        return bare.get(node["id"], node)
    if node.get("t") == "SBK":
        return {"t": "S", "v": node["v"]}
    read: Node = {key: _as_read(value, bare) for key, value in node.items() if key not in ("types", "live")}
    if "live" in node:
        read["tostring"] = node["live"]
    if "types" in node:
        read["types"] = [name if name.lower().startswith("deserialized.") else f"Deserialized.{name}" for name in _types(node)]
    if set(read) == {"t", "id", "base", "types"} and not read["types"] and read["base"]["t"] != "Obj":
        return bare.setdefault(node["id"], read["base"])
    return read
