"""The names that somebody asked for and the objects that were read in, those that no object has and the nearest ones out."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Iterator

from psbridge.cli.clixml.document import Document
from psbridge.cli.clixml.wildcard import is_wildcard
from psbridge.psobject import Kind, PSObject, Value
from psbridge.report.display import shown_names
from psbridge.report.visible import visible

__all__ = ["Unmet"]

_NEAREST = 3


class Unmet:
    """Names of properties, until an object has them; a wildcard is no name. A mistyped one is missing everywhere."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._left = {name.lower(): name for name in names if not is_wildcard(name)}

    def look(self, value: Value) -> None:
        """Take away what this object has."""
        if self._left:
            for name in [name for name in self._left if name in _names_of(value)]:
                del self._left[name]

    def none_of(self, names: Iterable[str]) -> bool:
        """Whether no object had any of these names; a wildcard is for another one to judge."""
        return all(name.lower() in self._left for name in names)

    def seen(self, values: Iterable[Value]) -> Iterator[Value]:
        """Give the values on, each looked at."""
        for value in values:
            self.look(value)
            yield value

    def tell(self, document: Document) -> None:
        """Say on standard error which names no object of this document had; nothing where there was no object."""
        if not self._left or not document.count:
            return
        known = {name.lower(): name for name in document.first_names()}
        document.clear()
        for folded, name in self._left.items():
            near = [visible(known[one]) for one in difflib.get_close_matches(folded, known, _NEAREST)]
            meant = f"; did you mean {' or '.join(near)}?" if near else "."
            sys.stderr.write(f"psbridge: {document.name}: no object that was read has a property {visible(name)}{meant}\n")


def _names_of(value: Value) -> set[str]:
    if not isinstance(value, PSObject):
        return set()
    if value.kind in (Kind.DICT, Kind.ORDERED):
        return {key.lower() for key, _ in value.entries or [] if isinstance(key, str)}
    return {name.lower() for name in (*value.names(), *shown_names(value))}
