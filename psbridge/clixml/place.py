"""A document that could not be read and a place in it in, the elements down to there out."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["path_at"]

# What is not closed reaches to the end, lest each of many beginnings be followed to there.
_TAG: Final = re.compile(
    rb"<(?:!\[CDATA\[.*?(?:\]\]>|\Z)|!--.*?(?:-->|\Z)|\?.*?(?:\?>|\Z)|(/?)([^\s<>/!?]+)((?:[^<>\"']|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))*))",
    re.DOTALL,
)
_NAME: Final = re.compile(rb"\sN\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_LONGEST: Final = 200


def path_at(document: bytes, place: int) -> str:
    """Name the elements that are open at a place, and the one that begins there: `Objs/Obj/Props/I32[Count]`."""
    path: list[bytes] = []
    for found in _TAG.finditer(document):
        if found.start() > place:
            break
        if found[2] is None:
            continue
        if found[1]:
            del path[-1:]
            continue
        name = _NAME.search(found[3])
        path.append(found[2] + (b"[%s]" % (name[1] or name[2] or b"") if name else b""))
        if found[3].endswith(b"/") and found.start() < place:
            path.pop()
    return b"/".join(step[:_LONGEST] for step in path[:_LONGEST]).decode("utf-8", "replace")
