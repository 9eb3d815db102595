"""A journal that one process opens more than once: its locks hold on, and what was acknowledged is kept."""

from __future__ import annotations

import contextlib
import multiprocessing
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from psbridge.journal import SqliteStore
from tests.journal.making import NOW, new_run

SPAWN = multiprocessing.get_context("spawn")
WORDS = 60


def try_to_write(path: str) -> str:
    """What another process is told that wants to write now."""
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as raw:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            return error.sqlite_errorname
        return "it may write"


def write(path: str, run_id: str) -> None:
    """Another process at work on a run of its own; every word is acknowledged, or this raises."""
    with SqliteStore(path) as store:
        for number in range(WORDS):
            store.signal(run_id, "word", str(number), who="kim", now=NOW)


def copied(path: Path) -> None:
    with SqliteStore.view(path) as view:
        view.backup(path.with_name("copy.db"))


OPENINGS: dict[str, Callable[[Path], None]] = {
    "store": lambda path: SqliteStore(path).close(),
    "view": lambda path: SqliteStore.view(path).close(),
    "backup": copied,
}


@pytest.mark.parametrize("opened", OPENINGS.values(), ids=OPENINGS)
def test_a_second_opening_leaves_the_lock_of_a_write_under_way(tmp_path: Path, opened: Callable[[Path], None]) -> None:
    """POSIX takes every lock that a process has on a file when the process closes that file anywhere."""
    path = tmp_path / "journal.db"
    with SqliteStore(path) as store, SPAWN.Pool(1) as another:
        with store._connection.write():
            assert another.apply(try_to_write, (str(path),)) == "SQLITE_BUSY"
            opened(path)
            assert another.apply(try_to_write, (str(path),)) == "SQLITE_BUSY"
        assert another.apply(try_to_write, (str(path),)) == "it may write"


def test_two_processes_write_and_views_are_opened_beside_them_and_no_word_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with SqliteStore(path) as store:
        for run_id in ("ours", "theirs"):
            store.create(new_run(run_id), now=NOW)
        other = SPAWN.Process(target=write, args=(str(path), "theirs"))
        mine = threading.Thread(target=write, args=(str(path), "ours"))
        other.start()
        mine.start()
        while mine.is_alive() or other.is_alive():
            SqliteStore.view(path).close()
        mine.join()
        other.join()
        assert other.exitcode == 0
        assert [len(store.signals(run_id)) for run_id in ("ours", "theirs")] == [WORDS, WORDS]
        assert store.verify() == []
