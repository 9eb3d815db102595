"""CLIXML bytes in, its elements with the place of each in the text out: enough to cut something out and leave the rest as it is.

This is a scanner of its own, because an XML parser gives the content but not the bytes. It takes whatever PowerShell's reader
takes (any prefix, comments, CDATA, references to characters that XML forbids), and refuses what is not well-formed or has a DTD:
in such a text nobody can say for sure where a secret begins.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from psbridge.clixml.escape import unescape
from psbridge.clixml.references import attribute_value, content
from psbridge.clixml.unreadable import Unreadable
from psbridge.errors import ClixmlError

__all__ = ["Element", "Tree"]

# UTF-32 comes first: its little-endian mark begins as that of UTF-16 does. Without a mark it is UTF-8, whatever is declared.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BLANK: Final = r"[ \t\r\n]"
_NAME: Final = r"[^\W\d][\w.\-]*+(?::[^\W\d][\w.\-]*+)?"
_ATTRIBUTE: Final = rf"{_BLANK}++{_NAME}{_BLANK}*+={_BLANK}*+(?:\"[^\"<]*+\"|'[^'<]*+')"
_MARKUP: Final = re.compile(
    rf"<(?:(?P<open>{_NAME})(?P<attributes>(?:{_ATTRIBUTE})*+){_BLANK}*+(?P<empty>/?)>|/(?P<close>{_NAME}){_BLANK}*+>"
    r"|!--(?P<comment>.*?)-->|!\[CDATA\[(?P<cdata>.*?)\]\]>|\?(?P<instruction>.*?)\?>)",
    re.DOTALL,
)
_WANTED: Final = re.compile(rf"{_BLANK}(N|RefId){_BLANK}*=" + rf"{_BLANK}*" + r"""(?:"([^"]*)"|'([^']*)')""")
_OUTSIDE: Final = re.compile(r"(?:[ \t\r\n]|#< CLIXML(?=[ \t\r\n]|\Z))*+")


@dataclass(slots=True, eq=False)
class Element:
    """One element: its local name, the decoded name that it has as a member, and where its content begins and ends.

    `target` is what a `Ref` or `TNRef` points to: the last definition in front of it.
    """

    tag: str
    qualified: str
    name: str
    start: int
    end: int = 0
    children: list[Element] = field(default_factory=list)
    target: Element | None = None


class Tree:
    """The elements of a document, of a message body or of a redirected stream. Raises ClixmlError for anything else."""

    def __init__(self, data: bytes) -> None:
        codec, mark = _encoding(data)
        self._codec, self._mark = codec, data[:mark]
        self._errors = "surrogateescape" if codec == "utf-8" else "surrogatepass"
        try:
            self.text = data[mark:].decode(codec, self._errors)
        except UnicodeDecodeError as error:
            raise ClixmlError(f"these bytes are no {codec.upper()}", offset=mark + error.start) from None
        self._objects: dict[str, Element] = {}
        self._types: dict[str, Element] = {}
        self._open: list[Element] = []
        self.roots: list[Element] = []
        self._scan()

    def elements(self) -> Iterator[Element]:
        """Every element, a parent before its children, in the order of the text."""
        todo = self.roots[::-1]
        while todo:
            element = todo.pop()
            yield element
            todo.extend(reversed(element.children))

    def content(self, element: Element) -> str:
        """The text of an element as PowerShell's reader decodes it."""
        pieces: list[str] = []
        at = element.start
        for found in _MARKUP.finditer(self.text, element.start, element.end):
            pieces += (self._characters(at, found.start()), found["cdata"] or "")
            at = found.end()
        pieces.append(self._characters(at, element.end))
        return unescape("".join(pieces))

    def replaced(self, marks: Mapping[Element, str]) -> bytes:
        """The document's bytes with other content in some elements; an element without content keeps none."""
        pieces: list[str] = []
        at = 0
        for element, mark in sorted(marks.items(), key=lambda pair: pair[0].start):
            if at <= element.start < element.end:
                pieces += (self.text[at : element.start], mark)
                at = element.end
        pieces.append(self.text[at:])
        return self._mark + "".join(pieces).encode(self._codec, self._errors)

    def _scan(self) -> None:
        text, at = self.text, 0
        while at < len(text):
            if not self._open:
                at = _OUTSIDE.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere
            found = text.find("<", at) if self._open else at
            if found < 0 or found == len(text):
                break
            markup = _MARKUP.match(text, found)
            if markup is None or (markup["cdata"] is not None and not self._open):
                raise self._refusal("this is no mark-up that CLIXML may hold here", found)
            if markup["open"]:
                self._start(markup)
            elif markup["close"]:
                self._finish(markup)
            at = markup.end()
        if self._open:
            raise self._refusal(f"the text ends inside <{self._open[-1].qualified}>", len(text))
        if not self.roots:
            raise self._refusal("there is no element", len(text))

    def _start(self, markup: re.Match[str]) -> None:
        qualified = markup["open"]
        wanted = _WANTED.findall(markup["attributes"])
        found = {name: self._resolved(attribute_value, double or single, markup.start()) for name, double, single in wanted}
        if len(found) < len(wanted):
            raise self._refusal("an attribute stands twice", markup.start())
        element = Element(qualified.rpartition(":")[2], qualified, unescape(found.get("N", "")), markup.end(), markup.end())
        (self._open[-1].children if self._open else self.roots).append(element)
        if "RefId" in found:
            self._enter(element, found["RefId"])
        if not markup["empty"]:
            self._open.append(element)

    def _enter(self, element: Element, number: str) -> None:
        if element.tag == "Obj":
            self._objects[number] = element
        elif element.tag == "TN":
            self._types[number] = element
        elif element.tag in ("Ref", "TNRef"):
            element.target = (self._objects if element.tag == "Ref" else self._types).get(number)

    def _finish(self, markup: re.Match[str]) -> None:
        if not self._open or self._open[-1].qualified != markup["close"]:
            raise self._refusal(f"</{markup['close']}> ends an element that is not open", markup.start())
        self._open.pop().end = markup.start()

    def _characters(self, start: int, end: int) -> str:
        return self._resolved(content, self.text[start:end], start)

    def _resolved(self, resolve: Callable[[str], str], text: str, place: int) -> str:
        try:
            return resolve(text)
        except Unreadable as error:
            raise self._refusal(error.reason, place) from None

    def _refusal(self, reason: str, place: int) -> ClixmlError:
        offset = len(self._mark) + len(self.text[:place].encode(self._codec, self._errors))
        return ClixmlError(reason, offset=offset, path="/".join(element.qualified for element in self._open))


def _encoding(data: bytes) -> tuple[str, int]:
    return next(((codec, len(mark)) for mark, codec in _MARKS if data.startswith(mark)), ("utf-8", 0))
