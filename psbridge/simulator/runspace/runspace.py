"""Commands in, an Outcome out: one session at one endpoint of a simulated organisation.

Before a command the organisation's clock is brought up to date; its faults strike; then its cmdlet runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from psbridge.psobject import PSObject, Value
from psbridge.simulator import cmdlets  # noqa: F401 - registers them
from psbridge.simulator.faults import strike_after, strike_before
from psbridge.simulator.rules.passing import advance
from psbridge.simulator.runspace.binding import bind
from psbridge.simulator.runspace.cmdlet import Call, Cmdlet, find
from psbridge.simulator.runspace.error import CmdletError, error_record
from psbridge.simulator.runspace.metadata import CmdletInfo
from psbridge.simulator.runspace.narration import begin, end
from psbridge.simulator.runspace.records import Invocation, Outcome, Record
from psbridge.simulator.runspace.select_object import SELECT_OBJECT, select
from psbridge.simulator.serialize import on_the_wire
from psbridge.simulator.state import Fault
from psbridge.simulator.world import World

__all__ = ["Runspace"]

_NOT_FOUND: Final = (
    "The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\n"
    "Check the spelling of the name, or if a path was included, verify that the path is correct and try again."
)


class Runspace:
    """A session at one endpoint. `clock` tells the time before every command; without one the tenant's own time counts."""

    def __init__(self, world: World, endpoint: str, *, clock: Callable[[], datetime] | None = None) -> None:
        self._world = world
        self._endpoint = endpoint
        self._clock = clock

    def run(self, commands: Sequence[Invocation], *, consent: bool = False) -> Outcome:
        """Run a pipeline; with `consent` every question is answered yes.

        Raises Question where a cmdlet asks, before it has done anything, and Dropped where a fault cuts the connection.
        """
        records: list[Record] = []
        values: list[Value] = []
        try:
            # PowerShell finds and binds every command before the first one runs.
            ready = [self._bound(place, invocation) for place, invocation in enumerate(commands)]
            for place, (found, bound) in enumerate(ready):
                stage = _Stage(bound, values, records, consent, last=place + 1 == len(ready))
                self._tick()
                self._run(found, stage)
                values = stage.output
        except _FailedError as failed:
            return Outcome(tuple(records), failed.record, "Failed")
        return Outcome(tuple(records))

    def _bound(self, place: int, invocation: Invocation) -> tuple[Cmdlet | None, dict[str, object]]:
        """The cmdlet, None for Select-Object, and its bound parameters."""
        found = None
        if invocation.name.lower() != "select-object":
            found = find(self._endpoint, invocation.name)
            if found is None:
                raise _FailedError(error_record(_not_found(invocation.name), "", ""))
        info = found.info if found else SELECT_OBJECT
        try:
            bound = bind(info, invocation.arguments, position=place + 1, piped=place > 0)
            if found:
                found.check_understood(bound)
        except CmdletError as error:
            raise _failed(error, info) from error
        return found, bound

    def _run(self, found: Cmdlet | None, stage: _Stage) -> None:
        if found is None:
            _select(stage)
            return
        try:
            self._call(found, stage)
        except CmdletError as error:
            raise _failed(error, found.info) from error

    def _call(self, found: Cmdlet, stage: _Stage) -> None:
        call = Call(found.info, self._endpoint, self._world, stage.bound, tuple(stage.input), stage.records, stage.consent)
        faults: list[Fault] = []
        begin(call)
        try:
            faults = strike_before(call)
            for value in found.body(call):
                stage.give(value)
        except CmdletError as error:
            call.write_error(error)
        strike_after(call, faults)
        end(call)

    def _tick(self) -> None:
        taken = timedelta(seconds=self._world.state.settings.seconds_per_command)
        now = self._world.now if self._clock is None else max(self._clock(), self._world.now)
        advance(self._world, now + taken)


@dataclass(slots=True)
class _Stage:
    """One command of a pipeline: its parameters, what the one before it gave out, and where its records and objects go."""

    bound: dict[str, object]
    input: list[Value]
    records: list[Record]
    consent: bool
    last: bool
    output: list[Value] = field(default_factory=list)

    def give(self, value: Value) -> None:
        """An object for the next command, or after the last one for the client: then it stands among the other records."""
        if self.last:
            self.records.append(Record("output", on_the_wire(value)))
        else:
            self.output.append(value)


def _select(stage: _Stage) -> None:
    for item in select(stage.input, stage.bound):
        if isinstance(item, CmdletError):
            record = error_record(item, SELECT_OBJECT.name, SELECT_OBJECT.class_name)
            stage.records.append(Record("error", on_the_wire(record)))
        else:
            stage.give(item)


class _FailedError(Exception):
    """The pipeline is over; its ErrorRecord."""

    def __init__(self, record: Value) -> None:
        super().__init__(str(record))
        self.record = record if isinstance(record, PSObject) else None


def _failed(error: CmdletError, info: CmdletInfo) -> _FailedError:
    error.terminating = True
    return _FailedError(on_the_wire(error_record(error, info.name, info.class_name)))


def _not_found(name: str) -> CmdletError:
    bases = ("System.Management.Automation.RuntimeException", "System.SystemException")
    return CmdletError(
        _NOT_FOUND.format(name=name),
        "CommandNotFoundException",
        "ObjectNotFound",
        ("System.Management.Automation.CommandNotFoundException", *bases),
        target=name,
        terminating=True,
    )
