"""One worker per journal: the operating system holds the lock, and gives it back when the worker dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from psbridge.errors import JournalBusy, JournalError
from psbridge.journal import SqliteStore
from psbridge.journal.worker_lock import WorkerLock
from tests.journal.making import filled

SPAWN = multiprocessing.get_context("spawn")


def hold(path: str, pipe: Pipe) -> None:
    """Another process: be the worker until told otherwise."""
    with SqliteStore(path) as store, store.worker("another process"):
        pipe.send("held")
        pipe.recv()


@contextmanager
def holder(path: Path) -> Iterator[tuple[BaseProcess, Pipe]]:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=hold, args=(str(path), theirs))
    process.start()
    try:
        assert ours.poll(30), "the other process did not get the lock"
        assert ours.recv() == "held"
        yield process, ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
        theirs.close()


def test_a_second_worker_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with SqliteStore(path) as one, SqliteStore(path) as two, one.worker("kim, process 7"):
        with pytest.raises(JournalBusy) as caught, two.worker("lee"):
            pass
        assert caught.value.holder == "kim, process 7"
        assert str(caught.value) == (
            f"{path}: another worker holds it: kim, process 7. Wait for it to end, or end it, and try again."
        )
        assert one.last_worker() == two.last_worker() == "kim, process 7"


def test_it_may_be_nested_and_is_free_after_the_last_one_leaves(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with SqliteStore(path) as one, SqliteStore(path) as two:
        with one.worker("kim"):
            with one.worker("kim again"):
                pass
            with pytest.raises(JournalBusy), two.worker("lee"):
                pass
        with two.worker("lee"):
            assert one.last_worker() == "lee"
        assert one.last_worker() == ""


def test_another_process_holds_it_and_its_death_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with SqliteStore(path) as store:
        with holder(path) as (process, _):
            with pytest.raises(JournalBusy, match="another process"), store.worker("kim"):
                pass
            process.kill()
            process.join()
            assert store.last_worker() == "another process"
            with store.worker("kim"):
                pass
        assert store.last_worker() == ""


def test_after_a_worker_was_killed_the_journal_is_checked_and_a_damaged_one_refused_each_time(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    filled(path)
    lock = WorkerLock(path)
    lock.acquire("killed")
    lock.abandon()
    with SqliteStore(path) as store:
        store._connection.integrity = lambda **_: ["row 1 missing"]  # type: ignore[method-assign]  # a large file's damage
        for _ in range(2):
            with pytest.raises(JournalError) as caught, store.worker("kim"):
                pass
            assert str(caught.value) == (
                f"{path}: the last worker was killed and the file is damaged: row 1 missing. "
                "Restore the last good copy and keep this one as evidence."
            )
        del store._connection.integrity
        with store.worker("kim"):
            pass
        assert store.last_worker() == ""


def test_a_lock_file_that_somebody_removed_does_not_let_two_in_unseen(tmp_path: Path) -> None:
    """Then two hold a lock each; the newer reign takes the runs over, and the older one is fenced off by the epoch."""
    path = tmp_path / "journal.db"
    one, two = WorkerLock(path), WorkerLock(path)
    one.acquire("one")
    (tmp_path / "journal.db.worker").unlink()
    assert two.acquire("two") is False
    three = WorkerLock(path)
    with pytest.raises(JournalBusy):
        three.acquire("three")
    two.release()
    one.release()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path / "missing" / "journal.db")
    with pytest.raises(JournalError) as caught:
        lock.acquire("kim")
    assert str(caught.value) == (
        f"{tmp_path / 'missing' / 'journal.db'}: the worker lock journal.db.worker cannot be opened: No such file or directory. "
        "A worker must be able to write in the journal's folder."
    )
    assert lock.holder() == ""


def test_reading_who_holds_it_never_takes_it(tmp_path: Path) -> None:
    lock, other = WorkerLock(tmp_path / "journal.db"), WorkerLock(tmp_path / "journal.db")
    assert other.holder() == ""
    assert not (tmp_path / "journal.db.worker").exists()
    lock.acquire("kim")
    assert other.holder() == "kim"
    lock.release()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot stop a process")
def test_a_stopped_worker_keeps_the_journal(tmp_path: Path) -> None:
    """It may wake up at any moment, so nobody else may begin."""
    path = tmp_path / "journal.db"
    with SqliteStore(path) as store, holder(path) as (process, _):
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(JournalBusy), store.worker("kim"):
            pass
        assert store.runs() == []
        os.kill(process.pid, signal.SIGCONT)


def test_a_worker_and_a_database_browser_do_not_know_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with SqliteStore(path) as store, store.worker("kim"):
        browser = sqlite3.connect(path)
        assert browser.execute("SELECT count(*) FROM run").fetchone() == (0,)
        browser.close()
