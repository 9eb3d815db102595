"""The console that a text is laid out for: its width, its cut mark, and how many cells a character takes."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

__all__ = ["Screen", "cells", "head", "tail"]


@dataclass(frozen=True, slots=True)
class Screen:
    """A console of `width` columns.

    `ellipsis` marks what was cut: `…` in PowerShell, `...` in Windows PowerShell. `word_wrap` is what a console does in
    English, French, German, Italian, Portuguese and Spanish; elsewhere lines break anywhere.
    """

    width: int = 120
    ellipsis: str = "\u2026"
    word_wrap: bool = True

    @property
    def columns(self) -> int:
        """The columns that are written to: the console leaves the last one free."""
        return max(self.width - 1, 1)


def cells(text: str) -> int:
    """How many cells a text takes; PowerShell counts a wide character twice and everything outside the first plane twice."""
    return len(text) if text.isascii() else sum(map(_cell_count, text))


def head(text: str, limit: int) -> str:
    """The longest beginning of a text that fits into `limit` cells."""
    if text.isascii():
        return text[:limit]
    used = 0
    for place, letter in enumerate(text):
        used += _cell_count(letter)
        if used > limit:
            return text[:place]
    return text


def tail(text: str, limit: int) -> str:
    """The longest end of a text that fits into `limit` cells."""
    return head(text[::-1], limit)[::-1]


# The ranges that PowerShell's console takes for two cells (ConsoleControl.LengthInBufferCells).
_WIDE: Final = (
    (0x1100, 0x115F),
    (0x2329, 0x232A),
    (0x2E80, 0x303E),
    (0x3040, 0xA4CF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFE10, 0xFE19),
    (0xFE30, 0xFE6F),
    (0xFF00, 0xFF60),
    (0xFFE0, 0xFFE6),
    (0x10000, 0x10FFFF),  # two UTF-16 units, one cell each
)
_STARTS: Final = [first for first, _ in _WIDE]


def _cell_count(letter: str) -> int:
    place = bisect_right(_STARTS, ord(letter)) - 1
    return 2 if place >= 0 and ord(letter) <= _WIDE[place][1] else 1
