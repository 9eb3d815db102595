"""What was acknowledged before the power went is there when it comes back."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from psbridge.journal import SqliteStore
from tests.journal.power import Disk, disk, why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")
CUTS = 8


def acknowledged_until_the_cut(made: Disk, seconds: float) -> int:
    """Let a process write for a while, cut the power, and give the last number that it said before."""
    command = [sys.executable, "-m", "tests.journal.power", str(made.place / "journal.db")]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "1\n"
        time.sleep(seconds)
        # Only what was said before the cut counts: whatever is in the pipe now was said before.
        os.set_blocking(writer.stdout.fileno(), False)
        said = [line for line in (writer.stdout.read() or "").split("\n")[:-1] if line]
        made.cut_power()
        writer.kill()
    return int(said[-1]) if said else 1


def test_no_acknowledged_entry_is_lost(tmp_path: Path) -> None:
    lot = random.Random(5)
    for cut in range(CUTS):
        folder = tmp_path / str(cut)
        folder.mkdir()
        with disk(folder) as made:
            last = acknowledged_until_the_cut(made, lot.uniform(0.0, 0.4))
            made.unmount()
            made.mount()
            with SqliteStore(made.place / "journal.db") as store:
                keys = [entry.key for entry in store.entries("run-1")][1:]
                assert store.verify() == []
            assert len(keys) >= last, f"cut {cut}: {last} were acknowledged, {len(keys)} are there"
            assert keys == [f"evidence-{number}" for number in range(1, len(keys) + 1)]


def test_the_cut_loses_what_is_not_flushed(tmp_path: Path) -> None:
    """The control: a file that was written without fsync is not there, so the cut is a real one."""
    with disk(tmp_path) as made:
        (made.place / "kept").write_text("kept")
        os.sync()
        (made.place / "lost").write_text("lost")
        made.cut_power()
        made.unmount()
        made.mount()
        assert (made.place / "kept").read_text() == "kept"
        assert not (made.place / "lost").exists() or (made.place / "lost").read_text() == ""
