"""The text of a CLIXML element or name in, the characters that it stands for out.

Source: [MS-PSRP] 2.2.5.3.2, and what PowerShell's reader does where it is silent (clixml-notes section 4): `x` or `X`, hex in
either case, four or eight digits; the result is not decoded again.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["join_surrogates", "unescape"]

# Eight digits hold a code point. From 0x80000000 up the engine's number is negative, and its low half is what remains. What is
# left are numbers beyond Unicode.
_ESCAPE: Final = re.compile(
    r"_[xX](?:([0-9A-Fa-f]{4})|(000[0-9A-Fa-f]{5}|0010[0-9A-Fa-f]{4})|[89A-Fa-f][0-9A-Fa-f]{3}([0-9A-Fa-f]{4})|[0-7][0-9A-Fa-f]{7})_"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def unescape(text: str) -> str:
    """Decode `_xHHHH_` and `_xHHHHHHHH_`; a surrogate that stays alone is kept as it is."""
    try:
        decoded = _ESCAPE.sub(_character, text)
    except _BeyondUnicode:
        decoded = _as_dotnet(text)
    return join_surrogates(decoded) if _SURROGATE.search(decoded) else decoded


def join_surrogates(text: str) -> str:
    """Make one character of each high surrogate that a low one follows, as UTF-16 means them."""
    return _PAIR.sub(_joined, text)


class _BeyondUnicode(Exception):
    """An escape names no character."""


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits is None:
        raise _BeyondUnicode
    return chr(int(digits, 16))


def _as_dotnet(text: str) -> str:
    """Decode as XmlConvert.DecodeName does: an escape beyond Unicode stays, and what led up to it is there twice.

    Unless no other escape is decoded; then the text is given as it came.
    """
    decoded: list[str] = []
    copied = 0
    for found in _ESCAPE.finditer(text):
        decoded.append(text[copied : found.start()])
        try:
            decoded.append(_character(found))
        except _BeyondUnicode:
            continue
        copied = found.end()
    return "".join([*decoded, text[copied:]]) if copied else text


def _joined(found: re.Match[str]) -> str:
    return found[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")
