"""What was really sent: a pipeline on its way to an endpoint, or a tenant's own log, in; (endpoint, cmdlet, parameters) out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from psbridge.command import Command, Pipeline, Switch

__all__ = ["SCRIPTS", "Sent", "Stage", "of_log", "of_pipeline", "writes"]

# A constant script leaves the client as one command and runs as these.
SCRIPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Get-MgLicense": ("Get-MgUser", "Get-MgUserLicenseDetail"),
    "Get-EntraLicense": ("Get-EntraUser", "Get-EntraSubscribedSku"),
    "Disable-MsolServicePlan": ("New-MsolLicenseOptions", "Set-MsolUserLicense"),
    "Disable-MgServicePlan": ("Set-MgUserLicense",),
    "Disable-EntraServicePlan": ("Set-EntraUserLicense",),
}

# Verbs of cmdlets that change nothing in an organisation; every other verb is taken for a change.
READING: Final = frozenset({"get", "select", "format", "import", "export", "compare", "test", "connect", "disconnect"})


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands behind a cmdlet in its pipeline."""

    cmdlet: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Sent:
    """One cmdlet that went to an endpoint.

    Values are True for a switch, False, text, or a tuple of such. `then` is what stood behind it in the pipeline; None where
    the witness cannot tell. `outcome` is what the tenant's log says of it.
    """

    endpoint: str
    cmdlet: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    then: tuple[Stage, ...] | None = None
    outcome: str = ""

    @property
    def writes(self) -> bool:
        """Whether it changes anything; what -WhatIf only tells does not."""
        return writes(self.cmdlet) and self.parameters.get("WhatIf") is not True

    def __str__(self) -> str:
        said = (f"-{name}" if value is True else f"-{name} {value}" for name, value in self.parameters.items())
        return f"[{self.endpoint}] {' '.join((self.cmdlet, *said))}"


def writes(cmdlet: str) -> bool:
    """Whether a cmdlet of this name changes anything, by its verb."""
    return cmdlet.partition("-")[0].lower() not in READING


def of_pipeline(endpoint: str, pipeline: Pipeline) -> Sent:
    """What a pipeline sends to an endpoint."""
    first, *rest = pipeline.commands
    return Sent(endpoint, first.name, _parameters(first), tuple(Stage(one.name, _parameters(one)) for one in rest))


def of_log(lines: Iterable[Mapping[str, Any]]) -> list[Sent]:
    """What the tenant's log (REALPS_LOG) holds, one for each command that began, in their order."""
    found: list[Sent] = []
    begun: dict[tuple[object, object], int] = {}
    for line in lines:
        call = (line["pid"], line["number"])
        if line["event"] == "begin":
            begun[call] = len(found)
            values = {name: _plain(value["value"]) for name, value in line["parameters"].items()}
            found.append(Sent(line["endpoint"], line["command"], values, outcome="begun"))
        elif call in begun:
            place = begun[call]
            found[place] = Sent(found[place].endpoint, found[place].cmdlet, found[place].parameters, outcome=line["outcome"])
    return found


def _parameters(command: Command) -> dict[str, object]:
    return {name: _plain(value) for name, value in command.parameters.items()}


def _plain(value: object) -> object:
    if isinstance(value, Switch):
        return True
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value)
    if isinstance(value, Mapping):
        # A hashtable of PowerShell's has no order.
        return str(dict(sorted(value.items())))
    text = str(value)
    return {"True": True, "False": False}.get(text, text)
