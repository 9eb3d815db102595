"""What a PostgreSQL journal has beside the contract: a server that loses nothing, one clock for all, connections that end."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from psbridge.errors import InputError, JournalError, LeaseLost, Stopped
from psbridge.journal import Draft, Kind, NewRun, Pause, Status
from psbridge.journal.opening import open_journal, view_journal
from psbridge.journal.postgres import PostgresStore
from tests.journal.making import NOW, append, lease_of, new_run, take
from tests.postgres_server import PostgresServer, as_another_user, postgres_programs, postgres_server

READS_WHEN_TOLD = """
import sys
from psbridge.journal.postgres import PostgresStore
with PostgresStore(sys.argv[1], patience=2) as store:
    store.runs()
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        store.runs()
    except Exception as error:
        print(type(error).__name__)
"""


@pytest.fixture
def address(postgres: PostgresServer) -> str:
    return postgres.new_database()


@pytest.fixture
def lone_server() -> Iterator[PostgresServer]:
    """A server whose settings may be changed, and which may be killed."""
    programs = postgres_programs()
    assert programs is not None
    with postgres_server(programs) as server:
        yield server


def run_sql(address: str, *statements: str) -> None:
    """What somebody else does to the database."""
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_a_server_that_could_lose_a_commit_is_refused_and_nothing_is_written(
    postgres: PostgresServer, lone_server: PostgresServer
) -> None:
    _ = postgres
    for setting in ("fsync", "full_page_writes"):
        lone_server.stop("fast")
        lone_server.start(**{setting: "off"})
        with pytest.raises(JournalError) as caught:
            PostgresStore(lone_server.address())
        assert f"could lose what it has acknowledged: {setting} is off, expected on" in str(caught.value)
        with psycopg.connect(lone_server.address()) as connection:
            assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'psbridge'").fetchall() == []


def test_a_server_with_a_replica_that_is_not_waited_for_is_refused(address: str) -> None:
    with (
        psycopg.connect(address, replication="true", application_name="standby", autocommit=True),
        pytest.raises(JournalError, match="it has 1 replicas and no synchronous_standby_names, expected one"),
    ):
        PostgresStore(address)
    until_replicas(address, 0)


def test_a_base_backup_is_no_replica(lone_server: PostgresServer) -> None:
    """Nobody can fail over to it: the journal is opened meanwhile. An account without rights sees less of it."""
    address = lone_server.new_database()
    name = conninfo_to_dict(address)["dbname"]
    run_sql(address, "CREATE ROLE plain LOGIN", f"GRANT CREATE ON DATABASE {name} TO plain")
    programs = postgres_programs()
    assert programs is not None
    command = [str(programs / "pg_basebackup"), "-h", str(lone_server.folder), "-U", "postgres"]
    command += ["-D", str(lone_server.folder / "base"), "--checkpoint=fast", "--max-rate=1M"]
    with subprocess.Popen([*as_another_user(), *command], cwd="/", stderr=subprocess.DEVNULL) as backup:
        try:
            until_replicas(address, 2)
            for account in ("plain", "postgres"):
                PostgresStore(address.replace("user=postgres", f"user={account}")).close()
            until_replicas(address, 2)
        finally:
            backup.kill()


def until_replicas(address: str, number: int) -> None:
    """Wait until the server sends its log to so many."""
    give_up = time.monotonic() + 30
    with psycopg.connect(address, autocommit=True) as connection:
        while connection.execute("SELECT count(*) FROM pg_stat_replication").fetchone() != (number,):
            assert time.monotonic() < give_up
            time.sleep(0.05)


def test_a_database_that_asks_for_less_durability_gets_more(address: str) -> None:
    """`synchronous_commit` is asked for in each transaction, whatever the database or the role has set."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit = off".encode())
    with PostgresStore(address) as store, store._connection.write() as tx:
        assert tx.rows("SELECT current_setting('synchronous_commit')") == [("on",)]


def test_an_unlogged_table_is_refused(address: str) -> None:
    PostgresStore(address).close()
    run_sql(address, "ALTER TABLE psbridge.entry SET UNLOGGED")
    with pytest.raises(JournalError, match="the table entry is not durable"):
        PostgresStore(address)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("ALTER TABLE psbridge.entry ADD COLUMN more TEXT", "its tables are not those of a journal"),
        ("DROP TABLE psbridge.signal", "its tables are not those of a journal"),
        ("UPDATE psbridge.meta SET value = 'x' WHERE key = 'journal'", "its entry 'journal' was changed"),
    ],
)
def test_other_tables_than_a_journals_are_refused(address: str, statement: str, problem: str) -> None:
    PostgresStore(address).close()
    run_sql(address, statement)
    for open_it in (open_journal, view_journal):
        with pytest.raises(JournalError, match=problem):
            open_it(address)


def test_a_newer_journal_is_refused_with_both_versions(address: str) -> None:
    from psbridge.journal.records import sealed

    PostgresStore(address).close()
    run_sql(address, f"UPDATE psbridge.meta SET value = '99', seal = '{sealed('meta', ['schema', '99'])}' WHERE key = 'schema'")
    with pytest.raises(JournalError, match="it has schema version 99; this psbridge knows version 1"):
        PostgresStore(address)


def test_whatever_is_changed_by_hand_is_seen(address: str) -> None:
    with PostgresStore(address, times="caller") as store:
        lease = lease_of(store)
        append(store, lease, "account", Kind.EVIDENCE, text="ä")
        assert store.verify() == []
        for statement in (
            "UPDATE psbridge.entry SET state = 'lost' WHERE seq = 2",
            "UPDATE psbridge.entry SET body = replace(body, '\\u00e4', 'a') WHERE seq = 2",
            "DELETE FROM psbridge.entry WHERE seq = 2",
            "UPDATE psbridge.run SET status = 'done'",
        ):
            with psycopg.connect(address) as connection:
                connection.execute(statement.encode())
                connection.commit()
            assert store.verify() != [], statement
            break  # the first one stays: what is damaged is not mended


def test_a_password_in_the_address_is_refused_without_being_repeated() -> None:
    with pytest.raises(InputError) as caught:
        PostgresStore("postgresql://kim:S3cret@db.contoso.com/journal")
    assert "must not hold a password" in str(caught.value)
    assert "S3cret" not in str(caught.value)


def test_a_server_that_is_not_there_is_named_without_the_rest_of_the_address(tmp_path: object) -> None:
    with pytest.raises(JournalError) as caught:
        PostgresStore(f"host={tmp_path} user=kim dbname=journal", password="S3cret")
    assert f"postgresql://{tmp_path}/journal: the server cannot be used" in str(caught.value)
    assert "S3cret" not in str(caught.value)


def test_a_server_that_is_away_says_nothing_on_a_screen_that_nobody_asked_for(lone_server: PostgresServer) -> None:
    """Python prints the warnings of a library that has no handler; what is wrong is raised instead."""
    command = [sys.executable, "-c", READS_WHEN_TOLD, lone_server.address()]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        lone_server.stop("immediate")
        told, screen = process.communicate("\n", timeout=60)
    assert told == "JournalError\n"
    assert screen == ""


def test_a_view_makes_no_tables(address: str) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        view_journal(address)
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'psbridge'").fetchall() == []


def test_a_view_shows_everything_and_writes_nothing(address: str) -> None:
    with PostgresStore(address) as store:
        run = store.create(new_run(), now=NOW)
        with view_journal(address) as view:
            assert (view.runs(), view.entries("run-1"), view.verify()) == ([run], store.entries("run-1"), [])
            with pytest.raises(JournalError, match="opened to be read only"), view._connection.write():
                pass


def test_when_two_processes_make_a_journal_at_once_both_get_the_same(address: str) -> None:
    stores: list[PostgresStore] = []
    threads = [threading.Thread(target=lambda: stores.append(PostgresStore(address))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores) == 6
    stores[0].create(new_run(), now=NOW)
    assert all(len(store.runs()) == 1 for store in stores)
    for store in stores:
        store.close()


def test_the_servers_clock_counts_and_not_the_callers(address: str) -> None:
    """A computer whose clock is a day fast, and one whose clock is a day slow, keep the same leases."""
    with PostgresStore(address) as store:
        store.create(new_run(), now=NOW)
        fast, slow = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC) - timedelta(days=1)
        lease = take(store, now=fast)
        assert lease is not None
        assert abs(lease.until - datetime.now(UTC) - timedelta(minutes=1)) < timedelta(seconds=5)
        assert take(store, owner="two", now=fast + timedelta(days=9)) is None
        entry = append(store, lease, "look", now=slow)
        assert abs(entry.at - datetime.now(UTC)) < timedelta(seconds=5)
        pause = Pause(Status.WAITING, "waits", wake_at=slow + timedelta(hours=1), signal="go")
        told = store.suspend(lease, pause, now=slow, seen=0)
        assert told.wake_at is not None
        assert abs(told.wake_at - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=5)
        assert abs(store.clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_lease_that_ran_out_on_the_server_is_lost_whatever_the_holder_believes(address: str) -> None:
    with PostgresStore(address) as store:
        store.create(new_run(), now=NOW)
        moment = datetime.now(UTC)
        _, lease = store.acquire(
            "run-1", owner="one", now=moment, until=moment + timedelta(seconds=0.3), monotonic=0, monotonic_until=60
        )
        assert lease is not None
        time.sleep(0.4)
        with pytest.raises(LeaseLost):
            store.renew(lease, now=moment, until=moment + timedelta(minutes=1), monotonic_until=60)
        with pytest.raises(LeaseLost):
            append(store, lease, "remove", Kind.DESTROY, "intent", now=moment)
        assert take(store, owner="two", now=moment) is not None


@pytest.mark.parametrize("first", ["approve", "suspend"])
def test_an_approval_is_never_missed_whoever_commits_first(address: str, first: str) -> None:
    """Both take the run's row before they look: one of them sees what the other did (engine-notes section 4)."""
    with PostgresStore(address, times="caller") as store, PostgresStore(address, times="caller") as other:
        lease = lease_of(store)
        inside, go_on = threading.Event(), threading.Event()
        # Somebody holds the row, so that both stand before it, in the order in which they came.
        holder = threading.Thread(target=_hold_the_row, args=(address, inside, go_on))
        holder.start()
        assert inside.wait(10)
        pause = Pause(Status.WAITING, "waits", wake_at=NOW + timedelta(days=1), signal="approval:consent")
        told: dict[str, object] = {}

        def suspend() -> None:
            told["suspend"] = store.suspend(lease, pause, now=NOW, seen=0).status

        def approve() -> None:
            until = NOW + timedelta(days=1)
            told["approve"] = other.approve("run-1", "consent", "a" * 64, who="lee", now=NOW, expires_at=until).status

        steps = [approve, suspend] if first == "approve" else [suspend, approve]
        threads = [threading.Thread(target=step) for step in steps]
        for number, thread in enumerate(threads, start=1):
            thread.start()
            _until_waiting(address, number)
        go_on.set()
        for thread in (*threads, holder):
            thread.join(20)
        run = store.run("run-1")
        assert run.status in {Status.READY, Status.RUNNING}, (first, told)


def _hold_the_row(address: str, inside: threading.Event, go_on: threading.Event) -> None:
    with psycopg.connect(address) as connection:
        connection.execute("SELECT 1 FROM psbridge.run FOR UPDATE")
        inside.set()
        go_on.wait(20)


def _until_waiting(address: str, number: int) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for _ in range(200):
            statement = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            row = connection.execute(statement).fetchone()
            if row is not None and row[0] >= number:
                return
            time.sleep(0.02)
    raise AssertionError(f"nobody waits for the row ({number})")


def test_the_time_of_an_entry_is_after_the_wait_for_its_row(address: str) -> None:
    """Whoever held the row may have ended a lease, or given an approval, until that moment."""
    with PostgresStore(address) as store:
        store.create(new_run(), now=NOW)
        inside, go_on = threading.Event(), threading.Event()
        holder = threading.Thread(target=_hold_the_row, args=(address, inside, go_on))
        holder.start()
        assert inside.wait(10)
        signaller = threading.Thread(target=store.signal, args=("run-1", "go", ""), kwargs={"who": "lee", "now": NOW})
        signaller.start()
        _until_waiting(address, 1)
        with psycopg.connect(address) as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        go_on.set()
        for thread in (signaller, holder):
            thread.join(20)
        assert row is not None
        assert store.signals("run-1")[0].at > row[0]


def test_a_transaction_in_which_a_statement_failed_is_never_taken_for_kept(address: str) -> None:
    """PostgreSQL answers its COMMIT with a ROLLBACK, which is no error."""
    with PostgresStore(address) as store:
        store.create(new_run(), now=NOW)
        with pytest.raises(JournalError, match="a statement of this transaction has failed"):
            _bear_with_an_error(store)
        assert store.run("run-1").why == ""


def _bear_with_an_error(store: PostgresStore) -> None:
    with store._connection.write() as tx:
        tx.rows("UPDATE run SET why = 'changed'")
        with contextlib.suppress(psycopg.Error):
            tx.rows("SELECT 1 / 0")


def test_objects_that_two_runs_want_at_once_go_to_one_of_them(address: str) -> None:
    with PostgresStore(address, times="caller") as store:
        leases = [lease_of(store, f"run-{number}") for number in range(4)]
        won: list[str] = []

        def claim(number: int) -> None:
            try:
                append(store, leases[number], "consent", Kind.APPROVAL, "asked", objects=["guid-1", "guid-2"])
            except Stopped:
                won.append("stopped")
            else:
                won.append("held")

        threads = [threading.Thread(target=claim, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(won) == ["held", "stopped", "stopped", "stopped"]


def test_a_server_that_crashed_keeps_what_was_acknowledged_and_is_used_again(lone_server: PostgresServer) -> None:
    with PostgresStore(lone_server.address(), patience=4) as store:
        store.create(new_run(), now=NOW)
        lone_server.stop("immediate")
        with pytest.raises(JournalError, match="no connection was free or to be had within 4 s"):
            store.create(NewRun("run-2", "p", "1", "contoso", {}, "kim"), now=NOW)
        lone_server.start()
        assert [run.run_id for run in store.runs()] == ["run-1"]
        store.create(NewRun("run-2", "p", "1", "contoso", {}, "kim"), now=NOW)
        assert store.verify() == []


def test_a_process_that_stopped_in_the_middle_of_a_write_does_not_keep_its_run_for_ever(address: str) -> None:
    """The server ends its transaction; what it held is free again, and what it wrote is not there."""
    with PostgresStore(address, patience=1) as store, PostgresStore(address) as other:
        store.create(new_run(), now=NOW)
        begun = time.monotonic()
        with pytest.raises(JournalError):
            _stop_in_the_middle(store, other)
        assert 0.5 < time.monotonic() - begun < 12
        assert [entry.key for entry in other.entries("run-1")] == [""]
        assert [signal.name for signal in other.signals("run-1")] == ["go"]


def _stop_in_the_middle(store: PostgresStore, other: PostgresStore) -> None:
    with store._connection.write() as tx:
        run = store._rows.run(tx, "run-1")
        store._rows.append(tx, run, Draft("late", Kind.READ, "done"), datetime.now(UTC))
        other.signal("run-1", "go", "", who="lee", now=datetime.now(UTC))  # waits for the row, then has it
        store._rows.append(tx, run, Draft("later", Kind.READ, "done"), datetime.now(UTC))
