"""A page in, its elements out, strictly: every element is closed where it should be, every id is there once."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

__all__ = ["Markup", "markup"]

_EMPTY: Final = frozenset({"meta", "link", "br", "input"})
# Drawings close their elements by themselves.
_DRAWN: Final = frozenset({"rect", "line", "circle", "path", "polyline"})

_WITHIN_A_LINE: Final = frozenset({"strong", "span", "code", "time", "a"})


class Markup(HTMLParser):
    """What is in a page: `tags` with their attributes, `headings` (level, text), `ids`, and `text`."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs), (tag, attrs)
        self.tags.append((tag, given))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        if tag not in _WITHIN_A_LINE:
            self.texts.append(" ")
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _DRAWN, tag
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1:] == [tag], (tag, self._open, self.getpos())
        self._open.pop()
        if tag not in _WITHIN_A_LINE:
            self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["style"], ["script"]):
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All that is read, in one line."""
        return " ".join("".join(self.texts).split())

    def closed(self) -> None:
        """Everything is closed."""
        assert self._open == []


def markup(page: str) -> Markup:
    """Take a page apart. Fails where an element is not closed, or an id is there twice."""
    found = Markup()
    found.feed(page)
    found.close()
    found.closed()
    assert len(set(found.ids)) == len(found.ids), found.ids
    return found
