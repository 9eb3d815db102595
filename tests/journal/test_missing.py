"""What somebody took away from a journal is missed, on both stores: by `verify`, and by whoever reads that run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.errors import InputError, JournalError
from psbridge.journal import Draft, Kind, SqliteStore, Status
from psbridge.journal.postgres import PostgresStore
from tests.journal.making import NOW, AnyStore, append, lease_of, new_run
from tests.postgres_server import PostgresServer

LATER = NOW + timedelta(days=1)
NO_LIST = "table meta has no 'runs': how many runs were begun is not known"
KEPT = Path(__file__).resolve().parents[2] / "fixtures" / "journals" / "1" / "waiting.db"
ALL_OF_RUN_2 = [f"DELETE FROM {table} WHERE run_id = 'run-2'" for table in ("run", "entry", "approval", "signal", "object_lock")]


def fill(store: AnyStore) -> None:
    """Three runs, each with an object for itself, an approval and three signals."""
    for run_id in ("run-1", "run-2", "run-3"):
        lease = lease_of(store, run_id)
        append(store, lease, "evidence", Kind.EVIDENCE, objects=[f"object-of-{run_id}"])
        store.approve(run_id, "k", "a" * 64, who="lee", now=NOW, expires_at=LATER)
        store.signal(run_id, "w", "one", who="lee", now=NOW)
        store.signal(run_id, "w", "two", who="lee", now=NOW)


def change(store: AnyStore, *statements: str) -> None:
    """What somebody does by hand who may write."""
    with store._connection.write() as tx:
        for statement in statements:
            tx.rows(statement)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "journal.db") as made, made.worker("kim"):
        fill(made)
        assert made.verify() == []
        yield made


@pytest.mark.parametrize(
    ("statements", "problems"),
    [
        (
            ["DELETE FROM run WHERE run_id = 'run-2'"],
            ["3 runs were begun and 2 are there; missing: those that were begun as number 2"]
            + [f"run run-2 is missing, and table {table} has {count} of its rows" for table, count in
               [("entry", 2), ("approval", 1), ("signal", 3), ("object_lock", 1)]],
        ),
        (ALL_OF_RUN_2, ["3 runs were begun and 2 are there; missing: those that were begun as number 2"]),
        (["DELETE FROM entry WHERE run_id = 'run-2' AND seq = 2"], ["run run-2 has 1 entries, expected 2 ending in {head}"]),
        (["DELETE FROM approval WHERE run_id = 'run-2'"], ["run run-2 has 0 approvals, expected 1"]),
        (["DELETE FROM signal WHERE run_id = 'run-2' AND seq = 1"], ["signal 1 of run run-2 is missing"]),
        (["DELETE FROM signal WHERE run_id = 'run-2' AND seq = 3"], ["run run-2 has 2 signals, expected 3"]),
        (["DELETE FROM object_lock WHERE run_id = 'run-2'"], ["run run-2 has 0 objects for itself, expected 1"]),
        (
            ["UPDATE object_lock SET run_id = 'run-3' WHERE run_id = 'run-2'"],
            ["a row of table object_lock ('contoso') does not fit its seal", "run run-2 has 0 objects for itself, expected 1"],
        ),
        (
            ["DELETE FROM meta"],
            ["table meta has no 'schema'", "table meta has no 'journal'", NO_LIST],
        ),
        (["UPDATE meta SET value = '{}' WHERE key = 'runs'"],
         ["a row of table meta ('runs') does not fit its seal", NO_LIST]),
    ],
    ids=["a run's row", "all of a run", "the last entry", "an approval", "the first signal", "the last signal", "an object",
         "an object given to another run", "meta", "the list of runs"],
)  # fmt: skip
def test_what_was_taken_away_is_missed(store: SqliteStore, statements: list[str], problems: list[str]) -> None:
    head = store.run("run-2").head[:12]
    change(store, *statements)
    assert store.verify() == [problem.format(head=head) for problem in problems]


def test_it_is_missed_in_a_database_too(postgres: PostgresServer) -> None:
    with PostgresStore(postgres.new_database(), times="caller") as store:
        fill(store)
        assert store.verify() == []
        change(
            store,
            *ALL_OF_RUN_2,
            "DELETE FROM approval WHERE run_id = 'run-1'",
            "DELETE FROM signal WHERE run_id = 'run-3' AND seq = 3",
            "DELETE FROM object_lock WHERE run_id = 'run-3'",
            "DELETE FROM meta WHERE key = 'journal'",
        )
        assert store.verify() == [
            "table meta has no 'journal'",
            "3 runs were begun and 2 are there; missing: those that were begun as number 2",
            "run run-3 has 0 objects for itself, expected 1",
            "run run-1 has 0 approvals, expected 1",
            "run run-3 has 2 signals, expected 3",
        ]


@pytest.mark.parametrize("table", ["approval", "signal"])
def test_a_run_that_lost_something_is_not_read_and_takes_no_further_word(store: SqliteStore, table: str) -> None:
    change(store, f"DELETE FROM {table} WHERE run_id = 'run-2'")
    with pytest.raises(JournalError, match=f"run run-2 has 0 {table}s, expected"):
        store.whole("run-2")
    if table == "signal":
        with pytest.raises(JournalError, match="run run-2 has 0 signals, expected 3"):
            store.signal("run-2", "w", "three", who="lee", now=NOW)
    assert store.whole("run-1").run.run_id == "run-1"


def test_no_run_is_begun_over_a_list_that_is_gone(store: SqliteStore) -> None:
    """Else the next run would make a new list, and nobody would miss the runs that went with the old one."""
    change(store, *ALL_OF_RUN_2, "DELETE FROM meta WHERE key = 'runs'")
    with pytest.raises(JournalError, match="table meta has no 'runs'"):
        store.create(new_run("run-4"), now=NOW)


def test_a_run_in_anothers_place_is_seen(store: SqliteStore) -> None:
    """A whole run of another journal, taken over as it is."""
    with SqliteStore(Path(store.path).with_name("other.db")) as other:
        for run_id in ("run-7", "run-8"):
            other.create(new_run(run_id), now=NOW)
        moved = {}
        with other._connection.read() as tx:
            for table in ("run", "entry"):
                moved[table] = tx.rows(f"SELECT * FROM {table} WHERE run_id = 'run-8'")[0]
    change(store, *ALL_OF_RUN_2)
    with store._connection.write() as tx:
        for table, row in moved.items():
            tx.rows(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    assert store.verify() == ["the 3 runs that are there are not those that were begun"]


def test_what_is_done_in_order_leaves_nothing_to_miss(store: SqliteStore) -> None:
    """Doing it again, giving one approval twice in one moment, ending and trying again: the counts follow."""
    store.create(new_run("run-1"), now=NOW)
    store.approve("run-1", "k", "a" * 64, who="kim", now=NOW, expires_at=LATER)
    failed = lease_of(store, "run-6")
    store.finish(failed, now=NOW, status=Status.FAILED)
    store.retry("run-6", who="kim", now=LATER)
    lease = lease_of(store, "run-4")
    append(store, lease, "a", objects=["x", "y", "x"])
    store.append(lease, Draft("b", Kind.NOTE, "done"), now=NOW, objects=("y", "z"))
    assert store.verify() == []
    store.finish(lease, now=NOW, status=Status.DONE)
    assert store.verify() == []


def test_a_journal_of_an_earlier_version_counts_from_now_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(KEPT.read_bytes())
    with SqliteStore(path) as store, store.worker("kim"):
        store.signal("waiting", "wake", "", who="kim", now=NOW)
        for run_id in ("run-1", "run-2"):
            store.create(new_run(run_id), now=NOW)
        assert store.verify() == []
    with closing(sqlite3.connect(path)) as raw:
        for table in ("run", "entry", "signal", "approval", "object_lock"):
            raw.execute(f"DELETE FROM {table} WHERE run_id = 'waiting'")
        raw.commit()
    with SqliteStore.view(path) as view:
        assert view.verify()[0].startswith("3 runs were begun and 2 are there")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_run_that_was_forgotten_is_not_missed_and_one_beside_it_is(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    if kind == "sqlite":
        store: AnyStore = SqliteStore(tmp_path / "journal.db")
    else:
        store = PostgresStore(request.getfixturevalue("postgres").new_database(), times="caller")
    with store, store.worker("kim"):
        fill(store)
        with pytest.raises(InputError, match="only a run that has ended is forgotten"):
            store.forget("run-2", who="kim", now=NOW)
        store.cancel("run-2", who="lee", why="x", now=LATER, monotonic=9999.0)
        store.forget("run-2", who="kim", now=LATER)
        assert (store.verify(), store.forgotten(), [run.run_id for run in store.runs()]) == ([], 1, ["run-1", "run-3"])
        store.create(new_run("run-2"), now=LATER)
        assert store.verify() == []
        change(store, *(statement.replace("run-2", "run-1") for statement in ALL_OF_RUN_2))
        assert store.verify() == [
            "4 runs were begun, 1 was forgotten and 2 are there; missing: those that were begun as number 1"
        ]
        change(store, "DELETE FROM meta WHERE key > 'forgotten ' AND key < 'forgotten~'")
        assert store.verify() == ["4 runs were begun and 2 are there; missing: those that were begun as number 1, 2"]


def test_runs_begun_at_once_have_each_a_number_of_their_own(postgres: PostgresServer) -> None:
    where = postgres.new_database()

    def begin(name: str) -> None:
        with PostgresStore(where) as store:
            for number in range(5):
                store.create(new_run(f"{name}-{number}"), now=NOW)

    with PostgresStore(where) as store:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(begin, "abcd"))
        numbers = [run.tally.number for run in store.runs() if run.tally is not None]
        assert (numbers, store.verify()) == (list(range(1, 21)), [])
