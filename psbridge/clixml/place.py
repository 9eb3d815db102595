"""A text that could not be read and what was left of it in, where it broke and the elements down to there out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["index_of_tag", "path_at", "start_of_last"]

_TAG: Final = re.compile(r"<(/?)([^\s<>/!?]+)([^<>]*)")
_NAME: Final = re.compile(r"\sN=(?:\"([^\"]*)\"|'([^']*)')")


def start_of_last(text: str, rest: Iterable[str]) -> int:
    """Where the last word that was taken begins; `rest` are the words behind it."""
    passed = len(text) - sum(len(word) + 1 for word in rest)
    return max(text.rfind("<", 0, passed), 0)


def index_of_tag(text: str, start: int) -> int:
    """How many tags stand in front of the one at `start`."""
    return text.count("<", 0, start)


def path_at(text: str, start: int) -> str:
    """Name the elements that are open at a place, and the one that begins there: `Objs/Obj/Props/I32[Count]`."""
    path: list[str] = []
    for found in _TAG.finditer(text, 0, start + 1024):
        inside = found.start() < start
        if found[1]:
            if inside and path:
                path.pop()
        else:
            name = _NAME.search(found[3])
            path.append(found[2] + (f"[{name[1] or name[2] or ''}]" if name else ""))
            if inside and found[3].endswith("/"):
                path.pop()
        if not inside:
            break
    return "/".join(path)
