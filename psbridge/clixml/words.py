"""The words of plain CLIXML in, their meanings out.

A plain document is cut at each start tag. So a word is one start tag, the text behind it, and the end tags that follow before
the next start tag: `S N="Alias">ann</S>`, `Nil N="Office" />`, `I32 N="Count">5</I32></Props></Obj>`. In words `</` is written as
NUL and `/`: so one `bytes.split` does the cutting, and a document that is plain holds no NUL.

Most words of a document occur again and again; a table that fills itself gives the meaning of one that was met before, without
parsing.

Plain is XML 1.0 in UTF-8 without comments, CDATA, processing instructions, DTD, prefixes and single quotes: what PowerShell
writes. Each word is held against that grammar in full when it is met first. Whatever else stands there raises NotPlain, and the
XML parser rewrites the document (markup.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, Final, Never, TypeAlias

from psbridge.clixml.escape import unescape
from psbridge.clixml.references import attribute_value, content
from psbridge.clixml.scalars import PLAIN_TEXT, SCALARS, SCALARS_OF_MESSAGES
from psbridge.clixml.unreadable import NotPlain, Unreadable
from psbridge.psobject import Value

__all__ = [
    "BLANKS",
    "NAMESPACE",
    "Ends",
    "Meaning",
    "Structure",
    "Words",
    "attributes",
    "marked",
    "pieces",
    "refuse_content",
    "refuse_end",
    "split",
]

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

# The elements that a word closes behind its own: the innermost one, and those around it. () if it closes none.
Ends: TypeAlias = tuple[str, "Ends"] | tuple[()]

# A tag that is neither a simple value nor an object: its name, its RefId and the text behind it where it has one.
Structure: TypeAlias = tuple[str, bytes | None, str]

# What a word does; its N; its value, or an object's RefId, or a Structure; what it closes, None if its own element stays open.
Meaning: TypeAlias = tuple[int, str | None, Any, Ends | None]

# What stands between `<` and `>`: a reader of text, the tag, N, what the word does, the RefId, whether the element is closed at
# once, and whether the words that begin so may be kept.
Head: TypeAlias = tuple[Callable[[str], Value] | None, str, str | None, int, bytes | None, bool, bool]

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
    rb'([A-Za-z][A-Za-z0-9.]*)((?:[ \t\r\n]+[A-Za-z][A-Za-z0-9]*="[^"\x00-\x08\x0b\x0c\x0e-\x1f]*")*)[ \t\r\n]*(/?)'
)
_NONCHARACTER: Final = re.compile(rb"\xef\xbf[\xbe\xbf]")
_END: Final = re.compile(rb"/([A-Za-z][A-Za-z0-9.]*)[ \t\r\n]*>([ \t\r\n]*)")
_OBJECT: Final = re.compile(rb'Obj(?: N="([^"\x00-\x1f]*)")?')
_ATTRIBUTE: Final = re.compile(rb'([A-Za-z][A-Za-z0-9]*)="([^"]*)"')
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|]]>")
_UNKEPT: Final = frozenset({"SS", "BA", "DT", "G", "XD"})  # secrets, or hardly ever the same twice
_LONGEST: Final = 256  # of what is remembered
_MOST: Final = 1 << 16
_SOON: Final = 1 << 13
_PIECE: Final = 1 << 16
_NONE: Final = ()
_ODD: Final = "an opening that is not as PowerShell writes it"


def marked(document: bytes) -> bytes:
    """Write `</` as NUL and `/`. Raises NotPlain for a document that holds a NUL."""
    if b"\0" in document:
        raise NotPlain("a NUL", document.index(b"\0"))
    return document.replace(b"</", b"\0/")


def split(document: bytes) -> Iterator[bytes]:
    """Cut a document at each start tag. The first word is what stands before the first one."""
    parts = pieces(document)
    return chain(marked(next(parts)).split(b"<"), chain.from_iterable(marked(part[1:]).split(b"<") for part in parts))


def pieces(document: bytes) -> Iterator[bytes]:
    """Cut a document into parts that begin with a start tag, but for the first."""
    start, behind = 0, document.find(b"<", _PIECE)
    while behind >= 0:
        if document[behind + 1 : behind + 2] != b"/":
            yield document[start:behind]
            start, behind = behind, behind + _PIECE
        behind = document.find(b"<", behind + 1)
    yield document[start:]


class Words(dict[bytes, Meaning]):
    """The meaning of each word; unknown ones are parsed when they are asked for.

    `texts` tells whether values of strings are kept as well: for one document and what was read from it, never beyond.
    `names` gives what each name of a member means as it is written.
    """

    def __init__(self, *, texts: bool, wire: bool, scalars: Mapping[str, Callable[[str], Value]] | None = None) -> None:
        super().__init__()
        self._texts = texts
        self._scalars = scalars or (SCALARS_OF_MESSAGES if wire else SCALARS)
        self._heads: dict[bytes, Head] = {}
        self.names = _Names()
        self._openings = _Openings(self.names)
        self._tails = _Tails()
        self._once: set[int] = set()

    def __missing__(self, word: bytes) -> Meaning:
        if word[:1] == b"O":
            # The tag that no other one equals: its RefId counts up.
            opening, _, behind = word.partition(b' RefId="')
            number, quote, rest = behind.partition(b'">')
            if quote and number.isalnum() and (not rest or not rest.strip(BLANKS)):
                name = self._openings[opening]
                if name is not _ODD:
                    return OBJECT, name, number, None
        inside, close, behind = word.partition(b">")
        if not close:
            raise NotPlain("a tag that does not end")
        read, tag, name, op, ref, closed, kept = self._heads.get(inside) or self._head(inside)
        written, _, tail = behind.partition(b"\0")
        text = written.decode()
        # What XML does not allow is not printable, but for `]]>`.
        if not text.isprintable() or ">" in text or "&" in text:
            text = _characters(text)
        ends: Ends | None = self._tails[tail] if tail else None
        if closed:
            ends = ends or _NONE
        elif ends:
            ends = ends[1] if ends[0] == tag else refuse_end(ends, tag)
        if read is None:
            return self._structure(word, (op, name, (tag, ref, text), ends), closed=closed)
        if closed:
            text = _blank(text)
        elif ends is None:
            refuse_content(tag)
        value = text if read is PLAIN_TEXT and "_" not in text else read(text)
        if (kept or not text) and len(word) <= _LONGEST:
            return self._keep(word, (0, name, value, ends))
        return 0, name, value, ends

    def ends(self, tail: bytes) -> Ends:
        """Give what a row of end tags closes, as it stands in a word."""
        return self._tails[tail]

    def _structure(self, word: bytes, meaning: Meaning, *, closed: bool) -> Meaning:
        op, name, (tag, ref, text), ends = meaning
        if ends is None and (tag == "ToString" or tag in _OWN_CONTENT):
            refuse_content(tag)
        if op == TEXT:
            meaning = op, name, (tag, ref, _blank(text) if closed else unescape(text)), ends
        elif tag in _OWN_CONTENT:
            if text.strip(" \t\r\n"):
                raise NotPlain(f"{tag} with content")
            if tag == "Nil":
                meaning = 0, name, None, ends
        elif op != UNKNOWN:
            _blank(text)
        if op == OBJECT:
            meaning = op, name, ref, ends
            if ref is not None:
                return meaning
        if (tag != "ToString" or self._texts) and len(word) <= _LONGEST:
            self._keep(word, meaning)
        return meaning

    def _head(self, inside: bytes) -> Head:
        found = _HEAD.fullmatch(inside)
        if found is None or _NONCHARACTER.search(inside):
            raise NotPlain("a tag that is not in the plain form")
        tag, given, closed = found.groups()
        pairs = _ATTRIBUTE.findall(given) if given else ()
        named = dict(pairs)
        if len(named) != len(pairs) or (b"xmlns" in named and tag != b"Objs"):
            raise NotPlain("an attribute twice, or a namespace within the document")
        for value in named.values() if b"&" in given or not given.isascii() else ():
            attribute_value(value.decode())  # which some attributes are never asked for
        head = self._entry(tag.decode(), named, closed=bool(closed))
        if head[4] is None and len(inside) <= _LONGEST:
            if len(self._heads) >= _MOST:
                self._heads.clear()
            self._heads[inside] = head
        return head

    def _entry(self, tag: str, named: dict[bytes, bytes], *, closed: bool) -> Head:
        name, ref = named.get(b"N"), named.get(b"RefId")
        member = None if name is None else self.names[name]
        read = self._scalars.get(tag)
        if read is not None:
            return read, tag, member, 0, None, closed, tag not in _UNKEPT and (self._texts or read is not PLAIN_TEXT)
        op = MISPLACED if tag.startswith("misplaced.") else _STRUCTURES.get(tag, UNKNOWN)
        if ref is not None:
            ref = attribute_value(ref.decode()).encode("utf-8", "surrogatepass")
        return None, tag, member, op, ref, closed, True

    def _keep(self, word: bytes, meaning: Meaning) -> Meaning:
        """Keep what is met a second time soon: most words that are met once are never met again, and would fill the table."""
        number = hash(word)
        if number in self._once:
            if len(self) >= _MOST:
                self.clear()
            self[word] = meaning
        else:
            if len(self._once) >= _SOON:
                self._once.clear()
            self._once.add(number)
        return meaning


class _Tails(dict[bytes, Ends]):
    """Rows of end tags as they are written, each with the elements that it closes."""

    def __missing__(self, tail: bytes) -> Ends:
        ends: Ends = _NONE
        parts = tail.split(b"\0")
        for index in range(len(parts), 0, -1):
            found = _END.fullmatch(parts[index - 1])
            if found is None:
                raise NotPlain("text where only elements may stand", behind=index)
            ends = found[1].decode(), ends
        if len(tail) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[tail] = ends
        return ends


class _Openings(dict[bytes, str | None]):
    """What stands in front of an object's RefId, as PowerShell writes it, each with its N; _ODD for any other way."""

    def __init__(self, names: _Names) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, opening: bytes) -> str | None:
        found = _OBJECT.fullmatch(opening)
        if found is None:
            return _ODD
        name = None if found[1] is None else self._names[found[1]]
        if len(opening) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[opening] = name
        return name


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


def refuse_content(tag: str) -> Never:
    """Say that something else stands where an end tag is due."""
    raise NotPlain(f"</{tag}> is due, or text stands behind it", behind=1)


def refuse_end(ends: Ends, tag: str) -> Never:
    """Say that the wrong end tag stands here. `ends`: from that one on."""
    raise NotPlain(f"the end of {ends[0] if ends else 'nothing'} stands where that of {tag} is due", left=ends)


def _blank(text: str) -> str:
    if text.strip(" \t\r\n"):
        raise Unreadable("text where only elements may stand")
    return ""
