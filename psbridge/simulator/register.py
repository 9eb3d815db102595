"""People in, the same people found by any of their names in constant time, whatever the size of the tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

__all__ = ["Register"]

T = TypeVar("T")


class Register(Generic[T]):
    """A list of the state with an index over the names of what is in it; text is compared without regard to case.

    The index is made when somebody is first looked for. Whoever changes a name calls `renamed`.
    """

    def __init__(self, people: list[T], names: Callable[[T], Iterable[object]]) -> None:
        self._people = people
        self._names = names
        self._by_name: dict[str, list[T]] = {}
        self._known: dict[int, frozenset[str]] = {}
        self._made = False

    def __iter__(self) -> Iterator[T]:
        return iter(self._people)

    def __len__(self) -> int:
        return len(self._people)

    def find(self, name: object) -> list[T]:
        """Everybody who has this name, in the order of the state."""
        self._make()
        return list(self._by_name.get(str(name).casefold(), ()))

    def add(self, person: T) -> None:
        """Append somebody."""
        self._make()
        self._people.append(person)
        self._enter(person)

    def remove(self, person: T) -> None:
        """Take somebody out."""
        self._make()
        index = next(place for place, known in enumerate(self._people) if known is person)
        del self._people[index]
        self._leave(person)

    def renamed(self, person: T) -> None:
        """Take over what somebody is called now."""
        self._make()
        if self._known[id(person)] != self._names_of(person):
            self._leave(person)
            self._enter(person)

    def _names_of(self, person: T) -> frozenset[str]:
        return frozenset(str(name).casefold() for name in self._names(person) if name)

    def _make(self) -> None:
        if not self._made:
            self._made = True
            for person in self._people:
                self._enter(person)

    def _enter(self, person: T) -> None:
        names = self._known[id(person)] = self._names_of(person)
        for name in names:
            self._by_name.setdefault(name, []).append(person)

    def _leave(self, person: T) -> None:
        for name in self._known.pop(id(person)):
            left = [known for known in self._by_name[name] if known is not person]
            if left:
                self._by_name[name] = left
            else:
                del self._by_name[name]
