"""The words of plain CLIXML in, their meanings out.

A plain text is cut at each `<`. So a word is one tag and the text behind it: `S N="Alias">ann`, `/S>`, `Nil N="Office" />`. Most words
of a document occur again and again; a table that fills itself gives the meaning of one that was met before, without any parsing.

Plain is XML 1.0 without comments, CDATA, processing instructions, DTD, prefixes and single quotes: what PowerShell writes. Each word is
held against that grammar in full. Whatever else stands there raises NotPlain, and the XML parser rewrites the text first (markup.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Final, NamedTuple, TypeAlias

from psbridge.clixml.escape import unescape
from psbridge.clixml.references import attribute_value, content
from psbridge.clixml.scalars import PLAIN_TEXT, SCALARS, SCALARS_OF_MESSAGES
from psbridge.clixml.unreadable import NotPlain, Unreadable
from psbridge.psobject import Value

__all__ = ["BLANKS", "NAMESPACE", "Meaning", "Structure", "Words", "attributes", "split"]

NAMESPACE: Final = "http://schemas.microsoft.com/powershell/2004/04"
BLANKS: Final = " \t\r\n"


# What a word does that is no simple value. Plain numbers: an enumeration's members cost a look-up at each word.
OBJECT: Final = 1
REFERENCE: Final = 2
TYPES: Final = 3
TYPES_REFERENCE: Final = 4
MEMBERS: Final = 5
PROPERTIES: Final = 6
CONTAINER: Final = 7
DICTIONARY: Final = 8
ENTRY: Final = 9
TEXT: Final = 10
PROGRESS: Final = 11
ROOT: Final = 12
UNKNOWN: Final = 13
MISPLACED: Final = 14
END: Final = 15


class Structure(NamedTuple):
    """A tag that is no simple value: its name, its RefId, whether it is closed at once, and its text where it has one."""

    op: int
    tag: str
    ref: str | None
    empty: bool
    text: str


# A simple value: its end tag ("" for an element that is closed at once), its N, its value. A structure: None, its N, the Structure.
Meaning: TypeAlias = tuple[str | None, str | None, Any]

_STRUCTURES: Final = {
    "Obj": OBJECT,
    "Ref": REFERENCE,
    "TN": TYPES,
    "TNRef": TYPES_REFERENCE,
    "MS": MEMBERS,
    "Props": PROPERTIES,
    "LST": CONTAINER,
    "IE": CONTAINER,
    "STK": CONTAINER,
    "QUE": CONTAINER,
    "DCT": DICTIONARY,
    "En": ENTRY,
    "PR": PROGRESS,
    "Objs": ROOT,
} | dict.fromkeys(("T", "ToString", "AV", "AI", "PI", "PC", "SR", "SD"), TEXT)
_OWN_CONTENT: Final = frozenset({"Nil", "Ref", "TNRef"})  # whatever they hold is skipped; the rewritten form leaves it out

_HEAD: Final = re.compile(r'(/?)([A-Za-z][A-Za-z0-9.]*)((?:[ \t\r\n]+[A-Za-z][A-Za-z0-9]*="[^"]*")*)[ \t\r\n]*(/?)')
_ATTRIBUTE: Final = re.compile(r'([A-Za-z][A-Za-z0-9]*)="([^"]*)"')
_UNKEPT: Final = frozenset({"SS", "BA", "DT", "G", "XD"})  # secrets, or hardly ever the same twice
_LONGEST: Final = 96
_MOST: Final = 1 << 15
_PIECE: Final = 1 << 16


def split(text: str) -> Iterator[str]:
    """Cut a text at each `<`. The first word is what stands before the first tag."""
    return chain.from_iterable(_pieces(text))


def _pieces(text: str) -> Iterator[list[str]]:
    start = 0
    while (cut := text.find("<", start + _PIECE)) >= 0:
        yield text[start:cut].split("<")
        start = cut + 1
    yield text[start:].split("<")


class Head(NamedTuple):
    """What stands between `<` and `>`."""

    read: Callable[[str], Value] | None
    end: str
    name: str | None
    op: int
    tag: str
    ref: str | None
    empty: bool
    kept: bool


class Words(dict[str, Meaning]):
    """The meaning of each word; unknown ones are parsed when they are asked for.

    `texts` tells whether values of strings are kept as well: for the length of one document, never beyond.
    """

    def __init__(self, *, texts: bool, wire: bool) -> None:
        super().__init__()
        self._texts = texts
        self._scalars = SCALARS_OF_MESSAGES if wire else SCALARS
        self._heads: dict[str, Head] = {}

    def __missing__(self, word: str) -> Meaning:
        inside, close, text = word.partition(">")
        if not close:
            raise NotPlain("a tag that does not end")
        head = self._heads.get(inside)
        if head is None:
            head = self._head(inside)
            if head.ref is None:
                if len(self._heads) >= _MOST:
                    self._heads.clear()
                self._heads[inside] = head
        read = head.read
        if read is None:
            return self._structure(word, head, text)
        if head.empty:
            _check_blank(text)
            value = read("")
        elif read is PLAIN_TEXT and not ("_" in text or "&" in text or "\r" in text):
            value = text
        else:
            value = read(content(text))
        meaning: Meaning = (head.end, head.name, value)
        if head.kept and (self._texts or read is not PLAIN_TEXT) and len(word) <= _LONGEST:
            self._keep(word, meaning)
        return meaning

    def _structure(self, word: str, head: Head, text: str) -> Meaning:
        if head.op == TEXT and not head.empty:
            text = unescape(content(text))
        elif head.tag in _OWN_CONTENT:
            if text and text.strip(BLANKS):
                raise NotPlain(f"{head.tag} with content")
            if head.tag == "Nil":
                return self._keep(word, (head.end, head.name, None))
            text = ""
        elif head.op != UNKNOWN:
            _check_blank(text)
            text = ""
        meaning: Meaning = (None, head.name, Structure(head.op, head.tag, head.ref, head.empty, text))
        if (head.op != OBJECT or head.ref is None) and (head.tag != "ToString" or self._texts) and len(word) <= 2 * _LONGEST:
            self._keep(word, meaning)
        return meaning

    def _head(self, inside: str) -> Head:
        found = _HEAD.fullmatch(inside)
        if found is None:
            raise NotPlain("a tag that is not in the plain form")
        closing, tag, given, empty = found.groups()
        if closing:
            if given or empty:
                raise NotPlain("an end tag with more than a name")
            return Head(None, "", None, END, tag, None, empty=False, kept=True)
        pairs = _ATTRIBUTE.findall(given) if given else ()
        named = dict(pairs)
        if len(named) != len(pairs) or ("xmlns" in named and tag != "Objs"):
            raise NotPlain("an attribute twice, or a namespace within the document")
        name, ref = named.get("N"), named.get("RefId")
        return self._entry(
            tag, unescape(attribute_value(name)) if name else name, attribute_value(ref) if ref else ref, empty=bool(empty)
        )

    def _entry(self, tag: str, name: str | None, ref: str | None, *, empty: bool) -> Head:
        end = "" if empty else f"/{tag}>"
        read = self._scalars.get(tag)
        if read is not None:
            return Head(read, end, name, UNKNOWN, tag, None, empty, tag not in _UNKEPT)
        op = MISPLACED if tag.startswith("misplaced.") else _STRUCTURES.get(tag, UNKNOWN)
        return Head(None, end, name, op, tag, ref, empty, kept=True)

    def _keep(self, word: str, meaning: Meaning) -> Meaning:
        if len(self) >= _MOST:
            self.clear()
        self[word] = meaning
        return meaning


def attributes(word: str) -> dict[str, str]:
    """Give the attributes of a word's tag."""
    return {name: attribute_value(value) for name, value in _ATTRIBUTE.findall(word.partition(">")[0])}


def _check_blank(text: str) -> None:
    if text and content(text).strip(BLANKS):
        raise Unreadable("text where only elements may stand")
