"""A file with a fault in, the faults behind it out: what is at fault is taken for an empty text, and the file is read again."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Final

from psbridge.cli.clixml.findings import Finding
from psbridge.cli.clixml.opening import Opened
from psbridge.cli.clixml.overlay import overlay
from psbridge.clixml import read
from psbridge.errors import ClixmlError

__all__ = ["after_mending"]

_MOST: Final = 19
_MOST_BYTES: Final = 1 << 29
_WINDOW: Final = 1 << 20
_START: Final = re.compile(r"<([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*/?>")
_TAG: Final = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(/?)([A-Za-z_][\w.:-]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>", re.DOTALL
)
_NAME: Final = re.compile(r"\sN\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_KEPT: Final = ("Obj", "TN")  # what comes later may refer to their ids


def after_mending(opened: Opened, fault: Finding) -> Iterator[Finding]:
    """Give what would be found next if each fault were mended, as long as the elements at fault are whole.

    Up to 19 of them; fewer in a large file, which is read again for each.
    """
    patches: dict[int, bytes] = {}
    place = fault.offset - opened.shift
    size = opened.source.seek(0, io.SEEK_END)
    for _ in range(min(_MOST, _MOST_BYTES // max(size, 1))):
        patch = _patch(opened, place)
        if patch is None:
            return
        patches[place] = patch
        error = _error_of(opened, patches)
        if error is None or error.offset <= place:
            return
        yield Finding.of(error, opened.shift)
        place = error.offset


def _error_of(opened: Opened, patches: dict[int, bytes]) -> ClixmlError | None:
    try:
        for _ in read(overlay(opened.source, patches=patches), properties=()):
            pass
    except ClixmlError as error:
        return error
    return None


def _patch(opened: Opened, place: int) -> bytes | None:
    """An empty text of the same length and name as the element that begins at a place; None where no whole one does."""
    opened.source.seek(place)
    window = opened.source.read(_WINDOW).decode(opened.codec, "replace")
    start = _START.match(window)
    end = _end(window) if start else None
    if start is None or end is None or "\ufffd" in window[:end]:
        return None
    name = _NAME.search(start[2])
    empty = f"<{start[1]}{start[2]}/>" if start[1] in _KEPT else f"<S{name[0] if name else ''}/>"
    missing = (len(window[:end].encode(opened.codec)) - len(empty.encode(opened.codec))) // len(" ".encode(opened.codec))
    return (empty + " " * missing).encode(opened.codec)


def _end(window: str) -> int | None:
    """Where the element ends that a text begins with; None if its tags do not fit together in here."""
    open_tags: list[str] = []
    for found in _TAG.finditer(window):
        if found[2] is None:
            continue
        if not found[1]:
            open_tags.append(found[2])
        if (found[1] or found[3]) and open_tags.pop() != found[2]:
            return None
        if not open_tags:
            return found.end()
    return None
