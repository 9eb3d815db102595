"""Commands in, an Outcome out: one session at one endpoint of a simulated organisation.

Before a command the organisation's clock is brought up to date; its faults strike; then its cmdlet runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from psbridge.psobject import PSObject, Value
from psbridge.simulator import cmdlets  # noqa: F401 - registers them
from psbridge.simulator.faults import strike_after, strike_before
from psbridge.simulator.rules.passing import advance
from psbridge.simulator.runspace.binding import bind
from psbridge.simulator.runspace.clixml_files import EXPORT_CLIXML, IMPORT_CLIXML, Files, export_clixml, import_clixml
from psbridge.simulator.runspace.cmdlet import Call, Cmdlet, find
from psbridge.simulator.runspace.constant_scripts import no_language, statements
from psbridge.simulator.runspace.error import CmdletError, error_record
from psbridge.simulator.runspace.metadata import CmdletInfo
from psbridge.simulator.runspace.narration import begin, end
from psbridge.simulator.runspace.records import Invocation, Outcome, Record
from psbridge.simulator.runspace.select_object import SELECT_OBJECT, only_chooses, select, selected
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
        self._files: Files = {}

    def run(self, commands: Sequence[Invocation], *, consent: bool = False) -> Outcome:
        """Run a pipeline, or one of the constant scripts; with `consent` every question is answered yes.

        Raises Question where a cmdlet asks, before it has done anything, and Dropped where a fault cuts the connection.
        """
        records: list[Record] = []
        try:
            if any(command.is_script for command in commands):
                self._script(commands, records, consent=consent)
            else:
                self._pipeline(commands, records, consent=consent)
        except _FailedError as failed:
            return Outcome(tuple(records), failed.record, "Failed")
        return Outcome(tuple(records))

    def _script(self, commands: Sequence[Invocation], records: list[Record], *, consent: bool) -> None:
        try:
            if len(commands) > 1:
                raise no_language()
            running = statements(commands[0])
        except CmdletError as error:
            raise _FailedError(error_record(error, "", "")) from error
        given: list[Value] | None = None
        # A generator that has not begun takes nothing but None.
        with contextlib.suppress(StopIteration):
            while True:
                statement = running.send(given)  # type: ignore[arg-type]  # as above
                given = self._pipeline(statement.commands, records, consent=consent, assigned=statement.assigned)

    def _pipeline(
        self, commands: Sequence[Invocation], records: list[Record], *, consent: bool, assigned: bool = False
    ) -> list[Value]:
        values: list[Value] = []
        # PowerShell finds and binds every command before the first one runs.
        ready = [self._bound(place, invocation) for place, invocation in enumerate(commands)]
        while ready:
            found, bound = ready.pop(0)
            # What only selects gets each object as it comes, as in PowerShell: of a long list no full objects are held.
            through = [ready.pop(0)[1] for _ in range(_selecting(ready))]
            stage = _Stage(bound, values, records, consent, last=not ready and not assigned, through=through)
            for _ in range(1 + len(through)):
                self._tick()
            self._run(found, stage)
            values = stage.output
        return values

    def _bound(self, place: int, invocation: Invocation) -> tuple[Cmdlet | _General, dict[str, object]]:
        """The command, and its bound parameters."""
        found = _GENERAL.get(invocation.name.lower()) or find(self._endpoint, invocation.name)
        if found is None:
            raise _FailedError(error_record(_not_found(invocation.name), "", ""))
        try:
            bound = bind(found.info, invocation.arguments, position=place + 1, piped=place > 0)
            if isinstance(found, Cmdlet):
                found.check_understood(bound)
        except CmdletError as error:
            raise _failed(error, found.info) from error
        return found, bound

    def _run(self, found: Cmdlet | _General, stage: _Stage) -> None:
        try:
            if isinstance(found, Cmdlet):
                self._call(found, stage)
            else:
                self._pass(found, stage)
        except CmdletError as error:
            raise _failed(error, found.info) from error

    def _pass(self, found: _General, stage: _Stage) -> None:
        for item in found.run(stage.input, stage.bound, self._files):
            if isinstance(item, CmdletError):
                record = error_record(item, found.info.name, found.info.class_name)
                stage.records.append(Record("error", on_the_wire(record)))
            else:
                stage.give(item)

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
    through: list[dict[str, object]] = field(default_factory=list)
    output: list[Value] = field(default_factory=list)

    def give(self, value: Value) -> None:
        """An object for the next command, or after the last one for the client: then it stands among the other records."""
        for bound in self.through:
            value = selected(value, bound)
        if self.last:
            self.records.append(Record("output", on_the_wire(value)))
        else:
            self.output.append(value)


@dataclass(frozen=True, slots=True)
class _General:
    """A command of PowerShell itself, which every endpoint has: it takes what the command before it gave out."""

    info: CmdletInfo
    run: Callable[[Sequence[Value], Mapping[str, object], Files], Iterable[Value | CmdletError]]


_GENERAL: Final = {
    "select-object": _General(SELECT_OBJECT, lambda values, bound, _: select(values, bound)),
    "export-clixml": _General(EXPORT_CLIXML, export_clixml),
    "import-clixml": _General(IMPORT_CLIXML, import_clixml),
}


def _selecting(ready: Sequence[tuple[Cmdlet | _General, Mapping[str, object]]]) -> int:
    """How many of the next commands do nothing but choose properties."""
    count = 0
    for found, bound in ready:
        if found is not _GENERAL["select-object"] or not only_chooses(bound):
            break
        count += 1
    return count


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
