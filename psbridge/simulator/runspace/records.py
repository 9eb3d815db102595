"""What a pipeline gives out: its records in order, its final state, and the questions that it would ask a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from psbridge.psobject import PSObject, Value

__all__ = ["Argument", "Dropped", "Hung", "Invocation", "Outcome", "Question", "Record", "Stream"]

Stream = Literal["output", "error", "warning", "verbose", "debug", "information", "progress"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as it was given: with a name, or by its position."""

    name: str | None
    value: object


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command of a pipeline; of a script, `name` is the text."""

    name: str
    arguments: tuple[Argument, ...] = ()
    is_script: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One record of one stream, as it crosses the wire."""

    stream: Stream
    value: Value


@dataclass(frozen=True, slots=True)
class Outcome:
    """A pipeline that has ended; `reason` is the ErrorRecord that failed it."""

    records: tuple[Record, ...] = ()
    reason: PSObject | None = None
    state: Literal["Completed", "Failed"] = field(default="Completed")


class Question(Exception):
    """A cmdlet asks a person: a confirmation, or mandatory parameters of the command at `place` (from 0) of the pipeline."""

    def __init__(self, method: str, caption: str, message: str, choices: tuple[str, ...] = (), *, place: int = 0) -> None:
        super().__init__(message)
        self.method, self.caption, self.message, self.choices, self.place = method, caption, message, choices, place


class Dropped(Exception):
    """The fault `dropped-connection`: the connection is lost; `after` the cmdlet has had its effect, or before."""

    def __init__(self, *, after: bool) -> None:
        super().__init__("the connection was dropped")
        self.after = after


class Hung(Exception):
    """The fault `hang`: the cmdlet never ends by itself; whether it has had its effect, the fault says."""
