"""Text between tags, or an attribute's value, in; the characters it stands for out. For XML's own references, not CLIXML's escapes.

PowerShell's reader takes references to characters that XML does not allow (`&#0;`, `&#xFFFF;`, `&#xD800;`), so Python's XML parser
cannot be asked for them. Sources: XML 1.0 section 2.11 (line ends), 3.3.3 (attributes), 4.1 (references); clixml-notes section 4.
"""

from __future__ import annotations

import re
from typing import Final

from psbridge.clixml.escape import join_surrogates
from psbridge.clixml.unreadable import NotPlain

__all__ = ["REFERENCE", "attribute_value", "code_point", "content"]

REFERENCE: Final = re.compile(r"&(?:#(?:([0-9]+)|x([0-9A-Fa-f]+))|(\w+));?", re.ASCII)
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_LINE_END: Final = re.compile("\r\n?")
_BLANK: Final = re.compile("\r\n|[\r\n\t]")
_LAST: Final = 0x10FFFF


def content(text: str) -> str:
    """Give the characters of a text: line ends become LF, then references are resolved."""
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    return _resolved(text) if "&" in text else text


def attribute_value(text: str) -> str:
    """Give the characters of an attribute's value: line ends and tabs become blanks, then references are resolved."""
    if "\n" in text or "\r" in text or "\t" in text:
        text = _BLANK.sub(" ", text)
    return _resolved(text) if "&" in text else text


def code_point(found: re.Match[str]) -> int:
    """The number that a character reference names; above U+10FFFF there is none, whatever its length."""
    digits, base = (found[1], 10) if found[1] else (found[2], 16)
    digits = digits.lstrip("0") or "0"
    number = int(digits, base) if len(digits) < 9 else _LAST + 1
    if number > _LAST:
        raise NotPlain(f"the reference {found[0][:20]} names no character")
    return number


def _resolved(text: str) -> str:
    if text.count("&") != sum(1 for found in REFERENCE.finditer(text) if found[0].endswith(";")):
        raise NotPlain("an ampersand that begins no reference")
    return join_surrogates(REFERENCE.sub(_character, text))


def _character(found: re.Match[str]) -> str:
    if found[3] is None:
        return chr(code_point(found))
    named = _NAMED.get(found[3])
    if named is None:
        raise NotPlain(f"the entity {found[0][:20]} is not declared")
    return named
