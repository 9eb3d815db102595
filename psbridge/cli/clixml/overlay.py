"""A file in, a stretch of it out with other bytes in front, behind, or in the place of its own."""

from __future__ import annotations

import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO, Final, cast

__all__ = ["overlay"]

_NONE: Final[Mapping[int, bytes]] = MappingProxyType({})


def overlay(
    file: BinaryIO, *, start: int = 0, end: int | None = None, front: bytes = b"", back: bytes = b"",
    patches: Mapping[int, bytes] = _NONE,
) -> BinaryIO:  # fmt: skip
    """Give the bytes from `start` to `end` between `front` and `back`, to be read again and again.

    `patches`: bytes that stand in the place of those at their keys, counted from the beginning of what is given.
    """
    size = file.seek(0, io.SEEK_END) if end is None else end
    return cast("BinaryIO", io.BufferedReader(_Overlay(file, range(start, size), front, back, patches), 1 << 16))


class _Overlay(io.RawIOBase):
    def __init__(self, file: BinaryIO, stretch: range, front: bytes, back: bytes, patches: Mapping[int, bytes]) -> None:
        super().__init__()
        self._file, self._stretch, self._front, self._back, self._patches = file, stretch, front, back, patches
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_CUR:
            offset += self._place
        elif whence == io.SEEK_END:
            offset += len(self._front) + len(self._stretch) + len(self._back)
        self._place = max(offset, 0)
        return self._place

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # typeshed's Buffer is newer than 3.11
        part = bytearray(self._part(len(buffer)))
        for place, patch in self._patches.items():
            first, last = max(place, self._place), min(place + len(patch), self._place + len(part))
            if first < last:
                part[first - self._place : last - self._place] = patch[first - place : last - place]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def _part(self, most: int) -> bytes:
        place = self._place - len(self._front)
        if place < 0:
            return self._front[place:][:most]
        left = len(self._stretch) - place
        if left <= 0:
            return self._back[-left:][:most]
        self._file.seek(self._stretch.start + place)
        return self._file.read(min(most, left))
