"""A line for people in, lines that fit the terminal out: broken at blanks only, so that an id stays in one piece."""

from __future__ import annotations

import re
import shutil
import sys
from typing import Final

from psbridge.report.screen import cells

__all__ = ["fold", "folded"]

_PIECES: Final = re.compile(r" *[^ ]+| +$")
# Further in than anything that stands below: what goes on is no line of its own.
_FURTHER: Final = 4


def folded(line: str) -> list[str]:
    """The line as the terminal takes it; in a pipe or a file it stays as it is, for whoever looks for something there."""
    return fold(line, shutil.get_terminal_size().columns - 1) if sys.stdout.isatty() else [line]


def fold(line: str, width: int) -> list[str]:
    """Break a line into such of at most `width` cells. A word that is longer has a line for itself, and is not cut."""
    indent = " " * (len(line) - len(line.lstrip(" ")) + _FURTHER)
    lines, current = list[str](), ""
    for piece in _PIECES.findall(line):
        if current.strip(" ") and cells(current + piece) > width:
            lines.append(current)
            current = indent + piece.lstrip(" ")
        else:
            current += piece
    return [*lines, current]
