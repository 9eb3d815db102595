"""What a cassette is made of: a header, and interactions in the form in which they are kept and compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from psbridge.cassettes.failure import Failure
from psbridge.cassettes.json_line import dump, load
from psbridge.cassettes.lines import escape
from psbridge.command import Command, Pipeline, ScriptCommand, canonical
from psbridge.errors import InputError, ValueTypeError
from psbridge.reply import Reply, Stream

__all__ = ["Header", "Interaction", "RecordedCommand", "one_line", "recorded"]

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Header:
    """When a recording was made, by which psbridge, and what its maker wrote down.

    Raises InputError if the metadata are not JSON values under names of letters, digits, `_`, `.` and `-`.
    """

    created: str
    psbridge: str
    metadata: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            plain = {_checked("metadata", name): load(dump(value)) for name, value in self.metadata.items()}
        except (TypeError, ValueError, RecursionError) as problem:
            raise InputError(f"the metadata of a cassette must be JSON values: {problem}") from problem
        object.__setattr__(self, "metadata", plain)  # as a reader will give them: a tuple as a list


@dataclass(frozen=True, slots=True)
class RecordedCommand:
    """A cmdlet's name, and its parameters as canonical JSON text: equal text means equal type and value."""

    cmdlet: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interaction:
    """What was asked at one endpoint and what came of it; no commands mean that `open` itself failed.

    `text` is the pipeline as people type it. `seconds` is how long it took, to the millisecond.
    Raises InputError for an endpoint whose name has other characters than letters, digits, `_`, `.` and `-`.
    """

    endpoint: str
    commands: tuple[RecordedCommand, ...]
    text: str
    answer: Reply | Failure
    seconds: float = 0.0

    def __post_init__(self) -> None:
        _checked("an endpoint", self.endpoint)

    def __str__(self) -> str:
        return one_line(self.endpoint, self.text)

    @property
    def outcome(self) -> str:
        """The answer in a few words: the state and how many records came, or the error of the transport."""
        if isinstance(self.answer, Failure):
            return str(self.answer)
        counts = [f"{len(self.answer.of(stream))} {stream}" for stream in Stream if self.answer.of(stream)]
        return ", ".join([self.answer.state.value, *counts])


def one_line(endpoint: str, text: str) -> str:
    """An endpoint and a command line as they stand in an error or a listing; what is longer than a few lines is cut."""
    shown = escape(text[:_LONGEST])
    more = f"... ({len(text)} characters)" if len(text) > _LONGEST else ""
    return f"[{endpoint}] {shown or '(opening)'}{more}"


def recorded(pipeline: Pipeline) -> tuple[RecordedCommand, ...]:
    """Give the form in which a pipeline is kept and compared. Raises ValueTypeError for a value that has none."""
    return tuple(
        RecordedCommand(
            command.name,
            {**_text(command), **{name: _kept(command.name, name, value) for name, value in command.parameters.items()}},
        )
        for command in pipeline.commands
    )


def _text(command: Command) -> dict[str, str]:
    """A constant script is known by its text as well as by its name."""
    return {"ScriptSha256": dump(command.script.sha256)} if isinstance(command, ScriptCommand) else {}


def _kept(cmdlet: str, parameter: str, value: object) -> str:
    try:
        return dump(canonical(value))
    except ValueTypeError as error:
        raise ValueTypeError(error.value_type, error.reason, where=f"{cmdlet} -{parameter}") from error


def _checked(what: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot name {what} in a cassette: use letters, digits, '_', '.' and '-'")
    return name
