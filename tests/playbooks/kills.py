"""A scenario and a far end in; a run of it that is killed at a chosen point, carried on, and judged out.

A point is the moment before and after each write of the journal, and before and after each remote call. The run is carried on
in a process of its own, which dies there as if by kill -9. What a kill leaves behind is the journal and the organisation.

The journal is a file in the run's folder; or the database whose address stands there (`DATABASE`).
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from psbridge.clock import SkippingClock
from psbridge.command import Pipeline
from psbridge.engine import Finished, Outcome
from psbridge.journal import Entry, SqliteStore
from psbridge.journal.postgres import PostgresStore
from psbridge.reply import Reply
from psbridge.transports.base import Transport
from tests.playbooks.left_behind import LeftBehind, destructive, left_behind, plain
from tests.playbooks.playing import FarEnd, Meanwhile, Skipping, carry_on, engine_for
from tests.playbooks.scenario import RUN, Happening, Scenario
from tests.playbooks.sent import Sent, writes

__all__ = [
    "DATABASE",
    "Calm",
    "Points",
    "Verdict",
    "World",
    "around_writes",
    "killed",
    "of_its_own",
    "that_matter",
    "undisturbed",
    "unlike",
]

# The heartbeat's renewals come by the real clock: they are no points that a run passes each time.
_WRITES: Final = ("create", "acquire", "append", "suspend", "finish", "release", "approve", "signal")
_LONGEST: Final = 100.0
# The file that holds the address of a database.
DATABASE: Final = "database"


class World(FarEnd, Protocol):
    """A far end that outlives a killed run, and its own witness."""

    far_sessions: bool
    """Whether the dying process has sessions of its own; else this process keeps them, and runs what it asks for."""

    def effects(self) -> list[Sent]:
        """Every write that had its effect, in order, by the far end's own account."""
        ...

    def kill_at(self, call: int, when: str, pid: int) -> None:
        """Have a process killed at a call, by the far end itself: when it is `taken`, or `done` and not answered."""
        ...

    def rest(self) -> None:
        """Wait until nothing is under way there any more."""
        ...

    def settle(self) -> None:
        """Let time pass until what the run has set going is over: the cycles and the replication after it."""
        ...


@dataclass(slots=True)
class Points:
    """The points that a run passes; at the deadly one the process is gone. Calls are counted beside them."""

    deadly: int | None = None
    passed: list[str] = field(default_factory=list)

    def at(self, name: str) -> None:
        """Pass a point, or die there."""
        self.passed.append(name)
        if self.deadly is not None and len(self.passed) == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Calm:
    """A run that nobody kills: its points, its effects, and what it leaves behind."""

    points: tuple[str, ...]
    effects: Counter[str]
    left: LeftBehind
    destructive: frozenset[str]
    calls: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a run that was killed at a point, by kind; `again`: writes without harm that were repeated."""

    point: str
    complaints: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    again: int = 0

    @property
    def wrong(self) -> tuple[str, ...]:
        """Everything that is wrong, in lines."""
        return (*self.complaints, *self.lost, *self.repeated, *self.different)


def undisturbed(scenario: Scenario, world: World, folder: Path) -> Calm:
    """Carry a run to its end. Raises AssertionError where it does not end as the scenario says."""
    before = _text(world)
    points = Points()
    outcome = _play(scenario, world, Meanwhile.of(scenario, world), folder, points)
    complaint = scenario.complaint(outcome)
    assert not complaint, complaint
    effects = world.effects()
    world.settle()
    entries = _entries(folder)
    names, left = destructive(entries), left_behind(outcome, entries, plain(world.state()), before)
    calls = sum(point.startswith("before call ") for point in points.passed)
    return Calm(tuple(points.passed), Counter(map(str, effects)), left, names, calls)


def killed(
    scenario: Scenario, world: World, folder: Path, calm: Calm, point: int | tuple[int, str], *, later: float = 0.0
) -> Verdict:
    """Kill a run at a point (counted from 1), or at a call by the far end; carry it on, and compare it with a calm one.

    `later`: hours until somebody carries it on.
    """
    before, meanwhile = _text(world), Meanwhile.of(scenario, world)
    name = f"{calm.points[point - 1]} (point {point})" if isinstance(point, int) else f"call {point[0]} {point[1]}"
    if not _dies(scenario, world, meanwhile, folder, point):
        return Verdict(name, ("it ended before it came there",))
    world.rest()
    world.clock.sleep(later * 3600)
    world.passes(later * 3600)
    kept = _entries(folder)
    try:
        outcome = _play(scenario, world, meanwhile, folder, Points())
    except Exception as error:  # noqa: BLE001 - whatever it is, the matrix tells it and goes on
        return Verdict(name, (f"carried on, it raises {type(error).__name__}: {error}",))
    return _judged(name, scenario, world, folder, calm, before, kept, outcome)


def _judged(
    name: str, scenario: Scenario, world: World, folder: Path, calm: Calm, before: str, kept: list[Entry], outcome: Outcome
) -> Verdict:
    complaint = scenario.complaint(outcome.outcome if isinstance(outcome, Finished) else outcome)
    after = _entries(folder)
    with _store(folder, SqliteStore, PostgresStore) as store:
        problems = [str(problem) for problem in store.verify()]
    lost = ["entries of the killed run are gone"] if after[: len(kept)] != kept else []
    counted = Counter(map(str, world.effects()))
    more = {text: counted[text] - calm.effects[text] for text in counted.keys() | calm.effects.keys()}
    grave = {text for text in more if text.split("] ")[1].split()[0] in calm.destructive}
    repeated = [f"{counted[text]} effects, not {calm.effects[text]}: {text}" for text in sorted(grave) if more[text]]
    world.settle()
    left = left_behind(outcome, after, plain(world.state()), before)
    different = left.differences(calm.left)
    return Verdict(
        name,
        tuple([complaint] if complaint else []) + tuple(problems),
        (*lost, *(line for line in different if line.startswith("the evidence"))),
        tuple(repeated),
        tuple(line for line in different if not line.startswith("the evidence")),
        sum(count for text, count in more.items() if text not in grave and count > 0),
    )


def unlike(points: Sequence[str]) -> list[int]:
    """The points that leave something else behind: nothing is written or called between one's after and the next one's before."""
    assert all(name.startswith(("before ", "after ")) for name in points)
    return [number for number, name in enumerate(points, 1) if name.startswith("before ") or number == len(points)]


def that_matter(points: Sequence[str]) -> list[int]:
    """Those around every write, approval, wait and evidence, and around the beginning and the end; of the same ones the first."""
    chosen: dict[str, int] = {}
    after = ""
    for number in unlike(points):
        name = points[number - 1]
        if _matters(name) or _matters(after) or number == len(points):
            chosen.setdefault(f"{after}, {name}", number)
        after = name
    return list(chosen.values())


def around_writes(points: Sequence[str]) -> list[int]:
    """Those before and after each call of a write: the intent is kept and nothing was sent; the effect is there and unknown."""
    calls = [number for number, name in enumerate(points, 1) if " call " in name and writes(name.split()[2])]
    return [*calls, len(points)]


def of_its_own(points: Sequence[str], main: Sequence[str]) -> list[int]:
    """Those before and after each call of a write, and each entry of a question, that the main scenario's run does not have.

    A write is told by its step: two steps may send the same cmdlet.
    """
    chosen: list[int] = []
    for number, name in enumerate(points, 1):
        if name in main or not name.startswith("before append "):
            continue
        kind, state = name.split()[2], name.rpartition(" ")[2]
        if kind == "ask":
            chosen.append(number)
        elif kind in {"destroy", "change"} and state == "intent":
            before = next(later for later in range(number, len(points) + 1) if points[later - 1].startswith("before call "))
            chosen += [before, before + 1]
    return chosen


_GRAVE: Final = ("create", "suspend", "finish", "approve", "signal", "append evidence", "append destroy", "append change")
_ALSO: Final = ("append approval", "append warning", "append hold")


def _matters(point: str) -> bool:
    _, _, what = point.partition(" ")
    return what.startswith((*_GRAVE, *_ALSO)) or (what.startswith("call ") and writes(what.split()[1]))


class _Killing:
    """A journal with a point before and after each write."""

    points = Points()

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in _WRITES:
            return found
        points = _Killing.points

        def watched(*arguments: Any, **named: Any) -> Any:
            what = _what(name, arguments)
            points.at(f"before {what}")
            result = found(*arguments, **named)
            points.at(f"after {what}")
            return result

        return watched


class _KillingFile(_Killing, SqliteStore):
    """In a file."""


class _KillingDatabase(_Killing, PostgresStore):
    """In PostgreSQL."""


AnyStore: TypeAlias = SqliteStore | PostgresStore


def _store(folder: Path, file: type[SqliteStore], database: type[PostgresStore]) -> AnyStore:
    """The journal of a folder."""
    address = folder / DATABASE
    return database(address.read_text(), times="caller") if address.exists() else file(folder / "journal.db")


def _what(name: str, arguments: Sequence[Any]) -> str:
    if name == "append":
        draft = arguments[1]
        return f"append {draft.kind.value} {draft.key} {draft.state}"
    if name == "suspend":
        return f"suspend {arguments[1].why}"
    return name


class _KillingTransport(Transport):
    """A transport with a point before and after each call."""

    def __init__(self, inner: Transport, points: Points) -> None:
        self._inner, self._points = inner, points

    def open(self) -> None:
        self._inner.open()

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        self._points.at(f"before call {pipeline.commands[0].name}")
        reply = self._inner.run(pipeline, deadline=deadline)
        self._points.at(f"after call {pipeline.commands[0].name}")
        return reply

    def stop(self) -> None:
        self._inner.stop()

    def close(self) -> None:
        self._inner.close()


@dataclass(slots=True)
class _Mortal:
    """A far end whose every call is a point."""

    far: FarEnd
    points: Points

    clock: SkippingClock

    def transport(self, endpoint: str) -> Transport:
        return _KillingTransport(self.far.transport(endpoint), self.points)

    def happen(self, happening: Happening) -> None:
        self.far.happen(happening)

    def passes(self, seconds: float) -> None:
        self.far.passes(seconds)

    def state(self) -> Any:
        return self.far.state()


def _play(scenario: Scenario, far: FarEnd, meanwhile: Meanwhile, folder: Path, points: Points) -> Outcome:
    """Begin the run, or go on with it, until it ends."""
    mortal = _Mortal(far, points, far.clock)
    endpoints = Skipping(mortal, [], meanwhile)
    _Killing.points = points
    with _store(folder, _KillingFile, _KillingDatabase) as store:
        engine = engine_for(scenario, store, endpoints, far.clock)
        engine.start(scenario.playbook.name, scenario.inputs, run_id=RUN)
        try:
            return carry_on(engine, RUN, far.clock, meanwhile)
        finally:
            endpoints.really_close()


def _dies(scenario: Scenario, world: World, meanwhile: Meanwhile, folder: Path, point: int | tuple[int, str]) -> bool:
    """Carry the run on in a process that dies; False if it ended before it came there."""
    here, there = multiprocessing.Pipe()
    points = Points(point if isinstance(point, int) else None)

    def live() -> None:
        here.close()
        if not isinstance(point, int):
            world.kill_at(*point, os.getpid())
        remote = _Remote(there, world)
        _play(scenario, remote, _RemoteMeanwhile(remote, (), scenario.answers), folder, points)

    # fork: the child begins where the parent is, without importing everything again.
    process = multiprocessing.get_context("fork").Process(target=live)
    with warnings.catch_warnings():
        # The child uses none of this process's threads.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    there.close()
    _serve(here, world, meanwhile)
    return _ended(process) == -signal.SIGKILL


class _Remote:
    """The far end as the dying process has it: what is to outlive it is done by the parent."""

    def __init__(self, parent: Connection, world: World) -> None:
        self._parent, self._world = parent, world
        self.clock = SkippingClock(world.clock.now())

    def asked(self, *what: Any) -> Any:
        """Have the parent do something, at the time that it is here."""
        self._parent.send((self.clock.now(), *what))
        answer = self._parent.recv()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def transport(self, endpoint: str) -> Transport:
        return self._world.transport(endpoint) if self._world.far_sessions else _Asking(endpoint, self)

    def happen(self, happening: Happening) -> None:
        """The parent lets it happen."""

    def passes(self, seconds: float) -> None:
        self.asked("passes", seconds)

    def state(self) -> None:
        return None


class _RemoteMeanwhile(Meanwhile):
    """What is still to happen is known by the parent, which outlives this process."""

    def at(self, why: str) -> None:
        assert isinstance(self.far, _Remote)
        self.far.asked("at", why)

    def after(self, cmdlet: str) -> None:
        assert isinstance(self.far, _Remote)
        if self.far._world.far_sessions:
            self.far.asked("after", cmdlet)


class _Asking(Transport):
    """Has the parent run what it is to run: to start PowerShell anew for each point costs ten times what the point does."""

    def __init__(self, endpoint: str, remote: _Remote) -> None:
        self._endpoint, self._remote = endpoint, remote

    def open(self) -> None:
        """The parent's session is open."""

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        reply: Reply = self._remote.asked("run", self._endpoint, pipeline, deadline)
        return reply

    def stop(self) -> None:
        """Nothing is stopped here."""

    def close(self) -> None:
        """The session is the parent's."""


def _serve(child: Connection, world: World, meanwhile: Meanwhile) -> None:
    """Do what the child asks for, until it is gone."""
    transports: dict[str, Transport] = {}

    def run(endpoint: str, pipeline: Pipeline, deadline: float | None) -> Reply:
        transport = transports.setdefault(endpoint, world.transport(endpoint))
        reply = transport.run(pipeline, deadline=deadline)
        meanwhile.after(pipeline.commands[0].name)
        return reply

    handlers: dict[str, Callable[..., object]] = {
        "run": run,
        "passes": world.passes,
        "at": meanwhile.at,
        "after": meanwhile.after,
    }
    with child:
        for now, what, *given in _asked(child):
            _catch_up(world.clock, now)
            answer: object
            try:
                answer = handlers[what](*given)
            except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
                answer = error
            with contextlib.suppress(BrokenPipeError):
                child.send(answer)


def _asked(child: Connection) -> Iterator[Any]:
    while True:
        try:
            yield child.recv()
        except (EOFError, ConnectionResetError):
            return


def _catch_up(clock: SkippingClock, now: datetime) -> None:
    clock.sleep(max(0.0, (now - clock.now()).total_seconds()))


def _ended(process: BaseProcess) -> int | None:
    process.join(_LONGEST)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError("the killed run hangs")
    return process.exitcode


def _entries(folder: Path) -> list[Entry]:
    if not any((folder / name).exists() for name in ("journal.db", DATABASE)):
        return []
    with _store(folder, SqliteStore, PostgresStore) as store:
        return store.entries(RUN) if any(run.run_id == RUN for run in store.runs()) else []


def _text(world: World) -> str:
    return str(plain(world.state())).lower()
