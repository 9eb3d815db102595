"""Names of members in, whether two of them are one to PowerShell out.

PowerShell compares names without regard to case, by .NET's OrdinalIgnoreCase: each character is mapped to its own upper case, by
Unicode's simple mapping, and nothing outside ASCII meets an ASCII letter. (Tried on the engine of PowerShell 7.6.9.)
"""

from __future__ import annotations

from functools import lru_cache

from psbridge.psobject import Value

__all__ = ["Members", "clash", "fold"]


@lru_cache(maxsize=1 << 14)
def fold(name: str) -> str:
    """Give the form under which a name is compared."""
    return name.upper() if name.isascii() else "".join(map(_upper, name))


def _upper(character: str) -> str:
    if character.isascii():
        return character.upper()
    # Where the full mapping has several characters, the title case is the simple one (U+1F80 to U+1FFC).
    for mapped in (character.upper(), character.title()):
        if len(mapped) == 1:
            return character if mapped.isascii() else mapped
    return character


@lru_cache(maxsize=1 << 12)
def clash(names: tuple[str | None, ...]) -> bool:
    """Whether two names of one set differ in case only. A cmdlet's objects share their names, so the answer is remembered."""
    return len({fold(name) for name in names if name is not None}) != len(names)


class Members(dict[str, Value]):
    """Members by name as PowerShell keeps them: of two alike, the last value and its spelling stand at the first one's place."""

    def __init__(self, members: dict[str, Value] | None = None) -> None:
        super().__init__(members or {})
        self._spelling = {fold(name): name for name in self}

    def __setitem__(self, name: str, value: Value) -> None:
        if name is None:  # refused when the set is complete
            super().__setitem__(name, value)
            return
        spelling = self._spelling.setdefault(fold(name), name)
        if spelling == name:
            super().__setitem__(name, value)
            return
        self._spelling[fold(name)] = name
        members = [(name, value) if key == spelling else (key, kept) for key, kept in self.items()]
        self.clear()
        for key, kept in members:
            super().__setitem__(key, kept)

    def drop(self, name: str) -> None:
        """Remove a name in any spelling, if it is there."""
        spelling = self._spelling.pop(fold(name), None)
        if spelling is not None:
            del self[spelling]
