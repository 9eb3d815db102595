"""The bytes of a document, also a broken one, in; where its elements, tags, texts and attributes lie out."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_TAG: Final = re.compile(rb"<(/?)([A-Za-z_][^\s<>/]*)([^<>]*?)(/?)>")
_ATTRIBUTE: Final = re.compile(rb"\s([A-Za-z_:][\w:]*)\s*=\s*(\"[^\"]*\"|'[^']*')")


class Element(NamedTuple):
    """An element from its first byte to behind its last; `opened` is behind its start tag, `closed` in front of its end tag."""

    tag: bytes
    start: int
    opened: int
    closed: int
    end: int

    @property
    def is_empty(self) -> bool:
        """Whether it is one tag, `<Nil/>`."""
        return self.opened == self.end


class Attribute(NamedTuple):
    """An attribute with the blank in front of it; `value` and `quoted_end` lie around the quoted value."""

    name: bytes
    start: int
    value: int
    end: int


def elements(data: bytes) -> list[Element]:
    """The elements in the order of their ends. Tags without a partner are passed over."""
    found: list[Element] = []
    stack: list[tuple[bytes, int, int]] = []
    for tag in _TAG.finditer(data):
        closing, name, _, empty = tag.groups()
        if empty:
            found.append(Element(name, tag.start(), tag.end(), tag.end(), tag.end()))
        elif not closing:
            stack.append((name, tag.start(), tag.end()))
        elif any(name == opened for opened, _, _ in stack[-60:]):
            while True:
                opened, start, behind = stack.pop()
                if opened == name:
                    found.append(Element(name, start, behind, tag.start(), tag.end()))
                    break
    return found


def leaves(data: bytes) -> list[Element]:
    """The elements that hold text only, or nothing."""
    return [element for element in elements(data) if not element.is_empty and b"<" not in data[element.opened : element.closed]]


def tags(data: bytes) -> list[tuple[int, int]]:
    """Where each tag begins and ends."""
    return [found.span() for found in _TAG.finditer(data)]


def attributes(data: bytes) -> list[Attribute]:
    """The attributes of all tags."""
    return [
        Attribute(found[1], tag.start(3) + found.start(), tag.start(3) + found.start(2), tag.start(3) + found.end())
        for tag in _TAG.finditer(data)
        for found in _ATTRIBUTE.finditer(tag[3])
    ]
