"""Text of unknown origin in, text out that cannot steer a terminal or show letters in another order than they stand."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["visible"]


def visible(text: str) -> str:
    r"""Put a visible mark in the place of each control character, invisible letter and half a surrogate pair.

    Line ends (LF, CR LF) and tabs stay. ESC becomes `␛` and so on; what has no picture becomes `<U+202E>`.
    """
    return _UNSEEN.sub(_mark, text)


_UNSEEN: Final = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 but TAB and line ends, DEL, C1: they move the cursor or begin a sequence
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings, overrides and isolates of direction
    "\u00ad\u200b\u2028\u2029\u2060-\u2064\ufeff\U000e0000-\U000e007f"  # invisible: two names that look the same are not
    "\ud800-\udfff"  # cannot be written to a terminal or a file
    "]|\r(?!\n)"
)
_DELETE: Final = 0x7F


def _mark(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == _DELETE else f"<U+{code:04X}>"
