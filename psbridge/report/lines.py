"""A long text in, lines out that fit: broken between words, or anywhere, as PowerShell's console does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from psbridge.report.screen import Screen, cells, head

__all__ = ["break_lines"]


def break_lines(text: str, width: int, screen: Screen) -> list[str]:
    """Break a text into lines of at most `width` cells; its own line ends are kept, and blanks stay where they are."""
    broken: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if cells(line) <= width:
            broken.append(line)
        else:
            broken.extend(_by_words(line, width) if screen.word_wrap else _anywhere(line, width))
    return broken


# A word takes the blank behind it along. A no-break space breaks all the same, and is lost: so PowerShell does it.
_WORDS: Final = re.compile("[^ \t\u00a0\u2011]*[ \t\u00a0\u2011]?")


def _by_words(line: str, width: int) -> Iterator[str]:
    current, free = "", width
    for word in _WORDS.findall(line):
        kept = word.rstrip("\u00a0\u2011")
        for piece in kept if cells(kept) > width else (kept,):
            fitting = "?" if cells(piece) > width else piece
            if cells(fitting) > free:
                yield current
                current, free = "", width
            current += fitting
            free -= cells(fitting)
    yield current


def _anywhere(line: str, width: int) -> Iterator[str]:
    rest = line
    while rest:
        first = head(rest, width)
        yield first or "?"
        rest = rest[len(first) or 1 :]
