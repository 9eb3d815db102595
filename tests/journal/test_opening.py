"""Files that are no journal, or no longer: refused with what to do, never reset; and what makes a connection durable."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from psbridge.errors import JournalError
from psbridge.journal import JournalView, Kind, SqliteStore
from psbridge.journal.connection import Connection
from tests.journal.making import NOW, append, filled, lease_of, new_run

DAMAGED = "Restore the last good copy; what is in this file stays as evidence. psbridge changes nothing in it."
NOT_ONE = "Name a journal, or a path where none is yet."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    filled(tmp_path / "journal.db")
    return tmp_path / "journal.db"


def altered(path: Path, *statements: str) -> None:
    """What another program does to the file."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        for statement in statements:
            raw.execute(statement)
        raw.commit()


def pragma(store: SqliteStore, name: str) -> object:
    return store._connection._raw.execute(f"PRAGMA {name}").fetchone()[0]


def test_every_connection_is_made_durable(path: Path) -> None:
    """Truncate and full belong to the connection: a plain second one has other values."""
    with SqliteStore(path) as first, SqliteStore(path) as second:
        for store in (first, second):
            assert (pragma(store, "journal_mode"), pragma(store, "synchronous")) == ("truncate", 2)
    with contextlib.closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone()[0] == "delete"


def test_a_connection_that_cannot_be_made_durable_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lazy(sqlite3.Connection):
        def execute(self, statement: str, values: object = ()) -> sqlite3.Cursor:
            return super().execute(statement.replace("synchronous=FULL", "synchronous=NORMAL"))

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, **named, factory=Lazy))
    with pytest.raises(JournalError) as caught:
        Connection(path)
    assert str(caught.value) == (
        f"{path}: it cannot be made durable: journal_mode is truncate and synchronous is 1, expected truncate and 2. "
        "Close every other program that has it open; psbridge does not write to it as it is."
    )


def test_a_file_that_another_program_switched_to_wal_is_switched_back(path: Path) -> None:
    altered(path, "PRAGMA journal_mode=WAL")
    assert path.read_bytes()[18:20] == b"\x02\x02"
    with pytest.raises(JournalError, match="another program switched it to WAL"):
        SqliteStore.view(path)
    assert [item.name for item in path.parent.iterdir() if item.name.endswith(("-wal", "-shm"))] == []
    with SqliteStore(path) as store:
        assert pragma(store, "journal_mode") == "truncate"
    assert path.read_bytes()[18:20] == b"\x01\x01"


def test_a_file_that_another_program_keeps_in_wal_is_refused(path: Path) -> None:
    altered(path, "PRAGMA journal_mode=WAL")
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM run").fetchall()
        with pytest.raises(JournalError, match=r"another program keeps it locked|cannot be made durable"):
            SqliteStore(path, patience=0.1)


def test_a_commit_that_a_reader_blocks_is_tried_again_and_nothing_is_lost(path: Path) -> None:
    with (
        SqliteStore(path) as store,
        store.worker("kim"),
        contextlib.closing(sqlite3.connect(path, check_same_thread=False)) as reader,
    ):
        lease = lease_of(store, "run-3")
        cursor = reader.execute("SELECT * FROM entry")
        cursor.fetchone()
        done = threading.Event()

        def let_go() -> None:
            time.sleep(0.8)
            assert not done.is_set()
            cursor.close()

        helper = threading.Thread(target=let_go)
        helper.start()
        append(store, lease, "d", Kind.DESTROY, "done")
        done.set()
        helper.join()
        assert store.entries("run-3")[-1].state == "done"


def test_a_reader_that_never_lets_go_ends_in_an_error_that_says_so(path: Path) -> None:
    with SqliteStore(path, patience=0.1) as store, contextlib.closing(sqlite3.connect(path)) as reader:
        cursor = reader.execute("SELECT * FROM entry")
        cursor.fetchone()
        with pytest.raises(JournalError) as caught:
            store.create(new_run("run-3"), now=NOW)
        assert str(caught.value) == (
            f"{path}: another program keeps it locked (database is locked). "
            "Close what has it open (a database browser, a backup), then resume."
        )
        cursor.close()
        store.create(new_run("run-3"), now=NOW)


def test_a_missing_journal_is_made_and_a_missing_one_cannot_be_viewed(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="it cannot be read: No such file or directory"):
        SqliteStore.view(tmp_path / "journal.db")
    with SqliteStore(tmp_path / "sub" / "journal.db") as store:
        assert store.runs() == []
        assert store.verify() == []
    assert sorted(item.name for item in (tmp_path / "sub").iterdir()) == ["journal.db"]


def test_a_new_journal_is_for_its_owner_only(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "journal.db").close()
    if os.name == "posix":
        assert (tmp_path / "journal.db").stat().st_mode & 0o777 == 0o600


def test_when_two_processes_make_a_journal_at_once_both_get_the_same(tmp_path: Path) -> None:
    stores: list[SqliteStore] = []
    threads = [threading.Thread(target=lambda: stores.append(SqliteStore(tmp_path / "journal.db"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stores[0].create(new_run(), now=NOW)
    assert [len(store.runs()) for store in stores] == [1] * 8


def test_a_journal_is_never_made_beside_the_rollback_of_a_lost_one(tmp_path: Path) -> None:
    (tmp_path / "journal.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
    with pytest.raises(JournalError) as caught:
        SqliteStore(tmp_path / "journal.db")
    assert str(caught.value) == (
        f"{tmp_path / 'journal.db'}: it is missing, but journal.db-journal is there: "
        "a journal was moved or deleted while a write was under way. "
        "Put the two files together again. A new journal beside it would be mixed up with the old one."
    )
    assert not (tmp_path / "journal.db").exists()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", f"the file is empty; a journal never is. {DAMAGED}"),
        (b"upn,guid\n", f"the file is no SQLite database (file is not a database). {NOT_ONE}"),
        (b"SQLite format 3\x00" + b"\x00" * 84, f"the file is no SQLite database (file is not a database). {NOT_ONE}"),
    ],
    ids=["empty", "a table", "a header only"],
)  # fmt: skip
def test_a_file_that_is_no_journal_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    for open_it in (SqliteStore, SqliteStore.view):
        with pytest.raises(JournalError) as caught:
            open_it(path)
        assert str(caught.value) == f"{path}: {problem}"
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    altered(path, "CREATE TABLE bookmarks (url)")
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"it is an SQLite database of another program\. Name a journal of psbridge\."):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_newer_journal_is_refused_with_both_versions(path: Path) -> None:
    altered(path, "PRAGMA user_version=2")
    with pytest.raises(JournalError) as caught:
        SqliteStore(path)
    assert str(caught.value) == (
        f"{path}: it has schema version 2; this psbridge knows version 1. Use the psbridge that wrote it, or a newer one."
    )


@pytest.mark.parametrize("statement", ["DROP TABLE signal", "ALTER TABLE run ADD COLUMN more", "CREATE INDEX i ON entry (key)"])
def test_other_tables_than_a_journals_are_refused(path: Path, statement: str) -> None:
    altered(path, statement)
    with pytest.raises(JournalError, match="its tables are not those of a journal"):
        SqliteStore(path)


def test_a_journal_that_may_not_be_written_can_still_be_viewed(path: Path) -> None:
    path.chmod(0o400)
    with SqliteStore.view(path) as view:
        assert [run.run_id for run in view.runs()] == ["run-1", "run-2"]
        assert len(view.entries("run-2")) == 3
        assert view.verify() == []


def test_a_view_shows_everything_and_writes_nothing(path: Path) -> None:
    before = path.read_bytes()
    with SqliteStore.view(path) as view:
        assert isinstance(view, JournalView)
        assert len(view.approvals("run-1")) == len(view.signals("run-1")) == 1
        assert view.last_worker() == ""
        with pytest.raises(JournalError, match="it was opened to be read only"), view._connection.write():
            pass
    assert path.read_bytes() == before


def test_a_full_disk_is_named_and_what_was_not_committed_is_not_there(path: Path) -> None:
    with SqliteStore(path) as store, store.worker("kim"):
        lease = lease_of(store, "run-3")
        pages = pragma(store, "page_count")
        store._connection._raw.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(JournalError) as caught:
            append(store, lease, "big", text="x" * 100_000)
        assert str(caught.value) == (
            f"{path}: the disk is full (database or disk is full). "
            "Free some space and resume; what was not committed was not done."
        )
        assert len(store.entries("run-3")) == 1
        store._connection._raw.execute("PRAGMA max_page_count=1000000")
        append(store, lease, "big", text="x" * 100_000)
        assert store.verify() == []


def test_a_backup_is_whole_and_is_never_written_over_something(path: Path, tmp_path: Path) -> None:
    with SqliteStore(path) as store:
        store.backup(tmp_path / "copy.db")
        with pytest.raises(JournalError, match="there is a file already"):
            store.backup(tmp_path / "copy.db")
        with SqliteStore(tmp_path / "copy.db") as copy:
            assert copy.runs() == store.runs()
            assert copy.entries("run-1") == store.entries("run-1")


def contents(path: Path) -> list[object]:
    """Everything that a journal says; raises JournalError where it cannot be trusted."""
    with SqliteStore.view(path) as view:
        runs = view.runs()
        told: list[object] = [runs]
        for run in runs:
            told += [view.entries(run.run_id), view.approvals(run.run_id), view.signals(run.run_id)]
        problems = view.verify()
    if problems:
        raise JournalError(str(path), problems[0])
    return told


def test_no_truncation_is_ever_taken_for_a_journal(path: Path, tmp_path: Path) -> None:
    whole, expected, copy = path.read_bytes(), contents(path), tmp_path / "copy.db"
    last_page = len(whole) - 4096
    lengths = [*range(0, 200, 7), *range(200, len(whole), 509), len(whole) - 1]
    accepted = []
    for length in lengths:
        copy.write_bytes(whole[:length])
        try:
            # SQLite fills up a last page that is cut; where only zeros are missing nothing is lost.
            assert contents(copy) == expected
            accepted.append(length)
        except JournalError:
            pass
    assert len(lengths) > 80
    assert all(length > last_page and not any(whole[length:]) for length in accepted)


def test_no_flipped_bit_ever_changes_what_a_journal_says(path: Path, tmp_path: Path) -> None:
    """Each is seen, or lies where nothing is: the whole header, and bits all over the file."""
    whole, copy = path.read_bytes(), tmp_path / "copy.db"
    expected, lot = contents(path), random.Random(7)
    flips = [(byte, bit) for byte in range(100) for bit in range(8)]
    flips += [(lot.randrange(100, len(whole)), lot.randrange(8)) for _ in range(700)]
    seen = 0
    for byte, bit in flips:
        flipped = bytearray(whole)
        flipped[byte] ^= 1 << bit
        copy.write_bytes(flipped)
        try:
            assert contents(copy) == expected, (byte, bit)
        except JournalError:
            seen += 1
    assert seen > 300


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET body = '{}' WHERE run_id = 'run-1' AND seq = 2",
        "UPDATE entry SET at = '2020-01-01T00:00:00.000000Z' WHERE run_id = 'run-1' AND seq = 2",
        "UPDATE entry SET state = 'done' WHERE run_id = 'run-1' AND seq = 3",
        "UPDATE entry SET kind = 'nonsense' WHERE run_id = 'run-1' AND seq = 3",
        "UPDATE entry SET at = 'yesterday' WHERE run_id = 'run-1' AND seq = 3",
        "DELETE FROM entry WHERE run_id = 'run-1' AND seq = 3",
        "DELETE FROM entry WHERE run_id = 'run-1' AND seq = 1",
        "DELETE FROM entry WHERE run_id = 'run-1'",
        "UPDATE entry SET seq = 9 WHERE run_id = 'run-1' AND seq = 3",
        "UPDATE entry SET run_id = 'run-1', seq = 9 WHERE run_id = 'run-2' AND seq = 2",
        "UPDATE run SET status = 'done' WHERE run_id = 'run-1'",
        "UPDATE run SET inputs = '{\"identity\":\"eve\"}' WHERE run_id = 'run-1'",
        "UPDATE run SET entries = 2 WHERE run_id = 'run-1'",
        "UPDATE approval SET who = 'eve'",
        "UPDATE approval SET expires_at = '2099-01-01T00:00:00.000000Z'",
        "UPDATE signal SET text = 'x'",
        "UPDATE signal SET text = x'00'",
        "UPDATE meta SET value = 'x' WHERE key = 'journal'",
    ],
)  # fmt: skip
def test_whatever_is_changed_by_hand_is_seen(path: Path, statement: str) -> None:
    altered(path, statement)
    with pytest.raises(JournalError):
        contents(path)


def test_the_check_of_the_whole_journal_lists_every_run_that_is_wrong(path: Path) -> None:
    altered(path, "UPDATE entry SET body = '{}' WHERE seq = 2")
    with SqliteStore(path) as store:
        assert store.verify() == [
            "entry 2 of run run-1 ('account') does not fit the chain of hashes",
            "entry 2 of run run-2 ('long') does not fit the chain of hashes",
        ]


def test_a_write_that_a_kill_interrupted_is_undone_also_by_a_mere_look(path: Path, tmp_path: Path) -> None:
    """A copy of the two files in the middle of a write is what a kill leaves: pages changed, and the way back beside them."""
    expected, copy = contents(path), tmp_path / "copy.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode=TRUNCATE")
        raw.execute("PRAGMA cache_size=1")
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("UPDATE entry SET body = ''")
        raw.execute("DELETE FROM run")
        raw.execute("INSERT INTO signal VALUES ('x', 1, '', hex(randomblob(200000)), '', '', '')")
        shutil.copy(path, copy)
        shutil.copy(f"{path}-journal", f"{copy}-journal")
        raw.execute("ROLLBACK")
    assert (tmp_path / "copy.db-journal").stat().st_size > 0
    assert copy.read_bytes() != path.read_bytes()
    assert contents(copy) == expected


def test_a_moved_journal_keeps_its_runs(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(path, tmp_path / "elsewhere" / "journal.db")
    assert contents(path) == contents(tmp_path / "elsewhere" / "journal.db")


def test_a_journal_can_be_opened_while_another_process_commits(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as writer:
        writer.execute("PRAGMA journal_mode=TRUNCATE")
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("UPDATE run SET why = 'x' WHERE run_id = 'nobody'")
        helper = threading.Timer(0.5, writer.execute, ("COMMIT",))
        helper.start()
        with SqliteStore(path) as store, SqliteStore.view(path) as view:
            assert store.runs() == view.runs()
        helper.join()
