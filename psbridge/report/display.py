"""A value in, the text out that PowerShell shows for it in a cell of a table or behind the name of a property.

Source: what PowerShell 7.6 prints; the tests ask it. Control characters are made visible, which PowerShell does not do.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from psbridge.psobject import DateTime, Kind, PSObject, Single, Value, XmlDocument
from psbridge.report.screen import Screen
from psbridge.report.visible import visible

__all__ = ["display", "plain_text", "shown_names", "unwrapped"]

# $FormatEnumerationLimit: so many items of a list are shown.
SHOWN_ITEMS: Final = 4
MOST_WRAPPERS: Final = 50


def display(value: Value, screen: Screen, *, two_places: bool = False) -> str:
    """Give the text of a property's value: lists in braces, at most four items; floats and decimals rounded if asked for."""
    if value is None:
        return ""
    items = _items(value)
    if items is not None:
        return visible(_braces(items, screen))
    if two_places and isinstance(unwrapped(value), float | Decimal):
        return _two_places(unwrapped(value))
    return visible(plain_text(value))


def plain_text(value: Value) -> str:
    """Give the text that `"$value"` is: no braces, nothing cut, not yet made visible."""
    if isinstance(value, PSObject):
        return _object_text(value)
    for kinds, write in _TEXTS:
        if isinstance(value, kinds):
            return write(value)
    return str(value)


def shown_names(value: PSObject) -> list[str]:
    """The properties in the order that PowerShell shows them: notes, then adapted ones that no note hides."""
    hidden = {name.lower() for name in value.ms}
    return [*value.ms, *(name for name in value.props if name.lower() not in hidden)]


def unwrapped(value: Value) -> Value:
    """What is wrapped, through as many wrappers as a text can nest; nothing in a ring of them."""
    for _ in range(MOST_WRAPPERS):
        if not isinstance(value, PSObject) or not value.has_base or value.kind is not None:
            return value
        value = value.base
    return None


def _items(value: Value) -> list[str] | None:
    """The texts of what is inside a container; None for everything else."""
    inner = unwrapped(value)
    if isinstance(inner, bytes):
        return [str(byte) for byte in inner[: SHOWN_ITEMS + 1]]
    if not isinstance(inner, PSObject):
        return None
    if inner.kind in (Kind.DICT, Kind.ORDERED):
        return [f"[{_bare(key)}, {_bare(item)}]" for key, item in (inner.entries or [])[: SHOWN_ITEMS + 1]]
    if inner.kind is not None:
        return [_item(item) for item in (inner.items or [])[: SHOWN_ITEMS + 1]]
    return None


def _item(value: Value) -> str:
    if value is None:
        return "$null"
    return plain_text(value) or _type_name(value)


def _braces(items: list[str], screen: Screen) -> str:
    cut = screen.ellipsis if len(items) > SHOWN_ITEMS else ""
    return "{" + ", ".join(items[:SHOWN_ITEMS]) + cut + "}"


def _object_text(value: PSObject) -> str:
    if value.to_string is not None:
        return value.to_string
    inner = unwrapped(value)
    if inner is not value:
        return _inside(inner) if isinstance(inner, PSObject) else plain_text(inner)
    if value.kind in (Kind.DICT, Kind.ORDERED):
        return _CONTAINERS[value.kind]
    if value.kind is not None:
        return " ".join("#document" if isinstance(item, XmlDocument) else _inside(item) for item in value.items or [])
    properties = "; ".join(f"{name}={_inside(value[name])}" for name in shown_names(value))
    return f"@{{{properties}}}" if properties else ""


def _bare(value: Value) -> str:
    """What .NET itself writes, with every digit of a float: PowerShell leaves an entry of a dictionary to it."""
    if isinstance(value, float) and math.isfinite(value):
        return _shortest(value)
    return _type_name(value) or plain_text(value)


def _type_name(value: Value) -> str:
    """The values that .NET knows no text for."""
    if isinstance(value, bytes):
        return "System.Byte[]"
    return "System.Xml.XmlDocument" if isinstance(value, XmlDocument) else ""


def _inside(value: Value) -> str:
    """Inside a text a container is only its type, and an object without a text is nothing: rings end here."""
    inner = value if isinstance(value, PSObject) and value.to_string is not None else unwrapped(value)
    if isinstance(inner, PSObject):
        return inner.to_string if inner.to_string is not None else _CONTAINERS[inner.kind] if inner.kind else ""
    return _type_name(inner) or plain_text(inner)


_CONTAINERS: Final = {
    Kind.LIST: "System.Collections.ArrayList",
    Kind.STACK: "System.Collections.Stack",
    Kind.QUEUE: "System.Collections.Queue",
    Kind.DICT: "System.Collections.Hashtable",
    Kind.ORDERED: "System.Collections.Specialized.OrderedDictionary",
}


def _two_places(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return _number(value)
    # On the exact value; .NET rounds the half of a float to the even digit, that of a decimal away from zero.
    rounding = ROUND_HALF_EVEN if isinstance(value, float) else ROUND_HALF_UP
    exact = Decimal(value).quantize(Decimal("0.01"), rounding, Context(prec=400))
    return f"{exact:f}" if exact or isinstance(value, float) else "0.00"


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    digits = 7 if isinstance(value, Single) else 15
    return f"{value:.{digits}g}".upper()


def _shortest(value: float) -> str:
    """The fewest digits that are read as the same number, as .NET writes it since Core 3.0."""
    form, most_digits = (">f", 9) if isinstance(value, Single) else (">d", 17)
    exact = struct.pack(form, value)
    digits = next(digits for digits in range(1, 18) if struct.pack(form, float(f"{value:.{digits}g}")) == exact)
    number = Decimal(f"{value:.{digits}g}")
    plain = -4 <= number.adjusted() < most_digits
    return f"{number:f}" if plain else f"{value:.{digits - 1}E}"


def _moment(value: DateTime) -> str:
    moment = value.to_datetime()
    return f"{moment.month:02}/{moment.day:02}/{moment.year:04} {moment:%H:%M:%S}"


_TEXTS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (type(None), lambda _: ""),
    (bool, str),
    (float, _number),
    (Decimal, lambda value: f"{value:f}"),
    (bytes, lambda value: " ".join(map(str, value))),
    (DateTime, _moment),
    (XmlDocument, lambda _: "#document"),
)
