"""The CLIXML of a record in, every text in it with the name of its property; and the record again, with other texts.

Only what stands between tags and in the names of members is touched: a record keeps its elements, references and types.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Final

from psbridge.clixml.encode_text import attribute as written_attribute
from psbridge.clixml.encode_text import text as written
from psbridge.clixml.escape import unescape

__all__ = ["Rewrite", "rewrite"]

# The property, the tag and the text in; the text out.
Rewrite = Callable[[str, str, str], str]

_TAG: Final = re.compile(r"<(/?)([A-Za-z0-9_:]+)((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>([^<]*)")
_NAME: Final = re.compile(r"""(\bN\s*=\s*)(["'])(.*?)\2""", re.DOTALL)
# What holds other values: what has no name in it has the name of what it is in.
_HOLDERS: Final = frozenset({"Obj", "LST", "IE", "STK", "QUE", "DCT", "En", "Props", "MS"})
# Times, bytes and references tell nothing about anybody. A secret is gone before it comes here.
_PASSED: Final = frozenset({"B", "By", "SB", "DT", "TS", "Nil", "TN", "TNRef", "Ref", "SS"})
# XML has a second way to write a text, and marks that are none: a reader sees one text, and so must this.
_UNREAD: Final = re.compile(r"<!\[CDATA\[(.*?)\]\]>|<!--.*?-->|<\?(?!xml\s).*?\?>", re.DOTALL)


def rewrite(body: bytes, change: Rewrite) -> bytes:
    """Give the body with every text as `change` gives it; what stays the same stays so byte for byte.

    The property of an entry of a dictionary is its key. Names of members go through `change` under the tag `N`, types under `T`,
    numbers under that of their type. CDATA becomes plain text, comments go.
    """
    text = _plain(body.decode("utf-8", "surrogateescape"))
    made: list[str] = []
    names: list[str] = []
    key = ""
    place = 0
    for found in _TAG.finditer(text):
        closing, tag, attributes, empty, content = found.groups()
        if closing:
            if tag in _HOLDERS and names:
                names.pop()
            if content.strip():
                content = _changed(content, "", "S", change)
            made += [text[place : found.start(5)], content]
            place = found.end()
            continue
        given = _NAME.search(attributes) if attributes else None
        own = unescape(html.unescape(given[3])) if given else ""
        name = key if own == "Value" and key else own or (names[-1] if names else "")
        if tag in _HOLDERS and not empty:
            names.append(name)
        made.append(text[place : found.start(3)])
        made.append(_attributes(attributes, given, own, change) if given else attributes)
        made.append(text[found.end(3) : found.start(5)])
        if content and not empty and tag not in _PASSED:
            if own == "Key":
                key = unescape(html.unescape(content))
            content = _changed(content, name, tag, change)
        made.append(content)
        place = found.end()
    made.append(text[place:])
    return "".join(made).encode("utf-8", "surrogateescape")


def _plain(text: str) -> str:
    if "<!" not in text and "<?" not in text:
        return text
    return _UNREAD.sub(lambda found: html.escape(found[1], quote=False) if found[1] else "", text)


def _attributes(attributes: str, given: re.Match[str], own: str, change: Rewrite) -> str:
    new = change(own, "N", own)
    return attributes if new == own else attributes[: given.start(3)] + written_attribute(new) + attributes[given.end(3) :]


def _changed(content: str, name: str, tag: str, change: Rewrite) -> str:
    plain = unescape(html.unescape(content)) if "&" in content or "_" in content else content
    new = change(name, tag, plain)
    return content if new == plain else written(new)
