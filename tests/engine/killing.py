"""A run that is killed at a chosen point, or at any time, in processes of its own.

`python -m tests.engine.killing` is started by test_killing.py. It forks a child per life of a run
and prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from psbridge.command import Pipeline
from psbridge.engine import Busy, Engine, Input, Look, NotDue, Operator, Playbook, Run, Settings, Waiting
from psbridge.journal import Entry, SqliteStore
from psbridge.journal.postgres import PostgresStore
from psbridge.reply import Reply
from tests.engine.bench import see_ada
from tests.engine.far_end import (
    START,
    FarEnd,
    FarEndpoints,
    FarSession,
    SetClock,
    get_account,
    get_deleted_account,
    get_request,
    list_accounts,
    new_request,
    remove_account,
    start_sync,
)
from tests.journal.making import AnyStore

EVERY_WRITE = ("create", "acquire", "renew", "append", "suspend", "finish", "release", "approve", "signal")
RUNS = 3
# Each life begins a day after the one before, and each may end an intent: neither is what is tested here.
PATIENT = Settings(approval=timedelta(days=9999), attempts=99)
# Makes the request with a step that repeats what it does not know the outcome of: the matrix must see it.
CARELESS = False
DESTRUCTIVE = ("Remove-Account -Name ada", "Remove-Account -Name ada -Purge", "New-Request -Name psb-")


class Points:
    """Counts the moments at which a process may die, and dies at one of them."""

    def __init__(self, at: int | None) -> None:
        self.passed: list[str] = []
        self._at = at

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if self._at is not None and len(self.passed) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def store_of(folder: Path) -> AnyStore:
    """The journal of a run: a file in its folder, or the database that a file there names; times are the test's."""
    address = folder / "address"
    return PostgresStore(address.read_text(), times="caller") if address.exists() else SqliteStore(folder / "journal.db")


def mortal_store(folder: Path, point: Points) -> AnyStore:
    """A store each of whose writes may be the last thing before, or the first thing after, a death."""
    store = store_of(folder)

    def around(name: str, write: Callable[..., object]) -> Callable[..., object]:
        def mortal(*given: object, **named: object) -> object:
            point(f"before {name}")
            answer = write(*given, **named)
            point(f"after {name}")
            return answer

        return mortal

    for name in EVERY_WRITE:
        setattr(store, name, around(name, getattr(store, name)))
    return store


class MortalSession(FarSession):
    """A session that may die with a question on the way, or with its answer."""

    def __init__(self, far_end: FarEnd, endpoint: str, point: Points) -> None:
        super().__init__(far_end, endpoint)
        self._point = point

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        self._point(f"before sending {pipeline}")
        reply = super().ask(pipeline, reads=reads)
        self._point(f"after the answer to {pipeline}")
        return reply


class MortalEndpoints(FarEndpoints):
    """Sessions of that kind."""

    def __init__(self, far_end: FarEnd, point: Points) -> None:
        super().__init__(far_end)
        self._point = point

    def session(self, endpoint: str) -> FarSession:
        return self.open.setdefault(endpoint, MortalSession(self.far_end, endpoint, self._point))


def body(run: Run) -> Mapping[str, object]:
    """Every kind of step."""
    account = run.evidence("account", "dir", get_account("ada"), need=("id",))
    run.guard("there is one", account.id is not None, found="it.", expected="it.", remedy="-")
    delete, purge = remove_account("ada"), remove_account("ada", purge=True)
    run.approval("consent", [("dir", delete), ("dir", purge)], requires=["account"], says="Both.")
    run.destroy("delete", "dir", delete, requires=["account"], approval="consent", before=see_ada, verify=_is_deleted)
    run.destroy("purge", "dir", purge, requires=["account"], approval="consent", verify=_is_purged)
    run.change("sync", "sync", start_sync())
    run.ask("migrated", "Migrate it.", "Say so.")
    run.read("gone", "dir", get_account("ada"))
    name = f"psb-{run.id}"

    def is_requested(look: Look) -> bool | None:
        return bool(look.read("dir", get_request(name)).objects)

    if CARELESS:
        run.change("request", "dir", new_request(name))
    else:
        run.destroy("request", "dir", new_request(name), requires=["account"], approval=None, verify=is_requested)
    polled = run.poll(
        "there",
        "dir",
        get_request(name),
        until=lambda seen: True,
        every=timedelta(minutes=1),
        timeout=timedelta(days=99),
        why="it",
    )
    later = run.poll(
        "later",
        "dir",
        list_accounts(),
        until=lambda seen: len(seen.objects) == 1,
        every=timedelta(minutes=1),
        timeout=timedelta(days=99),
        why="eve to be alone",
    )
    run.note("end", "It is over.")
    return {"id": account.id, "requests": len(polled.objects), "accounts": len(later.objects)}


def _is_deleted(look: Look) -> bool | None:
    if look.read("dir", get_account("ada")).objects:
        return False
    return True if look.read("dir", list_accounts()).objects else None


def _is_purged(look: Look) -> bool | None:
    if look.read("dir", get_deleted_account("ada")).objects:
        return False
    return True if look.read("dir", list_accounts()).objects else None


PLAYBOOK = Playbook("p", "1", "Every kind of step.", (Input("identity", default="ada"),), ("dir", "sync"), (), body)


def live(folder: Path, point: Points, *, day: int, runs: int = 1) -> None:
    """One life of a worker: begin what is not begun, carry everything on, answer what is asked, until all is done."""
    for number in range(runs):
        place = folder / f"far-{number}"
        place.mkdir(exist_ok=True)
    clock = SetClock(START + timedelta(days=day))
    store = mortal_store(folder, point)
    for number in range(runs):
        far_end = FarEnd(folder / f"far-{number}", hook=point)
        far_end.during = _deaf_to_zoe(far_end)
        endpoints = MortalEndpoints(far_end, point)
        tenant = f"t{number}"
        engine = Engine(store, {"p": PLAYBOOK}, endpoints, clock=clock, tenant=tenant, settings=PATIENT, actor=lambda: "kim")
        run_id = engine.start("p", {}, run_id=f"run-{number}")
        _to_the_end(engine, run_id, clock)


def _deaf_to_zoe(far_end: FarEnd) -> Callable[[str], None]:
    """A second account stays beside eve until it was looked for three times."""

    def during(cmdlet: str) -> None:
        state = far_end.state()
        if cmdlet == "Start-Sync" and "zoe" not in state:
            far_end.write({**state, "zoe": 3, "accounts": {**state["accounts"], "zoe": {"name": "zoe"}}})
        elif cmdlet == "Get-Account" and state.get("zoe", 0) > 0:
            state["zoe"] -= 1
            if not state["zoe"]:
                del state["accounts"]["zoe"]
            far_end.write(state)

    return during


def _to_the_end(engine: Engine, run_id: str, clock: SetClock) -> None:
    for _ in range(200):
        outcome = engine.advance(run_id)
        if isinstance(outcome, Operator) and outcome.signal == "migrated":
            engine.signal(run_id, "migrated", "yes")
        elif isinstance(outcome, Busy) and outcome.until is not None:
            clock.to(outcome.until)  # a database does not know that the holder of a lease is dead
        elif isinstance(outcome, Waiting | NotDue):
            asked = engine.pending_approvals(run_id)
            for one in asked:
                engine.approve(run_id, one.key, one.sha, expires=timedelta(days=3650))
            if not asked:
                clock.to(outcome.until)
        else:
            break


def _child(folder: Path, point: Points, *, day: int, runs: int = 1) -> int:
    """Fork a life; gives the child's process id."""
    child = os.fork()
    if child:
        return child
    try:
        live(folder, point, day=day, runs=runs)
        (folder / "points.json").write_text(json.dumps(point.passed))
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - a forked child that lets anything out goes on as a second pytest
        print(f"child: {type(error).__name__}: {error}", file=sys.stderr)
        os._exit(3)


def _ended(child: int) -> int:
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _journal(folder: Path, run_id: str = "run-0") -> list[Entry]:
    if not (folder / "journal.db").exists() and not (folder / "address").exists():
        return []
    with store_of(folder) as view:
        return view.entries(run_id) if any(run.run_id == run_id for run in view.runs()) else []


def _seen(folder: Path, number: int = 0) -> dict[str, Any]:
    """What is there in the end."""
    with store_of(folder) as store:
        run, problems = store.run(f"run-{number}"), store.verify()
    state = FarEnd(folder / f"far-{number}").state()
    return {
        "status": run.status.value,
        "why": run.why,
        "result": run.result,
        "problems": problems,
        "state": {name: state[name] for name in ("accounts", "deleted", "requests")},
        "destructive": [effect for effect in state["effects"] if effect.startswith(DESTRUCTIVE)],
    }


def folder_of(root: Path, name: str) -> Path:
    """A folder for one run; with a server beside it the run's journal is a database of its own there."""
    folder = root / name
    folder.mkdir()
    if (root / "server").exists():
        server = (root / "server").read_text()
        with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {(database := f't{uuid4().hex}')}".encode())
        (folder / "address").write_text(f"{server} dbname={database}")
    return folder


def matrix(root: Path) -> dict[str, Any]:
    """Kill at every point, one life each; then live on, at once or a day later. Gives what differs from the undisturbed run."""
    calm = folder_of(root, "calm")
    if _ended(_child(calm, Points(None), day=0)):
        raise SystemExit("the undisturbed run failed")
    points, expected = json.loads((calm / "points.json").read_text()), _seen(calm)
    wrong = []
    for at, point in enumerate(points, start=1):
        # Between one point's after and the next one's before nothing happens: both leave the same behind.
        same = point.startswith("after ") and at < len(points)
        if "New-Request" not in point if CARELESS else same:
            continue
        folder = folder_of(root, f"at-{at}")
        died = _ended(_child(folder, Points(at), day=0))
        before = _journal(folder)
        lived = _ended(_child(folder, Points(None), day=at % 2))
        after, seen = _journal(folder), _seen(folder)
        if died != -signal.SIGKILL or lived or seen != expected or after[: len(before)] != before:
            wrong.append({"at": at, "point": point, "died": died, "lived": lived, "seen": seen})
    return {"points": points, "expected": expected, "wrong": wrong}


def chaos(root: Path, seconds: float, seed: int) -> dict[str, Any]:
    """Kill at random times, again and again, until each round of runs has come to its end; new rounds until time is over."""
    lot, kills, rounds, seen = random.Random(seed), 0, 0, []
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        folder = folder_of(root, f"round-{rounds}")
        kills += _round(folder, lot)
        seen += [_seen(folder, number) for number in range(RUNS)]
        rounds += 1
    return {"kills": kills, "rounds": rounds, "seen": seen}


def _round(folder: Path, lot: random.Random) -> int:
    for day in range(500):
        child = _child(folder, Points(None), day=day, runs=RUNS)
        time.sleep(lot.uniform(*((0.03, 0.4) if (folder / "address").exists() else (0.002, 0.06))))
        os.kill(child, signal.SIGKILL)
        ended = _ended(child)
        if not ended:
            return day
        if ended != -signal.SIGKILL:
            raise SystemExit(f"a life ended with {ended}")
    raise SystemExit("500 lives were not enough")


if __name__ == "__main__":
    kind, where, *more = sys.argv[1:]
    CARELESS = "careless" in more
    print(json.dumps(matrix(Path(where)) if kind == "matrix" else chaos(Path(where), float(more[0]), int(more[1]))))
