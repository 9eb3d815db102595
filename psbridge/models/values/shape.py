"""A value that is not what was expected in, an error out that says what it is, what it holds and what was expected."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from uuid import UUID

from psbridge import psobject as ps
from psbridge.errors import ShapeError

__all__ = ["WrongShape", "shown", "type_of", "unwrapped"]

LONGEST_SHOWN: Final = 80

_NET_TYPES: Final[dict[type, str]] = {
    type(None): "null",
    bool: "System.Boolean",
    str: "System.String",
    ps.Char: "System.Char",
    ps.Uri: "System.Uri",
    ps.XmlDocument: "System.Xml.XmlDocument",
    ps.Version: "System.Version",
    int: "System.Int32",
    ps.SByte: "System.SByte",
    ps.Byte: "System.Byte",
    ps.Int16: "System.Int16",
    ps.UInt16: "System.UInt16",
    ps.UInt32: "System.UInt32",
    ps.Int64: "System.Int64",
    ps.UInt64: "System.UInt64",
    float: "System.Double",
    ps.Single: "System.Single",
    Decimal: "System.Decimal",
    bytes: "System.Byte[]",
    UUID: "System.Guid",
    ps.DateTime: "System.DateTime",
    ps.TimeSpan: "System.TimeSpan",
    ps.SecureString: "System.Security.SecureString",
    ps.ProgressRecord: "System.Management.Automation.ProgressRecord",
    ps.MemberSet: "System.Management.Automation.PSMemberSet",
}


class WrongShape(ShapeError, ValueError):
    """A value that cannot be read as what it should be; `prop` is the way down to it, once a model knows it.

    It is a ValueError too, because pydantic collects those with the place where they came up.
    """

    def __init__(self, found: ps.Value, expected: str, *, prop: str = "") -> None:
        self._tell(type_of(found), shown(found), expected, prop)

    @classmethod
    def missing(cls, prop: str, present: list[str]) -> WrongShape:
        """Make the error for a required property that the object does not have."""
        error = cls(None, "a value", prop=prop)
        error._tell("nothing", _cut(f"only: {', '.join(present)}" if present else "no properties"), "a value", prop)
        return error

    def below(self, prop: str) -> WrongShape:
        """Put the name of the property above in front of the way down."""
        joint = "" if not self.prop or self.prop.startswith("[") else "."
        self._tell(self.value_type, self.value, self.expected, f"{prop}{joint}{self.prop}")
        return self

    def returned_by(self, cmdlet: str) -> ShapeError:
        """Give the error that names the cmdlet as well."""
        return ShapeError(cmdlet, self.prop or "an object", self.value_type, self.value, self.expected)

    def _tell(self, value_type: str, value: str, expected: str, prop: str) -> None:
        ShapeError.__init__(self, "", prop, value_type, value, expected)
        self.args = (f"{f'{prop} is' if prop else 'Found'} {value_type} {value!r}; expected {expected}",)


def type_of(value: ps.Value) -> str:
    """Name a value's .NET type, without the prefix that a reader put in front."""
    if not isinstance(value, ps.PSObject):
        return _NET_TYPES.get(type(value), type(value).__name__)
    if value.type_name is None and value.has_base:
        return type_of(value.base)
    return value.type_name or ("a list" if value.items is not None else "an untyped object")


def shown(value: ps.Value) -> str:
    """Write a value in one short text of at most 80 characters; a secret is never in it."""
    return _cut(_text(value))


def unwrapped(value: ps.Value) -> ps.Value:
    """Take the primitive out of an object that only adds notes to it; an enum stays what it is."""
    while isinstance(value, ps.PSObject) and value.has_base and not value.is_enum:
        value = value.base
    return value


def _text(value: ps.Value) -> str:
    if value is None:
        return "$null"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, ps.PSObject) and value.items is not None:
        return f"{{{', '.join(str(item) for item in value.items[:LONGEST_SHOWN])}}}"
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
