"""--property, --where and --first in; which objects and properties these are out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeGuard

from psbridge.cli.clixml.document import Document
from psbridge.cli.clixml.unmet import Unmet
from psbridge.cli.clixml.where import Condition, condition
from psbridge.cli.clixml.wildcard import is_wildcard, wildcard
from psbridge.errors import InputError
from psbridge.psobject import PSObject, Value
from psbridge.report.display import shown_names, unwrapped

__all__ = ["Chosen", "Selection", "chosen", "has_properties", "selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What an administrator wants of a file. `choice`: the properties, None for all."""

    choice: Chosen | None
    conditions: tuple[Condition, ...]
    first: int | None
    unmet: Unmet = field(default_factory=Unmet)

    @property
    def needed(self) -> set[str] | None:
        """The only properties that have to be read; None if that may be any."""
        return self.choice.needed(condition.prop for condition in self.conditions) if self.choice else None

    def streams(self, document: Document) -> Iterator[tuple[str | None, Value]]:
        """Give the values that meet all conditions, the first ones only if so wanted, each with its stream."""
        pairs = self._looked_at(document.streams())
        return islice((pair for pair in pairs if all(one.holds(pair[1]) for one in self.conditions)), self.first)

    def end(self, document: Document) -> None:
        """Tell of names that no object had, and of what is wrong with the file; see `Document.end`."""
        self.unmet.tell(document)
        document.end()

    def _looked_at(self, pairs: Iterator[tuple[str | None, Value]]) -> Iterator[tuple[str | None, Value]]:
        for pair in pairs:
            self.unmet.look(pair[1])
            yield pair

    def values(self, document: Document) -> Iterator[Value]:
        """Give the values that meet all conditions, objects with the chosen properties only."""
        return (self._cut(value) for _, value in self.streams(document))

    def _cut(self, value: Value) -> Value:
        if self.choice is None or not isinstance(value, PSObject):
            return value
        names = set(self.choice.of(value))
        cut = PSObject(
            value.types,
            to_string=value.to_string,
            props={name: item for name, item in value.props.items() if name in names},
            ms={name: item for name, item in value.ms.items() if name in names},
            kind=value.kind,
            items=value.items,
            entries=value.entries,
        )
        cut.base, cut.has_base = value.base, value.has_base
        return cut


def selection(properties: Sequence[str] | None, where: Sequence[str] | None, first: int | None) -> Selection:
    """Read the options. Raises InputError."""
    choice, conditions = chosen(properties), tuple(condition(text) for text in where or ())
    names = (*(choice.given if choice else ()), *(one.prop for one in conditions))
    return Selection(choice, conditions, first, Unmet(names))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Names and wildcards, in the order that they were given."""

    given: tuple[str, ...]

    def of(self, value: PSObject, *, missing: bool = False) -> list[str]:
        """The names of an object's properties that are meant, as it spells them; `missing`: also names that it does not have."""
        return list(dict.fromkeys(self.repeated(value, missing=missing)))

    def repeated(self, value: PSObject, *, missing: bool = False) -> list[str]:
        """The same, as Format-List and Format-Table take them: what is meant twice is shown twice."""
        shown, names = shown_names(value), list[str]()
        for text in self.given:
            found = [name for name in shown if wildcard(text).fullmatch(name)]
            names += found or ([text] if missing and not is_wildcard(text) else [])
        return names

    def needed(self, more: Iterable[str]) -> set[str] | None:
        """The only properties that have to be read, with some more; None if that may be any."""
        return None if any(map(is_wildcard, self.given)) else {*self.given, *more}

    def means(self, name: str) -> bool:
        """Whether a name is meant."""
        return any(wildcard(text).fullmatch(name) for text in self.given)


def chosen(given: Sequence[str] | None) -> Chosen | None:
    """Read `--property A,B --property C*`; None where nothing was chosen. Raises InputError."""
    if not given:
        return None
    names = tuple(name.strip() for text in given for name in text.split(","))
    if not all(names):
        raise InputError(f"--property {','.join(given)!r} holds an empty name; write --property Name,Alias.")
    for name in names:
        wildcard(name)  # raises what is wrong with it before anything is read
    return Chosen(names)


def has_properties(value: Value) -> TypeGuard[PSObject]:
    """Whether an object is shown by its properties; a list, a dictionary and what wraps a simple value are not."""
    return (
        isinstance(value, PSObject) and value.kind is None and isinstance(unwrapped(value), PSObject) and bool(shown_names(value))
    )
