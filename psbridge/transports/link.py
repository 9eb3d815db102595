"""One PowerShell process with its open session: calls in, events out, never waiting longer than it was told.

Every failure ends the process, so that nothing can happen behind the caller's back, and tells whether the command may
have run: that is so from the moment in which the first byte of CREATE_PIPELINE may have left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from loguru import logger

from psbridge.errors import ConnectionLost, DeadlineExceeded, ProtocolError, TransportError
from psbridge.psrp.crypto import KeysMissing, SessionKeyPair
from psbridge.psrp.events import Event, HostCalled, KeyRequested, PipelineEnded, PoolChanged, RecordCame
from psbridge.psrp.messages import NO_ID, PoolState
from psbridge.psrp.outofproc import Tag
from psbridge.psrp.session import RunspacePool
from psbridge.psrp.stdio import Acknowledged, StdioClient
from psbridge.transports.call import Call
from psbridge.transports.child import Child, Complaint, Ended, Output
from psbridge.transports.deadline import Deadline

__all__ = ["Link"]

# How long the output may still bring the end of a call after the server complained: the two come by different pipes.
_AFTER_COMPLAINT: Final = 0.2
_OVER: Final = frozenset({PoolState.CLOSED, PoolState.BROKEN})


class Link:
    """A running process and the session with it."""

    def __init__(self, child: Child, pool: RunspacePool, endpoint: str, close_seconds: float) -> None:
        self._endpoint = endpoint
        self._child = child
        self._client = StdioClient(pool)
        self._close_seconds = close_seconds
        self._acks: set[Acknowledged] = set()
        self._call: Call | None = None
        self._complaint = ""
        self._closing = False
        self._missing = 0
        self.alive = True

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def open(self, limit: Deadline) -> None:
        """Open the session; raises TransportError."""
        self._client.open()
        self._until(lambda: self._client.pool.state is PoolState.OPENED, limit, "the session to open")

    def settle(self) -> bool:
        """Take what came since the last call; tell whether the session is still there."""
        try:
            while self.alive and (arrival := self._child.get(0.0)) is not None:
                if isinstance(arrival, Ended | Complaint):
                    self._drop()
                elif isinstance(arrival, Output):
                    self._take(arrival.chunk)
        except TransportError as error:
            logger.debug("[{}] the session ended between two calls: {}", self._endpoint, error.problem)
            self._drop()
        if self._client.pool.state is not PoolState.OPENED:
            self._drop()
        return self.alive

    def begin(self, call: Call, limit: Deadline) -> None:
        """Announce a pipeline. Raises ValueTypeError before anything of it was sent; exchanges keys where it must."""
        self._child.clear_mark()
        try:
            self._client.begin(call.pipeline_id, call.commands)
        except KeysMissing:
            self._exchange_keys(limit)
            self._client.begin(call.pipeline_id, call.commands)
        self._call = call

    def finish(self, call: Call, limit: Deadline) -> None:
        """Wait for the pipeline's final state; raises TransportError. DeadlineExceeded leaves the session as it is."""
        self._until(lambda: call.ended, limit, "the command to end", fatal=False)

    def stop(self, call: Call) -> None:
        """Ask a pipeline to stop, once."""
        if not call.signalled and not call.ended:
            call.signalled = True
            self._client.signal(call.pipeline_id)

    def wake(self) -> None:
        """Make the waiting thread look at `stop_asked`; for use by another thread."""
        self._child.poke()

    def end(self, call: Call) -> None:
        """Close a pipeline that has ended. A failure here costs the session, not the answer."""
        self._call = None
        call.closed = True
        self._client.close_pipeline(call.pipeline_id)
        done = Acknowledged(Tag.CLOSE_ACK, call.pipeline_id)
        try:
            self._until(lambda: done in self._acks, Deadline(self._close_seconds), "the command to close")
        except TransportError as error:
            logger.debug("[{}] the session ended after the answer: {}", self._endpoint, error.problem)
        self._acks.clear()
        if self._complaint:  # the answer came all the same; but what the server could not read may be missing elsewhere
            self._drop()
        if self._client.pool.missing > self._missing:
            self._missing = self._client.pool.missing
            logger.warning("[{}] {} message ids of the server were skipped so far", self._endpoint, self._missing)

    def close(self) -> None:
        """Close the session and let the process end; kill it if it does not. Never raises TransportError."""
        if not self.alive:
            return
        self._closing = True
        self._client.close()
        done = Acknowledged(Tag.CLOSE_ACK, NO_ID)
        try:
            self._until(lambda: done in self._acks, Deadline(self._close_seconds), "the session to close")
        except TransportError as error:
            logger.debug("[{}] the session did not close: {}", self._endpoint, error.problem)
            return
        code = self._child.leave(self._close_seconds)
        # 160 is what the engine ends with when its input ends, after a clean close too (remoting-notes 9.2).
        logger.debug("[{}] process {} ended with code {}", self._endpoint, self.pid, code)
        self.alive = False

    def kill(self) -> None:
        """End the process now."""
        self._drop()

    def fail(self, error: type[TransportError], problem: str, remedy: str = "") -> TransportError:
        """End the process and make the error that says whether the command may have run."""
        may_have_run = self._drop()
        return error(problem, endpoint=self._endpoint, may_have_run=may_have_run, remedy=remedy)

    def _exchange_keys(self, limit: Deadline) -> None:
        """Get a session key; raises TransportError."""
        self._client.exchange_keys(SessionKeyPair.generate())
        self._until(lambda: self._client.pool.cipher is not None, limit, "a session key")

    def _until(self, done: Callable[[], bool], limit: Deadline, what: str, *, fatal: bool = True) -> None:
        """Move lines and events until `done`; raises TransportError."""
        try:
            while not done():
                self._write()
                arrival = self._child.get(limit.remaining)
                if isinstance(arrival, Output):
                    self._take(arrival.chunk)
                elif isinstance(arrival, Ended):
                    raise self.fail(ConnectionLost, f"the PowerShell process is gone{self._last_words()}")
                elif isinstance(arrival, Complaint):
                    self._complaint = self._complaint or arrival.text
                    limit = limit.within(_AFTER_COMPLAINT)
                # Not only when nothing came: a server that never stops talking must not outrun a deadline.
                if limit.passed and not done():
                    raise self._late(what, limit, fatal=fatal)
                if self._call and self._call.stop_asked:
                    self.stop(self._call)
        except ProtocolError as error:
            if error.endpoint:
                raise
            raise self.fail(ProtocolError, error.problem) from error

    def _late(self, what: str, limit: Deadline, *, fatal: bool) -> TransportError:
        if self._complaint:
            return self.fail(ConnectionLost, f"the server could not read what was sent: {self._complaint}")
        problem = f"waited {limit.seconds:g} s for {what}" if limit.seconds is not None else f"waited for {what}"
        if fatal:
            return self.fail(DeadlineExceeded, problem)
        return DeadlineExceeded(problem, endpoint=self._endpoint)

    def _write(self) -> None:
        while line := self._client.next_line():
            self._child.write(line.data, marked=line.starts_pipeline)

    def _take(self, chunk: bytes) -> None:
        for event in self._client.receive(chunk):
            if isinstance(event, Acknowledged):
                self._acks.add(event)
            else:
                self._heed(event)

    def _heed(self, event: Event) -> None:
        if isinstance(event, RecordCame | PipelineEnded):
            if self._call:
                self._call.take(event)
        elif isinstance(event, HostCalled):
            self._answer(event)
        elif isinstance(event, KeyRequested):
            self._client.exchange_keys(SessionKeyPair.generate())
        elif isinstance(event, PoolChanged) and event.state in _OVER and not self._closing:
            raise self.fail(ConnectionLost, f"the server closed the session{self._last_words()}")

    def _answer(self, event: HostCalled) -> None:
        """Refuse what waits for an answer, and keep what a person was asked; a second question stops the pipeline."""
        if not event.call.wants_answer:
            return
        self._client.refuse(event.call)
        question = event.call.question
        if question and self._call:
            self._call.questions.append(question)
            if len(self._call.questions) > 1:
                self.stop(self._call)

    def _last_words(self) -> str:
        code = self._child.wait(0.5)
        ending = "" if code is None else f" (exit code {code})"
        heard = self._child.stderr or b"\n".join(self._client.noise).decode("utf-8", "replace")
        return f"{ending}; it said: {heard[:1000]}" if heard else ending

    def _drop(self) -> bool:
        self.alive = False
        return self._child.kill()
