"""The members of one object after the other in, as they are written; the wanted ones of each out, still as they are written.

A cmdlet gives its objects with the same names in the same order. So where a row of objects had the same names, one expression
spells all of them and finds the wanted members of the next object in less than half of the time of a look at each member.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from psbridge.clixml.names import clash
from psbridge.clixml.projection import Wanted
from psbridge.clixml.regular import MEMBER, member_named

__all__ = ["Layout"]

_OFTEN: Final = 256  # so many objects with the same names, and an expression is made; to make it takes as long as 600 save
_MOST: Final = 8  # expressions
_LONGEST: Final = 1 << 15  # of all names together


class Layout:
    """Finds the wanted members in Props, or those in MS. `names`: what each name means as it is written."""

    def __init__(self, wanted: Wanted, names: Mapping[bytes, str]) -> None:
        self.wanted = wanted
        self._names = names
        self._chosen: list[str] = []
        self._expression: re.Pattern[bytes] | None = None
        self._made = 0
        self._spelled: list[bytes] = []
        self._objects: set[int] = set()
        self._times = 0

    def find(self, written: bytes) -> Iterable[tuple[str, bytes]] | None:
        """Give the wanted members, each with its name; None if two of their names are one to PowerShell."""
        if self._expression is not None:
            found = self._expression.fullmatch(written)
            if found is not None:
                return zip(self._chosen, found.groups(), strict=True)
        members = MEMBER.findall(written)
        if self._made < _MOST:
            self._learn(members)
        wanted = self.wanted
        chosen = [(name, word) for word, spelled in members if wanted[name := self._names[spelled]]]
        return None if clash([*dict(chosen)]) else chosen

    def _learn(self, members: list[tuple[bytes, bytes]]) -> None:
        spelled = [name for _, name in members]
        if spelled != self._spelled:
            self._spelled, self._objects, self._times = spelled, set(), 0
        self._objects.update(place for place, (word, _) in enumerate(members) if word.startswith(b"Obj"))
        self._times += 1
        if self._times == _OFTEN:
            self._times = 0
            self._make()

    def _make(self) -> None:
        names = [self._names[name] for name in self._spelled]
        chosen = [name for name in names if self.wanted[name]]
        if clash(chosen) or sum(map(len, self._spelled)) > _LONGEST:
            self._made = _MOST
            return
        members = (
            member_named(spelled, may_be_object=place in self._objects, captured=self.wanted[name])
            for place, (spelled, name) in enumerate(zip(self._spelled, names, strict=True))
        )
        self._chosen, self._expression = chosen, re.compile(b"".join(members))
        self._made += 1
