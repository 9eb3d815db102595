"""The values of two exports in, the lines out that tell which objects are gone or new and what changed in the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from psbridge.cli.clixml.difference import difference, facts, shown
from psbridge.cli.clixml.identity import Identities, Identity
from psbridge.cli.clixml.selection import Chosen
from psbridge.clixml_json import Json, from_text, to_text
from psbridge.psobject import Value
from psbridge.report.visible import visible

__all__ = ["Comparison"]


class Comparison:
    """What is compared, and how many objects were found to be what. `aside`: properties left out that do differ."""

    def __init__(self, keys: tuple[str, ...], choice: Chosen | None, aside: Collection[str]) -> None:
        self._keys = keys
        self._choice = choice
        self._aside = {name.lower() for name in aside}
        self.same = self.changed = self.gone = self.added = self.unsure = 0
        self.aside: dict[str, None] = {}

    @property
    def differs(self) -> bool:
        """Whether anything was found."""
        return bool(self.changed or self.gone or self.added or self.unsure)

    def lines(
        self, old: Iterable[Value], new: Iterable[Value], old_is_cut: Callable[[], bool], new_is_cut: Callable[[], bool]
    ) -> Iterator[str]:
        """Compare; the old objects are read first and kept on disk. What is missing in a file that is cut is not known to be."""
        with Shelf() as shelf:
            for identity, text in self._told(old):
                shelf.put(to_text(identity.key), identity.shown, text)
            for identity, text in self._told(new):
                kept = shelf.take(to_text(identity.key))
                if kept is None:
                    yield self._one_sided("+", identity.shown, unsure=old_is_cut())
                    continue
                lines = [] if kept == text else list(self._changes(from_text(kept), from_text(text)))
                self.changed += bool(lines)
                self.same += not lines
                if lines:
                    yield f"~ {identity.shown}"
                    yield from lines
            for left in shelf.rest():
                yield self._one_sided("-", left, unsure=new_is_cut())

    def _one_sided(self, sign: str, name: str, *, unsure: bool) -> str:
        if unsure:
            self.unsure += 1
            return f"?{sign} {name}"
        self.gone += sign == "-"
        self.added += sign == "+"
        return f"{sign} {name}"

    def _told(self, values: Iterable[Value]) -> Iterator[tuple[Identity, str]]:
        identities = Identities(self._keys)
        return ((identities.of(value), to_text(facts(value))) for value in values)

    def _changes(self, old: dict[str, Json], new: dict[str, Json]) -> Iterator[str]:
        """Property by property, in the new object's order; names are the same in any case."""
        before = {name.lower(): (name, node) for name, node in old.items()}
        after = {name.lower(): (name, node) for name, node in new.items()}
        for folded in dict.fromkeys((*after, *before)):
            name = (after.get(folded) or before[folded])[0]
            if self._choice and not self._choice.means(name):
                continue
            lines = _lines(before.get(folded), after.get(folded))
            if lines and folded in self._aside:
                self.aside[name] = None
            elif lines:
                yield f"    {visible(name)}"
                yield from (f"        {line}" for line in lines)


def _lines(old: tuple[str, Json] | None, new: tuple[str, Json] | None) -> list[str]:
    if old and new:
        return difference(old[1], new[1])
    return [f"- {shown(old[1])} (gone)"] if old else [f"+ {shown(new[1])} (new)"] if new else []


class Shelf:
    """A temporary database: exports of any size are compared in little memory."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="psbridge-")
        self._database = sqlite3.connect(Path(self._folder.name) / "shelf.db", isolation_level=None)
        self._database.executescript(
            """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;
            CREATE TABLE object (place INTEGER PRIMARY KEY, key TEXT UNIQUE, shown TEXT, facts TEXT, taken INTEGER DEFAULT 0);
            """
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._database.close()
        self._folder.cleanup()

    def put(self, key: str, shown: str, facts: str) -> None:
        """Keep an object; no two have one key."""
        self._database.execute("INSERT INTO object (key, shown, facts) VALUES (?, ?, ?)", (key, shown, facts))

    def take(self, key: str) -> str | None:
        """Give the object with this key; None if there is none."""
        found = self._database.execute("UPDATE object SET taken = 1 WHERE key = ? RETURNING facts", (key,)).fetchone()
        return None if found is None else str(found[0])

    def rest(self) -> Iterator[str]:
        """What is shown for the objects that were not taken, in their order."""
        return (str(shown) for (shown,) in self._database.execute("SELECT shown FROM object WHERE NOT taken ORDER BY place"))
