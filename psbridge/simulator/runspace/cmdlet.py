"""The seam between a runspace and its cmdlets: what a cmdlet gets, how it declares itself, and where it is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from psbridge.psobject import Value
from psbridge.simulator.runspace.error import CmdletError, error_record
from psbridge.simulator.runspace.informational import host_message, information_record, informational_record, progress_record
from psbridge.simulator.runspace.metadata import CmdletInfo, cmdlet_infos
from psbridge.simulator.runspace.records import Question, Record, Stream
from psbridge.simulator.serialize import on_the_wire
from psbridge.simulator.world import World

__all__ = ["Call", "Cmdlet", "CmdletBody", "cmdlet", "cmdlets_of", "find"]

CmdletBody = Callable[["Call"], Iterable[Value]]
# Parameters that the runspace itself, or `should_process`, gives their meaning.
_ANSWERED_BY_RUNSPACE: Final = frozenset(
    {"ErrorAction", "WarningAction", "InformationAction", "ProgressAction", "Verbose", "Debug", "WhatIf", "Confirm"}
)
_SILENT: Final = frozenset({"SilentlyContinue", "Ignore"})
# They change nothing in what the simulator gives out.
_WITHOUT_EFFECT: Final = frozenset(
    {"ErrorVariable", "WarningVariable", "InformationVariable", "OutVariable", "OutBuffer", "PipelineVariable"}
)


@dataclass(slots=True)
class Call:
    """One run of a cmdlet: its bound parameters, the organisation, and where its records go."""

    info: CmdletInfo
    endpoint: str
    world: World
    bound: Mapping[str, object]
    input: tuple[Value, ...] = ()
    records: list[Record] = field(default_factory=list)
    consent: bool = False

    def has(self, name: str) -> bool:
        """Whether a parameter was given."""
        return name in self.bound

    def switch(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.bound.get(name) is True

    def text(self, name: str) -> str | None:
        """A parameter's text; None where it was not given or is null."""
        value = self.bound.get(name)
        return None if value is None else str(value)

    def guid(self, name: str) -> UUID | None:
        """A parameter that is a Guid."""
        value = self.bound.get(name)
        return value if isinstance(value, UUID) else None

    def texts(self, name: str) -> list[str]:
        """A parameter that takes several texts."""
        value = self.bound.get(name)
        if value is None:
            return []
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]

    def limit(self, name: str, default: int | None) -> int | None:
        """A ResultSize: a number, or None for Unlimited."""
        if name not in self.bound:
            return default
        value = self.bound[name]
        return value if isinstance(value, int) else None

    def write_error(self, error: CmdletError) -> None:
        """Write to the error stream; with -ErrorAction Stop the pipeline ends with it. Raises it then."""
        action = self.bound.get("ErrorAction")
        if action == "Stop":
            error.terminating = True
        if error.terminating:
            raise error
        if action not in _SILENT:
            self.records.append(Record("error", on_the_wire(error_record(error, self.info.name, self.info.class_name))))

    def write_warning(self, text: str) -> None:
        """Write to the warning stream."""
        if self.bound.get("WarningAction") not in _SILENT:
            self._tell("warning", informational_record("Warning", text))

    def write_verbose(self, text: str) -> None:
        """Write to the verbose stream, which flows with -Verbose only."""
        if self.switch("Verbose"):
            self._tell("verbose", informational_record("Verbose", text))

    def write_debug(self, text: str) -> None:
        """Write to the debug stream, which flows with -Debug only."""
        if self.switch("Debug"):
            self._tell("debug", informational_record("Debug", text))

    def write_host(self, text: str) -> None:
        """Write to the information stream what a person is to read, as Write-Host does: it flows unless it is silenced."""
        self._inform(host_message(text))

    def write_information(self, text: str) -> None:
        """Write to the information stream, as Write-Information does with -InformationAction Continue."""
        self._inform(text)

    def _inform(self, told: Value) -> None:
        if self.bound.get("InformationAction") not in _SILENT:
            computer = self.world.state.on_premises_organization.server
            self._tell("information", information_record(told, self.info.name, self.world.now, computer))

    def write_progress(self, status: str, percent: int, activity: str = "") -> None:
        """Write to the progress stream; 100 percent ends the bar."""
        if self.bound.get("ProgressAction") not in _SILENT:
            self._tell("progress", progress_record(activity or self.info.name, status, percent))

    def _tell(self, stream: Stream, record: Value) -> None:
        self.records.append(Record(stream, record))

    def should_process(self, question: str = "", *, asks: bool = False, whole: str = "", for_all: bool = True) -> bool:
        """False with -WhatIf; raises Question where the cmdlet asks (`asks`, or -Confirm), not after a yes or -Confirm:$false.

        `question` follows PowerShell's own; a `whole` one stands in its place. `for_all`: one may answer for all that follow.
        """
        if self.switch("WhatIf"):
            return False
        confirm = self.bound.get("Confirm")
        if not self.consent and (confirm is True or (asks and confirm is not False)):
            message = "Are you sure you want to perform this action?"
            choices = ("Yes", "Yes to All", "No", "No to All") if for_all else ("Yes", "No")
            raise Question("PromptForChoice", "Confirm", whole or (f"{message}\n{question}" if question else message), choices)
        return True

    def should_continue(self, question: str) -> None:
        """ShouldContinue: raises Question, unless a person has said yes to it."""
        if self.consent:
            return
        raise Question("PromptForChoice", "Confirm", question, ("Yes", "No"))


@dataclass(frozen=True, slots=True)
class Cmdlet:
    """A cmdlet of the simulator: its declaration, its body, and which of its parameters the body understands."""

    info: CmdletInfo
    body: CmdletBody
    understood: frozenset[str]
    reads: bool

    @property
    def refused(self) -> frozenset[str]:
        """The parameters that the real cmdlet takes and the simulator does not."""
        answered = self.understood | _ANSWERED_BY_RUNSPACE | _WITHOUT_EFFECT
        return frozenset(parameter.name for parameter in self.info.parameters) - answered

    def check_understood(self, bound: Mapping[str, object]) -> None:
        """Raise, terminating, for a parameter that the real cmdlet takes and the simulator does not: it never pretends."""
        unknown = sorted(self.refused & set(bound))
        if unknown:
            names = ", ".join(f"-{name}" for name in unknown)
            raise CmdletError(
                f"The simulator has {self.info.name}, but does not know its parameter {names}. Nothing was done.",
                "SimulatorParameterNotImplemented",
                "NotImplemented",
                ("System.NotImplementedException", "System.SystemException"),
                terminating=True,
            )


_REGISTERED: Final[dict[tuple[str, str], Cmdlet]] = {}


def cmdlet(
    name: str, *endpoints: str, uses: Iterable[str] = (), shared: Iterable[str] = (), reads: bool = False
) -> Callable[[CmdletBody], CmdletBody]:
    """Register a function as the body of a cmdlet at these endpoints.

    `uses` are the parameters that it understands; of the `shared` ones of several cmdlets it understands those that it has.
    """

    def register(body: CmdletBody) -> CmdletBody:
        for endpoint in endpoints:
            info = cmdlet_infos(endpoint)[name.lower()]
            known = {parameter.name for parameter in info.parameters}
            understood = frozenset(uses) & known if len(endpoints) > 1 else frozenset(uses)
            if not understood <= known:
                raise KeyError(f"{name} at {endpoint} has no parameter {', '.join(sorted(understood - known))}")
            _REGISTERED[endpoint, name.lower()] = Cmdlet(info, body, understood | frozenset(shared) & known, reads)
        return body

    return register


def cmdlets_of(endpoint: str) -> Iterator[Cmdlet]:
    """Every cmdlet of an endpoint, by name."""
    for (known, _), found in sorted(_REGISTERED.items()):
        if known == endpoint:
            yield found


def find(endpoint: str, name: str) -> Cmdlet | None:
    """The cmdlet of this name."""
    return _REGISTERED.get((endpoint, name.lower()))
