"""A scenario and a far end in; the run carried to its end, with its journal and what was really sent, out.

Approvals are given by the engine's own API as soon as they are asked for; waits are skipped; the operator's part is played.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from psbridge.clock import SkippingClock
from psbridge.command import Pipeline
from psbridge.engine import Busy, Endpoints, Engine, NotDue, Operator, Outcome, Waiting
from psbridge.journal import Entry, SqliteStore, Store
from psbridge.reply import Reply
from psbridge.session import Session
from psbridge.transports.base import Transport
from tests.playbooks.scenario import RUN, Happening, Scenario
from tests.playbooks.sent import Sent, of_pipeline

__all__ = ["ACTOR", "TENANT", "FarEnd", "Meanwhile", "Played", "Skipping", "carry_on", "engine_for", "play"]

TENANT: Final = "domain.onmicrosoft.com"
ACTOR: Final = "operator on jump-host"
# So often is a run advanced at most.
_MANY: Final = 300
# After so many looks in vain the worker comes later and later, up to this: a playbook may poll for days every half minute.
_LOOKS: Final = 25
_LATE: Final = 6 * 3600.0


class FarEnd(Protocol):
    """What a run is played against: the simulator, the real engine, or a recording."""

    clock: SkippingClock

    def transport(self, endpoint: str) -> Transport:
        """A new way to an endpoint."""
        ...

    def happen(self, happening: Happening) -> None:
        """Let something happen at the far end."""
        ...

    def passes(self, seconds: float) -> None:
        """Tell it that the run's clock has skipped this time."""
        ...

    def state(self) -> Any:
        """What the organisation holds now."""
        ...


@dataclass(slots=True)
class Meanwhile:
    """What is still to happen at the far end, and what was answered."""

    far: FarEnd
    happenings: Sequence[Happening] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    over: list[Happening] = field(default_factory=list)

    @classmethod
    def of(cls, scenario: Scenario, far: FarEnd) -> Meanwhile:
        """What a scenario says."""
        return cls(far, scenario.happenings, scenario.answers)

    def at(self, why: str) -> None:
        """The run waits, or asks."""
        self._let(lambda one: bool(one.when) and one.when in why)

    def after(self, cmdlet: str) -> None:
        """A cmdlet was called."""
        self._let(lambda one: one.after == cmdlet)

    def _let(self, meant: Any) -> None:
        for happening in self.happenings:
            if meant(happening) and happening not in self.over:
                self.over.append(happening)
                self.far.happen(happening)


@dataclass(frozen=True, slots=True)
class Played:
    """A run that was carried to an end: the last outcome, the journal, and what left the client, in order."""

    outcome: Outcome
    entries: tuple[Entry, ...]
    sent: tuple[Sent, ...]


def play(scenario: Scenario, far: FarEnd, folder: Path, *, run_id: str = RUN) -> Played:
    """Begin a run of the scenario and carry it on to its end; the journal lies in `folder`."""
    sent: list[Sent] = []
    meanwhile = Meanwhile.of(scenario, far)
    endpoints = Skipping(far, sent, meanwhile)
    with SqliteStore(folder / "journal.db") as store:
        engine = engine_for(scenario, store, endpoints, far.clock)
        engine.start(scenario.playbook.name, scenario.inputs, run_id=run_id)
        try:
            outcome = carry_on(engine, run_id, far.clock, meanwhile)
        finally:
            endpoints.really_close()
        return Played(outcome, tuple(engine.entries(run_id)), tuple(sent))


def engine_for(scenario: Scenario, store: Store, endpoints: Endpoints, clock: SkippingClock) -> Engine:
    """An engine with the scenario's playbook and every other of the scenario's making."""
    playbook = scenario.playbook
    return Engine(store, {playbook.name: playbook}, endpoints, clock=clock, tenant=TENANT, actor=lambda: ACTOR)


def carry_on(engine: Engine, run_id: str, clock: SkippingClock, meanwhile: Meanwhile) -> Outcome:
    """Advance, approve, answer and skip waits until the run ends or asks what nobody answers; gives the last outcome."""
    waits = _Waits(clock, meanwhile.far)
    for _ in range(_MANY):
        outcome = engine.advance(run_id)
        match outcome:
            case Waiting() | NotDue() if engine.pending_approvals(run_id):
                (asked,) = engine.pending_approvals(run_id)
                engine.approve(run_id, asked.key, asked.sha)
            case Waiting(until=until, why=why):
                meanwhile.at(why)
                waits.over(until, why)
            case NotDue(until=until) | Busy(until=until):
                waits.over(until, "")
            case Operator(signal=signal) if signal in meanwhile.answers:
                meanwhile.at(signal)
                engine.signal(run_id, signal, meanwhile.answers[signal])
            case _:
                return outcome
    raise AssertionError(f"the run did not end: {outcome}")


@dataclass(slots=True)
class _Waits:
    """The waits of a run, skipped at both ends."""

    clock: SkippingClock
    far: FarEnd
    why: str = ""
    looks: int = 0

    def over(self, until: datetime, why: str) -> None:
        """Skip a wait; and more than that, if it was one of many for the same."""
        self.looks = self.looks + 1 if why == self.why else 0
        self.why = why
        seconds = max((until - self.clock.now()).total_seconds(), 0.0)
        if self.looks > _LOOKS:
            seconds = max(seconds, min(seconds * 2 ** (self.looks - _LOOKS), _LATE))
        self.clock.sleep(seconds)
        self.far.passes(seconds)


class Skipping:
    """The engine's sessions to a far end. They sleep by the skipping clock, and stay open until `really_close`."""

    def __init__(self, far: FarEnd, sent: list[Sent], meanwhile: Meanwhile) -> None:
        self._far, self._sent, self._meanwhile = far, sent, meanwhile
        self._sessions: dict[str, Session] = {}

    def session(self, endpoint: str) -> Session:
        """The session of one endpoint."""
        if endpoint not in self._sessions:
            witness = _Witness(endpoint, self._far.transport(endpoint), self._sent, self._meanwhile)
            self._sessions[endpoint] = Session(endpoint, witness, deadline=60.0, sleep=self._far.clock.sleep)
        return self._sessions[endpoint]

    def close(self) -> None:
        """Keep them: to start PowerShell anew for each wait costs more than a whole run."""

    def really_close(self) -> None:
        """Disconnect."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()


class _Witness(Transport):
    """Writes down what goes by; what is to happen after a call happens here."""

    def __init__(self, endpoint: str, inner: Transport, sent: list[Sent], meanwhile: Meanwhile) -> None:
        self._endpoint, self._inner, self._sent, self._meanwhile = endpoint, inner, sent, meanwhile

    def open(self) -> None:
        self._inner.open()

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        self._sent.append(of_pipeline(self._endpoint, pipeline))
        reply = self._inner.run(pipeline, deadline=deadline)
        self._meanwhile.after(pipeline.commands[0].name)
        return reply

    def stop(self) -> None:
        self._inner.stop()

    def close(self) -> None:
        self._inner.close()
