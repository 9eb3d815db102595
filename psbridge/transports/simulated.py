"""A simulated organisation in this process: a pipeline in, a Reply of raw CLIXML out, as every other transport hands it over."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from psbridge.clock import Clock
from psbridge.command import Command, Pipeline, ScriptCommand
from psbridge.errors import ConfirmationRequired, ConnectionLost, DeadlineExceeded
from psbridge.reply import Record, Reply, State, Stream
from psbridge.simulator import Argument, Dropped, Hung, Invocation, Outcome, Question, SimulatedOrganisation
from psbridge.simulator.wire import reason_body, record_body
from psbridge.transports.base import Transport

__all__ = ["SimulatedTransport"]


class SimulatedTransport(Transport):
    """A session at one endpoint of a simulated organisation.

    The organisation's time follows `clock`: where that skips a wait, what was due in it has happened at the next command.
    A question that a cmdlet asks is refused, as over a real connection.
    """

    def __init__(self, organisation: SimulatedOrganisation, endpoint: str, clock: Clock) -> None:
        self._endpoint = endpoint
        self._session = organisation.session(endpoint, clock.now)

    def open(self) -> None:
        """Nothing has to be opened."""

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:  # noqa: ARG002 - nothing takes time here
        """Run a pipeline; see `Transport.run`. Raises ConnectionLost and DeadlineExceeded where a fault asks for it."""
        outcome = self._outcome(pipeline)
        # One after the other: of a long list there are never two copies.
        records = tuple(Record(Stream(record.stream), _bare(record_body(record))) for record in outcome.records)
        return _reply(outcome, records)

    def stream(
        self,
        pipeline: Pipeline,
        output: Callable[[bytes], object],
        *,
        deadline: float | None = None,  # noqa: ARG002 - nothing takes time here
    ) -> Reply:
        """Run a pipeline; see `Transport.stream`. Each object is written when it is handed over."""
        outcome = self._outcome(pipeline)
        others = []
        for record in outcome.records:
            body = _bare(record_body(record))
            if record.stream == "output":
                output(body)
            else:
                others.append(Record(Stream(record.stream), body))
        return _reply(outcome, tuple(others))

    def _outcome(self, pipeline: Pipeline) -> Outcome:
        try:
            return self._session([_invocation(command) for command in pipeline.commands])
        except Question as asked:
            text = f"{asked.caption}: {asked.message}"
            raise ConfirmationRequired(asked.method, text, asked.choices, endpoint=self._endpoint, may_have_run=False) from asked
        except Dropped as dropped:
            problem = "the simulated connection was dropped"
            raise ConnectionLost(problem, endpoint=self._endpoint, may_have_run=True) from dropped
        except Hung as hung:
            problem = "the simulated cmdlet did not end by itself"
            raise DeadlineExceeded(problem, endpoint=self._endpoint, may_have_run=True) from hung

    def stop(self) -> None:
        """Nothing runs that could be stopped: a simulated command is over at once."""

    def close(self) -> None:
        """Nothing has to be closed."""


def _reply(outcome: Outcome, records: tuple[Record, ...]) -> Reply:
    reason = reason_body(outcome)
    return Reply(State(outcome.state), records, None if reason is None else _bare(reason))


def _bare(body: bytes) -> bytes:
    """A body without the byte order mark that stands in front of it on a wire."""
    return body.removeprefix(codecs.BOM_UTF8)


def _invocation(command: Command) -> Invocation:
    arguments = tuple(Argument(name, value) for name, value in command.parameters.items())
    if isinstance(command, ScriptCommand):
        return Invocation(command.script.text, arguments, is_script=True)
    return Invocation(command.name, arguments)
