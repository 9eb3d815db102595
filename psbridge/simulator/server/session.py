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
from psbridge.simulator.runspace.records import Argument, Hung, Invocation, Outcome, Question, Record
from psbridge.simulator.server.command_metadata import described
from psbridge.simulator.server.host_call import NotAnswered, answered, host_call, nobody_there
from psbridge.simulator.server.messages import (
    FRAGMENT_SIZE,
    STREAMS,
    MessageType,
    PipelineState,
    contents,
    fragments,
    message,
    readable,
)
from psbridge.simulator.server.refusals import failed, no_input, unreadable
from psbridge.simulator.server.values import given
from psbridge.simulator.wire import body, reason_body, record_body

__all__ = ["NO_PIPELINE", "MalformedPsrp", "Packet", "ServerSession"]

NO_PIPELINE: Final = UUID(int=0)
# psrpcore writes every message body to the log at DEBUG (remoting-notes 4.3).
logging.getLogger("psrpcore").setLevel(logging.WARNING)
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

    def __init__(self, run: RunPipeline, endpoint: str) -> None:
        self.fragment_size = FRAGMENT_SIZE
        self._run = run
        self._endpoint = endpoint
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
                self._pool.receive_data(psrpcore.PSRPPayload(readable(data), psrpcore.StreamType.default, target))
                return list(iter(self._pool.next_event, None))
            except Exception as error:  # psrpcore raises whatever its parsers stumble over
                raise MalformedPsrp(f"{type(error).__name__}: {error}") from error

    def fail(self, pipeline: UUID, error: Exception) -> Iterator[Packet]:
        """A pipeline that the simulator itself could not carry out."""
        yield from self._fail(pipeline, failed(error))

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
            yield self._message(
                MessageType.RUNSPACEPOOL_STATE, NO_PIPELINE, body(PSObject((), ms={"RunspaceState": state}), untyped=True)
            )

    def stop(self, pipeline: UUID) -> Iterator[Packet]:
        """Stop a pipeline that runs, hangs or waits for an answer. What a cmdlet has done already stays done."""
        self._waiting.pop(pipeline, None)
        stopped = PSObject((), ms={"PipelineState": int(PipelineState.STOPPED)})
        yield from self._finish(pipeline, body(stopped, untyped=True))

    def _own_answers(self) -> Iterator[Packet]:
        """What psrpcore itself has to say, always of the pool: its opening, the session key, availability."""
        with self._lock:
            own = [content for payload in iter(self._pool.data_to_send, None) for content in contents(payload.data)]
        for content in own:
            yield self._packet(NO_PIPELINE, content)

    def _answer(self, event: Any) -> Iterator[Packet]:
        if isinstance(event, psrpcore.CreatePipelineEvent):
            yield from self._create(event)
        elif isinstance(event, psrpcore.PipelineHostResponseEvent):
            yield from self._host_response(event)
        elif isinstance(event, psrpcore.GetCommandMetadataEvent):
            records = (Record("output", value) for value in described(self._endpoint, event.pipeline))
            yield from self._give(event.pipeline_id, Outcome(tuple(records)))
        elif isinstance(event, psrpcore.GetAvailableRunspacesEvent):
            yield from self._available(event, max(self._pool.max_runspaces - len(self._running), 0))
        elif isinstance(event, psrpcore.SetMaxRunspacesEvent | psrpcore.SetMinRunspacesEvent | psrpcore.ResetRunspaceStateEvent):
            yield from self._available(event, True)

    def _available(self, event: Any, answer: int) -> Iterator[Packet]:
        with self._lock:
            self._pool.runspace_availability_response(event.ci, answer)
        yield from self._own_answers()

    def _create(self, event: psrpcore.CreatePipelineEvent) -> Iterator[Packet]:
        powershell = event.pipeline
        try:
            commands = [
                Invocation(
                    command.command_text,
                    tuple(Argument(name, given(value)) for name, value in command.parameters),
                    is_script=bool(command.is_script),
                )
                for command in powershell.commands
            ]
        except Exception as error:  # noqa: BLE001 - psrpcore decrypts only here, and raises whatever it stumbles over
            yield from self._fail(event.pipeline_id, unreadable(error))
            return
        if not powershell.no_input:
            yield from self._fail(event.pipeline_id, no_input())
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
        yield self._message(MessageType.PIPELINE_HOST_CALL, waiting.pipeline, body(host_call(asked, waiting.calls), untyped=True))

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
            yield self._message(STREAMS[record.stream], pipeline, record_body(record))
        done = body(PSObject((), ms={"PipelineState": int(PipelineState.COMPLETED)}), untyped=True)
        yield from self._finish(pipeline, reason_body(outcome) or done)

    def _fail(self, pipeline: UUID, error: CmdletError) -> Iterator[Packet]:
        yield from self._finish(pipeline, body(failed_state(error_record(error, "", "")), untyped=True))

    def _finish(self, pipeline: UUID, state: bytes) -> Iterator[Packet]:
        """Tell the final state of a pipeline, once."""
        with self._lock:
            if pipeline not in self._running:
                return
            self._running.remove(pipeline)
        yield self._message(MessageType.PIPELINE_STATE, pipeline, state, final=True)

    def _message(self, kind: MessageType, pipeline: UUID, content: bytes, *, final: bool = False) -> Packet:
        return self._packet(pipeline, message(kind, self._pool.runspace_pool_id, pipeline, content), final=final)

    def _packet(self, pipeline: UUID, content: bytes, *, final: bool = False) -> Packet:
        with self._lock:
            object_id = self._next_id
            self._next_id += 1
        return Packet(pipeline, tuple(fragments(object_id, content, self.fragment_size)), final)
