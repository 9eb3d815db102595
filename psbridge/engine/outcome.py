"""A run's state in the journal in, what the caller has to know and do next out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from psbridge.journal import RunRecord, Status

__all__ = ["Busy", "Done", "Failed", "Finished", "NotDue", "Operator", "Outcome", "Waiting", "outcome_of"]


@dataclass(frozen=True, slots=True)
class Done:
    """The run reached its end; `result` is what the playbook returned, as JSON holds it."""

    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is to be done before `until`, unless the signal comes first. No session or thread is held."""

    until: datetime
    signal: str
    why: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Only a person can go on: answer `question` with the signal, or see to the cause and use `retry`."""

    why: str
    question: str
    signal: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ended without its goal; `changed` tells whether anything may have been changed."""

    error: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody else carries the run on, works on the journal, or has the last session; nothing was done.

    `until`: when to call again: the end of their lease, or soon where nobody knows. `why`: what is lacking where it is not the
    run that somebody has.
    """

    owner: str
    until: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class NotDue:
    """The run waits; nothing was done."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Finished:
    """The run had ended before; nothing was done."""

    outcome: Done | Failed
    at: datetime


Outcome: TypeAlias = Done | Waiting | Operator | Failed | Busy | NotDue | Finished


def outcome_of(run: RunRecord) -> Done | Waiting | Operator | Failed | Busy:
    """Say what the journal says of a run."""
    match run.status:
        case Status.DONE:
            return Done(run.result or {})
        case Status.FAILED:
            return Failed(run.why, run.changed)
        case Status.OPERATOR:
            return Operator(run.why, run.question, run.signal)
        case Status.RUNNING:
            return Busy(run.owner, run.lease_until or run.started_at)
        case _:
            return Waiting(run.wake_at or run.started_at, run.signal, run.why)
