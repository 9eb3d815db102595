"""Objects and the names of properties in, the lines of Format-List out."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from psbridge.psobject import PSObject
from psbridge.report.display import display, shown_names
from psbridge.report.lines import break_lines
from psbridge.report.screen import Screen, cells, head
from psbridge.report.visible import visible

__all__ = ["format_list", "matching"]

SEPARATOR = " : "


def format_list(value: PSObject, names: Sequence[str], screen: Screen) -> list[str]:
    """Write one object as `Name : value` lines, the names padded to the longest; a name that is missing has no value."""
    labels = [visible(name) for name in names]
    width = min(max(map(cells, labels), default=0), screen.columns - len(SEPARATOR) - 1)
    if width < 1:
        return []
    room = screen.columns - width - len(SEPARATOR)
    written: list[str] = []
    for name, label in zip(names, labels, strict=True):
        start = head(label, width) + " " * (width - cells(label)) + SEPARATOR
        for line in break_lines(display(value.get(name), screen), room, screen):
            written.append(start + line)
            start = " " * (width + len(SEPARATOR))
    return written


def matching(value: PSObject, *patterns: str) -> list[str]:
    """The names of the properties that the patterns of `Format-List *mobile*` choose, in the object's order."""
    chosen: list[str] = []
    for pattern in patterns:
        found = [name for name in shown_names(value) if fnmatchcase(name.lower(), pattern.lower())]
        chosen.extend(name for name in found if name not in chosen)
    return chosen
