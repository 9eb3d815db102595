"""Any XML document in, the same in the plain form out: no comments, CDATA, prefixes, processing instructions, declarations.

expat does the parsing. Here stand the differences between XML and what PowerShell's reader makes of it: references to characters
that XML forbids are taken, a DTD is not; the namespace is asked for with some elements and not with others (clixml-notes
section 4).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from xml.parsers import expat

from psbridge.clixml.declaration import without_encoding
from psbridge.clixml.references import code_point
from psbridge.clixml.scalars import SCALARS
from psbridge.clixml.unreadable import NotPlain, Unreadable
from psbridge.clixml.words import NAMESPACE

__all__ = ["Plain", "rewrite"]

_BETWEEN: Final = "\x01"  # in no XML document, so in no namespace
_BLANKS: Final = " \t\r\n"
_PLAIN: Final = re.compile("[A-Za-z][A-Za-z0-9.]*")
_ODD: Final = re.compile("[^A-Za-z0-9.]")  # characters that no tag of the plain form has
_TEXTS: Final = frozenset({"S", "SBK", "URI", "XD", "T", "AV", "AI", "PI", "PC", "SR", "SD", "ToString"})
_OF_ANY_NAMESPACE: Final = SCALARS.keys() - _TEXTS
_SKIPPED: Final = frozenset({"Nil", "Ref", "TNRef"})
_MISPLACED_IN_FILES: Final = _TEXTS - {"ToString"} | {"PR", "En"}
_ATTRIBUTES: Final = frozenset({"N", "RefId", "S", "Version"})
_SPACE: Final = "http://www.w3.org/XML/1998/namespace\x01space\x01xml"
_IN_TEXT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE: Final = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
# What is not closed reaches to the end, lest each of many beginnings be followed to there.
_OPAQUE: Final = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|(?P<reference>&#(?:[0-9]+|x[0-9A-Fa-f]+);)", re.DOTALL
)
# Blocks of private code points, each with a place for every character that XML does not allow.
_BLOCK: Final = 0x1000
_BLOCKS: Final = range(0x10F000, 0xF0000, -_BLOCK)


class Plain(NamedTuple):
    """A document in the plain form, and for each tag where it stood in the one that was given."""

    document: bytes
    starts: list[int]


def rewrite(document: bytes, *, wire: bool, references: bool = True) -> Plain:
    """Parse a document in UTF-8 and write it in the plain form.

    `wire`: a message body, in which the namespace is none. `references`: take references to characters that XML does not allow.
    Raises Unreadable, with the place, if it is not well-formed.
    """
    document = without_encoding(document)
    stand_ins = _StandIns(document)
    fed = _OPAQUE.sub(stand_ins.put, document) if references and b"&#" in document else document
    writer = _Writer(wire=wire, back=stand_ins.back)
    try:
        writer.parse(fed)
    except Unreadable as error:
        raise Unreadable(error.reason, stand_ins.places([max(error.place, 0)])[0]) from None
    return Plain("".join(writer.pieces).encode(), stand_ins.places(writer.starts))


class _StandIns:
    """Puts a private character, which the document does not use, for each reference to a character that XML does not allow."""

    def __init__(self, document: bytes) -> None:
        self.back: dict[int, str] = {}
        self._document = document
        self._moved: list[tuple[int, int]] = []
        self._block = 0

    def put(self, found: re.Match[bytes]) -> bytes:
        """Give the bytes to feed for a match of _OPAQUE."""
        if found["reference"] is None:
            return found[0]
        written = found[0].decode()
        try:
            code = code_point(written)
        except NotPlain:
            return found[0]
        if _is_allowed(code):
            return found[0]
        self._block = self._block or self._free_block()
        stand_in = chr(self._block + (code if code < 0x20 else code - 0xD800 + 0x20 if code < 0xE000 else code - 0xFFFE + 0x820))
        self.back[ord(stand_in)] = f"&#{code};"
        fed = stand_in.encode()
        self._moved.append((found.start(), len(found[0]) - len(fed)))
        return fed

    def places(self, starts: list[int]) -> list[int]:
        """Turn ascending places of what was fed into places of the document."""
        places, shift, index = [], 0, 0
        for start in starts:
            while index < len(self._moved) and self._moved[index][0] < start + shift:
                shift += self._moved[index][1]
                index += 1
            places.append(start + shift)
        return places

    def _free_block(self) -> int:
        used = {ord(character) // _BLOCK for character in set(self._document.decode()) if character > "\uffff"}
        for start in _BLOCKS:
            if start // _BLOCK not in used:
                return start
        raise Unreadable("the document uses private characters of every kind", 0)


def _is_allowed(code: int) -> bool:
    return code in {9, 10, 13} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code > 0xFFFF


class _Writer:
    """Takes the parser's events and collects the plain form."""

    def __init__(self, *, wire: bool, back: dict[int, str]) -> None:
        self.pieces: list[str] = []
        self.starts: list[int] = []
        self._wire = wire
        self._in_text = _IN_TEXT | back
        self._in_attribute = _IN_ATTRIBUTE | back
        self._open: list[str] = []
        self._skipped = 0
        self._parser = expat.ParserCreate("utf-8", _BETWEEN)
        self._parser.namespace_prefixes = True
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartCdataSectionHandler = self._cdata
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.DefaultHandler = self._other

    def parse(self, document: bytes) -> None:
        try:
            self._parser.Parse(document, True)
        except expat.ExpatError as error:
            raise Unreadable(f"not well-formed XML: {expat.ErrorString(error.code)}", self._parser.ErrorByteIndex) from None
        except Unreadable as error:
            raise Unreadable(error.reason, self._parser.CurrentByteIndex) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if attributes.get(_SPACE, "default").strip(_BLANKS) not in {"default", "preserve"}:
            raise Unreadable("xml:space is neither default nor preserve")
        if self._skipped:
            self._skipped += 1
            return
        tag = self._tag(name)
        self._open.append(tag)
        self.starts.append(self._parser.CurrentByteIndex)
        given = "".join(
            f' {key}="{value.translate(self._in_attribute)}"' for key, value in attributes.items() if key in _ATTRIBUTES
        )
        if tag == "Objs":
            given += f' xmlns="{NAMESPACE}"'
        if tag in _SKIPPED:
            self.pieces.append(f"<{tag}{given}/>")
            self._skipped = 1
        else:
            self.pieces.append(f"<{tag}{given}>")

    def _end(self, _name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            if self._skipped:
                return
        tag = self._open.pop()
        if tag not in _SKIPPED:
            self.starts.append(self._parser.CurrentByteIndex)
            self.pieces.append(f"</{tag}>")

    def _text(self, text: str) -> None:
        if not self._skipped and (self._holds_text() or text.strip(_BLANKS)):
            self.pieces.append(text.translate(self._in_text))

    def _cdata(self) -> None:
        # To PowerShell an empty CDATA section is something too, where only elements may stand.
        if not self._skipped and not self._holds_text():
            self.pieces.append("CDATA")

    def _holds_text(self) -> bool:
        return self._open[-1] in SCALARS or self._open[-1] in _TEXTS

    def _declaration(self, version: str, _encoding: str | None, _standalone: int) -> None:
        if not version.startswith("1.0"):  # .NET looks no further
            raise Unreadable("the document is not of XML 1.0")
        if self._wire:
            raise Unreadable("an XML declaration in front of a message")

    def _doctype(self, *_details: object) -> None:
        raise Unreadable("the document has a DTD, which is not allowed")

    def _other(self, data: str) -> None:
        if self._wire and not self.starts and not data.strip(_BLANKS):
            raise Unreadable("a blank in front of a message")

    def _tag(self, name: str) -> str:
        """The element's name, changed where its namespace or prefix is not the one that PowerShell asks for."""
        uri, local, prefix = _parts(name)
        if local in _OF_ANY_NAMESPACE:
            return local
        if self._wire:
            wrong = uri if local in _TEXTS else prefix
            return f"misplaced.{local}" if wrong and local not in _SKIPPED else local
        if uri == NAMESPACE and _PLAIN.fullmatch(local):
            return local
        return f"misplaced.{local}" if local in _MISPLACED_IN_FILES else f"unknown.{_ODD.sub('', local)}"


def _parts(name: str) -> tuple[str, str, str]:
    """Cut expat's `uri local prefix` into namespace, local name and prefix."""
    if _BETWEEN not in name:
        return "", name, ""
    uri, local, *prefix = name.split(_BETWEEN)
    return uri, local, prefix[0] if prefix else ""
