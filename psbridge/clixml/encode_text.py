"""Text in, text as PowerShell's writer escapes it out.

What XML cannot carry, or would change, becomes `_xHHHH_`, one for each UTF-16 code unit. An underscore before an x is escaped
itself, so that a reader takes nothing for an escape that was none. Source: clixml-notes section 4 (Writing), [MS-PSRP] 2.2.5.3.2.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["attribute", "text"]

_CONTROLS: Final = "\x00-\x1f\x7f-\x9f"
_SURROGATES: Final = "\ud800-\udfff\U00010000-\U0010ffff"
# U+FFFE and U+FFFF stand in no XML document; the wire writes references, which the engine reads in files too.
_NONCHARACTERS: Final = "\ufffe\uffff"
_SPECIAL: Final = f"[{_CONTROLS}{_SURROGATES}{_NONCHARACTERS}&<>]|_(?=[xX])"
_IN_TEXT: Final = re.compile(_SPECIAL)
_IN_ATTRIBUTE: Final = re.compile(f'{_SPECIAL}|"')
_NAMED: Final = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "_": "_x005F_",
    "\ufffe": "&#xFFFE;",
    "\uffff": "&#xFFFF;",
}


def text(plain: str) -> str:
    """Escape what stands between two tags."""
    return _IN_TEXT.sub(_replacement, plain)


def attribute(plain: str) -> str:
    """Escape what stands between double quotes."""
    return _IN_ATTRIBUTE.sub(_replacement, plain)


def _replacement(found: re.Match[str]) -> str:
    character = found[0]
    named = _NAMED.get(character)
    if named is not None:
        return named
    code = ord(character)
    if code <= 0xFFFF:
        return f"_x{code:04X}_"
    high, low = divmod(code - 0x10000, 0x400)
    return f"_x{0xD800 + high:04X}__x{0xDC00 + low:04X}_"
