"""A document that ends in the middle in, what is missing to make one of it again out; in constant memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

__all__ = ["Cut", "find_cut"]

_CHUNK: Final = 1 << 20
# Simple values hold no elements, so they matter at the end only.
_PART: Final = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
    r"|<(?P<closing>/?)(?P<tag>(?:[\w.-]+:)?(?P<local>Objs|Obj|MS|Props|LST|IE|STK|QUE|DCT|En|TN|PR))(?=[\s/>])"
    r"(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(?P<closed>/?)>",
    re.DOTALL,
)
_VALUE: Final = re.compile(r"<([\w.:-]+)(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(?:/>|>[^<]*</\1\s*>)")
_WHOLE_ONLY: Final = frozenset({"En", "TN", "PR"})  # half an entry, type list or progress record is none
_NAME: Final = re.compile(r"\sN\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a document that ends too early can be closed, in bytes of the file.

    Behind `roots_end` stands no whole top-level value; `roots_close` are the end tags that are due there. `end` and `close`: the
    same with the value in which the document ends, as far as it goes. `path`: the elements that are open at the very end.
    """

    roots_end: int
    roots_close: str
    end: int
    close: str
    path: str


class _Place(NamedTuple):
    """A place in the text of a chunk; in bytes only when it is asked for."""

    start: int
    text: str
    at: int
    codec: str

    def offset(self) -> int:
        return self.start + len(self.text[: self.at].encode(self.codec, _errors(self.codec)))


class _Open(NamedTuple):
    tag: str
    local: str
    step: str
    place: _Place


def find_cut(file: BinaryIO, start: int, end: int, codec: str) -> Cut | None:
    """Find where the document between two bytes of a file can be closed; None where it is closed, or is no document."""
    open_elements: list[_Open] = []
    last = roots_end = _Place(start, "", 0, codec)
    for chunk, text in _chunks(file, start, end, codec):
        place = _Place(chunk, text, 0, codec)
        for found in _PART.finditer(text):
            last = place._replace(at=found.end())
            if found["tag"] is None:
                continue
            if not found["closing"] and not found["closed"]:
                if len(open_elements) == 1:  # what stands before it are whole simple values
                    roots_end = place._replace(at=found.start())
                open_elements.append(_open(found, place))
            elif found["closing"] and (not open_elements or open_elements.pop().tag != found["tag"]):
                return None
            if len(open_elements) == 1:
                roots_end = last
        if not open_elements:
            continue
        for found in _VALUE.finditer(text, last.at if last.text is text else 0):
            last = place._replace(at=found.end())
            if len(open_elements) == 1:
                roots_end = last
    return _cut(open_elements, last, roots_end) if open_elements else None


def _open(found: re.Match[str], place: _Place) -> _Open:
    name = _NAME.search(found["attributes"])
    step = f"{found['local']}[{name[1] or name[2] or ''}]" if name else found["local"]
    return _Open(found["tag"], found["local"], step, place._replace(at=found.start()))


def _cut(open_elements: list[_Open], last: _Place, roots_end: _Place) -> Cut:
    path = "/".join(one.step for one in open_elements)
    half = next((place for place, one in enumerate(open_elements) if one.local in _WHOLE_ONLY), None)
    if half is not None:
        last, open_elements = open_elements[half].place, open_elements[:half]
    close = "".join(f"</{one.tag}>" for one in reversed(open_elements))
    return Cut(roots_end.offset(), f"</{open_elements[0].tag}>", last.offset(), close, path)


def _chunks(file: BinaryIO, start: int, end: int, codec: str) -> Iterator[tuple[int, str]]:
    """The text in pieces that end where a tag begins, each with the byte where it begins."""
    file.seek(start)
    decoder = codecs.getincrementaldecoder(codec)(_errors(codec))
    held, place, left = "", start, end - start
    while left > 0 and (part := file.read(min(_CHUNK, left))):
        left -= len(part)
        held += decoder.decode(part)
        cut = held.rfind("<")
        while cut > 0 and held.startswith("</", cut):  # a simple value is not parted from its end tag
            cut = held.rfind("<", 0, cut)
        if cut > 0:
            yield place, held[:cut]
            place += len(held[:cut].encode(codec, _errors(codec)))
            held = held[cut:]
    yield place, held


def _errors(codec: str) -> str:
    """What keeps bytes that are no text, so that they count."""
    return "surrogateescape" if codec == "utf-8" else "surrogatepass"
