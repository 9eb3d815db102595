"""A transport with answers that a test gives it, a clock that a test moves, and a small whole recording."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from psbridge.cassettes import Recording
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import ConnectionLost
from psbridge.reply import Record, Reply, State, Stream
from psbridge.transports.base import Transport

BOM = b"\xef\xbb\xbf"
MAILBOX = BOM + b'<Obj RefId="0"><TN RefId="0"><T>Mailbox</T></TN><Props><S N="Name">Test</S><Nil N="Database" /></Props></Obj>'
NOT_FOUND = BOM + b'<Obj RefId="0"><ToString>not there</ToString></Obj>'


class ScriptedTransport(Transport):
    """Answers each run with the next of its answers; an exception is raised."""

    def __init__(self, answers: Iterable[Reply | BaseException] = (), *, opening: Iterable[BaseException] = ()) -> None:
        self.answers = list(answers)
        self.opening = list(opening)
        self.calls: list[tuple[object, object]] = []

    def open(self) -> None:
        self.calls.append(("open", None))
        if self.opening:
            raise self.opening.pop(0)

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        self.calls.append((pipeline, deadline))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def stop(self) -> None:
        self.calls.append(("stop", None))

    def close(self) -> None:
        self.calls.append(("close", None))


class Clock:
    """Each look at it moves it by a quarter of a second."""

    def __init__(self) -> None:
        self.now = datetime(2018, 7, 9, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=0.25)
        return self.now


def output(*bodies: bytes) -> Reply:
    return Reply(State.COMPLETED, tuple(Record(Stream.OUTPUT, body) for body in bodies))


GET_MAILBOX = Pipeline.of("Get-Mailbox", Identity="testduplicate@domain.com")
EXCHANGE_GUID = Pipeline(
    (Command("Get-Mailbox", {"Identity": "testduplicate"}), Command("Select-Object", {"Property": ["ExchangeGuid"]}))
)
REMOVE = Pipeline.of("Remove-MsolUser", UserPrincipalName="testduplicate@domain.com", Force=SWITCH)


def small_recording(path: Path) -> Path:
    """Four interactions at two endpoints: an object, an error with a reason, a lost connection, a null output."""
    failed = Reply(State.FAILED, (Record(Stream.WARNING, b"<S>slow</S>"), Record(Stream.ERROR, NOT_FOUND)), NOT_FOUND)
    cloud = ScriptedTransport([output(MAILBOX), failed, output(b"")])
    directory = ScriptedTransport([ConnectionLost("the process ended", endpoint="directory", remedy="Start it again.")])
    metadata = {"playbook": "duplicate-mailbox-delete-account", "run": "r-1", "inputs": {"identity": "testduplicate@domain.com"}}
    with Recording(path, Clock(), metadata=metadata) as recording:
        exo = recording.wrap("exo", cloud)
        exo.run(GET_MAILBOX)
        exo.run(EXCHANGE_GUID)
        with contextlib.suppress(ConnectionLost):
            recording.wrap("directory", directory).run(REMOVE)
        exo.run(GET_MAILBOX)
    return path
