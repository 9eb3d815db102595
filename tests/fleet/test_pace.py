"""The turn of a call: waited for before the last look, never between the look and what is sent; a lost run sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from psbridge.command import Pipeline
from psbridge.engine import Busy, Done, Engine, Look, Settings
from psbridge.errors import ConnectionLost
from psbridge.fleet.pace import PacedEndpoints
from psbridge.fleet.store import FleetStore
from psbridge.journal import Kind
from psbridge.reply import Reply, State
from psbridge.session import Session
from psbridge.transports.base import Transport
from tests.engine.bench import Bench, is_deleted, just
from tests.engine.far_end import FarEnd, FarEndpoints, get_account, remove_account
from tests.postgres_server import PostgresServer


def delete(run: Any) -> None:
    """Evidence, a look of two calls, the deletion."""

    def before(look: Look) -> None:
        look.read("dir", get_account("ada")).one()
        look.read("dir", get_account("eve")).one()

    run.evidence("account", "dir", get_account("ada"), need=("id",))
    run.destroy("delete", "dir", remove_account("ada"), requires=["account"], approval=None, before=before, verify=is_deleted)


class Reached(Transport):
    """A transport to the far end, which is lost at the calls with these numbers, from 0."""

    def __init__(self, far_end: FarEnd, lost: Collection[int] = ()) -> None:
        self._far_end, self._lost, self.sent = far_end, lost, 0

    def open(self) -> None: ...

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        self.sent += 1
        if self.sent - 1 in self._lost:
            raise ConnectionLost("gone", endpoint="dir")
        return self._far_end.run("dir", pipeline)

    def stop(self) -> None: ...

    def close(self) -> None: ...


class OneSession(FarEndpoints):
    """Real sessions to the far end."""

    def __init__(self, far_end: FarEnd, lost: Collection[int] = ()) -> None:
        super().__init__(far_end)
        self.transport = Reached(far_end, lost)
        self.made = Session("dir", self.transport, sleep=(lambda _: None) if lost else None)

    def session(self, endpoint: str) -> Any:
        return self.made


def paced(bench: Bench, sleep: Callable[[float], None], lost: Collection[int] = ()) -> Engine:
    """The engine of a bench at one call a minute."""
    endpoints = PacedEndpoints(OneSession(bench.far_end, lost), None, "contoso", {"dir": 1}, sleep)
    return Engine(bench.store, bench.playbooks, endpoints, clock=bench.clock, tenant="contoso", settings=bench.settings)


@pytest.mark.parametrize("lost", [(), (1, 3)], ids=["at the first try", "with a repeat of each look"])
def test_nothing_waits_for_its_turn_between_the_last_look_and_what_is_sent(tmp_path: Path, lost: tuple[int, ...]) -> None:
    bench = Bench(tmp_path, just(delete))
    waited: list[str] = []

    def sleep(_: float) -> None:
        last = bench.entries()[-1]
        waited.append(f"{last.key} {last.state}")

    assert isinstance(paced(bench, sleep, lost).advance("run-1"), Done)
    # The evidence needs no wait; then there is one, with nothing looked at since.
    assert set(waited) == {"account done"}
    assert len(waited) == pytest.approx(60, abs=5)  # seconds
    assert [entry.state for entry in bench.entries(Kind.DESTROY)] == ["intent", "done"]
    intent, done = bench.entries(Kind.DESTROY)
    assert done.at - intent.at < timedelta(seconds=1)


def test_a_call_that_did_not_wait_is_counted_all_the_same(tmp_path: Path) -> None:
    """Evidence, the turn of the deletion, the two of its look and the repeat of one: whoever comes next waits for all five."""
    bench = Bench(tmp_path, just(delete))
    slept: list[float] = []
    engine = paced(bench, slept.append, lost=(2,))
    engine.advance("run-1")
    before = sum(slept)
    session = engine._endpoints.session("dir")
    session.turn(wait=True)  # type: ignore[attr-defined]
    assert sum(slept) - before == pytest.approx(300, abs=5)


@pytest.mark.parametrize("streams", [False, True])
def test_each_repeat_of_a_read_waits_for_a_turn_of_its_own(tmp_path: Path, streams: bool) -> None:
    ends, slept = OneSession(FarEnd(tmp_path), lost=(0, 1)), list[tuple[int, float]]()
    paced = PacedEndpoints(ends, None, "contoso", {"dir": 1}, lambda seconds: slept.append((ends.transport.sent, seconds)))
    session: Any = paced.session("dir")
    session.turn(wait=True)
    read = get_account("ada").pipeline
    reply = session.stream(read, lambda: list[bytes]().append) if streams else session.ask(read, reads=True)
    assert reply.state is State.COMPLETED
    # Nobody slept in truth, so the second repeat is two turns away.
    assert [sum(seconds for at, seconds in slept if at == sent) for sent in range(4)] == pytest.approx([0, 60, 120, 0], abs=5)


def test_a_stop_ends_the_wait_for_the_turn_of_a_repeat(tmp_path: Path) -> None:
    ends = OneSession(FarEnd(tmp_path), lost=(0,))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        session.stop()

    session: Any = PacedEndpoints(ends, None, "contoso", {"dir": 1}, sleep).session("dir")
    session.turn(wait=True)
    assert session.ask(get_account("ada").pipeline, reads=True).state is State.STOPPED
    assert (slept, ends.transport.sent) == ([1.0], 1)


def test_a_run_that_is_lost_while_it_waits_for_its_turn_sends_nothing(postgres: PostgresServer, tmp_path: Path) -> None:
    """The real Session, and a real heartbeat: it finds the loss, and its stop must not be forgotten when the turn has come."""
    bench = Bench(tmp_path, just(delete))
    address = postgres.new_database()
    settings = Settings(lease=timedelta(seconds=0.6))
    with FleetStore(address, tenant="contoso") as store:
        ends = OneSession(bench.far_end)

        def sleep(_: float) -> None:
            run = store.run("run-2")
            if run.owner != "other":
                with store.connection.write() as tx:
                    store._rows.save(tx, replace(run, epoch=run.epoch + 1, owner="other"))
            ends.made._stopped.wait(10)  # the heartbeat stops it

        paced = PacedEndpoints(ends, store.connection, "contoso", {"dir": 1}, sleep)
        engine = Engine(store, bench.playbooks, paced, tenant="contoso", settings=settings)
        engine.start("p", {}, run_id="run-2")
        outcome = engine.advance("run-2")
        assert isinstance(outcome, Busy)
        assert outcome.owner == "other"
        assert ends.made._stopped.is_set()
        assert bench.far_end.effects() == []
        assert "intent" not in [entry.state for entry in store.entries("run-2")]


def test_a_stop_ends_the_wait_for_a_turn(tmp_path: Path) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            session.stop()

    session: Any = PacedEndpoints(OneSession(FarEnd(tmp_path)), None, "contoso", {"dir": 1}, sleep).session("dir")
    session.turn(wait=True)
    session.turn(wait=True)
    assert slept == [1.0, 1.0, 1.0]
