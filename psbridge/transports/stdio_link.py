"""One PowerShell process with its open session: lines out of its standard output in, lines for its input out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from psbridge.errors import ConnectionLost, ProtocolError, TransportError
from psbridge.log import logger
from psbridge.psrp.host import HostCall
from psbridge.psrp.messages import NO_ID, PoolState
from psbridge.psrp.outofproc import Tag
from psbridge.psrp.session import RunspacePool
from psbridge.psrp.stdio import Acknowledged, StdioClient
from psbridge.transports.call import Call
from psbridge.transports.child import Child, Complaint, Ended, Output
from psbridge.transports.deadline import Deadline
from psbridge.transports.link import Link

if TYPE_CHECKING:
    from psbridge.psrp.crypto import SessionKeyPair

__all__ = ["StdioLink"]

# How long the output may still bring the end of a call after the server complained: the two come by different pipes.
_AFTER_COMPLAINT: Final = 0.2


class StdioLink(Link):
    """A running process and the session with it."""

    given_up: ClassVar = "the process was ended"

    def __init__(self, child: Child, pool: RunspacePool, endpoint: str, close_seconds: float) -> None:
        super().__init__(pool, endpoint)
        self._child = child
        self._client = StdioClient(pool)
        self._close_seconds = close_seconds
        self._acks: set[Acknowledged] = set()
        self._complaint = ""

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def open(self, limit: Deadline) -> None:
        """Open the session; raises TransportError."""
        self._client.open()
        self._until(lambda: self._pool.state is PoolState.OPENED, limit, "the session to open")

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
        if self._pool.state is not PoolState.OPENED:
            self._drop()
        return self.alive

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
        self._look_for_holes()

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

    def __str__(self) -> str:
        return f"the PowerShell process {self.pid}"

    def _create(self, call: Call, _: Deadline) -> None:
        self._child.clear_mark()
        self._client.begin(call.pipeline_id, call.commands)

    def _exchange_keys(self, limit: Deadline) -> None:
        self._send_new_keys()
        self._until(lambda: self._pool.cipher is not None, limit, "a session key")

    def _send_keys(self, keys: SessionKeyPair) -> None:
        self._client.exchange_keys(keys)

    def _refuse(self, call: HostCall) -> None:
        self._client.refuse(call)

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
        return super()._late(what, limit, fatal=fatal)

    def _write(self) -> None:
        while line := self._client.next_line():
            self._child.write(line.data, marked=line.starts_pipeline)

    def _take(self, chunk: bytes) -> None:
        for event in self._client.receive(chunk):
            if isinstance(event, Acknowledged):
                self._acks.add(event)
            else:
                self._heed(event)

    def _last_words(self) -> str:
        code = self._child.wait(0.5)
        ending = "" if code is None else f" (exit code {code})"
        heard = self._child.stderr or b"\n".join(self._client.noise).decode("utf-8", "replace")
        return f"{ending}; it said: {heard[:1000]}" if heard else ending

    def _drop(self) -> bool:
        self.alive = False
        return self._child.kill()
