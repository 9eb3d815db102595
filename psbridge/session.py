"""A named endpoint: pipelines in, Replies out; and a Reply decoded to values, errors and messages.

Reads are repeated after a lost connection; a write is sent once, whatever happens (engine-notes section 3).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from psbridge.clixml import decode_message
from psbridge.command import Pipeline
from psbridge.error_record import ErrorRecord
from psbridge.errors import ConnectionLost, StartError
from psbridge.psobject import PSObject, Value
from psbridge.reply import Reply, State, Stream
from psbridge.transports.base import Transport

__all__ = ["Result", "Session"]

# Exchange Online ends a cmdlet after 15 minutes (field-notes 2.5); a call that takes longer is lost anyway.
DEFAULT_DEADLINE: Final = 15 * 60.0


class Session:
    """One endpoint and the transport that leads to it."""

    def __init__(
        self,
        name: str,
        transport: Transport,
        *,
        deadline: float = DEFAULT_DEADLINE,
        attempts: int = 3,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._transport = transport
        self._deadline = deadline
        self._attempts = attempts
        self._sleep = sleep

    @property
    def deadline(self) -> float:
        """Seconds after which a call is ended."""
        return self._deadline

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        """Run a pipeline and give its Reply.

        A pipeline that only reads is repeated, with growing pauses, when the connection was lost or could not be
        opened. Anything else is sent once. Raises TransportError and ValueTypeError; an error of the cmdlet is in
        the Reply.
        """
        if not reads:
            return self._transport.run(pipeline, deadline=self._deadline)
        retrying = Retrying(
            stop=stop_after_attempt(self._attempts),
            wait=wait_exponential(multiplier=0.5, max=10),
            retry=retry_if_exception_type((ConnectionLost, StartError)),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._transport.run, pipeline, deadline=self._deadline)

    def stop(self) -> None:
        """Ask the running pipeline to stop; may be called from another thread."""
        self._transport.stop()

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()


@dataclass(frozen=True, slots=True)
class Result:
    """A Reply, decoded.

    `errors` are the records of the error stream, `failure` is the error that ended a failed or stopped pipeline.
    """

    state: State
    output: tuple[Value, ...]
    errors: tuple[ErrorRecord, ...]
    failure: ErrorRecord | None
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, reply: Reply) -> Result:
        """Decode every record that decisions are taken on; raises ClixmlError."""
        return cls(
            state=reply.state,
            output=tuple(_value(body) for body in reply.of(Stream.OUTPUT)),
            errors=tuple(_error(_value(body)) for body in reply.of(Stream.ERROR)),
            failure=_failure(reply),
            warnings=tuple(_message(_value(body)) for body in reply.of(Stream.WARNING)),
        )

    @property
    def first_error(self) -> ErrorRecord | None:
        """What went wrong first: a record of the error stream, else what ended the pipeline; None means success."""
        return self.errors[0] if self.errors else self.failure


def _value(body: bytes) -> Value:
    # A null output has no body at all (remoting-notes 9.3).
    return decode_message(body) if body else None


def _error(value: Value) -> ErrorRecord:
    return ErrorRecord.of(value) if isinstance(value, PSObject) else ErrorRecord(message=str(value), error_id="")


def _failure(reply: Reply) -> ErrorRecord | None:
    if reply.state is State.COMPLETED:
        return None
    state = _value(reply.reason) if reply.reason else None
    record = state.get("ExceptionAsErrorRecord") if isinstance(state, PSObject) else None
    if record is None:
        return ErrorRecord(message=f"The pipeline ended in state {reply.state} without an error record.", error_id="")
    return _error(record)


def _message(value: Value) -> str:
    if isinstance(value, PSObject):
        return str(value.get("InformationalRecord_Message", value.to_string or ""))
    return str(value)
