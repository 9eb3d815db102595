"""A file system that can lose its power: ext4 on a loop device, shut down without flushing its log, and mounted again.

`python -m tests.journal.power JOURNAL` writes to a journal as fast as it can, and says the number of each acknowledged entry.
With `at-rest` it writes evidence and an intent and then no more, as while one long cmdlet runs; with a journal mode of SQLite's,
too, it does so in that mode.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from psbridge.journal import Kind, SqliteStore
from tests.journal.making import append, lease_of

__all__ = ["Disk", "disk", "why_not"]

# FS_IOC_SHUTDOWN of Linux, and its flag "no flush of the log": what a power cut leaves.
_SHUTDOWN: Final = 0x8004587D
_WITHOUT_FLUSH: Final = 2


def why_not() -> str:
    """Why there can be no such disk here; empty if there can."""
    if os.geteuid() != 0:
        return "needs root, to mount a file system"
    missing = [program for program in ("mkfs.ext4", "mount", "umount") if shutil.which(program) is None]
    if missing:
        return f"needs {', '.join(missing)}"
    return "" if Path("/dev/loop-control").exists() else "needs loop devices"


class Disk:
    """One such file system."""

    def __init__(self, image: Path, place: Path) -> None:
        self._image, self.place = image, place

    def mount(self) -> None:
        """Mount it; after a cut ext4 replays its log."""
        subprocess.run(["mount", "-o", "loop", str(self._image), str(self.place)], check=True, timeout=60)

    def unmount(self) -> None:
        """Unmount it, in use or not."""
        subprocess.run(["umount", "-l", str(self.place)], check=False, timeout=60, stderr=subprocess.DEVNULL)

    def cut_power(self) -> None:
        """From now on nothing reaches the disk any more, and what was not flushed is lost."""
        place = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(place, _SHUTDOWN, struct.pack("I", _WITHOUT_FLUSH))
        finally:
            os.close(place)


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """Make one, mounted; it is gone afterwards."""
    image, place = folder / "image", folder / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True, timeout=60)
    made = Disk(image, place)
    made.mount()
    try:
        yield made
    finally:
        made.unmount()


def write_without_end(path: Path) -> None:
    """Write evidence; each number is said when its entry is acknowledged."""
    with SqliteStore(path) as store, store.worker("kim"):
        lease = lease_of(store)
        number = 0
        with suppress(BrokenPipeError):
            while True:
                number += 1
                append(store, lease, f"evidence-{number}", Kind.EVIDENCE, text="x" * (number % 3000))
                say(number)


def write_and_rest(path: Path, mode: str = "") -> None:
    """Write evidence and an intent, say so, and wait to be killed."""
    with SqliteStore(path) as store, store.worker("kim"):
        if mode:
            store._connection._raw.execute(f"PRAGMA journal_mode={mode}")
        lease = lease_of(store)
        append(store, lease, "account", Kind.EVIDENCE, text="it is there")
        say(1)
        append(store, lease, "delete", Kind.DESTROY, "intent", requires=["account"])
        say(2)
        time.sleep(60)


def say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    journal, *at_rest = sys.argv[1:]
    write_and_rest(Path(journal), *at_rest[1:]) if at_rest else write_without_end(Path(journal))
