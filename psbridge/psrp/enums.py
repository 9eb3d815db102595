"""Enum values as messages hold them: a name and a number in, a PSObject out, and back.

Source: [MS-PSRP] 2.2.5.2.7.
"""

from __future__ import annotations

from psbridge.psobject import PSObject, Value

__all__ = ["enum_value", "number"]


def enum_value(type_name: str, name: str, value: int) -> PSObject:
    """Make the object that stands for an enum's value (Int32)."""
    types = (type_name, "System.Enum", "System.ValueType", "System.Object")
    return PSObject.wrapping(int(value), types, to_string=name)


def number(value: Value) -> int | None:
    """The whole number that a value is or wraps; None for anything else."""
    inner = value.base if isinstance(value, PSObject) and value.has_base else value
    return int(inner) if isinstance(inner, int) and not isinstance(inner, bool) else None
