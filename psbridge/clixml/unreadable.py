"""Why a document cannot be read; becomes a ClixmlError, with the place, at the top."""

from __future__ import annotations

__all__ = ["NotPlain", "Unreadable"]


class Unreadable(Exception):
    """What PowerShell's reader refuses too, or what cannot be taken over without a change.

    `place`: where it was seen, in the text that was being read; -1 where only the caller knows. Then it is in the word that was
    read last: at its start tag, or `behind` so many tags, or where so many of its end tags are `left` (a row of them, see
    words.Ends).
    """

    def __init__(self, reason: str, place: int = -1, *, behind: int = 0, left: tuple[object, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.place, self.behind, self.left = reason, place, behind, left

    def tags_behind(self, ends: int) -> int:
        """How many tags of the word, which has so many end tags, stand before the place."""
        count, left = 0, self.left
        while left:
            count, left = count + 1, left[1]  # type: ignore[assignment]  # the rest of the row
        return ends - count + 1 if count else self.behind


class NotPlain(Unreadable):
    """What the plain form of XML does not hold: the text must go through the XML parser first, which may refuse it."""
