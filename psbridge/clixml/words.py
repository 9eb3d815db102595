"""The words of plain CLIXML in, their meanings out.

A plain document is cut at each `<`. So a word is one tag and the text behind it: `S N="Alias">ann`, `/S>`, `Nil N="Office" />`.
Most words of a document occur again and again; a table that fills itself gives the meaning of one that was met before, without
parsing.

Plain is XML 1.0 in UTF-8 without comments, CDATA, processing instructions, DTD, prefixes and single quotes: what PowerShell
writes. Each word is held against that grammar in full when it is met first. Whatever else stands there raises NotPlain, and the
XML parser rewrites the document (markup.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Final, TypeAlias

from psbridge.clixml.escape import unescape
from psbridge.clixml.references import attribute_value, content
from psbridge.clixml.scalars import PLAIN_TEXT, SCALARS, SCALARS_OF_MESSAGES
from psbridge.clixml.unreadable import NotPlain, Unreadable
from psbridge.psobject import Value

__all__ = ["BLANKS", "NAMESPACE", "Meaning", "Structure", "Words", "attributes", "split"]

NAMESPACE: Final = "http://schemas.microsoft.com/powershell/2004/04"
BLANKS: Final = b" \t\r\n"

# What a word does; 0 for a simple value. Plain numbers: an enumeration's members would cost a look-up at each word.
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

# A tag that is neither a simple value nor an object: its name, its RefId and the text behind it where it has one.
Structure: TypeAlias = tuple[str, bytes | None, str]

# What a word does; its N; its value, or an object's RefId, or a Structure; its end tag, b"" if the element is closed at once.
Meaning: TypeAlias = tuple[int, str | None, Any, bytes]

# What stands between `<` and `>`: a reader of text, the tag, N, what the word does, the RefId, the end tag as above, and whether
# the words that begin so may be kept.
Head: TypeAlias = tuple[Callable[[str], Value] | None, str, str | None, int, bytes | None, bytes, bool]

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

_HEAD: Final = re.compile(
    rb'(/?)([A-Za-z][A-Za-z0-9.]*)((?:[ \t\r\n]+[A-Za-z][A-Za-z0-9]*="[^"\x00-\x08\x0b\x0c\x0e-\x1f]*")*)[ \t\r\n]*(/?)'
)
_NONCHARACTER: Final = re.compile(rb"\xef\xbf[\xbe\xbf]")
_ATTRIBUTE: Final = re.compile(rb'([A-Za-z][A-Za-z0-9]*)="([^"]*)"')
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|]]>")
_UNKEPT: Final = frozenset({"SS", "BA", "DT", "G", "XD"})  # secrets, or hardly ever the same twice
_LONGEST: Final = 256  # of what is remembered
_MOST: Final = 1 << 16
_PIECE: Final = 1 << 16


def split(document: bytes) -> Iterator[bytes]:
    """Cut a document at each `<`. The first word is what stands before the first tag."""
    return chain.from_iterable(_pieces(document))


def _pieces(document: bytes) -> Iterator[list[bytes]]:
    start = 0
    while (cut := document.find(b"<", start + _PIECE)) >= 0:
        yield document[start:cut].split(b"<")
        start = cut + 1
    yield document[start:].split(b"<")


class Words(dict[bytes, Meaning]):
    """The meaning of each word; unknown ones are parsed when they are asked for.

    `texts` tells whether values of strings are kept as well: for the length of one document, never beyond.
    """

    def __init__(self, *, texts: bool, wire: bool) -> None:
        super().__init__()
        self._texts = texts
        self._scalars = SCALARS_OF_MESSAGES if wire else SCALARS
        self._heads: dict[bytes, Head] = {}
        self._names = _Names()

    def __missing__(self, word: bytes) -> Meaning:
        if word[:1] == b"O":
            meaning = self._object(word)
            if meaning is not None:
                return meaning
        inside, close, behind = word.partition(b">")
        if not close:
            raise NotPlain("a tag that does not end")
        read, tag, name, op, ref, end, kept = self._heads.get(inside) or self._head(inside)
        text = behind.decode()
        # What XML does not allow is not printable, but for `]]>`.
        if not text.isprintable() or ">" in text or "&" in text:
            text = _characters(text)
        if read is None:
            return self._structure(word, (op, name, (tag, ref, text), end))
        if not end:
            text = _blank(text)
        value = text if read is PLAIN_TEXT and "_" not in text else read(text)
        if (kept or not text) and len(word) <= _LONGEST:
            return self._keep(word, (0, name, value, end))
        return 0, name, value, end

    def _object(self, word: bytes) -> Meaning | None:
        """Read the tag that no other one equals: its RefId counts up. Only as PowerShell writes it; None for any other way."""
        parts = word.split(b'"')
        if len(parts) == 5:
            tag, written, key, ref, rest = parts
            if tag != b"Obj N=" or key != b" RefId=":
                return None
            name = self._names[written]
        elif len(parts) == 3:
            tag, ref, rest = parts
            if tag != b"Obj RefId=":
                return None
            name = None
        else:
            return None
        if not ref.isalnum() or (rest != b">" and rest.rstrip(BLANKS) != b">"):
            return None
        return OBJECT, name, ref, b"/Obj>"

    def _structure(self, word: bytes, meaning: Meaning) -> Meaning:
        op, name, (tag, ref, text), end = meaning
        if op == TEXT:
            meaning = op, name, (tag, ref, unescape(text) if end else _blank(text)), end
        elif tag in _OWN_CONTENT:
            if text.strip(" \t\r\n"):
                raise NotPlain(f"{tag} with content")
            if tag == "Nil":
                meaning = 0, name, None, end
        elif op != UNKNOWN:
            _blank(text)
        if op == OBJECT:
            return op, name, ref, end
        if (tag != "ToString" or self._texts) and len(word) <= _LONGEST:
            self._keep(word, meaning)
        return meaning

    def _head(self, inside: bytes) -> Head:
        found = _HEAD.fullmatch(inside)
        if found is None or _NONCHARACTER.search(inside):
            raise NotPlain("a tag that is not in the plain form")
        closing, tag, given, empty = found.groups()
        if closing and (given or empty):
            raise NotPlain("an end tag with more than a name")
        pairs = _ATTRIBUTE.findall(given) if given else ()
        named = dict(pairs)
        if len(named) != len(pairs) or (b"xmlns" in named and tag != b"Objs"):
            raise NotPlain("an attribute twice, or a namespace within the document")
        end = b"" if empty else b"/%s>" % tag
        head = (None, tag.decode(), None, END, None, end, True) if closing else self._entry(tag.decode(), named, end)
        if head[4] is None and len(inside) <= _LONGEST:
            if len(self._heads) >= _MOST:
                self._heads.clear()
            self._heads[inside] = head
        return head

    def _entry(self, tag: str, named: dict[bytes, bytes], end: bytes) -> Head:
        name, ref = named.get(b"N"), named.get(b"RefId")
        member = None if name is None else self._names[name]
        read = self._scalars.get(tag)
        if read is not None:
            return read, tag, member, 0, None, end, tag not in _UNKEPT and (self._texts or read is not PLAIN_TEXT)
        op = MISPLACED if tag.startswith("misplaced.") else _STRUCTURES.get(tag, UNKNOWN)
        if ref is not None:
            ref = attribute_value(ref.decode()).encode("utf-8", "surrogatepass")
        return None, tag, member, op, ref, end, True

    def _keep(self, word: bytes, meaning: Meaning) -> Meaning:
        if len(self) >= _MOST:
            self.clear()
        self[word] = meaning
        return meaning


class _Names(dict[bytes, str]):
    """Names of members as they are written, each with what it means, so that one string stands for all that are equal."""

    def __missing__(self, written: bytes) -> str:
        text = written.decode()
        if not text.isprintable() and _FORBIDDEN.search(text.replace("]]>", "")):
            raise NotPlain("a character that XML does not allow")
        name = unescape(attribute_value(text))
        if len(written) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[written] = name
        return name


def attributes(word: bytes) -> dict[str, str]:
    """Give the attributes of a word's tag."""
    found = _ATTRIBUTE.findall(word.partition(b">")[0])
    return {name.decode(): attribute_value(value.decode("utf-8", "replace")) for name, value in found}


def _characters(text: str) -> str:
    """Give the characters of a text that has others than printable ones in it, or references."""
    if _FORBIDDEN.search(text):
        raise NotPlain("a character that XML does not allow")
    return content(text) if "&" in text or "\r" in text else text


def _blank(text: str) -> str:
    if text.strip(" \t\r\n"):
        raise Unreadable("text where only elements may stand")
    return ""
