"""A PowerShell wildcard in, a pattern for whole texts out: `*`, `?`, `[a-c]`, and a backtick in front of what means itself."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from psbridge.errors import InputError

__all__ = ["is_wildcard", "wildcard"]

_PART: Final = re.compile(r"`(.)|(\*+)|(\?)|\[((?:`.|[^`])(?:`.|[^`\]])*)\]|(\[)|(.)", re.DOTALL)
_RANGE: Final = re.compile(r"(`?.)-(`?.)|(`?.)", re.DOTALL)


def is_wildcard(text: str) -> bool:
    """Tell whether a text is more than itself."""
    return any(found[2] or found[3] or found[4] or found[5] for found in _PART.finditer(text))


@lru_cache(maxsize=1 << 8)
def wildcard(text: str) -> re.Pattern[str]:
    """Give the pattern of a wildcard, without regard to case. Raises InputError."""
    parts = []
    for found in _PART.finditer(text):
        escaped, many, one, letters, unclosed, itself = found.groups()
        if unclosed:
            raise InputError(f"The wildcard {text!r} has a [ without its ]; write `[ for the character itself.")
        if many:
            parts.append(".*")
        elif one:
            parts.append(".")
        else:
            parts.append(_one_of(letters, text) if letters else re.escape(escaped or itself))
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _one_of(letters: str, text: str) -> str:
    """What stands between brackets, as a regular expression has it; a `]` that comes first is itself."""
    parts = []
    for found in _RANGE.finditer(letters):
        first, last, alone = (part[-1:] for part in found.groups(""))
        if first > last:
            raise InputError(f"The wildcard {text!r} has a range that runs backwards.")
        parts.append(re.escape(alone) if alone else f"{re.escape(first)}-{re.escape(last)}")
    return f"[{''.join(parts)}]"
