"""The notes (`<MS>`) of objects in the making in, the sets that PowerShell ends up with out.

The engine (7.6.9, tried) binds an object to a set of notes when the first ToString, Props or MS is read. The set belongs to
what the innermost object holds at that moment: its list, dictionary or number, or the object itself where it holds a string or
nothing. So an object around an object shares the notes of that, unless one of the two was bound before its content was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

from psbridge.clixml.names import NameTable, fold
from psbridge.psobject import EMPTY, PSObject, Value

__all__ = ["Notes"]


class _Growing(NamedTuple):
    """A set that is read piece by piece: the dictionary that its objects hold, and the table that fills it in the end."""

    held: dict[str, Value]
    table: NameTable
    first: list[str]


class Notes:
    """The sets of notes of one document or message. `finish` must be called when all of it is read.

    `early`: the objects, by their id(), that a Ref named, perhaps before they had all of their content.
    """

    def __init__(self) -> None:
        self._growing: dict[int, _Growing] = {}
        self._moved: dict[int, PSObject] = {}
        self._apart: dict[int, dict[str, Value]] = {}
        self.early: dict[int, PSObject] = {}

    def add(self, made: PSObject, notes: dict[str, Value], reserved: tuple[str, ...]) -> None:
        """Give a bound object notes; a further set of them is merged into the first.

        `reserved`: names that the engine had looked for before there were notes. They keep their place in front.
        """
        if made.ms is EMPTY:
            made.ms = notes
            if not reserved or not _are_among(reserved, notes):
                return
            notes = {}
        growing = self._grow(made, reserved)
        for name, value in notes.items():
            growing.table.put(name, value)

    def has_any(self, made: PSObject) -> bool:
        """Tell whether an object has notes so far."""
        if made.ms is EMPTY:
            return False
        growing = self._growing.get(id(made.ms))
        return bool(made.ms if growing is None else growing.table)

    def drop(self, made: PSObject, name: str) -> None:
        """Drop a note that the engine does not show beside what was read: ToString beside ToString, GetType beside Props."""
        self._grow(made, ()).table.pop(name, None)

    def bind(self, made: PSObject) -> None:
        """Bind an object to the set that belongs to the innermost object's content, if it stands around one."""
        if isinstance(made.base, PSObject):
            made.ms = self._set_of(made.base, wanted=True)

    def looked_at(self, made: PSObject) -> None:
        """Note that a Ref names an object: the engine looks for its notes then, and binds it to what it holds so far."""
        if made.items is None and made.entries is None:
            self.early[id(made)] = made

    def content_changed(self, made: PSObject) -> None:
        """Note that an object was bound before it got the content that it has now: nobody around it will find its set."""
        self._moved[id(made)] = made

    def adopt(self, made: PSObject, *, typed: bool, bound: bool) -> None:
        """Let an object around another one take what it has none of."""
        base = made.base
        if not isinstance(base, PSObject):
            return
        if made.to_string is None:
            made.to_string = base.to_string
        if made.props is EMPTY:
            made.props = base.props
        if not typed:
            made.types = base.types
        if not bound:
            made.ms = self._set_of(base, wanted=False)
        elif made.ms is EMPTY:
            made.ms = {}  # its own, which those around it must not take for none

    def finish(self) -> None:
        """Fill the sets that were read piece by piece."""
        for held, table, first in self._growing.values():
            members = dict(table[key] for key in first if key in table) | table.members()
            held.clear()
            held.update(members)

    def _grow(self, made: PSObject, reserved: tuple[str, ...]) -> _Growing:
        held = cast("dict[str, Value]", made.ms)
        growing = self._growing.get(id(held))
        if growing is None:
            growing = self._growing[id(held)] = _Growing(held, NameTable(), list(reserved))
            for name, value in held.items():
                growing.table.put(name, value)
        return growing

    def _set_of(self, base: PSObject, *, wanted: bool) -> dict[str, Value]:
        """The set of the innermost object's content. Where there is none yet and it is wanted, it is made."""
        chain = [base]
        while isinstance(chain[-1].base, PSObject):
            chain.append(chain[-1].base)
        innermost = chain[-1]
        if id(innermost) in self._moved:
            none = cast("dict[str, Value]", EMPTY)
            return self._apart.setdefault(id(innermost), {}) if wanted else self._apart.get(id(innermost), none)
        if innermost.ms is EMPTY and wanted:
            fresh: dict[str, Value] = {}
            for one in chain:
                if one.ms is EMPTY:
                    one.ms = fresh
        return cast("dict[str, Value]", innermost.ms)


def _are_among(wanted: tuple[str, ...], names: Iterable[str]) -> bool:
    return any(fold(name) in wanted for name in names)
