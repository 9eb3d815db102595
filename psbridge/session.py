"""A named endpoint: pipelines in, Replies out; and a Reply decoded to values, errors and messages.

Reads are repeated after a lost connection; a write is sent once (engine-notes section 3), whatever comes of it: only who wrote
down that it would be sent, and looked, may send it again. What a server says about its load is heeded: how long to wait after a
refusal, and Exchange's micro delays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from psbridge.clixml import decode_message, decode_messages
from psbridge.command import Pipeline
from psbridge.error_record import ErrorRecord
from psbridge.errors import ConnectionLost, Retry, StartError, Throttled
from psbridge.log import logger
from psbridge.psobject import PSObject, Value
from psbridge.reply import Reply, State, Stream
from psbridge.transports.base import Transport

__all__ = ["DEFAULT_DEADLINE", "Result", "Session"]

# Exchange Online ends a cmdlet after 15 minutes (field-notes 2.5); a call that takes longer is lost anyway.
DEFAULT_DEADLINE: Final = 15 * 60.0
# From so many on, messages are read together: that takes a third less time.
_MANY: Final = 8
# A server that asks for a longer wait is believed, and the call given up: somebody else has to decide.
_LONGEST_WAIT: Final = 5 * 60.0
_BACK_OFF: Final = wait_exponential(multiplier=0.5, max=10)
# Exchange delays a cmdlet by itself and says so in a warning, in English whatever the culture. Microsoft's advice is to
# leave half a second between two calls then (field-notes 3).
_MICRO_DELAY: Final = b"Micro delay applied"
_AFTER_MICRO_DELAY: Final = 0.5


class Session:
    """One endpoint and the transport that leads to it."""

    def __init__(
        self,
        name: str,
        transport: Transport,
        *,
        deadline: float = DEFAULT_DEADLINE,
        attempts: int = 3,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.name = name
        # Called before each repeat of a read, when its pause is over: a repeat is a call as well, where calls are counted.
        self.before_repeat: Callable[[], object] = _nothing
        self._transport = transport
        self._deadline = deadline
        self._attempts = attempts
        self._stopped = threading.Event()
        self._sleep = sleep or self._rest
        self._pause = 0.0

    @property
    def deadline(self) -> float:
        """Seconds after which a call is ended."""
        return self._deadline

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        """Run a pipeline and give its Reply.

        A pipeline that only reads is repeated, with growing pauses, when the connection was lost or could not be
        opened, or the server refused for now. Anything else is sent once. A stop ends the pauses too: then the Reply is
        STOPPED, and nothing more is sent. One that came while nothing ran is for this call, unless `turn` was called since.
        Raises TransportError and ValueTypeError; an error of the cmdlet is in the Reply.
        """
        return self._asked(lambda: self._transport.run(pipeline, deadline=self._deadline), reads=reads)

    def turn(self, *, wait: bool) -> None:
        """A call begins: a stop that came before this was for another one. There is no turn to be waited for."""
        _ = wait
        self._stopped.clear()

    def glance(self, pipeline: Pipeline, *, seconds: float) -> Reply:
        """Run a pipeline that only reads, once, in at most so many seconds: nothing depends on it. Raises TransportError."""
        return self._transport.run(pipeline, deadline=min(seconds, self._deadline))

    def stream(self, pipeline: Pipeline, begin: Callable[[], Callable[[bytes], object]]) -> Reply:
        """Run a pipeline that only reads, and hand over the message of each object as it comes; the Reply has the rest.

        `begin` is called before each attempt and gives what takes the objects: after a loss they come again, all of them. The
        deadline is for the wait from one object to the next. Raises TransportError, and what `begin` and its taker raise.
        """
        return self._asked(lambda: self._transport.stream(pipeline, begin(), deadline=self._deadline), reads=True)

    def _asked(self, attempt: Callable[[], Reply], *, reads: bool) -> Reply:
        retrying = Retrying(
            stop=stop_after_attempt(self._attempts),
            wait=_wait,
            retry=retry_if_exception(lambda error: _repeatable(error, reads=reads)),
            sleep=self._pause_to_repeat,
            reraise=True,
        )
        try:
            if self._pause:
                self._sleep(self._pause)
            reply: Reply = retrying(self._attempt, attempt)
        finally:
            self._stopped.clear()
        self._pause = _AFTER_MICRO_DELAY if _was_delayed(reply) else 0.0
        if self._pause:
            logger.info("[{}] the server slows its cmdlets down (micro delay); calls are {} s apart", self.name, self._pause)
        return reply

    def stop(self) -> None:
        """Ask the running pipeline to stop, also while it waits for its next attempt, or the next one where none runs.

        May be called from another thread.
        """
        self._stopped.set()
        self._transport.stop()

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()

    def _pause_to_repeat(self, seconds: float) -> None:
        self._sleep(seconds)
        if not self._stopped.is_set():
            self.before_repeat()

    def _rest(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _attempt(self, attempt: Callable[[], Reply]) -> Reply:
        # From here on the transport heeds a stop itself, while it connects as well.
        return Reply(State.STOPPED) if self._stopped.is_set() else attempt()


def _nothing() -> None: ...


def _repeatable(error: BaseException, *, reads: bool) -> bool:
    """Whether the same pipeline may be sent again."""
    if isinstance(error, Throttled):
        return reads and (error.retry_after or 0.0) <= _LONGEST_WAIT
    return reads and isinstance(error, ConnectionLost | StartError) and error.retry is not Retry.UNSAFE


def _wait(state: RetryCallState) -> float:
    """Seconds until the next attempt: what the server asked for, or a growing pause if that is longer."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Throttled) else None
    return max(asked or 0.0, _BACK_OFF(state))


def _was_delayed(reply: Reply) -> bool:
    return any(_MICRO_DELAY in body for body in reply.of(Stream.WARNING))


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
            output=_values(reply.of(Stream.OUTPUT)),
            errors=tuple(_error(_value(body)) for body in reply.of(Stream.ERROR)),
            failure=_failure(reply),
            warnings=tuple(_message(_value(body)) for body in reply.of(Stream.WARNING)),
        )

    @property
    def first_error(self) -> ErrorRecord | None:
        """What went wrong first: a record of the error stream, else what ended the pipeline; None means success."""
        return self.errors[0] if self.errors else self.failure


def _values(bodies: Sequence[bytes]) -> tuple[Value, ...]:
    if len(bodies) < _MANY:
        return tuple(_value(body) for body in bodies)
    read = iter(decode_messages((body for body in bodies if body), at_once=True))
    return tuple(next(read) if body else None for body in bodies)


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
