"""A value and the names that are wanted of it in, a value with these members out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from psbridge.clixml.names import fold
from psbridge.psobject import EMPTY, PSObject, Value

__all__ = ["Wanted", "project"]

_MOST: Final = 1 << 12


class Wanted(dict[str, bool]):
    """Names as they are met, each with whether it is wanted. PowerShell's names are the same in any case."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        self.names = frozenset(names)
        self._folded = {fold(name) for name in self.names}

    def __missing__(self, name: str) -> bool:
        if len(self) >= _MOST:
            self.clear()
        answer = self[name] = fold(name) in self._folded
        return answer


def project(value: Value, wanted: Wanted) -> Value:
    """Give an object like this one with the wanted members only. What is no object is given as it is."""
    if not isinstance(value, PSObject):
        return value
    made = PSObject(
        value.types,
        to_string=value.to_string,
        props=_chosen(value.props, wanted),
        ms=_chosen(value.ms, wanted),
        kind=value.kind,
        items=value.items,
        entries=value.entries,
    )
    made.base, made.has_base = value.base, value.has_base
    return made


def _chosen(members: Mapping[str, Value], wanted: Wanted) -> Mapping[str, Value]:
    # A member is looked at only if it is wanted: it may not have been built yet.
    return {name: members[name] for name in members if wanted[name]} if members else EMPTY
