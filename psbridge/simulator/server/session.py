"""Bytes of a PSRP client in, bytes for it out: one runspace pool at one endpoint, whatever carries it.

psrpcore reads what the client sends and opens the pool; what a pipeline gives out is written here, because psrpcore's server has
no raw output, no failed state and no text in its warnings (remoting-notes 6).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

import psrpcore
from psrpcore.types import RunspacePoolState

from psbridge.psobject import PSObject
from psbridge.simulator.organisation import RunPipeline
from psbridge.simulator.runspace.error import CmdletError, error_record, failed_state
from psbridge.simulator.runspace.records import Argument, Hung, Invocation, Outcome, Question
from psbridge.simulator.server.host_call import NotAnswered, answered, host_call, nobody_there
from psbridge.simulator.server.messages import FRAGMENT_SIZE, STREAMS, MessageType, PipelineState, fragments, message, renumbered
from psbridge.simulator.server.values import given
from psbridge.simulator.wire import body, reason_body

__all__ = ["NO_PIPELINE", "MalformedPsrp", "Packet", "ServerSession"]

NO_PIPELINE: Final = UUID(int=0)
# psrpcore writes every message body to the log at DEBUG (remoting-notes 4.3).
logging.getLogger("psrpcore").setLevel(logging.WARNING)
_NO_LANGUAGE: Final = "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode."
_CLOSING, _CLOSED = 4, 3


class Packet(NamedTuple):
    """The fragments of a message, for a pipeline or the pool; `final`: it is the pipeline's last."""

    pipeline: UUID
    pieces: tuple[bytes, ...]
    final: bool = False


@dataclass(slots=True)
class _Waiting:
    """A pipeline that may ask: its commands as they are now, and the question that waits for an answer."""

    pipeline: UUID
    commands: list[Invocation]
    answerable: bool
    consent: bool = False
    asked: Question | None = None
    calls: int = 0


class MalformedPsrp(Exception):
    """What came from the client is no PSRP."""


class ServerSession:
    """One runspace pool. The carrier tells of pipelines that begin and end, and hands over the bytes for each.

    Several threads may answer at once, one for each pipeline. `fragment_size`: bytes of the largest fragment that it writes.
    """

    def __init__(self, run: RunPipeline) -> None:
        self.fragment_size = FRAGMENT_SIZE
        self._run = run
        self._pool = psrpcore.ServerRunspacePool()
        self._lock = threading.RLock()
        self._next_id = 1
        self._running: set[UUID] = set()
        self._waiting: dict[UUID, _Waiting] = {}

    @property
    def opened(self) -> bool:
        """Whether the client has opened the pool."""
        return self._pool.state == RunspacePoolState.Opened

    def begin(self, pipeline: UUID) -> None:
        """A pipeline is announced; its CREATE_PIPELINE follows."""
        with self._lock:
            psrpcore.ServerPipeline(self._pool, pipeline)
            self._running.add(pipeline)

    def end(self, pipeline: UUID) -> None:
        """A pipeline is closed by the client: nothing of it is kept, and nothing more is said of it."""
        with self._lock:
            self._running.discard(pipeline)
            self._waiting.pop(pipeline, None)
            self._pool.pipeline_table.pop(pipeline, None)

    def end_all(self) -> None:
        """Every pipeline is closed, with its pool."""
        with self._lock:
            self._running.clear()
            self._waiting.clear()
            self._pool.pipeline_table.clear()

    def receive(self, pipeline: UUID, data: bytes) -> Iterator[Packet]:
        """Take fragments of the client and answer them; see `take` and `answer`."""
        yield from self.answer(self.take(pipeline, data))

    def take(self, pipeline: UUID, data: bytes) -> list[Any]:
        """Take fragments of the client; gives what they ask for. Raises MalformedPsrp; the carrier ends the session then."""
        target = None if pipeline == NO_PIPELINE else pipeline
        with self._lock:
            try:
                self._pool.receive_data(psrpcore.PSRPPayload(data, psrpcore.StreamType.default, target))
                return list(iter(self._pool.next_event, None))
            except Exception as error:  # psrpcore raises whatever its parsers stumble over
                raise MalformedPsrp(f"{type(error).__name__}: {error}") from error

    def fail(self, pipeline: UUID, error: Exception) -> Iterator[Packet]:
        """A pipeline that the simulator itself could not carry out."""
        text = f"The simulator failed: {type(error).__name__}: {error}"
        bases = ("System.InvalidOperationException", "System.SystemException")
        yield from self._fail(pipeline, CmdletError(text, "SimulatorFailed", "InvalidOperation", bases, terminating=True))

    def answer(self, events: list[Any]) -> Iterator[Packet]:
        """Do what was asked for; gives what goes to the client, message by message.

        Raises Dropped where a fault says so.
        """
        yield from self._own_answers()
        for event in events:
            yield from self._answer(event)

    def close(self) -> Iterator[Packet]:
        """The client closes the pool: two states are told."""
        for state in (_CLOSING, _CLOSED):
            yield from self._send(MessageType.RUNSPACEPOOL_STATE, NO_PIPELINE, body(PSObject((), ms={"RunspaceState": state})))

    def stop(self, pipeline: UUID) -> Iterator[Packet]:
        """Stop a pipeline that runs, hangs or waits for an answer. What a cmdlet has done already stays done."""
        self._waiting.pop(pipeline, None)
        stopped = PSObject((), ms={"PipelineState": int(PipelineState.STOPPED)})
        yield from self._finish(pipeline, body(stopped))

    def _own_answers(self) -> Iterator[Packet]:
        """What psrpcore itself has to say, always of the pool: its opening, the session key, availability."""
        pieces = []
        with self._lock:
            while (payload := self._pool.data_to_send(self.fragment_size)) is not None:
                for object_id, piece in renumbered(payload.data, self._next_id):
                    self._next_id = object_id + 1
                    pieces.append(piece)
        if pieces:
            yield Packet(NO_PIPELINE, tuple(pieces))

    def _answer(self, event: Any) -> Iterator[Packet]:
        if isinstance(event, psrpcore.CreatePipelineEvent):
            yield from self._create(event)
        elif isinstance(event, psrpcore.PipelineHostResponseEvent):
            yield from self._host_response(event)
        elif isinstance(event, psrpcore.GetCommandMetadataEvent):
            yield from self._fail(event.pipeline_id, _no_metadata())
        elif isinstance(event, psrpcore.GetAvailableRunspacesEvent):
            yield from self._available(event, 1)
        elif isinstance(event, psrpcore.SetMaxRunspacesEvent | psrpcore.SetMinRunspacesEvent | psrpcore.ResetRunspaceStateEvent):
            yield from self._available(event, True)

    def _available(self, event: Any, answer: int) -> Iterator[Packet]:
        with self._lock:
            self._pool.runspace_availability_response(event.ci, answer)
        yield from self._own_answers()

    def _create(self, event: psrpcore.CreatePipelineEvent) -> Iterator[Packet]:
        powershell = event.pipeline
        if any(command.is_script for command in powershell.commands):
            yield from self._fail(event.pipeline_id, _no_language())
            return
        try:
            commands = [
                Invocation(command.command_text, tuple(Argument(name, given(value)) for name, value in command.parameters))
                for command in powershell.commands
            ]
        except Exception as error:  # noqa: BLE001 - psrpcore decrypts only here, and raises whatever it stumbles over
            yield from self._fail(event.pipeline_id, _unreadable(error))
            return
        if not powershell.no_input:
            yield from self._fail(event.pipeline_id, _no_input())
            return
        yield from self._attempt(_Waiting(event.pipeline_id, commands, answerable=self._has_host(powershell.host)))

    def _attempt(self, waiting: _Waiting) -> Iterator[Packet]:
        """Run the commands until they end, hang or ask."""
        try:
            outcome = self._run(waiting.commands, consent=waiting.consent)
        except Question as asked:
            yield from self._ask(waiting, asked)
        except Hung:
            return
        else:
            yield from self._give(waiting.pipeline, outcome)

    def _ask(self, waiting: _Waiting, asked: Question) -> Iterator[Packet]:
        if not waiting.answerable:
            yield from self._fail(waiting.pipeline, nobody_there(asked))
            return
        waiting.asked, waiting.calls = asked, waiting.calls + 1
        self._waiting[waiting.pipeline] = waiting
        yield from self._send(MessageType.PIPELINE_HOST_CALL, waiting.pipeline, body(host_call(asked, waiting.calls)))

    def _has_host(self, own: Any) -> bool:
        """Whether somebody is there: at the pipeline itself, or at the pool if the pipeline says so ([MS-PSRP] 2.2.3.14)."""
        host = self._pool.host if own.UseRunspaceHost else own
        return host is not None and not host.IsHostNull

    def _host_response(self, event: psrpcore.PipelineHostResponseEvent) -> Iterator[Packet]:
        """An answer to a question: the commands go on, a no runs nothing, and no answer fails the pipeline."""
        waiting = self._waiting.pop(event.pipeline_id, None)
        if waiting is None or waiting.asked is None:
            return
        try:
            commands = answered(waiting.asked, None if event.error is not None else event.result, waiting.commands)
        except NotAnswered:
            yield from self._fail(event.pipeline_id, nobody_there(waiting.asked))
            return
        if commands is None:
            yield from self._give(event.pipeline_id, Outcome())
            return
        waiting.commands, waiting.consent = commands, waiting.consent or waiting.asked.method == "PromptForChoice"
        yield from self._attempt(waiting)

    def _give(self, pipeline: UUID, outcome: Outcome) -> Iterator[Packet]:
        for record in outcome.records:
            if pipeline not in self._running:
                return
            yield from self._send(STREAMS[record.stream], pipeline, body(record.value))
        done = body(PSObject((), ms={"PipelineState": int(PipelineState.COMPLETED)}))
        yield from self._finish(pipeline, reason_body(outcome) or done)

    def _fail(self, pipeline: UUID, error: CmdletError) -> Iterator[Packet]:
        yield from self._finish(pipeline, body(failed_state(error_record(error, "", ""))))

    def _finish(self, pipeline: UUID, state: bytes) -> Iterator[Packet]:
        """Tell the final state of a pipeline, once."""
        with self._lock:
            if pipeline not in self._running:
                return
            self._running.remove(pipeline)
        yield from self._send(MessageType.PIPELINE_STATE, pipeline, state, final=True)

    def _send(self, kind: MessageType, pipeline: UUID, content: bytes, *, final: bool = False) -> Iterator[Packet]:
        with self._lock:
            object_id = self._next_id
            self._next_id += 1
        whole = message(kind, self._pool.runspace_pool_id, pipeline, content)
        yield Packet(pipeline, tuple(fragments(object_id, whole, self.fragment_size)), final)


def _no_language() -> CmdletError:
    """Script text is refused, as by Exchange's own endpoint since April 2021 (field-notes 3)."""
    exception = "System.Management.Automation.PSNotSupportedException"
    bases = ("System.NotSupportedException", "System.SystemException")
    return CmdletError(_NO_LANGUAGE, "ScriptsNotAllowed", "SyntaxError", (exception, *bases), terminating=True)


def _no_input() -> CmdletError:
    """A client pipes objects in: a cmdlet that ignored them would do something else than was meant."""
    exception = ("System.NotImplementedException", "System.SystemException")
    text = "The simulator takes no objects through the pipeline; name them with a parameter. Nothing was done."
    return CmdletError(text, "SimulatorPipelineInputNotImplemented", "NotImplemented", exception, terminating=True)


def _unreadable(error: Exception) -> CmdletError:
    """A value that cannot be read, such as a SecureString of another key."""
    text = f"A parameter cannot be read: {error}"
    return CmdletError(text, "SimulatorValueNotReadable", "InvalidData", ("System.FormatException", "System.SystemException"))


def _no_metadata() -> CmdletError:
    """Import-PSSession asks what commands there are; that is not simulated, and said instead of left unanswered."""
    exception = ("System.NotImplementedException", "System.SystemException")
    text = "The simulator does not describe its commands; call them by their names."
    return CmdletError(text, "SimulatorMetadataNotImplemented", "NotImplemented", exception, terminating=True)
