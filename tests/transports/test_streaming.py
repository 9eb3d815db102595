"""Long lists: objects are handed over while more are coming, none is kept, and a slow taker makes the far end wait."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from psbridge.clixml import encode_message
from psbridge.cmdlets import get_all_mailboxes
from psbridge.command import Pipeline
from psbridge.endpoints import Endpoints
from psbridge.engine import Done, Engine, Playbook, Run
from psbridge.errors import ConnectionLost, DeadlineExceeded, TransportError
from psbridge.journal import SqliteStore
from psbridge.psobject import PSObject
from psbridge.reply import Reply, State, Stream
from psbridge.session import Session
from psbridge.simulator.generate import generate
from psbridge.simulator.seed import state_to_json
from psbridge.simulator.state import Fault
from psbridge.transports.base import Transport
from psbridge.transports.process import ProcessTransport

ALL = Pipeline.of("Get-Mailbox", ResultSize="Unlimited")
USERS = 600


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tenant") / "tenant.json"
    path.write_bytes(state_to_json(generate(USERS)))
    return path


def simulator(tenant: Path) -> ProcessTransport:
    command = [sys.executable, "-m", "psbridge.simulator", "-s", "--seed", str(tenant), "--endpoint", "onprem"]
    return ProcessTransport(command, endpoint="onprem")


def test_a_slow_taker_makes_the_program_wait_and_the_list_is_whole(tenant: Path) -> None:
    """600 mailboxes are 9 MB: what waits to be taken stays far below that."""
    waiting, taken = 0, 0
    with simulator(tenant) as transport:

        def take(_: bytes) -> None:
            nonlocal waiting, taken
            taken += 1
            time.sleep(0.001)
            link = transport._link
            assert link is not None
            waiting = max(waiting, link._child._inbox.qsize())

        reply = transport.stream(ALL, take)
    assert (taken, reply.state, reply.of(Stream.OUTPUT)) == (USERS, State.COMPLETED, [])
    assert waiting <= 33


class Endless(Transport):
    """A far end with a list of any length; it makes each object when it is asked for, and may break off."""

    def __init__(self, count: int, *, breaks: Sequence[TransportError] = ()) -> None:
        self.count, self.breaks, self.begun = count, list(breaks), 0

    def open(self) -> None: ...

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        raise AssertionError("a long list is never asked for whole")

    def stream(self, pipeline: Pipeline, output: Callable[[bytes], object], *, deadline: float | None = None) -> Reply:
        self.begun += 1
        lost = self.breaks.pop(0) if self.breaks else None
        for number in range(self.count if lost is None else self.count // 2):
            output(mailbox(number))
        if lost is not None:
            raise lost
        return Reply(State.COMPLETED)

    def stop(self) -> None: ...

    def close(self) -> None: ...


def mailbox(number: int) -> bytes:
    notes = {"Guid": f"5c000000-0000-4000-8000-{number:012x}", "ExchangeGuid": f"5d000000-0000-4000-8000-{number:012x}"}
    texts = {"UserPrincipalName": f"user{number}@contoso.com", "DisplayName": "x" * 2_000}
    return encode_message(PSObject(("Selected.Mailbox", "System.Object"), ms={**notes, **texts}))


def gathering(folder: Path, transport: Transport) -> tuple[Engine, str]:
    def body(run: Run) -> dict[str, object]:
        read = run.gather(
            "all", "exo", get_all_mailboxes(), columns=("guid", "upn"), row=lambda one: (str(one.guid), one.user_principal_name)
        )
        return {"count": read.count, "sha256": read.sha256}

    playbook = Playbook("lists", "1", "A list.", (), ("exo",), ("all",), body)
    engine = Engine(SqliteStore(folder / "journal.db"), {"lists": playbook}, Endpoints(lambda _: transport))
    return engine, engine.start("lists", {})


def test_memory_does_not_grow_with_the_list(tmp_path: Path) -> None:
    """6,000 objects are 13 MB of CLIXML; the run may take less than a third of that, whatever it reads."""
    total = 6_000 * len(mailbox(0))
    assert total > 13_000_000
    engine, run_id = gathering(tmp_path, Endless(6_000))
    tracemalloc.start()
    try:
        outcome = engine.advance(run_id)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(outcome, Done)
    assert outcome.result["count"] == 6_000
    assert peak < 4_000_000


def test_after_a_loss_all_objects_come_again_and_none_twice(tmp_path: Path) -> None:
    whole, run_id = gathering(tmp_path, Endless(50))
    expected = whole.advance(run_id)
    broken = Endless(50, breaks=[ConnectionLost("gone"), ConnectionLost("gone again")])
    (tmp_path / "again").mkdir()
    engine, run_id = gathering(tmp_path / "again", broken)
    assert engine.advance(run_id) == expected
    assert broken.begun == 3


def test_the_deadline_is_for_the_wait_between_two_objects(tmp_path: Path) -> None:
    """A list that takes longer than the deadline comes whole; where nothing comes for as long, the call ends."""
    hanging = generate(40)
    hanging.faults.append(Fault("hang", cmdlet="Get-Mailbox", call=2, after=True))
    path = tmp_path / "tenant.json"
    path.write_bytes(state_to_json(hanging))
    deadline, taken = 3.0, 0

    def slowly(_: bytes) -> None:
        nonlocal taken
        taken += 1
        time.sleep(0.1)

    with simulator(path) as transport:
        assert transport.stream(ALL, slowly, deadline=deadline).state is State.COMPLETED
        assert taken * 0.1 > deadline
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            transport.stream(ALL, lambda _: None, deadline=deadline)
        assert time.monotonic() - began >= deadline


def test_a_stop_ends_a_stream(tenant: Path) -> None:
    session = Session("onprem", simulator(tenant))
    taken: list[int] = []

    def take(body: bytes) -> None:
        taken.append(len(body))
        if len(taken) == 1:
            session.stop()

    try:
        assert session.stream(ALL, lambda: take).state in {State.STOPPED, State.COMPLETED}
    finally:
        session.close()
    assert taken
