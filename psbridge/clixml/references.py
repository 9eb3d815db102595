"""Text between tags, or an attribute's value, in; the characters it stands for out. XML's own references, not CLIXML's escapes.

PowerShell's reader takes references to characters that XML does not allow (`&#0;`, `&#xFFFF;`, `&#xD800;`), so Python's parser
cannot be asked for them. Sources: XML 1.0 section 2.11 (line ends), 3.3.3 (attributes), 4.1 (references); clixml-notes section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from psbridge.clixml.escape import join_surrogates
from psbridge.clixml.unreadable import NotPlain

__all__ = ["attribute_value", "code_point", "content", "referred_ids"]

_AMPERSAND: Final = re.compile(r"&(?:(#(?:[0-9]+|x[0-9A-Fa-f]+)|\w+);)?", re.ASCII)
_PREDEFINED: Final = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_LINE_END: Final = re.compile("\r\n?")
_BLANK: Final = re.compile("\r\n|[\r\n\t]")
_REFERENCE: Final = re.compile(rb"<Ref[ \t\r\n][^<]*")
_REF_ID: Final = re.compile(rb'[ \t\r\n]RefId="([^"]*)"')
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


def referred_ids(parts: Iterable[bytes]) -> set[bytes]:
    """The ids of the objects that the references in a document name. In what only looks like a reference there may be more.

    `parts`: the document, cut in front of tags only.
    """
    seen: set[bytes] = set()
    for part in parts:
        if b"<Ref" in part:
            seen.update(_REFERENCE.findall(part))
    ids: set[bytes] = set()
    for found in seen:
        for written in _REF_ID.findall(found):
            with suppress(NotPlain):  # a reference to no character is refused when it is read
                ids.add(attribute_value(written.decode("utf-8", "replace")).encode("utf-8", "surrogatepass"))
    return ids


def code_point(reference: str) -> int:
    """The number that `&#N;` or `&#xH;` names. Raises NotPlain above U+10FFFF, however long the number is."""
    digits, base = (reference[3:-1], 16) if reference.startswith("&#x") else (reference[2:-1], 10)
    digits = digits.lstrip("0") or "0"
    number = int(digits, base) if len(digits) < 9 else _LAST + 1
    if number > _LAST:
        raise NotPlain(f"the reference {reference[:20]} names no character")
    return number


def _resolved(text: str) -> str:
    if text.count("&") == sum(map(text.count, _PREDEFINED)):
        # Only these, which is what PowerShell writes: no need to look at each one. The ampersand's comes last.
        for reference, character in _PREDEFINED.items():
            text = text.replace(reference, character)
        return text
    return join_surrogates(_AMPERSAND.sub(_character, text))


def _character(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        raise NotPlain("an ampersand that begins no reference")
    if name.startswith("#"):
        return chr(code_point(found[0]))
    named = _PREDEFINED.get(found[0])
    if named is None:
        raise NotPlain(f"the entity {name[:20]} is not declared")
    return named
