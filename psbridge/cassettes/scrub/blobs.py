"""Bytes in, bytes without the people in them out, of the same length where they are no text."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable
from typing import Final

from psbridge.cassettes.scrub.replacements import Replacements

__all__ = ["Blobs", "plain"]

_WIDE_RUN: Final = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")
_NARROW_RUN: Final = re.compile(rb"[\x20-\x7e]{6,}")
_SID: Final = re.compile(rb"\x01[\x04\x05]\x00\x00\x00\x00\x00\x05\x15\x00\x00\x00", re.DOTALL)


class Blobs:
    """Bytes of one file. `guids`: those that were seen in it; their bytes are found inside others. `text` scrubs a text."""

    def __init__(self, replacements: Replacements, guids: set[uuid.UUID], text: Callable[[str, bool], str]) -> None:
        self._replacements = replacements
        self._guids = guids
        self._text = text
        self._windows: dict[bytes, tuple[uuid.UUID, str]] = {}

    def scrub(self, data: bytes, *, sure: bool = True, given: bool = False) -> tuple[bytes, bool]:
        """Give the bytes without people, and whether they could be judged.

        Sixteen bytes are a GUID as .NET lays it out, unless it is not `sure` that they are anything. `given`: see `Texts.scrub`.
        """
        if not any(data):
            return data, True
        if len(data) == 16 and (sure or uuid.UUID(bytes_le=data) in self._guids):
            return self._replacements.guid(uuid.UUID(bytes_le=data)).bytes_le, True
        if (found := plain(data)) is not None:
            encoding, text = found
            return self._text(text, given).encode(encoding, "surrogatepass"), True
        return self._binary(data), False

    def _binary(self, data: bytes) -> bytes:
        made = bytearray(data)
        for found in _SID.finditer(data):
            self._sid(made, found.start())
        known = self._known()
        for place in range(len(data) - 15):
            if (found_guid := known.get(data[place : place + 16])) is not None:
                original, order = found_guid
                made[place : place + 16] = getattr(self._replacements.guid(original), order)
        for pattern, encoding in ((_WIDE_RUN, "utf-16-le"), (_NARROW_RUN, "ascii")):
            for found in pattern.finditer(bytes(made)):
                text = found[0].decode(encoding)
                made[found.start() : found.end()] = self._fitted(text).encode(encoding, "replace")
        return bytes(made)

    def _known(self) -> dict[bytes, tuple[uuid.UUID, str]]:
        """The bytes of every GUID that was seen, in both orders."""
        if not self._windows:  # everything was learned before the first one is scrubbed
            self._windows = {
                getattr(one, order): (one, order) for one in self._guids if one.int for order in ("bytes", "bytes_le")
            }
        return self._windows

    def _sid(self, made: bytearray, begin: int) -> None:
        count = made[begin + 1]
        numbers = made[begin + 12 : begin + 8 + 4 * count]
        if len(numbers) == 4 * (count - 1):
            text = "S-1-5-21-" + "-".join(map(str, struct.unpack(f"<{count - 1}I", numbers)))
            parts = self._replacements.sid(text).split("-")[4:]
            made[begin + 12 : begin + 8 + 4 * count] = struct.pack(f"<{count - 1}I", *map(int, parts))

    def _fitted(self, text: str) -> str:
        """A text in the middle of other bytes must keep its length: what is longer is cut, what is shorter filled."""
        made = self._text(text, False)
        return text if made == text else made[: len(text)].ljust(len(text))


def plain(data: bytes) -> tuple[str, str] | None:
    """The encoding and the text of bytes that are one, if every character of it is one that people write."""
    for encoding in ("utf-16-le", "utf-8"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        marks = any(not (char.isprintable() or char in "\r\n\t\ufeff") for char in text)
        # Almost every pair of bytes is some character of UTF-16: a text of people has letters of one script, mostly Latin.
        strange = encoding == "utf-16-le" and sum(ord(char) < 0x250 for char in text) * 2 < len(text)
        if not marks and not strange and len(text) > 1:
            return encoding, text
    return None
