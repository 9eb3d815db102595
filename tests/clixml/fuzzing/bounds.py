"""A reader and an input in; whether the reader took too long over it, or too much memory, out.

The measure is a clean document of the same size: nanoseconds for each byte of the corpus's own documents, here and
now.
"""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Final

from psbridge.errors import ClixmlError

if sys.platform != "win32":
    import resource

Reader = Callable[[bytes], object]

# k. A hostile document is read three times at most: as it stands, by the XML parser, and again as that wrote it; then the place
# of the fault is looked for. The smallest elements cost five times as much for a byte as usual ones. The worst that was seen
# is 13 (50,000 start tags without an end), the worst of 30,000 mutated inputs of more than 3 KB is 5. Twice the worst leaves room
# for other machines, and what is quadratic passes any k soon enough.
TIMES: Final = 25
# What a call of any size may take, before k. Below that the machine is measured, not the reader: 3 KB took 630 microseconds at
# most.
FLOOR_SECONDS: Final = 400e-6
# The smallest element that makes an object, `<Obj/>`, is 6 bytes and the object about 250; a tag that is refused after thousands
# of open ones leaves all of them on the way. The tables of words that all calls share grow in steps of up to 17 MB.
BYTES_PER_BYTE: Final = 120
FLOOR_BYTES: Final = 24_000_000


class Bounds:
    """The limits of this machine."""

    def __init__(self, nanoseconds_per_byte: float) -> None:
        self.nanoseconds_per_byte = nanoseconds_per_byte

    @classmethod
    def measured(cls, read: Reader, clean: Sequence[bytes]) -> Bounds:
        """Take the median of three readings of clean documents."""
        total = sum(map(len, clean))
        times = [_seconds(lambda: [read(data) for data in clean]) for _ in range(4)]
        return cls(statistics.median(times[1:]) / total * 1e9)

    def seconds(self, size: int) -> float:
        """How long a call over this many bytes may take, in CPU time of the thread."""
        return max(FLOOR_SECONDS, size * self.nanoseconds_per_byte * 1e-9) * TIMES

    def times(self, size: int, seconds: float) -> float:
        """How many times as long as a clean document of this many bytes a call took; below the floor, as the floor."""
        return seconds * TIMES / self.seconds(size)

    def slow(self, read: Reader, data: bytes, seconds: float) -> str:
        """Say that a call took too long; empty if it did not, or does not if it is asked again."""
        limit = self.seconds(len(data))
        if seconds <= limit:
            return ""
        least = min(seconds, *(seconds_for(read, data) for _ in range(2)))
        return "" if least <= limit else f"{least:.3f} s for {len(data)} bytes, {limit:.3f} s are allowed"


def large(read: Reader, data: bytes) -> str:
    """Say that a call took too much memory; empty if it did not."""
    tracemalloc.start()
    try:
        _outcome(read, data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    limit = FLOOR_BYTES + len(data) * BYTES_PER_BYTE
    return "" if peak <= limit else f"{peak:,} bytes of memory for {len(data):,} bytes, {limit:,} are allowed"


def seconds_for(read: Reader, data: bytes) -> float:
    """How long a call takes, in CPU time of the thread."""
    return _seconds(lambda: _outcome(read, data))


def peak_memory() -> int:
    """The bytes of memory that this process has taken at most; 0 where the system does not tell."""
    return 0 if sys.platform == "win32" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _seconds(call: Callable[[], object]) -> float:
    began = time.thread_time()
    call()
    return time.thread_time() - began


def _outcome(read: Reader, data: bytes) -> object:
    try:
        return read(data)
    except ClixmlError:
        return None
