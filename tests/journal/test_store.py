"""The store's contract: leases and epochs, signals that are never missed, locks on objects, the ends of a run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.errors import ApprovalError, EvidenceMissing, InputError, LeaseLost, OperatorNeeded, Stopped
from psbridge.journal import CANCEL, WAKE, Kind, Lease, Pause, SqliteStore, Status
from psbridge.journal.postgres import PostgresStore
from tests.journal.making import NOW, AnyStore, append, lease_of, new_run, take
from tests.postgres_server import PostgresServer

LATER = NOW + timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    """Every store keeps the same contract; the times are the test's."""
    if request.param == "sqlite":
        made: AnyStore = SqliteStore(tmp_path / "journal.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        made = PostgresStore(server.new_database(), times="caller")
    with made:
        yield made


def waiting(store: AnyStore, lease: Lease, signal: str = "go") -> None:
    store.suspend(lease, Pause(Status.WAITING, "waits", wake_at=LATER, signal=signal), now=NOW, seen=0)


def test_a_new_run_is_ready_and_its_first_entry_says_what_it_is(store: AnyStore) -> None:
    run = store.create(new_run(), now=NOW)
    assert (run.status, run.epoch, run.entries, run.started_at, run.changed) == (Status.READY, 0, 1, NOW, False)
    [first] = store.entries("run-1")
    assert first.kind is Kind.START
    assert first.body == {"playbook": "p", "version": "1", "tenant": "contoso", "inputs": {"identity": "ada"}, "who": "kim"}


def test_an_id_that_is_there_gives_its_run_as_it_is(store: AnyStore) -> None:
    begun = store.create(new_run(), now=NOW)
    assert store.create(replace(new_run(tenant="fabrikam"), version="2", inputs={}), now=LATER) == begun
    assert len(store.entries("run-1")) == 1


def test_a_ready_run_can_be_taken_and_each_taking_raises_the_epoch(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        assert (lease.owner, lease.epoch, lease.until) == ("one", 1, NOW + timedelta(minutes=1))
        store.release(lease, now=NOW)
        second = take(store)
    assert second is not None
    assert second.epoch == 2


def test_a_run_that_is_held_cannot_be_taken_not_even_by_its_holder(store: AnyStore) -> None:
    with store.worker("kim"):
        lease_of(store)
        assert take(store, owner="one") is None
        assert take(store, owner="two") is None


def test_a_lease_that_ran_out_can_be_taken_and_the_first_holder_writes_nothing_more(store: AnyStore) -> None:
    with store.worker("kim"):
        first = lease_of(store)
        second = take(store, owner="two", now=NOW + timedelta(minutes=1), monotonic=60.0)
        assert second is not None
        before = store.entries("run-1")
        for write in (
            lambda: append(store, first, "late"),
            lambda: store.renew(first, now=NOW, until=LATER, monotonic_until=99.0),
            lambda: store.suspend(first, Pause(Status.WAITING, "x", wake_at=LATER), now=NOW, seen=0),
            lambda: store.finish(first, now=NOW, status=Status.DONE),
        ):
            with pytest.raises(LeaseLost, match=r"run run-1: it was taken over \(epoch 2, ours was 1\)"):
                write()
        store.release(first, now=NOW)
        assert store.entries("run-1") == before
        append(store, second, "mine", now=NOW + timedelta(minutes=1))


def test_the_same_owner_name_does_not_get_an_old_lease_back(store: AnyStore) -> None:
    with store.worker("kim"):
        first = lease_of(store, owner="same")
        take(store, owner="same", now=LATER, monotonic=3600.0)
        with pytest.raises(LeaseLost):
            append(store, first, "late", now=LATER)


def test_a_clock_that_is_set_back_does_not_keep_a_lease_for_ever(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "journal.db") as store, store.worker("kim"):
        lease_of(store)
        assert take(store, owner="two", now=NOW - timedelta(days=1), monotonic=59.0) is None
        assert take(store, owner="two", now=NOW - timedelta(days=1), monotonic=60.0) is not None


def test_a_lease_is_void_at_once_when_its_worker_is_gone(tmp_path: Path) -> None:
    """The operating system gives the worker's lock away only when that worker is dead."""
    first = SqliteStore(tmp_path / "journal.db")
    with first.worker("kim"):
        lease = lease_of(first)
    second = SqliteStore(tmp_path / "journal.db")
    assert not second.stale(second.run("run-1"), now=NOW, monotonic=0.0)
    with second.worker("lee"):
        assert second.stale(second.run("run-1"), now=NOW, monotonic=0.0)
        assert take(second, owner="two") is not None
        with pytest.raises(LeaseLost):
            append(first, lease, "late")


def test_a_renewal_makes_a_lease_longer_and_never_shorter(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        store.renew(lease, now=NOW, until=LATER, monotonic_until=3600.0)
        assert (lease.until, store.run("run-1").lease_until) == (LATER, LATER)
        store.renew(lease, now=NOW, until=NOW + timedelta(seconds=5), monotonic_until=5.0)
        assert (lease.until, lease.monotonic) == (LATER, 3600.0)


def test_a_renewal_that_comes_late_is_refused(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        with pytest.raises(LeaseLost, match="run run-1: its lease ran out before it was renewed"):
            store.renew(lease, now=NOW + timedelta(minutes=1), until=LATER, monotonic_until=99.0)


def test_under_a_lease_that_ran_out_no_intent_is_written_but_a_known_outcome_is(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        append(store, lease, "d", Kind.DESTROY, "intent")
        with pytest.raises(LeaseLost, match="its lease ran out"):
            append(store, lease, "e", Kind.DESTROY, "intent", now=LATER)
        append(store, lease, "d", Kind.DESTROY, "done", now=LATER)
    assert [entry.state for entry in store.entries("run-1")] == ["begun", "intent", "done"]


def test_an_entry_may_move_the_leases_end_with_its_own_commit(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        append(store, lease, "d", Kind.DESTROY, "intent", until=LATER, monotonic_until=3600.0)
        assert (lease.until, store.run("run-1").lease_until) == (LATER, LATER)
        append(store, lease, "d", Kind.DESTROY, "done", until=NOW + timedelta(minutes=1), monotonic_until=60.0)
        assert lease.until == store.run("run-1").lease_until == NOW + timedelta(minutes=1)


def test_a_run_is_changed_from_its_first_intent_on(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        append(store, lease, "r")
        assert not store.run("run-1").changed
        append(store, lease, "d", Kind.CHANGE, "intent")
        assert store.run("run-1").changed


def test_an_intent_whose_evidence_is_not_in_the_journal_is_not_written(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        append(store, lease, "two", Kind.EVIDENCE, "failed")
        append(store, lease, "three", Kind.READ)
        with pytest.raises(EvidenceMissing) as caught:
            append(store, lease, "d", Kind.DESTROY, "intent", requires=["one", "two", "three"])
        assert caught.value.missing == ("one", "two", "three")
        assert store.entries("run-1")[-1].key == "three"
        append(store, lease, "one", Kind.EVIDENCE)
        append(store, lease, "d", Kind.DESTROY, "intent", requires=["one"])


def test_an_object_belongs_to_one_run_of_a_tenant_until_that_run_ends(store: AnyStore) -> None:
    with store.worker("kim"):
        first, second = lease_of(store, "run-1"), lease_of(store, "run-2")
        store.create(new_run("run-3", tenant="fabrikam"), now=NOW)
        elsewhere = take(store, "run-3")
        assert elsewhere is not None
        append(store, first, "a", objects=["x", "y"])
        append(store, first, "b", objects=["x"])
        append(store, elsewhere, "c", objects=["x"])
        with pytest.raises(Stopped) as caught:
            append(store, second, "d", objects=["z", "y"])
        assert caught.value.found == "run run-1 works on the object y."
        assert len(store.entries("run-2")) == 1
        store.finish(first, now=NOW, status=Status.FAILED)
        append(store, second, "d", objects=["z", "y"])


def test_a_run_put_down_is_taken_when_its_time_has_come(store: AnyStore) -> None:
    with store.worker("kim"):
        waiting(store, lease_of(store))
        run = store.run("run-1")
        assert (run.status, run.wake_at, run.signal, run.why, run.owner) == (Status.WAITING, LATER, "go", "waits", "")
        assert take(store, now=LATER - timedelta(microseconds=1)) is None
        assert take(store, now=LATER) is not None


@pytest.mark.parametrize("name", ["go", CANCEL, WAKE])
def test_a_signal_that_concerns_a_waiting_run_makes_it_ready(store: AnyStore, name: str) -> None:
    with store.worker("kim"):
        waiting(store, lease_of(store))
        assert store.signal("run-1", name, "text", who="lee", now=NOW).status is Status.READY
        assert take(store) is not None
    [signal] = store.signals("run-1")
    assert (signal.seq, signal.name, signal.text, signal.who, signal.at) == (1, name, "text", "lee", NOW)


def test_a_signal_that_does_not_concern_it_lets_it_wait(store: AnyStore) -> None:
    with store.worker("kim"):
        waiting(store, lease_of(store))
        assert store.signal("run-1", "other", "", who="lee", now=NOW).status is Status.WAITING


@pytest.mark.parametrize("name", ["go", CANCEL, WAKE])
def test_a_signal_that_came_after_the_look_keeps_the_run_in_hand(store: AnyStore, name: str) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        store.signal("run-1", "go", "seen", who="lee", now=NOW)
        store.signal("run-1", name, "new", who="lee", now=NOW)
        run = store.suspend(lease, Pause(Status.WAITING, "waits", wake_at=LATER, signal="go"), now=NOW, seen=1)
        assert run.status is Status.RUNNING
        run = store.suspend(lease, Pause(Status.WAITING, "waits", wake_at=LATER, signal="go"), now=NOW, seen=2)
        assert run.status is Status.WAITING


def test_an_operator_is_waited_for_by_name_and_the_chain_tells_it(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        store.suspend(lease, Pause(Status.OPERATOR, "why", question="what", signal="answer"), now=NOW, seen=0)
        assert store.signal("run-1", WAKE, "", who="lee", now=NOW).status is Status.OPERATOR
        assert take(store, now=LATER) is None
        assert store.signal("run-1", "answer", "", who="lee", now=NOW).status is Status.READY
    last = store.entries("run-1")[-1]
    assert (last.kind, last.body) == (Kind.OPERATOR, {"why": "why", "question": "what"})


def test_the_end_of_a_run_is_in_its_chain(store: AnyStore) -> None:
    with store.worker("kim"):
        run = store.finish(lease_of(store), now=LATER, status=Status.DONE, result={"a": [1, None]})
    assert (run.status, run.ended_at, run.result, run.owner) == (Status.DONE, LATER, {"a": [1, None]}, "")
    assert store.run("run-1") == run
    last = store.entries("run-1")[-1]
    assert (last.kind, last.state, last.body) == (Kind.END, "done", {"why": "", "result": {"a": [1, None]}})
    attempts: list[Callable[[], object]] = [
        lambda: store.signal("run-1", "go", "", who="lee", now=NOW),
        lambda: store.cancel("run-1", who="lee", why="x", now=NOW, monotonic=0.0),
        lambda: store.retry("run-1", who="lee", now=NOW),
    ]
    for attempt in attempts:
        with pytest.raises(InputError):
            attempt()
    with pytest.raises(ApprovalError):
        store.approve("run-1", "k", "a" * 64, who="lee", now=NOW, expires_at=LATER)


def test_an_approval_wakes_the_run_that_waits_for_it(store: AnyStore) -> None:
    with store.worker("kim"):
        waiting(store, lease_of(store), "approval:k")
        assert store.approve("run-1", "other", "b" * 64, who="lee", now=NOW, expires_at=LATER).status is Status.WAITING
        assert store.approve("run-1", "k", "a" * 64, who="lee", now=NOW, expires_at=LATER).status is Status.READY
    given = store.approvals("run-1")
    assert {(one.key, one.sha, one.who, one.given_at, one.expires_at) for one in given} == {
        ("other", "b" * 64, "lee", NOW, LATER),
        ("k", "a" * 64, "lee", NOW, LATER),
    }


def test_approvals_of_one_question_do_not_displace_each_other(store: AnyStore) -> None:
    store.create(new_run(), now=NOW)
    for sha in ("a" * 64, "b" * 64):
        store.approve("run-1", "k", sha, who="lee", now=NOW, expires_at=LATER)
    store.approve("run-1", "k", "a" * 64, who="kim", now=LATER, expires_at=LATER)
    assert len(store.approvals("run-1")) == 3


def test_a_held_run_is_cancelled_by_its_holder_and_a_resting_one_at_once(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        assert store.cancel("run-1", who="lee", why="x", now=NOW, monotonic=0.0).status is Status.RUNNING
        with pytest.raises(OperatorNeeded, match=r"Step d: the run was cancelled before this step was sent\."):
            append(store, lease, "d", Kind.DESTROY, "intent")
        store.create(new_run("run-2"), now=NOW)
        run = store.cancel("run-2", who="lee", why="Cancelled by lee.", now=NOW, monotonic=0.0)
    assert (run.status, run.why) == (Status.FAILED, "Cancelled by lee.")


def test_a_cancelled_run_is_over_and_is_not_tried_again(store: AnyStore) -> None:
    with store.worker("kim"):
        lease_of(store)
        store.cancel("run-1", who="lee", why="x", now=LATER, monotonic=9999.0)
        before = store.entries("run-1")
        with pytest.raises(InputError, match=r"Run run-1 was cancelled, and is over\. Begin a new run of p instead"):
            store.retry("run-1", who="kim", now=LATER)
    assert (store.run("run-1").status, store.entries("run-1")) == (Status.FAILED, before)


def test_a_run_that_an_earlier_version_revived_goes_on(store: AnyStore) -> None:
    """Its journal holds a cancellation and a retry after it, which forgives."""
    with store.worker("kim"):
        lease = lease_of(store)
        store.cancel("run-1", who="lee", why="x", now=NOW, monotonic=0.0)
        append(store, lease, "", Kind.RETRY, "asked", who="kim", signals=1)
        append(store, lease, "d", Kind.DESTROY, "intent")
        store.finish(lease, now=NOW, status=Status.FAILED, why="a guard")
        assert store.retry("run-1", who="kim", now=NOW).status is Status.READY


def test_threads_of_one_store_write_one_after_the_other(store: AnyStore) -> None:
    with store.worker("kim"):
        leases = [lease_of(store, f"run-{number}") for number in range(4)]

        def write(lease: Lease) -> None:
            for number in range(25):
                append(store, lease, f"k{number}")

        threads = [threading.Thread(target=write, args=(lease,)) for lease in leases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [len(store.entries(f"run-{number}")) for number in range(4)] == [26] * 4
    assert store.verify() == []


def test_runs_are_listed_oldest_first_and_by_status(store: AnyStore) -> None:
    store.create(new_run("b"), now=LATER)
    store.create(new_run("a"), now=LATER)
    store.create(new_run("c"), now=NOW)
    store.cancel("a", who="lee", why="x", now=LATER, monotonic=0.0)
    assert [run.run_id for run in store.runs()] == ["c", "a", "b"]
    assert [run.run_id for run in store.runs(Status.READY)] == ["c", "b"]
    assert store.runs(Status.DONE) == []


def test_somebody_is_reminded_of_a_halted_run_once_for_each_time(store: AnyStore) -> None:
    with store.worker("kim"):
        lease = lease_of(store)
        store.suspend(lease, Pause(Status.OPERATOR, "why", wake_at=LATER, question="what", signal="go"), now=NOW, seen=0)
        assert store.due(now=NOW, monotonic=0) == []
        assert store.due(now=LATER, monotonic=0) == ["run-1"]
        assert store.remind("run-1", now=NOW, question="told", wake_at=None).wake_at == LATER, "it is too early"
        assert take(store, now=LATER) is None, "only a person carries it on"
        after = store.remind("run-1", now=LATER, question="told", wake_at=LATER + timedelta(days=1))
        again = store.remind("run-1", now=LATER, question="told", wake_at=None)
    assert (after.status, after.question, after.signal, after.wake_at) == (Status.OPERATOR, "what", "go", again.wake_at)
    last = store.entries("run-1")[-1]
    assert (last.kind, last.state, last.body) == (Kind.OPERATOR, "reminded", {"why": "why", "question": "told"})
    assert store.signal("run-1", "go", "yes", who="kim", now=LATER).status is Status.READY


def test_a_failed_run_may_be_one_that_somebody_is_reminded_of(store: AnyStore) -> None:
    with store.worker("kim"):
        store.finish(lease_of(store), now=NOW, status=Status.FAILED, why="a guard", wake_at=LATER)
        assert store.due(now=LATER, monotonic=0) == ["run-1"]
        after = store.remind("run-1", now=LATER, question="told", wake_at=None)
        assert (after.status, after.wake_at, after.why) == (Status.FAILED, None, "a guard")
        assert store.due(now=LATER, monotonic=0) == []
        assert store.retry("run-1", who="kim", now=LATER).status is Status.READY
