"""Values of one document in, JSON from which the same values can be read out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final
from weakref import ref

from psbridge.clixml_json.scalars import SCALARS
from psbridge.clixml_json.text import Json
from psbridge.errors import ValueTypeError
from psbridge.psobject import Kind, MemberSet, ProgressRecord, PSObject, Value

__all__ = ["MOST_LEVELS", "JsonWriter"]

MOST_LEVELS: Final = 100  # PowerShell reads 49; Python's stack and every JSON reader take this much


class JsonWriter:
    """The values of one document, one after the other; an object that was written before becomes a reference.

    Objects are known as long as somebody holds them, so a document of any size takes no more memory than its reader does.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[ref[PSObject], int]] = {}
        self._count = 0

    def node(self, value: Value) -> Json:
        """Give the JSON for the next value. Raises ValueTypeError for what no CLIXML holds, and for more than 100 levels."""
        try:
            return self._node(value, 0)
        except _Refused as refused:
            where = "".join(reversed(refused.path))
            raise ValueTypeError(refused.kind, refused.reason, where=f"JSON ({where})" if where else "JSON") from None

    def _node(self, value: Value, level: int) -> Json:
        kind = type(value)
        if value is None or kind in _OWN:
            return value
        if isinstance(value, PSObject):
            return self._object(value, level)
        if isinstance(value, MemberSet):
            return {"set": self._members(value.members, level)}
        if isinstance(value, ProgressRecord):
            return {"PR": asdict(value)}
        scalar = SCALARS.get(kind)
        if scalar is None:
            raise _Refused(kind.__name__, "CLIXML has no such type")
        try:
            return {scalar.tag: scalar.write(value)}
        except (ValueError, ArithmeticError) as error:
            raise _Refused(kind.__name__, str(error)) from None

    def _object(self, value: PSObject, level: int) -> Json:
        known = self._known.get(id(value))
        if known:
            return {"ref": known[1]}
        if level > MOST_LEVELS:
            raise _Refused("PSObject", f"it is nested more than {MOST_LEVELS} levels deep")
        node: dict[str, Json] = {"id": self._remember(value)}
        if value.types:
            node["types"] = list(value.types)
        if value.to_string is not None:
            node["toString"] = value.to_string
        self._content(node, value, level + 1)
        shared = _shared(value)
        if shared:
            node["shares"] = shared
        if value.props and "props" not in shared:
            node["props"] = self._members(value.props, level + 1)
        if value.ms and "notes" not in shared:
            node["notes"] = self._members(value.ms, level + 1)
        return node

    def _remember(self, value: PSObject) -> int:
        key, number, known = id(value), self._count, self._known
        self._count += 1
        known[key] = ref(value, lambda _: known.pop(key, None)), number
        return number

    def _content(self, node: dict[str, Json], value: PSObject, level: int) -> None:
        if value.has_base:
            node["base"] = self._at(".base", value.base, level)
        if value.kind in (Kind.DICT, Kind.ORDERED):
            entries = enumerate(value.entries or [])
            node[value.kind] = [
                [self._at(f"[{place}].key", key, level), self._at(f"[{place}]", item, level)] for place, (key, item) in entries
            ]
        elif value.kind is not None:
            node[value.kind] = [self._at(f"[{place}]", item, level) for place, item in enumerate(value.items or [])]

    def _members(self, members: Mapping[str, Value], level: int) -> Json:
        # Most members are JSON's own; one look here saves a call for each of them.
        return {
            name: value if type(value) in _OWN or value is None else self._at(f".{name}", value, level)
            for name, value in members.items()
        }

    def _at(self, step: str, value: Value, level: int) -> Json:
        try:
            return self._node(value, level)
        except _Refused as refused:
            refused.path.append(step)
            raise


class _Refused(Exception):
    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason
        self.path: list[str] = []


def _shared(value: PSObject) -> list[str]:
    """What an object around an object has in common with it: the very same sets of members."""
    base = value.base
    if not isinstance(base, PSObject):
        return []
    pairs = (("props", value.props, base.props), ("notes", value.ms, base.ms))
    return [name for name, ours, theirs in pairs if ours and ours is theirs]


_OWN: Final = frozenset({bool, str, int})
