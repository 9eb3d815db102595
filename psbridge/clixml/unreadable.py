"""Why a document cannot be read; becomes a ClixmlError, with the place, at the top."""

from __future__ import annotations

__all__ = ["NotPlain", "Unreadable"]


class Unreadable(Exception):
    """What PowerShell's reader refuses too, or what cannot be taken over without a change.

    `place`: where it was seen, in the text that was being read; -1 where only the caller knows.
    """

    def __init__(self, reason: str, place: int = -1) -> None:
        super().__init__(reason)
        self.reason, self.place = reason, place


class NotPlain(Unreadable):
    """What the plain form of XML does not hold: the text must go through the XML parser first, which may refuse it."""
