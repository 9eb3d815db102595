"""The events of one pipeline in, its Reply out; and what it asked a person, if it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID, uuid4

from psbridge.command import Command, Pipeline, ScriptCommand
from psbridge.errors import ConfirmationRequired
from psbridge.psrp.bodies import ScriptText
from psbridge.psrp.events import PipelineEnded, RecordCame
from psbridge.psrp.host import Question
from psbridge.psrp.messages import MessageType, PipelineState
from psbridge.reply import Record, Reply, State, Stream

__all__ = ["Call", "StoppedAtItsBeginning"]

_STREAMS: Final[Mapping[MessageType, Stream]] = {
    MessageType.PIPELINE_OUTPUT: Stream.OUTPUT,
    MessageType.ERROR_RECORD: Stream.ERROR,
    MessageType.WARNING_RECORD: Stream.WARNING,
    MessageType.VERBOSE_RECORD: Stream.VERBOSE,
    MessageType.DEBUG_RECORD: Stream.DEBUG,
    MessageType.INFORMATION_RECORD: Stream.INFORMATION,
    MessageType.PROGRESS_RECORD: Stream.PROGRESS,
}
_STATES: Final[Mapping[PipelineState, State]] = {
    PipelineState.COMPLETED: State.COMPLETED,
    PipelineState.FAILED: State.FAILED,
    PipelineState.STOPPED: State.STOPPED,
}


class StoppedAtItsBeginning(Exception):
    """Somebody asked for a stop while the pipeline was still being sent: the server has not begun it."""


class Call:
    """One run of a pipeline.

    `stop_asked` is set by another thread; `ended` when the final state has come; `closed` when nothing of it is left.
    With `output` each output object is handed to it as it comes, and not kept.
    """

    def __init__(self, pipeline: Pipeline, output: Callable[[bytes], object] | None = None) -> None:
        self.pipeline_id: UUID = uuid4()
        self.commands = [(_sent(command), command.parameters) for command in pipeline.commands]
        self.questions: list[Question] = []
        self.stop_asked = False
        self.signalled = False
        self.closed = False
        self._output = output
        self._given_out = False
        self._records: list[Record] = []
        self._end: PipelineEnded | None = None

    @property
    def ended(self) -> bool:
        """Whether the pipeline has reached its final state."""
        return self._end is not None

    def take(self, event: RecordCame | PipelineEnded) -> None:
        """Keep a record, or the end; what belongs to another pipeline is passed over."""
        if event.pipeline_id != self.pipeline_id:
            return
        if isinstance(event, PipelineEnded):
            self._end = event
        elif self._output is not None and event.kind is MessageType.PIPELINE_OUTPUT:
            self._given_out = True
            self._output(event.body)
        else:
            self._records.append(Record(_STREAMS[event.kind], event.body))

    def reply(self) -> Reply:
        """The Reply; a call that never began was stopped."""
        if self._end is None:
            return Reply(State.STOPPED)
        state = _STATES[self._end.state]
        return Reply(state, tuple(self._records), None if state is State.COMPLETED else self._end.body)

    def confirmation(self, endpoint: str) -> ConfirmationRequired | None:
        """The error that says what was asked first; None where nothing was asked.

        The refused question ends its cmdlet. But a cmdlet may have worked before it: an earlier one in the pipeline,
        or this one on what it wrote already; and one that completes all the same has gone on without an answer.
        """
        if not self.questions:
            return None
        first = self.questions[0]
        reply = self.reply()
        given_out = self._given_out or bool(reply.of(Stream.OUTPUT))
        several = len(self.commands) > 1 or isinstance(self.commands[0][0], ScriptText)
        unsure = reply.state is State.COMPLETED or several or given_out
        return ConfirmationRequired(first.method, first.text, first.choices, endpoint=endpoint, may_have_run=unsure)


def _sent(command: Command) -> str:
    return ScriptText(command.script.text) if isinstance(command, ScriptCommand) else command.name
