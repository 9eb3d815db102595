"""A value in, JSON of its names and values out: for people and other tools. It cannot be read back."""

from __future__ import annotations

import math
from base64 import b64encode
from typing import Final

from psbridge.clixml_json.scalars import SCALARS
from psbridge.clixml_json.text import Json
from psbridge.psobject import Kind, MemberSet, PSObject, Value

__all__ = ["plain"]

_MOST_LEVELS: Final = 49
_MOST_REPEATS: Final = 10_000


def plain(value: Value) -> Json:
    """Give names and values: a note wins over a property of its name, an enum is its name, an object without members its text.

    An object that holds itself is its text in there. Objects that stand several times are written each time, up to 10,000 of them
    in one value, then as their text.
    """
    return _Plain().node(value, 0)


class _Plain:
    def __init__(self) -> None:
        self._above: set[int] = set()
        self._seen: set[int] = set()
        self._repeats = 0

    def node(self, value: Value, level: int) -> Json:
        if isinstance(value, PSObject):
            return self._object(value, level)
        if isinstance(value, MemberSet):
            return {name: self.node(item, level + 1) for name, item in value.members.items()}
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            digits = SCALARS[type(value)].write(value)
            return float(digits) if math.isfinite(value) else digits
        return b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)

    def _object(self, value: PSObject, level: int) -> Json:
        key = id(value)
        self._repeats += key in self._seen
        if key in self._above or level > _MOST_LEVELS or self._repeats > _MOST_REPEATS:
            return _text(value)
        self._seen.add(key)
        self._above.add(key)
        node = self._content(value, level + 1)
        self._above.discard(key)
        return node

    def _content(self, value: PSObject, level: int) -> Json:
        if value.is_enum and value.to_string is not None:
            return value.to_string
        if value.has_base:
            return self.node(value.base, level)
        if value.kind in (Kind.DICT, Kind.ORDERED):
            entries: dict[str, Json] = {}
            for key, item in value.entries or []:
                entries[_unused(_text(key), entries)] = self.node(item, level)
            return entries
        if value.kind is not None:
            return [self.node(item, level) for item in value.items or []]
        names = value.names()
        if not names and value.to_string is not None:
            return value.to_string
        return {name: self.node(value.get(name), level) for name in names}


def _text(value: Value) -> str:
    if isinstance(value, PSObject) and value.to_string is None:
        return value.type_name or "..."
    return str(value)


def _unused(name: str, taken: dict[str, Json]) -> str:
    """Two keys may have one text: 1 and "1"."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
