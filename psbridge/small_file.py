"""The name of a file that people write in, its text out; one without end (a device), or far too long, is refused."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

__all__ = ["MOST_BYTES", "read_small"]

# A profile has kilobytes, and so has a seed that somebody wrote.
MOST_BYTES: Final = 64 * 1024 * 1024


def read_small(path: Path, *, encoding: str = "utf-8-sig") -> str:
    """Give its text, each line end as one line feed. Raises UnicodeDecodeError; OSError, also for more than 64 MiB."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(errno.EFBIG, "it has no end, or more than 64 MiB", str(path))
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
