"""Bytes of a PSRP client in, bytes for it out: one runspace pool at one endpoint, whatever carries it.

psrpcore reads what the client sends and opens the pool; what a pipeline gives out is written here, because psrpcore's server has
no raw output, no failed state and no text in its warnings (remoting-notes 6).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psrpcore

from psbridge.psobject import Int64, Kind, PSObject, Value
from psbridge.simulator.organisation import RunPipeline
from psbridge.simulator.runspace.error import CmdletError, error_record, failed_state
from psbridge.simulator.runspace.records import Argument, Invocation, Outcome, Question
from psbridge.simulator.server.messages import STREAMS, MessageType, PipelineState, fragments, message, renumbered
from psbridge.simulator.server.values import given
from psbridge.simulator.wire import bodies, body, reason_body

__all__ = ["NO_PIPELINE", "ServerSession"]

NO_PIPELINE: Final = UUID(int=0)
# psrpcore writes every message body to the log at DEBUG (remoting-notes 4.3).
logging.getLogger("psrpcore").setLevel(logging.WARNING)
_NO_LANGUAGE: Final = "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode."
_METHODS: Final = {"Prompt": 23, "PromptForChoice": 26}
_CLOSING, _CLOSED = 4, 3


class ServerSession:
    """One runspace pool. The carrier tells of pipelines that begin and end, and hands over the bytes for each."""

    def __init__(self, run: RunPipeline) -> None:
        self._run = run
        self._pool = psrpcore.ServerRunspacePool()
        self._next_id = 1
        self._asked: dict[UUID, _Asked] = {}

    def begin(self, pipeline: UUID) -> None:
        """A pipeline is announced; its CREATE_PIPELINE follows."""
        psrpcore.ServerPipeline(self._pool, pipeline)

    def end(self, pipeline: UUID) -> None:
        """A pipeline is closed by the client: nothing of it is kept."""
        self._asked.pop(pipeline, None)
        self._pool.pipeline_table.pop(pipeline, None)

    def receive(self, pipeline: UUID, data: bytes) -> Iterator[tuple[UUID, bytes]]:
        """Take fragments of the client; gives the fragments for it, each with the pipeline that it belongs to.

        Raises psrpcore's errors for what is no PSRP; the carrier ends the session then. Raises Dropped where a fault says so.
        """
        target = None if pipeline == NO_PIPELINE else pipeline
        self._pool.receive_data(psrpcore.PSRPPayload(data, psrpcore.StreamType.default, target))
        while (event := self._pool.next_event()) is not None:
            yield from self._own_answers()
            yield from self._answer(event)

    def close(self) -> Iterator[tuple[UUID, bytes]]:
        """The client closes the pool: two states are told."""
        for state in (_CLOSING, _CLOSED):
            yield from self._send(MessageType.RUNSPACEPOOL_STATE, NO_PIPELINE, body(PSObject((), ms={"RunspaceState": state})))

    def stop(self, pipeline: UUID) -> Iterator[tuple[UUID, bytes]]:
        """Stop a pipeline that waits for an answer; a command that runs is over before anybody could stop it."""
        if self._asked.pop(pipeline, None) is not None:
            stopped = PSObject((), ms={"PipelineState": int(PipelineState.STOPPED)})
            yield from self._send(MessageType.PIPELINE_STATE, pipeline, body(stopped))

    def _own_answers(self) -> Iterator[tuple[UUID, bytes]]:
        """What psrpcore itself has to say, always of the pool: its opening, the session key, availability."""
        while (payload := self._pool.data_to_send(32_768)) is not None:
            for object_id, piece in renumbered(payload.data, self._next_id):
                self._next_id = object_id + 1
                yield NO_PIPELINE, piece

    def _answer(self, event: Any) -> Iterator[tuple[UUID, bytes]]:
        if isinstance(event, psrpcore.CreatePipelineEvent):
            yield from self._create(event)
        elif isinstance(event, psrpcore.PipelineHostResponseEvent):
            yield from self._host_response(event)
        elif isinstance(event, psrpcore.GetCommandMetadataEvent):
            yield from self._fail(event.pipeline_id, _no_metadata())
        elif isinstance(event, psrpcore.GetAvailableRunspacesEvent):
            self._pool.runspace_availability_response(event.ci, 1)
            yield from self._own_answers()
        elif isinstance(event, psrpcore.SetMaxRunspacesEvent | psrpcore.SetMinRunspacesEvent | psrpcore.ResetRunspaceStateEvent):
            self._pool.runspace_availability_response(event.ci, True)
            yield from self._own_answers()

    def _create(self, event: psrpcore.CreatePipelineEvent) -> Iterator[tuple[UUID, bytes]]:
        powershell = event.pipeline
        if any(command.is_script for command in powershell.commands):
            yield from self._fail(event.pipeline_id, _no_language())
            return
        commands = [
            Invocation(command.command_text, tuple(Argument(name, given(value)) for name, value in command.parameters))
            for command in powershell.commands
        ]
        yield from self._go(event.pipeline_id, commands, has_host=self._has_host(powershell.host))

    def _go(
        self, pipeline: UUID, commands: list[Invocation], *, has_host: bool, consent: bool = False, calls: int = 0
    ) -> Iterator[tuple[UUID, bytes]]:
        """Run the commands; what they ask goes to the host, and the pipeline waits for its answer."""
        try:
            outcome = self._run(commands, consent=consent)
        except Question as asked:
            if not has_host:
                yield from self._fail(pipeline, _nobody_there(asked))
            else:
                self._asked[pipeline] = _Asked(asked, commands, calls + 1)
                yield from self._send(MessageType.PIPELINE_HOST_CALL, pipeline, body(_host_call(asked, calls + 1)))
            return
        yield from self._give(pipeline, outcome)

    def _has_host(self, own: Any) -> bool:
        """Whether somebody is there: at the pipeline itself, or at the pool if the pipeline says so ([MS-PSRP] 2.2.3.14)."""
        host = self._pool.host if own.UseRunspaceHost else own
        return host is not None and not host.IsHostNull

    def _host_response(self, event: psrpcore.PipelineHostResponseEvent) -> Iterator[tuple[UUID, bytes]]:
        """An answer: a yes runs the commands, a no runs nothing, values are bound and may lead to the next question.

        No answer fails the pipeline.
        """
        waiting = self._asked.pop(event.pipeline_id, None)
        if waiting is None:
            return
        question, commands = waiting.question, waiting.commands
        if event.error is not None:
            yield from self._fail(event.pipeline_id, _nobody_there(question))
        elif question.method == "Prompt":
            told = _answered(commands, question, given(event.result))
            if told is None:
                yield from self._fail(event.pipeline_id, _nobody_there(question))
            else:
                yield from self._go(event.pipeline_id, told, has_host=True, calls=waiting.call_id)
        elif event.result in range((len(question.choices) + 1) // 2):
            yield from self._go(event.pipeline_id, commands, has_host=True, consent=True, calls=waiting.call_id)
        else:
            yield from self._give(event.pipeline_id, Outcome())

    def _give(self, pipeline: UUID, outcome: Outcome) -> Iterator[tuple[UUID, bytes]]:
        for stream, content in bodies(outcome):
            yield from self._send(STREAMS[stream], pipeline, content)
        done = body(PSObject((), ms={"PipelineState": int(PipelineState.COMPLETED)}))
        yield from self._send(MessageType.PIPELINE_STATE, pipeline, reason_body(outcome) or done)

    def _fail(self, pipeline: UUID, error: CmdletError) -> Iterator[tuple[UUID, bytes]]:
        yield from self._send(MessageType.PIPELINE_STATE, pipeline, body(failed_state(error_record(error, "", ""))))

    def _send(self, kind: MessageType, pipeline: UUID, content: bytes) -> Iterator[tuple[UUID, bytes]]:
        whole = message(kind, self._pool.runspace_pool_id, pipeline, content)
        for piece in fragments(self._next_id, whole):
            yield pipeline, piece
        self._next_id += 1


@dataclass(frozen=True, slots=True)
class _Asked:
    """A pipeline that waits for the answer to a host call."""

    question: Question
    commands: list[Invocation]
    call_id: int


def _answered(commands: list[Invocation], question: Question, values: object) -> list[Invocation] | None:
    """The commands with the values that were given for mandatory parameters; None where one is missing."""
    entries = values.entries if isinstance(values, PSObject) else None
    told = {str(name).lower(): value for name, value in entries or []}
    if any(name.lower() not in told for name in question.choices):
        return None
    asking = commands[question.place]
    more = tuple(Argument(name, told[name.lower()]) for name in question.choices)
    return [*commands[: question.place], Invocation(asking.name, (*asking.arguments, *more)), *commands[question.place + 1 :]]


def _host_call(asked: Question, call_id: int) -> PSObject:
    """The body of a host call ([MS-PSRP] 2.2.2.27)."""
    types = ("System.Management.Automation.Remoting.RemoteHostMethodId", "System.Enum", "System.ValueType", "System.Object")
    method = PSObject.wrapping(_METHODS[asked.method], types, to_string=asked.method)
    untyped = ("System.Collections.ArrayList", "System.Object")
    choices = [_choice(label) if asked.method == "PromptForChoice" else _field(label) for label in asked.choices]
    arguments: list[Value] = [asked.caption, asked.message, PSObject(untyped, kind=Kind.LIST, items=list(choices))]
    if asked.method == "PromptForChoice":
        arguments.append(0)
    called = PSObject(untyped, kind=Kind.LIST, items=arguments)
    return PSObject((), ms={"ci": Int64(call_id), "mi": method, "mp": called})


def _choice(label: str) -> PSObject:
    return PSObject((), ms={"label": label, "helpMessage": ""})


def _field(name: str) -> PSObject:
    """A FieldDescription of a value that is asked for."""
    return PSObject(
        (),
        ms={
            "name": name,
            "label": name,
            "parameterTypeName": "String",
            "parameterTypeFullName": "System.String",
            "parameterAssemblyFullName": "System.Private.CoreLib",
            "helpMessage": "",
            "isMandatory": True,
        },
    )


def _no_language() -> CmdletError:
    """Script text is refused, as by Exchange's own endpoint since April 2021 (field-notes 3)."""
    exception = "System.Management.Automation.PSNotSupportedException"
    bases = ("System.NotSupportedException", "System.SystemException")
    return CmdletError(_NO_LANGUAGE, "ScriptsNotAllowed", "SyntaxError", (exception, *bases), terminating=True)


def _no_metadata() -> CmdletError:
    """Import-PSSession asks what commands there are; that is not simulated, and said instead of left unanswered."""
    exception = ("System.NotImplementedException", "System.SystemException")
    text = "The simulator does not describe its commands; call them by their names."
    return CmdletError(text, "SimulatorMetadataNotImplemented", "NotImplemented", exception, terminating=True)


def _nobody_there(asked: Question) -> CmdletError:
    """A question without anybody who could answer ends its pipeline (remoting-notes 9.6)."""
    bases = ("System.Management.Automation.RuntimeException", "System.SystemException")
    if asked.method == "Prompt":
        names = " ".join(asked.choices)
        text = f"Cannot process command because of one or more missing mandatory parameters: {names}."
        exception = "System.Management.Automation.ParameterBindingException"
        return CmdletError(text, "MissingMandatoryParameter", "InvalidArgument", (exception, *bases), terminating=True)
    text = f"A command that prompts the user failed because nobody answered. The question was: {asked.message}"
    exception = "System.Management.Automation.Host.HostException"
    return CmdletError(text, "HostFunctionNotImplemented", "NotImplemented", (exception, *bases), terminating=True)
