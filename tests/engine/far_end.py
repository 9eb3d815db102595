"""A small far end for the engine's tests: accounts that can be deleted and purged, requests that can be made, a scheduler.

It keeps its state in a file, so that it outlives a killed process. Every effect adds a line to that state, in one piece with
the change itself: the witness of what happened how often. Faults come before or after the effect.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psbridge.clixml import encode_message
from psbridge.cmdlets.call import Call, ConfirmImpact, reading, writing
from psbridge.command import Command, Pipeline, Switch
from psbridge.models import Model, Untyped
from psbridge.models.base import prop
from psbridge.psobject import PSObject, Value
from psbridge.reply import Record, Reply, State, Stream

START: Final = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADA: Final = UUID("11111111-2222-3333-4444-555555555555")
ABSENT: Final = frozenset({"UserNotFoundException"})


class Account(Model):
    """One account of the far end."""

    id: UUID | None = prop("Id")
    name: str | None = prop("Name")
    mark: str | None = prop("Mark")


def get_account(name: str) -> Call[Account]:
    return reading("Get-Account", Account, {"Name": name}, absent=ABSENT)


def list_accounts() -> Call[Account]:
    return reading("Get-Account", Account, {}, absent=ABSENT)


def get_deleted_account(name: str) -> Call[Account]:
    return reading("Get-Account", Account, {"Name": name, "Deleted": True}, absent=ABSENT)


def remove_account(name: str, *, purge: bool = False) -> Call[Untyped]:
    return writing("Remove-Account", Untyped, ConfirmImpact.HIGH, {"Name": name, "Purge": purge})


def new_request(name: str) -> Call[Untyped]:
    return writing("New-Request", Untyped, ConfirmImpact.MEDIUM, {"Name": name})


def get_request(name: str) -> Call[Account]:
    return reading("Get-Request", Account, {"Name": name}, absent=ABSENT)


def start_sync() -> Call[Untyped]:
    return writing("Start-Sync", Untyped, ConfirmImpact.LOW, {})


@dataclass
class SetClock:
    """A clock that stands still until it is moved; sleeping moves it."""

    moment: datetime = START
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.forward(timedelta(seconds=seconds))

    def forward(self, by: timedelta) -> None:
        self.moment += by
        self.seconds += by.total_seconds()

    def to(self, moment: datetime) -> None:
        self.forward(max(moment - self.moment, timedelta()))


Fault = Callable[[], Reply | None]


@dataclass
class Faults:
    """What goes wrong, by cmdlet: before the effect, or after it (the effect is there, the answer is not)."""

    before: dict[str, list[Fault]] = field(default_factory=dict)
    after: dict[str, list[Fault]] = field(default_factory=dict)

    def strike(self, when: str, cmdlet: str) -> Reply | None:
        waiting: list[Fault] = getattr(self, when).get(cmdlet, [])
        return waiting.pop(0)() if waiting else None


def raising(error: BaseException) -> Fault:
    def strike() -> Reply | None:
        raise error

    return strike


def answering(reply: Reply) -> Fault:
    return lambda: reply


class FarEnd:
    """The service. `hook(point)` is called around each effect, so that a test can end the process there."""

    def __init__(self, folder: Path, *, hook: Callable[[str], None] = lambda _: None) -> None:
        self._state = folder / "far_end.json"
        self._hook = hook
        self.faults = Faults()
        self.asked: list[str] = []
        self.during: Callable[[str], None] = lambda _: None
        if not self._state.exists():
            self.write({"accounts": {"ada": {"id": str(ADA), "name": "ada"}, "eve": {"id": str(UUID(int=7)), "name": "eve"}}})

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._state.read_text())
        return {"accounts": {}, "deleted": {}, "requests": [], "syncs": 0, "effects": [], **found}

    def write(self, state: Mapping[str, Any]) -> None:
        """Put another state in place; effects that the new one does not name are kept."""
        if "effects" not in state and self._state.exists():
            state = {**state, "effects": self.effects()}
        draft = self._state.with_suffix(".new")
        draft.write_text(json.dumps(state))
        draft.replace(self._state)

    def effects(self) -> list[str]:
        """Every effect there ever was, in order."""
        effects: list[str] = self.state()["effects"]
        return effects

    def run(self, endpoint: str, pipeline: Pipeline) -> Reply:
        command = pipeline.commands[0]
        self.asked.append(f"[{endpoint}] {pipeline}")
        self.during(command.name)
        struck = self.faults.strike("before", command.name)
        if struck is not None:
            return struck
        answer = _CMDLETS[command.name](self, command)
        return self.faults.strike("after", command.name) or answer

    def _effect(self, command: Command, change: Callable[[dict[str, Any]], None]) -> None:
        self._hook(f"before {command}")
        state = self.state()
        change(state)
        state["effects"].append(str(command))
        self.write(state)
        self._hook(f"after {command}")

    def _get_account(self, command: Command) -> Reply:
        state = self.state()
        found = state["deleted"] if "Deleted" in command.parameters else state["accounts"]
        name = command.parameters.get("Name")
        if name is None:
            return output(*(thing(account) for account in found.values()))
        return output(thing(found[str(name)])) if name in found else error("UserNotFoundException")

    def _remove_account(self, command: Command) -> Reply:
        name, state = str(command.parameters["Name"]), self.state()
        purge = isinstance(command.parameters.get("Purge"), Switch)
        if name not in state["deleted" if purge else "accounts"]:
            return error("UserNotFoundException")

        def change(state: dict[str, Any]) -> None:
            if purge:
                del state["deleted"][name]
            else:
                state["deleted"][name] = state["accounts"].pop(name)

        self._effect(command, change)
        return output()

    def _new_request(self, command: Command) -> Reply:
        name = str(command.parameters["Name"])
        self._effect(command, lambda state: state["requests"].append(name))
        return output(thing({"name": name}))

    def _get_request(self, command: Command) -> Reply:
        found = [name for name in self.state()["requests"] if name == command.parameters["Name"]]
        return output(*(thing({"name": name}) for name in found))

    def _start_sync(self, command: Command) -> Reply:
        def change(state: dict[str, Any]) -> None:
            state["syncs"] += 1

        self._effect(command, change)
        return output()


_CMDLETS: Final[dict[str, Callable[[FarEnd, Command], Reply]]] = {
    "Get-Account": FarEnd._get_account,
    "Remove-Account": FarEnd._remove_account,
    "New-Request": FarEnd._new_request,
    "Get-Request": FarEnd._get_request,
    "Start-Sync": FarEnd._start_sync,
}


class FarSession:
    """A session to the far end, as the engine asks it."""

    def __init__(self, far_end: FarEnd, endpoint: str) -> None:
        self._far_end, self._endpoint = far_end, endpoint
        self.stopped = 0

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        return self._far_end.run(self._endpoint, pipeline)

    def stream(self, pipeline: Pipeline, begin: Callable[[], Callable[[bytes], object]]) -> Reply:
        reply, take = self.ask(pipeline, reads=True), begin()
        for body in reply.of(Stream.OUTPUT):
            take(body)
        return Reply(reply.state, tuple(r for r in reply.records if r.stream is not Stream.OUTPUT), reply.reason)

    def stop(self) -> None:
        self.stopped += 1


class FarEndpoints:
    """All endpoints lead to the same far end."""

    def __init__(self, far_end: FarEnd) -> None:
        self.far_end = far_end
        self.open: dict[str, FarSession] = {}
        self.closed = 0

    def session(self, endpoint: str) -> FarSession:
        return self.open.setdefault(endpoint, FarSession(self.far_end, endpoint))

    def close(self) -> None:
        self.closed += 1
        self.open.clear()


def thing(properties: Mapping[str, str]) -> PSObject:
    """An object of the far end."""
    ms: dict[str, Value] = {"Name": properties["name"]}
    if "id" in properties:
        ms["Id"] = UUID(properties["id"])
    if "mark" in properties:
        ms["Mark"] = properties["mark"]
    return PSObject(("Contoso.Account", "System.Object"), ms=ms)


def output(*values: PSObject) -> Reply:
    """A pipeline that succeeded."""
    return Reply(State.COMPLETED, tuple(Record(Stream.OUTPUT, encode_message(value)) for value in values))


def error(name: str, message: str = "It went wrong.", *, state: State = State.COMPLETED) -> Reply:
    """A pipeline with one record in the error stream."""
    return Reply(state, (Record(Stream.ERROR, encode_message(error_record(name, message))),))


def failure(name: str, message: str = "It went wrong.") -> Reply:
    """A pipeline that an error ended."""
    state = PSObject((), ms={"PipelineState": 5, "ExceptionAsErrorRecord": error_record(name, message)})
    return Reply(State.FAILED, (), encode_message(state))


def error_record(name: str, message: str) -> PSObject:
    """An ErrorRecord as it travels, of an exception of this name."""
    exception = PSObject((f"Contoso.{name}", "System.Exception"), ms={"Message": message})
    return PSObject(
        ("System.Management.Automation.ErrorRecord", "System.Object"),
        to_string=message,
        ms={
            "Exception": exception,
            "FullyQualifiedErrorId": f"Contoso.{name},Contoso.Command",
            "ErrorCategory_Category": 13,
            "ErrorCategory_Reason": name,
        },
    )
