"""Slots and the sessions on them, in one process: what is known of a slot that was lost, and what is done then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.engine import Busy, Done, Engine, Look, Run
from psbridge.engine.endpoints import Endpoints, NoEndpoints
from psbridge.errors import SlotLost
from psbridge.fleet.bench import Benches, SlottedEndpoints
from psbridge.fleet.slots import Slots
from psbridge.fleet.store import FleetStore
from psbridge.journal import Entry, Kind, Status
from psbridge.reply import Reply, State
from tests.engine.bench import just, playbook_of
from tests.engine.far_end import FarEnd, FarEndpoints, answering, get_request, new_request, start_sync
from tests.fleet.working import QUICK, TENANT
from tests.postgres_server import PostgresServer

LEASE = timedelta(minutes=5)


@pytest.fixture
def store(postgres: PostgresServer) -> Iterator[FleetStore]:
    with FleetStore(postgres.new_database(), tenant=TENANT, connections=6) as made:
        yield made


def slots(store: FleetStore, *, cap: int = 1) -> Slots:
    return Slots(store.connection, TENANT, {"dir": cap}, lease=LEASE)


def run_out(store: FleetStore) -> None:
    """The lease of every slot is over, as if whoever has it had been stopped for so long."""
    with store.connection.write() as tx:
        tx.rows("UPDATE psbridge_fleet.slot SET until = clock_timestamp() - interval '1 second'")


def taken_over(store: FleetStore, ours: Slots, theirs: Slots) -> list[str]:
    """Somebody else takes what ran out, and we get to know it. Gives what they have."""
    run_out(store)
    taken = theirs.take(["dir"])
    assert taken
    ours.renew()
    return taken


@contextmanager
def unwritable(store: FleetStore) -> Iterator[None]:
    """A database in which no slot can be written."""
    rename = "ALTER TABLE psbridge_fleet.{} RENAME TO {}".format
    with store.connection.write() as tx:
        tx.rows(rename("slot", "away"))
    yield
    with store.connection.write() as tx:
        tx.rows(rename("away", "slot"))


def test_sessions_whose_slot_was_lost_are_closed_and_not_used_again(store: FleetStore) -> None:
    """A worker that was stopped for longer than the lease: another has its slot, and may have its session open."""
    ours, theirs = slots(store), slots(store)
    benches = Benches(ours, NoEndpoints, idle=60)
    bench = benches.take(["dir"])
    assert bench is not None
    benches.give_back(bench, broken=False)
    taken = taken_over(store, ours, theirs)
    assert benches.take(["dir"]) is None
    assert theirs.holds(taken)
    theirs.renew()
    assert theirs.holds(taken), "who lost it has not given it back"


@pytest.mark.parametrize(
    ("steady", "wall"),
    [
        pytest.param(0.0, 1.0, id="the machine slept: one clock stood still"),
        pytest.param(1.0, -1.0, id="the computer's time was set back"),
    ],
)
def test_a_slot_is_sure_only_as_long_as_its_lease(
    store: FleetStore, monkeypatch: pytest.MonkeyPatch, steady: float, wall: float
) -> None:
    ours = slots(store)
    taken = ours.take(["dir"])
    assert taken
    assert ours.holds(taken)
    now, length = (time.monotonic(), time.time()), LEASE.total_seconds()
    with monkeypatch.context() as moved:
        moved.setattr(time, "monotonic", lambda: now[0] + steady * length)
        moved.setattr(time, "time", lambda: now[1] + wall * length)
        assert not ours.holds(taken)
    run_out(store)
    ours.renew()  # nobody else took it
    assert ours.holds(taken)
    ours.give_back(taken)
    assert not ours.holds(taken)


@pytest.mark.parametrize("then", [Slots.renew, lambda ours: ours.take(["dir", "other"])])
def test_what_could_not_be_given_back_is_given_back_later_and_not_renewed(
    store: FleetStore, then: Callable[[Slots], object]
) -> None:
    ours, theirs = (Slots(store.connection, TENANT, {"dir": 2, "other": 1}, lease=LEASE) for _ in range(2))
    taken, kept = ours.take(["dir"]), ours.take(["other"])
    assert taken
    assert kept
    with unwritable(store):
        ours.give_back(taken)
    assert not ours.holds(taken)
    assert ours.holds(kept)
    then(ours)
    both = [theirs.take(["dir"]), theirs.take(["dir"])]
    assert all(both), "one was never taken, the other was given back"
    assert theirs.take(["other"]) is None
    ours.renew()
    assert all(theirs.holds(slot or []) for slot in both)


def test_a_worker_that_takes_its_own_slot_once_more_has_it_once(store: FleetStore) -> None:
    """One thread's slot ran out while the worker was stopped, and another thread found it free."""
    ours, theirs = slots(store), slots(store)
    first = ours.take(["dir"])
    run_out(store)
    second = ours.take(["dir"])
    assert first
    assert second
    ours.renew()
    assert (ours.holds(first), ours.holds(second)) == (False, True)
    ours.give_back(first)
    assert theirs.take(["dir"]) is None
    assert ours.holds(second)


class Stubborn(FarEndpoints):
    """Sessions that cannot be closed without an error."""

    def close(self) -> None:
        super().close()
        raise OSError("the way is gone")


@pytest.mark.parametrize("let_go", [Benches.tidy, Benches.close])
def test_a_session_that_cannot_be_closed_keeps_no_other_open(
    store: FleetStore, tmp_path: Path, let_go: Callable[[Benches], None]
) -> None:
    """The journal may be away as well, so that no slot can be given back: their sessions are closed all the same."""
    ours, theirs = slots(store, cap=3), slots(store, cap=3)
    made: list[FarEndpoints] = []

    def make() -> Endpoints:
        made.append((FarEndpoints if made else Stubborn)(FarEnd(tmp_path)))
        return made[-1]

    benches = Benches(ours, make, idle=60)
    taken = [bench for _ in range(3) if (bench := benches.take(["dir"])) is not None]
    for bench in taken:
        benches.give_back(bench, broken=False)
        bench.idle_since -= 100
    with unwritable(store):
        let_go(benches)
    assert [ends.closed for ends in made] == [1, 1, 1]
    ours.renew()
    assert all(theirs.take(["dir"]) for _ in range(3))


def test_a_session_in_use_is_stopped_when_its_slot_is_lost_and_not_given_again(store: FleetStore, tmp_path: Path) -> None:
    ours, theirs, far = slots(store), slots(store), FarEndpoints(FarEnd(tmp_path))
    ends = SlottedEndpoints(far, ours, lease=timedelta(seconds=0.3))
    assert ends.reserve(["dir"])
    session, _ = far.session("dir"), ends.session("dir")
    taken = taken_over(store, ours, theirs)
    with pytest.raises(SlotLost, match=r"the slot of the session at dir was not renewed in time, and may be somebody else's"):
        ends.session("dir")
    give_up = time.monotonic() + 20
    while not session.stopped:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    assert not ends.reserve(["dir"])
    assert far.closed
    theirs.give_back(taken)
    assert ends.reserve(["dir"])
    assert ends.session("dir") is not session
    ends.close()
    assert session.stopped == 1


def test_a_write_under_way_is_stopped_when_its_slot_is_lost_and_is_looked_for_before_anything_else(
    store: FleetStore, tmp_path: Path
) -> None:
    ours, theirs, far_end = slots(store), slots(store), FarEnd(tmp_path)
    far_end.faults.after["New-Request"] = [answering(Reply(State.STOPPED))]
    work = Work(store, far_end, ours, make_request)
    theirs_now: list[str] = []

    def lose(cmdlet: str) -> None:
        if cmdlet == "New-Request":
            theirs_now.extend(taken_over(store, ours, theirs))
            work.benches.tidy()
            work.benches.tidy()
            assert work.made[0].open["dir"].stopped == 1

    far_end.during = lose
    assert isinstance(work.advance(), Busy)
    assert store.run("run-1").status is Status.READY, "the next one need not wait for the lease"
    assert work.states() == ["intent", "lost"]
    assert far_end.asked == ["[dir] New-Request -Name run-1"]
    assert work.made[0].closed
    theirs.give_back(theirs_now)
    assert work.advance() == Done({})
    assert work.states() == ["intent", "lost", "observed"]
    assert far_end.effects() == ["New-Request -Name run-1"]


def test_nothing_is_sent_when_the_slot_is_lost_between_the_intent_and_the_sending(store: FleetStore, tmp_path: Path) -> None:
    ours, theirs, far_end = slots(store), slots(store), FarEnd(tmp_path)
    work = Work(store, far_end, ours, lambda run: run.change("sync", "dir", start_sync()))
    theirs_now: list[str] = []

    def lose(entry: Entry) -> None:
        if entry.state == "intent" and not theirs_now:
            theirs_now.extend(taken_over(store, ours, theirs))

    work.watch = lose
    assert isinstance(work.advance(), Busy)
    assert far_end.asked == []
    theirs.give_back(theirs_now)
    assert work.advance() == Done({})
    assert far_end.effects() == ["Start-Sync"]


def test_a_command_that_lost_its_slot_goes_on_with_another(store: FleetStore, tmp_path: Path) -> None:
    ours, theirs, far_end = slots(store, cap=2), slots(store, cap=2), FarEnd(tmp_path)
    far = FarEndpoints(far_end)

    def body(run: Run) -> Mapping[str, object]:
        run.read("one", "dir", get_request("one"))
        run.read("two", "dir", get_request("two"))
        return {}

    used: list[object] = []

    def lose(_: str) -> None:
        used.append(far.open["dir"])
        if len(used) == 1:
            taken_over(store, ours, theirs)

    far_end.during = lose
    ends = SlottedEndpoints(far, ours, lease=LEASE)
    engine = Engine(store, {"p": playbook_of(body)}, ends, tenant=TENANT)
    assert engine.advance(engine.start("p", {})) == Done({})
    assert far_end.asked == ["[dir] Get-Request -Name one", "[dir] Get-Request -Name two"]
    assert used[0] is not used[1]
    assert theirs.take(["dir"]), "the one that was lost is theirs, and the other was given back"


def make_request(run: Run) -> None:
    def is_there(look: Look) -> bool | None:
        return bool(look.read("dir", get_request(run.id)).objects)

    run.destroy("make", "dir", new_request(run.id), requires=(), approval=None, verify=is_there)


class Work:
    """One run, carried on as a worker does it."""

    def __init__(self, store: FleetStore, far_end: FarEnd, ours: Slots, step: Callable[[Run], object]) -> None:
        self.store, self.far_end = store, far_end
        self.made: list[FarEndpoints] = []
        self.benches = Benches(ours, self._make, idle=60)
        self.playbooks = {"p": playbook_of(just(step))}
        self.watch: Callable[[Entry], None] = lambda _: None
        Engine(store, self.playbooks, tenant=TENANT).start("p", {}, run_id="run-1")

    def advance(self) -> object:
        bench = self.benches.take(["dir"])
        assert bench is not None
        try:
            engine = Engine(self.store, self.playbooks, bench, tenant=TENANT, settings=QUICK, watch=self.watch)
            return engine.advance("run-1")
        finally:
            self.benches.give_back(bench, broken=False)

    def states(self) -> list[str]:
        return [entry.state for entry in self.store.entries("run-1") if entry.kind is Kind.DESTROY]

    def _make(self) -> Endpoints:
        self.made.append(FarEndpoints(self.far_end))
        return self.made[-1]
