"""A command line of the journal in, the same out as it can be pasted: on one line, and without a letter that cannot be seen.

A value may hold what moves the cursor, has no picture or ends a line. A terminal must not get it, and a mark in its place would
be another value: it is written as the number of its character, which PowerShell puts together again.
"""

from __future__ import annotations

import re
from typing import Final

from psbridge.report.visible import visible

__all__ = ["pasteable"]


def pasteable(command: str) -> str:
    """Write what cannot be seen in its quoted texts as `'a'+[char]0x1B+'b'`, in parentheses: right wherever a text may stand.

    Lines of a constant script stay lines: those ends are outside the quotes.
    """
    return visible(_QUOTED.sub(lambda found: _text(found.group()), command))


# As psbridge.quoting writes it: begun by an apostrophe, and each of the five characters that could end it is doubled.
_QUOTED: Final = re.compile("'(?:[^'\u2018\u2019\u201a\u201b]|(['\u2018\u2019\u201a\u201b])\\1)*'")
_PLANE: Final = 0xFFFF


def _text(quoted: str) -> str:
    parts = [_part(run) for run in _runs(quoted[1:-1])]
    if not any(part.startswith("[") for part in parts):
        return quoted
    # A text in front makes it a sum of texts; two characters would be a sum of numbers.
    return f"({'+'.join(parts if parts[0].startswith(chr(39)) else [chr(39) * 2, *parts])})"


def _runs(text: str) -> list[str]:
    """The text cut into what can be seen and what cannot: each of the latter by itself."""
    runs = [""]
    for letter in text:
        if _is_unseen(letter):
            runs += [letter, ""]
        else:
            runs[-1] += letter
    return [run for run in runs if run]


def _part(run: str) -> str:
    if not _is_unseen(run[0]):
        return f"'{run}'"
    code = ord(run)
    return f"[char]0x{code:04X}" if code <= _PLANE else f"[char]::ConvertFromUtf32(0x{code:X})"


def _is_unseen(letter: str) -> bool:
    """What `visible` marks, and what ends a line or moves to the next column: pasted, it may arrive as something else."""
    return letter in "\t\r\n\x85" or visible(letter) != letter
