"""A text in, every place where it is no TOML out: after one is found, its line is left out and the reading goes on.

What tomllib says of a place shows single characters only, never a value.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final

from psbridge.profile.mistakes import Mistake

__all__ = ["syntax_mistakes"]

_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
# One mistake can break a whole text, such as a list that is never closed; then each line would be another one.
_MOST: Final = 20
_HINTS: Final = (
    (re.compile(r"nescaped|hex value"), "write a Windows path in single quotes: 'C:\\folder\\file'"),
    (re.compile(r"Invalid value"), 'a text stands in quotes: key = "text"; true and false are small'),
    (re.compile(r"Expected '='"), "a line is key = value, or [table]"),
    (re.compile(r"overwrite|Cannot declare|Cannot mutate|Duplicate"), "it stands there twice: keep one"),
    (re.compile(r"Unterminated|Expected newline|Illegal character"), "a quote or a bracket is missing, or one is too many"),
)


def syntax_mistakes(text: str) -> list[Mistake]:
    """Every line that is no TOML, with what to do; none where the text can be read."""
    lines, found = text.splitlines(keepends=True), list[Mistake]()
    while len(found) < _MOST:
        try:
            tomllib.loads("".join(lines))
        except tomllib.TOMLDecodeError as error:
            place = _PLACE.search(str(error))
            line = int(place[1]) if place and place[1] else None
            said = _PLACE.sub("", str(error)).partition("\n")[0]
            found.append(Mistake(line or len(lines), "", f"this is no TOML: {said}", _hint(said)))
            if line is None or line > len(lines):
                break
            _leave_out(lines, line - 1)
        else:
            break
    return found


def _leave_out(lines: list[str], wrong: int) -> None:
    """Empty the line; with a table's heading everything below it, which would stand in another table without it."""
    heading = lines[wrong].lstrip().startswith("[")
    lines[wrong] = "\n"
    for number in range(wrong + 1, len(lines) if heading else 0):
        if lines[number].lstrip().startswith("["):
            return
        lines[number] = "\n"


def _hint(said: str) -> str:
    return next((hint for pattern, hint in _HINTS if pattern.search(said)), "")
