"""A playbook and its inputs in, what it would do out: reads go out live, writes are collected (-WhatIf).

The same body runs against scratch paper instead of a journal. It ends where a look would depend on a write that has
not happened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from psbridge.clock import Clock
from psbridge.cmdlets.call import Call
from psbridge.engine import steps
from psbridge.engine.answer import Answer
from psbridge.engine.context import Context, Terms, must_write
from psbridge.engine.ledger import call_hash, text_hash
from psbridge.engine.playbook import Playbook
from psbridge.engine.run import Run
from psbridge.engine.steps.approval import Action, question_of
from psbridge.engine.steps.look import Look
from psbridge.engine.suspend import PlanEnds
from psbridge.errors import EvidenceMissing
from psbridge.journal import Draft, Entry, Kind
from psbridge.models import Model

__all__ = ["Plan", "PlannedApproval", "PlannedWrite", "ScratchPaper", "planned"]

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One cmdlet that would be sent, as one would type it."""

    key: str
    endpoint: str
    command: str
    approval: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedApproval:
    """One approval that the run will ask for; `sha` is what `approve` must name."""

    key: str
    sha: str
    commands: tuple[tuple[str, str], ...]
    evidence: Mapping[str, Mapping[str, str]]
    says: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do. Start it under `run_id`, so that names made of the id are the same.

    `entries` are the looks that were taken, as a journal keeps them. `ended` says why the plan goes no further; empty if
    it reached the end. `remaining` lists the phases of the outline that it did not reach.
    """

    run_id: str
    playbook: str
    version: str
    inputs: Mapping[str, str]
    writes: tuple[PlannedWrite, ...]
    approvals: tuple[PlannedApproval, ...]
    entries: tuple[Entry, ...]
    ended: str
    remaining: tuple[str, ...]
    result: Mapping[str, object] | None = None


@dataclass(slots=True)
class ScratchPaper:
    """A journal that is thrown away."""

    run_id: str
    clock: Clock
    watch: Callable[[Entry], None] = lambda _: None
    entries: list[Entry] = field(default_factory=list)

    def append(self, draft: Draft, terms: Terms) -> Entry:
        """Keep an entry in memory; locks and leases mean nothing here."""
        _ = terms
        seq, at = len(self.entries) + 1, self.clock.now()
        body = dict(draft.body)
        entry = Entry(self.run_id, seq, draft.key, draft.kind, draft.state, draft.attempt, draft.input_hash, at, 0, body, "", "")
        self.entries.append(entry)
        self.watch(entry)
        return entry

    def held(self) -> None:
        """A plan is always ours."""

    def unwatched(self) -> AbstractContextManager[None]:
        """A plan sends nothing that a watcher could hold up."""
        return nullcontext()


def planned(playbook: Playbook, context: Context, paper: ScratchPaper) -> Plan:
    """Run the body on scratch paper. Raises what a look or a guard raises: such a run would not get that far."""
    run = _PlanRun(context)
    ended, result = "", None
    try:
        result = playbook.body(run)
    except PlanEnds as end:
        ended = end.why
    return Plan(
        run_id=context.run_id,
        playbook=playbook.name,
        version=playbook.version,
        inputs=context.inputs,
        writes=tuple(run.writes),
        approvals=tuple(run.approvals),
        entries=tuple(paper.entries),
        ended=ended,
        remaining=_remaining(playbook, context) if ended else (),
        result=result,
    )


def _remaining(playbook: Playbook, context: Context) -> tuple[str, ...]:
    """What begins with the step at which the plan ended, or later. An item without a key counts as not reached."""
    reached = context.ledger
    return tuple(
        item if isinstance(item, str) else item[1]
        for item in playbook.outline
        if isinstance(item, str) or not reached.passed(item[0]) or item[0] == reached.place
    )


class _PlanRun(Run):
    """The steps of a plan: what looks is the real thing, what writes is written down."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.writes: list[PlannedWrite] = []
        self.approvals: list[PlannedApproval] = []
        context.before_look = self._before_look

    def approval(
        self,
        key: str,
        actions: Sequence[Action],
        *,
        requires: Sequence[str],
        says: str,
        within: timedelta | None = None,
        asking: Sequence[datetime] = (),
    ) -> None:
        _ = within, asking
        digest, asked = question_of(self._context, key, actions, requires=requires, says=says)
        self._context.ledger.enter(key, Kind.APPROVAL, digest, asked["asked"])
        commands = tuple((action["endpoint"], action["text"]) for action in asked["actions"])
        self.approvals.append(PlannedApproval(key, asked["sha"], commands, asked["evidence"], says))

    def destroy(
        self,
        key: str,
        endpoint: str,
        call: Call[Any],
        *,
        requires: Sequence[str],
        approval: str | None,
        before: Callable[[Look], None] | None = None,
        verify: Callable[[Look], bool | None],
        settle: timedelta | None = None,
    ) -> bool:
        _ = before, verify, settle
        missing = tuple(name for name in requires if not self._context.ledger.passed(name))
        if missing:
            raise EvidenceMissing(key, missing)
        self._collect(key, Kind.DESTROY, endpoint, call, approval)
        return True

    def change(self, key: str, endpoint: str, call: Call[M]) -> Answer[M]:
        self._collect(key, Kind.CHANGE, endpoint, call, None)
        return Answer(str(call))

    def hold(self, key: str, endpoint: str, call: Call[Any], *, back: Call[Any], says: str) -> None:
        _ = says
        must_write(back)
        self._context.holds[key] = (endpoint, back)
        self._collect(key, Kind.CHANGE, endpoint, call, None)

    def release(self, key: str, hold: str) -> None:
        endpoint, back = self._context.holds[hold]
        self._collect(key, Kind.CHANGE, endpoint, back, None)

    def poll(  # noqa: PLR0913 - what to look at, when, and until when
        self,
        key: str,
        endpoint: str,
        call: Call[M],
        *,
        until: Callable[[Answer[M]], bool],
        every: timedelta,
        timeout: timedelta,
        why: str,
        asking: Sequence[datetime] = (),
        in_vain: steps.InVain = "asks",
    ) -> Answer[M]:
        _ = every, timeout, asking, in_vain
        self._before_look(str(call))
        answer = steps.read(self._context, key, endpoint, call)
        if not until(answer):
            raise PlanEnds(f"the run waits here for {why}")
        return answer

    def ask(self, key: str, question: str, remedy: str) -> str:
        _ = remedy
        self._context.ledger.enter(key, Kind.ASK, text_hash(question), question)
        raise PlanEnds(f"the run asks the operator here: {question}")

    def began(self, key: str) -> datetime:
        if any(write.key == key for write in self.writes):
            raise PlanEnds(f"what follows is counted from {key}, which has not happened")
        return super().began(key)

    def _collect(self, key: str, kind: Kind, endpoint: str, call: Call[Any], approval: str | None) -> None:
        must_write(call)
        self._context.ledger.enter(key, kind, call_hash(endpoint, call), str(call))
        self.writes.append(PlannedWrite(key, endpoint, str(call), approval))

    def _before_look(self, command: str) -> None:
        if self.writes:
            raise PlanEnds(f"{command} depends on what {self.writes[-1].command} does")
