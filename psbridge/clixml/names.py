"""Names of members in, whether two of them are one to PowerShell out.

PowerShell compares names without regard to case, by .NET's OrdinalIgnoreCase: each character is mapped to its own upper case, by
Unicode's simple mapping, and nothing outside ASCII meets an ASCII letter. (Tried on the engine of PowerShell 7.6.9.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final

from psbridge.psobject import Value

__all__ = ["ByName", "NameTable", "clash", "fold"]

_MANY: Final = 1 << 10  # what is remembered outlives its document, so it must be small


def fold(name: str) -> str:
    """Give the form under which a name is compared."""
    return name.upper() if name.isascii() else "".join(map(_upper, name))


@lru_cache(maxsize=1 << 12)
def _upper(character: str) -> str:
    if character.isascii():
        return character.upper()
    # Where the full mapping has several characters, the title case is the simple one (U+1F80 to U+1FFC).
    for mapped in (character.upper(), character.title()):
        if len(mapped) == 1:
            return character if mapped.isascii() else mapped
    return character


def clash(names: Collection[str]) -> bool:
    """Whether two of these names differ in case only. A cmdlet's objects share their names, so the answer is remembered."""
    return _clash(tuple(names)) if len(names) <= _MANY else _differ_in_case(names)


@lru_cache(maxsize=1 << 10)
def _clash(names: tuple[str, ...]) -> bool:
    return _differ_in_case(names)


def _differ_in_case(names: Iterable[str]) -> bool:
    folded = [fold(name) for name in names]
    return len(set(folded)) != len(folded)


class NameTable(dict[str, tuple[str, Value]]):
    """Members as PowerShell keeps them: of two alike, the last value and its spelling stand at the first one's place."""

    def put(self, name: str, value: Value) -> None:
        """Add a member."""
        self[fold(name)] = name, value

    def members(self) -> dict[str, Value]:
        """Give the members by their names."""
        return dict(self.values())


class ByName(dict[str, Value]):
    """Collects members name by name: as they come, and in a table as PowerShell keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self.table = NameTable()

    def __setitem__(self, name: str, value: Value) -> None:
        super().__setitem__(name, value)
        if name is not None:  # a missing name is refused by the reader
            self.table.put(name, value)
