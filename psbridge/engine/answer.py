"""A Reply in, the models that a playbook asked for out; an error that nobody expected is raised.

A Reply that comes here has always been through the journal's JSON, so live and replayed answers are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from psbridge.cmdlets.call import Call
from psbridge.error_record import ErrorRecord
from psbridge.errors import CmdletError, InputError, Stopped
from psbridge.models import Model
from psbridge.reply import Reply
from psbridge.session import Result

__all__ = ["Answer", "Refused", "Unsendable", "answer_of", "errors_of", "only_names"]

M = TypeVar("M", bound=Model)


class Refused(CmdletError):
    """A write that was refused before any effect."""


class Unsendable(InputError):
    """A write whose values could not travel; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[M]):
    """What a look-up gave. `absent` is an answer too: the endpoint said that there is no such object."""

    command: str
    objects: tuple[M, ...] = ()
    error: ErrorRecord | None = None
    warnings: tuple[str, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether the endpoint said, in so many words, that there is no such object."""
        return self.error is not None

    def one(self) -> M:
        """The only object; raises Stopped if there is none or more than one."""
        if len(self.objects) == 1:
            return self.objects[0]
        raise Stopped(
            self.command,
            found=f"{len(self.objects)} objects.",
            expected="exactly one.",
            remedy="Name the object so that only it is meant.",
        )


def answer_of(reply: Reply, call: Call[M], endpoint: str) -> Answer[M]:
    """Decode a Reply to a look-up.

    Raises CmdletError for an error that does not mean "absent", ClixmlError and ShapeError for what cannot be read.
    """
    result = Result.of(reply)
    errors = errors_of(result)
    if errors and (result.output or not only_names(errors, call.absent)):
        unexpected = [error for error in errors if not only_names([error], call.absent)]
        raise CmdletError(str(call), (unexpected or errors)[0], endpoint=endpoint)
    objects = call.models(result.output)
    return Answer(str(call), objects, errors[0] if errors else None, result.warnings)


def errors_of(result: Result) -> list[ErrorRecord]:
    """Every error of a result: the error stream, then what ended the pipeline."""
    return [*result.errors, *([] if result.failure is None else [result.failure])]


def only_names(errors: Sequence[ErrorRecord], exceptions: frozenset[str]) -> bool:
    """Whether there are errors and each is one of these exceptions."""
    return bool(errors) and all(any(error.names(name) for name in exceptions) for error in errors)
