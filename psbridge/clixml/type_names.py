"""The names of a type list (`<TN>`) in, the types of the objects that carry it out.

PowerShell puts `Deserialized.` in front of each name that does not begin so, in any case, and drops empty ones (clixml-notes
section 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from psbridge.psobject import Kind

__all__ = ["dictionary_kind", "types_of"]

_PREFIX: Final = "Deserialized."
_ORDERED: Final = "System.Collections.Specialized.OrderedDictionary"
_MANY: Final = 64  # what is remembered outlives its document, so it must be small
_LONG: Final = 8192


def types_of(names: list[str]) -> tuple[str, ...]:
    """Give the types, as the one tuple that stands for all equal lists."""
    small = len(names) <= _MANY and len("".join(names)) <= _LONG
    return _remembered(tuple(names)) if small else _types(names)


@lru_cache(maxsize=1 << 12)
def _remembered(names: tuple[str, ...]) -> tuple[str, ...]:
    return _shared(_types(names))


@lru_cache(maxsize=1 << 12)
def _shared(types: tuple[str, ...]) -> tuple[str, ...]:
    """One tuple for lists that differ in the prefix only, as those of a live object and of one that was read before."""
    return types


def _types(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name if name[: len(_PREFIX)].lower() == _PREFIX.lower() else _PREFIX + name for name in names if name)


def dictionary_kind(types: tuple[str, ...]) -> Kind:
    """Tell what a dictionary is by the types that its object has when it is read."""
    ordered = bool(types) and types[0][len(_PREFIX) :] == _ORDERED
    return Kind.ORDERED if ordered else Kind.DICT
