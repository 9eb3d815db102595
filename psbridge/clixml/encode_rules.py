"""A value or a name in, what PowerShell's writer calls it out: containers, type names, which Python class stands for which.

Source: clixml-notes section 4 (Writing), [MS-PSRP] 2.2.5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from psbridge.clixml.encode_values import ELEMENTS
from psbridge.psobject import Kind, MemberSet, ProgressRecord, PSObject, SecureString, Switch

__all__ = [
    "ARRAY_TYPES",
    "OBJECTS",
    "PLAIN",
    "RESERVED",
    "SWITCH_TYPES",
    "TAGS",
    "UNTYPED",
    "adds_nothing",
    "advice",
    "implied_types",
    "is_ordered",
    "nearest",
]

OBJECTS: Final = (PSObject, list, tuple, Mapping, Switch)  # what becomes an `<Obj>`
_WRITTEN: Final = frozenset({*ELEMENTS, PSObject, list, tuple, dict, Switch, SecureString, ProgressRecord, MemberSet})

TAGS: Final[Mapping[Kind, str]] = {
    Kind.LIST: "LST",
    Kind.STACK: "STK",
    Kind.QUEUE: "QUE",
    Kind.DICT: "DCT",
    Kind.ORDERED: "DCT",
}
ARRAY_TYPES: Final = ("System.Object[]", "System.Array", "System.Object")
SWITCH_TYPES: Final = ("System.Management.Automation.SwitchParameter", "System.ValueType", "System.Object")
UNTYPED: Final[Mapping[Kind | None, tuple[str, ...]]] = {
    None: ("System.Management.Automation.PSCustomObject", "System.Object"),
    Kind.LIST: ("System.Collections.ArrayList", "System.Object"),
    Kind.STACK: ("System.Collections.Stack", "System.Object"),
    Kind.QUEUE: ("System.Collections.Queue", "System.Object"),
    Kind.DICT: ("System.Collections.Hashtable", "System.Object"),
    Kind.ORDERED: ("System.Collections.Specialized.OrderedDictionary", "System.Object"),
}

# Members of a named set may not be called so; notes and properties may.
RESERVED: Final = frozenset({"psbase", "psadapted", "psextended", "psobject", "pstypenames"})

# A subclass may print itself as something else than what it holds.
PLAIN: Final[Mapping[type, Callable[[Any], object]]] = {str: str.__str__, int: int.__int__, float: float.__float__}

_UNKNOWN: Final = "psbridge knows no PowerShell type for it"
_ADVICE: Final[tuple[tuple[tuple[type, ...], str], ...]] = (
    ((set, frozenset), "PowerShell gets no set; send a list"),
    ((datetime, timedelta), "a subclass may hold more than a DateTime or TimeSpan can; send the plain class"),
    ((date, time), "PowerShell has moments only; send a datetime"),
    ((memoryview,), "PowerShell gets no view; send bytes"),
)


def adds_nothing(value: PSObject) -> bool:
    """Tell whether the object is its simple value and no more; PowerShell writes that value alone."""
    if not value.has_base or value.kind is not None or isinstance(value.base, (*OBJECTS, MemberSet, type(None))):
        return False
    return not (value.types or value.to_string is not None or value.ms or value.props)


def implied_types(value: PSObject) -> tuple[str, ...]:
    """Give the type names that PowerShell has for an object without any: those of what is in it."""
    if not value.has_base:
        return UNTYPED[value.kind]
    return (value.base.types or implied_types(value.base)) if isinstance(value.base, PSObject) else ()


def is_ordered(types: tuple[str, ...]) -> bool:
    """Tell whether PowerShell's reader makes an OrderedDictionary of a dictionary with these types."""
    name = UNTYPED[Kind.ORDERED][0]
    return not types or types[0] in (name, f"Deserialized.{name}")


def nearest(kind: type) -> type | None:
    """Give the class with a rule that this one derives from, where nothing can be lost by it."""
    for base in kind.__mro__:
        if base in (datetime, timedelta):
            return None
        if base in _WRITTEN:
            return base
    return dict if issubclass(kind, Mapping) else None


def advice(value: object) -> str:
    """Say why a value has no rule, and what to send instead."""
    return next((text for types, text in _ADVICE if isinstance(value, types)), _UNKNOWN)
