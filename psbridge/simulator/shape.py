"""A shape file (TOML) in, the properties that a cmdlet's objects have, with their defaults, out.

A shape names the types of an object and every property in the order in which PowerShell lists it. A property is text, a number,
true or false as TOML writes it, or a table that names its kind, such as `{ guid = "..." }`; `_KINDS` is the whole list.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psbridge.psobject import Byte, Int64, Kind, PSObject, UInt32, UInt64, Value
from psbridge.simulator import dotnet
from psbridge.simulator.state.span import parse_span

__all__ = ["Shape", "list_types", "shape"]

_FOLDER: Final = Path(__file__).parent / "shapes"


@dataclass(frozen=True, slots=True)
class Shape:
    """The types and the default properties of one kind of object."""

    types: tuple[str, ...]
    defaults: Mapping[str, Value]

    def make(self, text: str, values: Mapping[str, Value]) -> PSObject:
        """An object with these values in place of the defaults. Raises KeyError for a property that the shape has not."""
        if not values.keys() <= self.defaults.keys():
            raise KeyError(f"{self.types[0]} has no property {', '.join(sorted(values.keys() - self.defaults.keys()))}")
        return PSObject(self.types, to_string=text, props={**self.defaults, **values})

    def lay_over(self, made: PSObject, values: Mapping[str, Any]) -> PSObject:
        """Lay what a seed says of single properties over an object: plain values, in the kind that the property has."""
        props = dict(made.props)
        for name, value in values.items():
            known = next((key for key in props if key.lower() == name.lower()), name)
            props[known] = _like(props.get(known), value)
        return PSObject(made.types, to_string=made.to_string, props=props)

    def listed(self, name: str, items: Iterable[Value]) -> PSObject:
        """A list of the type that the shape has for this property."""
        default = self.defaults[name]
        if not isinstance(default, PSObject):
            raise TypeError(f"{name} is no list")
        return dotnet.listed(default.types, items)

    def enum(self, name: str, text: str, number: int) -> PSObject:
        """A value of the enumeration that the shape has for this property."""
        default = self.defaults[name]
        if not isinstance(default, PSObject):
            raise TypeError(f"{name} is no enumeration")
        return PSObject.wrapping(number, default.types, to_string=text)


@cache
def shape(name: str) -> Shape:
    """Read `shapes/NAME.toml`, once."""
    content = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Shape(tuple(content["types"]), {key: _value(value) for key, value in content["properties"].items()})


@cache
def list_types(name: str) -> tuple[str, ...]:
    """The type names of a list, by its name in `shapes/lists.toml`."""
    types: list[str] = _lists()[name]
    return tuple(types)


@cache
def _lists() -> dict[str, list[str]]:
    return tomllib.loads((_FOLDER / "lists.toml").read_text(encoding="utf-8"))


def _value(written: Any) -> Value:
    if not isinstance(written, dict):
        plain: Value = written
        return plain
    kind = next(name for name in _KINDS if name in written)
    return _KINDS[kind](written)


def _unlimited(written: dict[str, Any]) -> Value:
    value = written.get("is")
    return dotnet.unlimited(written["unlimited"], parse_span(value).to_timedelta() if isinstance(value, str) else value)


def _object(written: dict[str, Any]) -> Value:
    props = {key: _value(value) for key, value in written.get("properties", {}).items()}
    return PSObject(tuple(written["object"]), to_string=written.get("text"), props=props)


_KINDS: Final[Mapping[str, Callable[[dict[str, Any]], Value]]] = {
    "nil": lambda _: None,
    "byte": lambda written: Byte(written["byte"]),
    "int64": lambda written: Int64(written["int64"]),
    "uint32": lambda written: UInt32(written["uint32"]),
    "uint64": lambda written: UInt64(written["uint64"]),
    "zeros": lambda written: bytes(written["zeros"]),
    "guid": lambda written: UUID(written["guid"]),
    "utc": lambda written: dotnet.utc(datetime.fromisoformat(written["utc"])),
    "local": lambda written: dotnet.local_time(datetime.fromisoformat(written["local"])),
    "timespan": lambda written: parse_span(written["timespan"]),
    "enum": lambda written: dotnet.enum(written["enum"], written["is"], written["number"]),
    "id": lambda written: dotnet.ad_object_id(written["id"]),
    "smtp": lambda written: dotnet.smtp_address(written["smtp"]),
    "size": lambda written: dotnet.byte_quantified_size(written["size"]),
    "span": lambda written: dotnet.enhanced_time_span(parse_span(written["span"])),
    "unlimited": _unlimited,
    "server_version": lambda written: dotnet.server_version(written["server_version"]),
    "object_version": lambda written: dotnet.exchange_object_version(written["object_version"]),
    "organization": lambda written: dotnet.organization_id(written["organization"]),
    "list": lambda written: dotnet.listed(list_types(written["list"]), [_value(item) for item in written.get("items", [])]),
    "dict": lambda written: PSObject((written["dict"], "System.Object"), kind=Kind.DICT, entries=[]),
    "object": _object,
}


def _like(known: Value, value: Any) -> Value:
    if isinstance(value, list) and isinstance(known, PSObject):
        return dotnet.listed(known.types, value)
    if isinstance(known, PSObject) and known.is_enum:
        # What the number is, a seed does not say; nobody reads it beside the name.
        return PSObject.wrapping(known.base, known.types, to_string=str(value))
    plain: Value = value
    return plain
