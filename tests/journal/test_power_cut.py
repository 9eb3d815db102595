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
CUTS = 4
# Seconds from the last acknowledgement to the cut: a cmdlet is under way, and nothing is written.
AT_REST = (0.1, 0.3, 0.6)


def acknowledged_until_the_cut(made: Disk, seconds: float, *how: str, after: int = 1) -> int:
    """Let a process write for a while after an entry was acknowledged, cut the power, and give the last number said before."""
    command = [sys.executable, "-m", "tests.journal.power", str(made.place / "journal.db"), *how]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    ) as writer:
        assert writer.stdout is not None
        assert [writer.stdout.readline() for _ in range(after)][-1] == f"{after}\n".encode()
        time.sleep(seconds)
        # Only what was said before the cut counts: whatever is in the pipe now was said before.
        os.set_blocking(writer.stdout.fileno(), False)
        said = (writer.stdout.read() or b"").split(b"\n")[:-1]
        made.cut_power()
        writer.kill()
    return int(said[-1]) if said else after


def found_afterwards(made: Disk) -> list[tuple[str, str]]:
    """Key and state of the entries that are there when the power is back."""
    made.unmount()
    made.mount()
    with SqliteStore(made.place / "journal.db") as store:
        assert store.verify() == []
        return [(entry.key, entry.state) for entry in store.entries("run-1")][1:]


def found_after_rests(folder: Path, *how: str) -> list[list[tuple[str, str]]]:
    """What is there after a cut at each of these moments."""
    found = []
    for seconds in AT_REST:
        place = folder / str(seconds)
        place.mkdir()
        with disk(place) as made:
            assert acknowledged_until_the_cut(made, seconds, "at-rest", *how, after=2) == 2
            found.append(found_afterwards(made))
    return found


def test_no_acknowledged_entry_is_lost(tmp_path: Path) -> None:
    lot = random.Random(5)
    for cut in range(CUTS):
        folder = tmp_path / str(cut)
        folder.mkdir()
        with disk(folder) as made:
            last = acknowledged_until_the_cut(made, lot.uniform(0.0, 0.4))
            found = found_afterwards(made)
            assert len(found) >= last, f"cut {cut}: {last} were acknowledged, {len(found)} are there"
            assert found == [(f"evidence-{number}", "done") for number in range(1, len(found) + 1)]


def test_an_intent_is_there_however_long_its_cmdlet_ran_before_the_cut(tmp_path: Path) -> None:
    """Whoever comes back must know that something may have been sent. A next write would flush what this one did not."""
    assert found_after_rests(tmp_path) == [[("account", "done"), ("delete", "intent")]] * len(AT_REST)


def test_an_intent_is_lost_in_the_journal_mode_that_is_sqlites_default(tmp_path: Path) -> None:
    """The control. A commit deletes the rollback journal, and the deletion itself is not flushed: what opens next rolls back.

    It was lost in 40 of 40 cuts, 0.1 to 2 s after the commit. Here once is enough: a `sync` of anybody puts it on the disk.
    """
    assert [("account", "done")] in found_after_rests(tmp_path, "DELETE")


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
