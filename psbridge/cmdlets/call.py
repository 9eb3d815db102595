"""What a cmdlet function returns: a pipeline, the model of its answer, and what its errors mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Generic, TypeVar
from uuid import UUID

from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import IdentityError
from psbridge.models import Model, Untyped, WrongShape
from psbridge.psobject import Value

__all__ = ["Call", "ConfirmImpact", "as_untyped", "expanding", "identity", "reading", "selecting", "writing"]

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound=Model)


class ConfirmImpact(StrEnum):
    """PowerShell's measure of what a cmdlet can do; NONE only reads."""

    NONE = "None"
    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"


# The binder raises these before a cmdlet begins, and a session without language before a script: nothing has happened
# (System.Management.Automation).
BEFORE_ANY_EFFECT: Final = frozenset(
    {
        "ParameterBindingException",
        "ParameterBindingValidationException",
        "ParameterBindingArgumentTransformationException",
        "CommandNotFoundException",
        "ScriptsNotAllowed",
    }
)


@dataclass(frozen=True, slots=True)
class Call(Generic[M]):
    """One call of a cmdlet, ready to be sent to an endpoint.

    `absent` names the exceptions that mean "there is no such object"; `refused` those that come before any effect.
    Both are compared with ErrorRecord.names, never with texts. `gather` makes models of the whole output where one object of it
    is not one model.
    """

    pipeline: Pipeline
    model: type[M]
    impact: ConfirmImpact = ConfirmImpact.NONE
    absent: frozenset[str] = frozenset()
    refused: frozenset[str] = BEFORE_ANY_EFFECT
    gather: Callable[[Sequence[Value]], Iterable[M]] | None = None

    def models(self, output: Sequence[Value]) -> tuple[M, ...]:
        """What the output says; raises ShapeError."""
        if self.gather is None:
            return tuple(self.model.parse(value, self.cmdlet) for value in output)
        try:
            return tuple(self.gather(output))
        except WrongShape as error:
            raise error.returned_by(self.cmdlet) from None

    @property
    def writes(self) -> bool:
        """Whether the call changes anything."""
        return self.impact is not ConfirmImpact.NONE

    @property
    def cmdlet(self) -> str:
        """The name of the first cmdlet."""
        return self.pipeline.commands[0].name

    def __str__(self) -> str:
        return str(self.pipeline)


def reading(cmdlet: str, model: type[M], parameters: Mapping[str, object], *, absent: frozenset[str] = frozenset()) -> Call[M]:
    """Make a call that only reads; parameters that are None or False are left out, True is a switch."""
    return Call(Pipeline((Command(cmdlet, _given(parameters)),)), model, absent=absent)


def writing(
    cmdlet: str, model: type[M], impact: ConfirmImpact, parameters: Mapping[str, object], *, asks: bool = False
) -> Call[M]:
    """Make a call that changes something. A cmdlet that `asks` gets `-Confirm:$false`: the consent is the run's approval."""
    confirm = {"Confirm": False} if asks else {}
    return Call(Pipeline((Command(cmdlet, _given(parameters) | confirm),)), model, impact=impact)


def selecting(call: Call[M], model: type[S], *properties: str) -> Call[S]:
    """Put `| Select-Object <properties>` behind a call."""
    wanted = properties[0] if len(properties) == 1 else list(properties)
    chosen = Command("Select-Object", {"Property": wanted})
    return replace(call, pipeline=Pipeline((*call.pipeline.commands, chosen)), model=model)  # type: ignore[arg-type,return-value]  # the model changes with the pipeline


def expanding(call: Call[M], name: str, *beside: str) -> Call[M]:
    """Put `| Select-Object -ExpandProperty <name>` behind a call; `beside` are properties to lay beside what comes up."""
    notes = {"Property": list(beside)} if beside else {}
    brought = Command("Select-Object", {**notes, "ExpandProperty": name})
    return replace(call, pipeline=Pipeline((*call.pipeline.commands, brought)))


def as_untyped(call: Call[M]) -> Call[Untyped]:
    """Take the answer as it comes: for who reads it property by property (models.Reading), and says what cannot be read."""
    return replace(call, model=Untyped)  # type: ignore[arg-type,return-value]  # as above


def identity(value: str | UUID) -> str:
    """Check an identity and give it as text: never empty, never a wildcard, never Guid.Empty.

    Exchange takes an empty identity for "all objects" (field-notes 2.5), so it is refused here. Raises IdentityError.
    """
    text = str(value).strip()
    if not text:
        raise IdentityError(str(value), "it is empty; Exchange would take that for every object")
    if any(letter in text for letter in "*?[]"):
        raise IdentityError(text, "it has a wildcard; name exactly one object")
    if text.replace("-", "").strip("0") == "" and "0" in text:
        raise IdentityError(text, "it is the empty GUID; it names no object")
    if any(ord(letter) < 0x20 or 0xD800 <= ord(letter) < 0xE000 for letter in text):
        raise IdentityError(text, "it has a control character or half a character")
    return text


def _given(parameters: Mapping[str, object]) -> dict[str, object]:
    return {
        name: SWITCH if value is True else value for name, value in parameters.items() if value is not None and value is not False
    }
