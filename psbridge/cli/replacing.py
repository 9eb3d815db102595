"""A file that is written anew: what was there stays until all is written, and then is replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["replacing"]


@contextmanager
def replacing(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Open a new file beside `path`, which takes its place in the end. Where that fails, or the program ends before it has
    written anything, nothing is replaced, and no new file is left. Raises OSError.

    `mode`: who may read and write it, less what the umask takes. A link is replaced, not followed.
    """
    if path.exists() and not path.is_file():  # a device or a pipe is written to as it is
        with path.open("wb") as file:
            yield file
        return
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    ended: SystemExit | None = None
    made = False
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            made = True
            try:
                yield file
            except SystemExit as error:  # a document that could not be read to its end: what could be read is wanted
                ended = error
        if ended is None or part.stat().st_size:
            part.replace(path)
    finally:
        if made:
            part.unlink(missing_ok=True)
    if ended:
        raise ended
