"""The notes (`<MS>`) of an object in the making in, the set that PowerShell ends up with out.

Tried on the engine of PowerShell 7.6.9: an object around another object shares the other's notes, unless something had been asked of
its own before. A ToString, Props or MS that came first is such a thing.
"""

from __future__ import annotations

from typing import cast

from psbridge.clixml.names import Members, fold
from psbridge.psobject import EMPTY, PSObject, Value

__all__ = ["add_notes", "adopt", "drop_note"]


def add_notes(made: PSObject, notes: dict[str, Value], *, has_own: bool) -> None:
    """Give an object a set of notes; a further one is merged into the first."""
    wraps = isinstance(made.base, PSObject)
    if made.ms is EMPTY and (has_own or not wraps):
        made.ms = notes
        return
    if wraps and not has_own:
        made.ms = _shared(cast("PSObject", made.base))
    own = cast("dict[str, Value]", made.ms)
    together = Members(own)
    for name, value in notes.items():
        together[name] = value
    own.clear()
    own.update(together)


def drop_note(made: PSObject, name: str) -> None:
    """Drop a note that the engine does not show beside what comes now: ToString beside ToString, GetType beside Props."""
    for key in [key for key in made.ms if fold(key) == name.upper()]:
        del cast("dict[str, Value]", made.ms)[key]


def adopt(made: PSObject, base: PSObject, *, typed: bool, has_own: bool) -> None:
    """Take from an object in an object what the outer one has none of."""
    if made.to_string is None:
        made.to_string = base.to_string
    if made.props is EMPTY:
        made.props = base.props
    if not typed:
        made.types = base.types
    if not has_own:
        made.ms = base.ms


def _shared(base: PSObject) -> dict[str, Value]:
    """The notes of the innermost object, which those around it share as long as they have none of their own."""
    chain = [base]
    while isinstance(chain[-1].base, PSObject):
        chain.append(chain[-1].base)
    if chain[-1].ms is EMPTY:
        fresh: dict[str, Value] = {}
        for one in chain:
            if one.ms is EMPTY:
                one.ms = fresh
    return cast("dict[str, Value]", chain[-1].ms)
