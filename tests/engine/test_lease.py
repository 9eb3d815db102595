"""One run, one holder: the heartbeat inside advance, the hazard without it, and a holder who was thought dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from psbridge.clock import SystemClock
from psbridge.engine import Busy, Done, Engine, NotDue, Outcome, Run, Settings, Waiting
from psbridge.engine.heartbeat import Heartbeat
from psbridge.errors import JournalError, LeaseLost
from psbridge.journal import Draft, Entry, Kind, SqliteStore, Status
from tests.engine.bench import Bench, delete_account, just, playbook_of, see_ada
from tests.engine.far_end import START, FarEnd, FarEndpoints, SetClock, get_account, new_request

# A server that is believed too soon, so that only the lease stands between two holders.
HASTY = Settings(lease=timedelta(seconds=0.4), cmdlet_timeout=timedelta(), settle=timedelta())


def blind(run: Run) -> Mapping[str, object]:
    run.destroy("make", "dir", new_request("x"), requires=(), approval=None, verify=lambda _: False)
    return {}


def two_owners(tmp_path: Path) -> tuple[list[str], list[Outcome]]:
    """Two engines in one worker; the first one's cmdlet takes longer than its lease, the second comes in the middle."""
    far_end, store = FarEnd(tmp_path), SqliteStore(tmp_path / "journal.db")
    started = threading.Event()

    def slow(_: str) -> None:
        if not started.is_set():
            started.set()
            time.sleep(1.2)

    far_end.during = slow
    engines = [
        Engine(store, {"p": playbook_of(blind)}, FarEndpoints(far_end), clock=SystemClock(), settings=HASTY) for _ in range(2)
    ]
    run_id = engines[0].start("p", {})
    outcomes: list[Outcome] = []
    with engines[0].working():
        first = threading.Thread(target=lambda: outcomes.append(engines[0].advance(run_id)))
        first.start()
        started.wait(5)
        time.sleep(0.7)
        outcomes.append(engines[1].advance(run_id))
        first.join()
    return far_end.effects(), outcomes


def test_with_the_heartbeat_a_cmdlet_that_outlasts_its_lease_is_sent_once(tmp_path: Path) -> None:
    effects, outcomes = two_owners(tmp_path)
    assert effects == ["New-Request -Name x"]
    assert isinstance(outcomes[0], Busy)
    assert outcomes[1] == Done({})


def test_without_the_heartbeat_it_is_sent_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: this is the hazard that the heartbeat is there for."""
    monkeypatch.setattr(Heartbeat, "_beat", lambda _: None)
    effects, _ = two_owners(tmp_path)
    assert effects == ["New-Request -Name x"] * 2


def test_a_heartbeat_that_cannot_renew_stops_the_sessions_and_nothing_more_is_sent(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        run.read("one", "dir", get_account("ada"))
        run.read("two", "dir", get_account("eve"))
        return {}

    bench = Bench(tmp_path, body, settings=Settings(lease=timedelta(seconds=0.15)))
    stopped: list[int] = []

    def fail(*_: object, **__: object) -> None:
        raise LeaseLost("journal.db", "run-1", "taken")

    def slow(_: str) -> None:
        bench.store.renew = fail  # type: ignore[method-assign]  # the journal is gone from now on
        session = bench.endpoints.open["dir"]
        time.sleep(0.3)
        stopped.append(session.stopped)
        bench.far_end.during = lambda _: None
        del bench.store.renew

    bench.far_end.during = slow
    outcome = bench.advance()
    assert stopped == [1]
    # The clock of this test stands still, so the lease still counts for others; a later pass takes up where this one ended.
    assert outcome == Busy(bench.engine._owner, START + timedelta(seconds=0.15))
    assert bench.far_end.asked == ["[dir] Get-Account -Name ada"]
    assert bench.entries(Kind.READ) == []
    bench.later(seconds=1)
    assert bench.advance() == Done({})


def test_a_clock_that_jumps_over_the_lease_only_makes_the_run_begin_its_pass_again(tmp_path: Path) -> None:
    """A laptop that slept: nobody took the run over, so it is taken again, and an intent would be verified."""

    def jump(_: str) -> None:
        bench.far_end.during = lambda _: None
        bench.later(hours=8)

    bench = Bench(tmp_path, just(delete_account))
    bench.advance()
    bench.consent()
    bench.far_end.during = jump
    outcome = bench.advance()
    assert outcome == Done({})
    assert bench.far_end.effects() == ["Remove-Account -Name ada"]
    assert bench.store.run("run-1").epoch >= 2


def test_a_lease_that_ran_out_before_the_intent_sends_nothing_under_it(tmp_path: Path) -> None:
    """The look before the write took longer than the lease."""
    epochs: list[int] = []

    def slow(_: str) -> None:
        if len(epochs) < 2:
            bench.later(minutes=2)
        epochs.append(bench.store.run("run-1").epoch)

    bench = Bench(tmp_path, just(lambda run: delete_account(run, before=see_ada)))
    bench.advance()
    bench.consent()
    bench.far_end.during = slow
    assert bench.advance() == Done({})
    [intent] = [entry for entry in bench.entries(Kind.DESTROY) if entry.state == "intent"]
    assert intent.epoch == bench.store.run("run-1").epoch == epochs[-1]
    assert bench.far_end.effects() == ["Remove-Account -Name ada"]


def test_a_journal_that_fails_after_the_effect_loses_no_more_than_the_answer(tmp_path: Path) -> None:
    """The disk is full when the outcome is to be written: the intent is there, and the next pass looks."""
    bench = Bench(tmp_path, just(delete_account))
    bench.advance()
    bench.consent()
    append = bench.store.append

    def full(lease: object, draft: Draft, **terms: object) -> Entry:
        if draft.state == "done" and draft.kind is Kind.DESTROY:
            raise JournalError("journal.db", "the disk is full")
        return append(lease, draft, **terms)  # type: ignore[arg-type]  # handed through as they came

    bench.store.append = full  # type: ignore[method-assign]  # the disk
    with pytest.raises(JournalError, match="the disk is full"):
        bench.advance()
    bench.store.append = append  # type: ignore[method-assign]  # space was freed
    bench.later(minutes=17)
    assert bench.settled() == Done({})
    assert bench.far_end.effects() == ["Remove-Account -Name ada"]
    assert bench.states("delete", Kind.DESTROY) == ["intent", "observed"]


def test_a_playbook_that_bears_with_a_failing_journal_does_not_get_past_it(tmp_path: Path) -> None:
    def body(run: Run) -> Mapping[str, object]:
        try:
            run.note("one", "x")
        except JournalError:
            return {"careless": True}
        return {}

    bench = Bench(tmp_path, body)
    append = bench.store.append

    def fail(*_: object, **__: object) -> Entry:
        bench.store.append = append  # type: ignore[method-assign]  # once is enough
        raise JournalError("journal.db", "the disk is full")

    bench.store.append = fail  # type: ignore[method-assign]  # the disk
    assert isinstance(bench.advance(), Busy)
    bench.later(minutes=2)
    assert bench.advance() == Done({})


CHILD = """
import os, signal, sys
from pathlib import Path
from tests.engine.bench import is_deleted, just, playbook_of
from tests.engine.far_end import FarEnd, FarEndpoints, SetClock, new_request
from psbridge.engine import Engine
from psbridge.journal import SqliteStore
from tests.engine.test_lease import falsely_dead

folder = Path(sys.argv[1])

def stop(point):
    if point.startswith("before"):
        os.kill(os.getpid(), signal.SIGSTOP)

far_end = FarEndpoints(FarEnd(folder, hook=stop))
engine = Engine(SqliteStore(folder / "journal.db"), {"p": playbook_of(falsely_dead)}, far_end, clock=SetClock())
print(type(engine.advance("run-1")).__name__, flush=True)
"""


def falsely_dead(run: Run) -> Mapping[str, object]:
    from tests.engine.far_end import get_request

    run.destroy(
        "make",
        "dir",
        new_request("psb-1"),
        requires=(),
        approval=None,
        verify=lambda look: bool(look.read("dir", get_request("psb-1")).objects),
    )
    return {}


def stopped(process: subprocess.Popen[str]) -> bool:
    state = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return state == "T"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see that a process has stopped")
def test_a_holder_who_was_thought_dead_writes_nothing_more_when_it_wakes(tmp_path: Path) -> None:
    """It stops in the middle of its cmdlet, somebody removes its lock by hand, another worker takes the run over."""
    far_end = FarEnd(tmp_path)
    store = SqliteStore(tmp_path / "journal.db")
    clock = SetClock()
    engine = Engine(store, {"p": playbook_of(falsely_dead)}, FarEndpoints(far_end), clock=clock)
    engine.start("p", {}, run_id="run-1")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True
    )
    try:
        give_up = time.monotonic() + 30
        while not stopped(child) and time.monotonic() < give_up:
            time.sleep(0.02)
        assert isinstance(engine.advance("run-1"), Busy)
        (tmp_path / "journal.db.worker").unlink()
        waiting = engine.advance("run-1")
        assert isinstance(waiting, Waiting)
        taken_over = store.entries("run-1")
        os.kill(child.pid, signal.SIGCONT)
        said, _ = child.communicate(timeout=30)
    finally:
        child.kill()
        child.communicate()
    assert said.strip() == NotDue.__name__
    assert store.entries("run-1") == taken_over
    clock.to(waiting.until)
    assert engine.advance("run-1") == Done({})
    assert far_end.effects() == ["New-Request -Name psb-1"]


def test_after_a_kill_the_run_is_due_at_once_although_its_lease_is_long(tmp_path: Path) -> None:
    bench = Bench(tmp_path, just(lambda run: run.read("r", "dir", get_account("ada"))))
    with bench.store.worker("killed"):
        bench.engine._acquire("run-1")
    assert bench.store.run("run-1").status is Status.RUNNING
    assert bench.another().due() == ["run-1"]
    assert bench.another().advance("run-1") == Done({})
