"""A list of any length in, the part of it that a page can have out, and how many it has not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

__all__ = ["MOST", "Capped", "capped"]

T = TypeVar("T")
# Every browser opens a page of some such lists; a run over a directory may have 100,000 entries.
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Capped(Generic[T]):
    """What is shown, in its order; `more` are left out."""

    shown: tuple[T, ...]
    more: int = 0


def capped(items: Sequence[T], matters: Callable[[T], bool] = lambda _: False) -> Capped[T]:
    """The first MOST; those that matter, such as what failed, come before those that do not."""
    if len(items) <= MOST:
        return Capped(tuple(items))
    chosen = sorted(range(len(items)), key=lambda at: (not matters(items[at]), at))[:MOST]
    return Capped(tuple(items[at] for at in sorted(chosen)), len(items) - MOST)
