"""The words of a document in, one step after the other; what is common to all that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Never

from psbridge.clixml.unreadable import NotPlain
from psbridge.clixml.words import BLANKS, END, TEXT, Words

__all__ = ["Cursor", "refuse_content", "refuse_cut", "refuse_end"]


class Cursor:
    """A place among the words of a document, and the table of their meanings."""

    def __init__(self, source: Iterator[bytes], words: Words) -> None:
        self.source = source
        self.words = words
        self.next = source.__next__

    def close(self, end: bytes) -> None:
        """Take the end tag of an element that holds no other one; b"" where there is none to take."""
        if end:
            behind = self.next()
            if behind != end and behind.rstrip(BLANKS) != end:
                refuse_content(end)

    def is_end(self, word: bytes, tag: str) -> bool:
        """Tell whether a word is the end tag that is due. Any other end tag is refused."""
        op, _, value, _ = self.words[word]
        if op == END and value[0] != tag:
            refuse_end(value[0], tag)
        return op == END

    def text(self, tag: str) -> str | None:
        """Read an element that holds text only; None if another one stands here."""
        op, _, value, end = self.words[self.next()]
        if op != TEXT or value[0] != tag:
            return None
        self.close(end)
        text: str = value[2]
        return text

    def skip(self) -> None:
        """Pass over the rest of an element, whatever it holds. Only for words that come from the XML parser."""
        depth = 1
        while depth:
            word = self.next()
            if word.startswith(b"/"):
                depth -= 1
            elif not word.partition(b">")[0].endswith(b"/"):
                depth += 1

    def expect_nothing(self) -> None:
        """Refuse whatever follows."""
        for _ in self.source:
            raise NotPlain("something stands behind the end of the document")


def refuse_content(end: bytes) -> Never:
    """Say that something else stands where an end tag is due."""
    raise NotPlain(f"<{end.decode()} is due, or text stands behind it")


def refuse_end(tag: str, due: str) -> Never:
    """Say that the wrong end tag stands here."""
    raise NotPlain(f"the end of {tag} stands where that of {due} is due")


def refuse_cut(tag: str) -> Never:
    """Say that the document ends within an element."""
    raise NotPlain(f"the document ends within {tag}")
