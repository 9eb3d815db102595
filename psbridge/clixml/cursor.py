"""The words of a document in, one step after the other; what is common to all that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Never

from psbridge.clixml.unreadable import NotPlain
from psbridge.clixml.words import TEXT, Ends, Meaning, Words, refuse_content, refuse_end

__all__ = ["Cursor", "refuse_cut"]


class Cursor:
    """A place among the words of a document.

    `words` gives them one after the other, `meanings` what the table says of them: both go on from the same place. `ends` is what
    the word that was read last closes, as far as nobody has taken it.
    """

    def __init__(self, words: Iterator[bytes], table: Words) -> None:
        self.words = words
        self.table = table
        self.meanings: Iterator[Meaning] = map(table.__getitem__, words)
        self.ends: Ends = ()

    def close(self, tag: str) -> bool:
        """Take an end tag that is there, and must be this one; tell whether there is another one behind it."""
        ends = self.ends
        if not ends or ends[0] != tag:
            refuse_end(ends, tag)
        self.ends = ends[1]
        return bool(self.ends)

    def text(self, tag: str) -> str | None:
        """Read an element that holds text only; None if another one stands here."""
        op, _, value, ends = next(self.meanings)
        if op != TEXT or value[0] != tag:
            return None
        if ends is None:
            refuse_content(tag)
        self.ends = ends
        text: str = value[2]
        return text

    def skip(self) -> None:
        """Pass over the rest of an element, whatever it holds. Only for words that come from the XML parser."""
        depth = 1
        while True:
            start, *closing = next(self.words).split(b"\0")
            if not start.partition(b">")[0].endswith(b"/"):
                depth += 1
            if depth <= len(closing):
                break
            depth -= len(closing)
        self.ends = self.table.ends(b"\0".join(closing[depth:])) if closing[depth:] else ()

    def expect_nothing(self) -> None:
        """Refuse whatever follows."""
        if self.ends:
            refuse_end(self.ends, "nothing")
        for _ in self.words:
            raise NotPlain("something stands behind the end of the document")


def refuse_cut(tag: str) -> Never:
    """Say that the document ends within an element."""
    raise NotPlain(f"the document ends within {tag}")
