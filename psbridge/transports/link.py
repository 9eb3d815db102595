"""One open session with its runspace pool: calls in, events heeded, never waiting longer than it was told.

What is the same over the stdio of a process and over WS-Man stands here; how bytes move stands in the subclasses. Every
failure gives the session up, so that nothing can happen behind the caller's back, and tells whether the command may
have run: that is so from the moment in which the first byte of CREATE_PIPELINE may have left.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Final

from psbridge.errors import ConnectionLost, DeadlineExceeded, TransportError
from psbridge.log import logger
from psbridge.psrp.events import Event, HostCalled, KeyRequested, PipelineEnded, PoolChanged, RecordCame
from psbridge.psrp.host import HostCall
from psbridge.psrp.messages import PoolState
from psbridge.psrp.secure_text import KeysMissing
from psbridge.psrp.session import RunspacePool
from psbridge.transports.call import Call
from psbridge.transports.deadline import Deadline

if TYPE_CHECKING:
    from psbridge.psrp.crypto import SessionKeyPair

__all__ = ["Link"]

_OVER: Final = frozenset({PoolState.CLOSED, PoolState.BROKEN})


class Link(ABC):
    """A session that runs one pipeline after another. `alive` until it was closed, lost or given up."""

    given_up: ClassVar[str]
    """What was done when a command did not stop, for people."""

    def __init__(self, pool: RunspacePool, endpoint: str) -> None:
        self.alive = True
        self._pool = pool
        self._endpoint = endpoint
        self._call: Call | None = None
        self._closing = False
        self._missing = 0

    @abstractmethod
    def open(self, limit: Deadline) -> None:
        """Open the session; raises TransportError."""

    @abstractmethod
    def settle(self) -> bool:
        """Take what came since the last call; tell whether the session can be used."""

    def begin(self, call: Call, limit: Deadline) -> None:
        """Begin a pipeline. Raises ValueTypeError before anything of it was sent; exchanges keys where it must."""
        try:
            self._create(call, limit)
        except KeysMissing:
            self._exchange_keys(limit)
            self._create(call, limit)
        self._call = call

    @abstractmethod
    def finish(self, call: Call, limit: Deadline) -> None:
        """Wait for the pipeline's final state; raises TransportError. DeadlineExceeded leaves the session as it is."""

    @abstractmethod
    def stop(self, call: Call) -> None:
        """Ask a pipeline to stop, once."""

    @abstractmethod
    def wake(self) -> None:
        """Make the waiting thread look at `stop_asked`; for use by another thread."""

    @abstractmethod
    def end(self, call: Call) -> None:
        """Close a pipeline that has ended. A failure here costs the session, not the answer."""

    @abstractmethod
    def close(self) -> None:
        """Close the session; never raises TransportError."""

    def kill(self) -> None:
        """Give the session up now."""
        self._drop()

    def fail(self, error: type[TransportError], problem: str, remedy: str = "") -> TransportError:
        """Give the session up and make the error that says whether the command may have run."""
        may_have_run = self._drop()
        return error(problem, endpoint=self._endpoint, may_have_run=may_have_run, remedy=remedy)

    @abstractmethod
    def _create(self, call: Call, limit: Deadline) -> None:
        """Send CREATE_PIPELINE, or see that it will be sent."""

    @abstractmethod
    def _exchange_keys(self, limit: Deadline) -> None:
        """Get a session key; raises TransportError."""

    @abstractmethod
    def _send_keys(self, keys: SessionKeyPair) -> None:
        """See that the public key is sent."""

    @abstractmethod
    def _refuse(self, call: HostCall) -> None:
        """See that an error is sent as the answer to a host call."""

    @abstractmethod
    def _drop(self) -> bool:
        """Give the session up, whatever state it is in; tell whether the command may have run."""

    def _send_new_keys(self) -> None:
        # Seven megabytes and some time, which only the few sessions shall pay that need keys.
        from psbridge.psrp.crypto import SessionKeyPair  # noqa: PLC0415 - see above

        self._send_keys(SessionKeyPair.generate())

    def _last_words(self) -> str:
        """What the other side said before it went, if that is known."""
        return ""

    def _heed(self, event: Event) -> None:
        if isinstance(event, RecordCame | PipelineEnded):
            if self._call:
                self._call.take(event)
        elif isinstance(event, HostCalled):
            self._answer(event)
        elif isinstance(event, KeyRequested):
            self._send_new_keys()
        elif isinstance(event, PoolChanged) and event.state in _OVER and not self._closing:
            done = "closed the session" if event.state is PoolState.CLOSED else "says that its runspace pool is broken"
            raise self.fail(ConnectionLost, f"the server {done}{self._last_words()}")

    def _answer(self, event: HostCalled) -> None:
        """Refuse what waits for an answer, and keep what a person was asked; a second question stops the pipeline."""
        if not event.call.wants_answer:
            return
        self._refuse(event.call)
        question = event.call.question
        if question and self._call:
            self._call.questions.append(question)
            if len(self._call.questions) > 1:
                self.stop(self._call)

    def _late(self, what: str, limit: Deadline, *, fatal: bool) -> TransportError:
        problem = f"waited {limit.seconds:g} s for {what}" if limit.seconds is not None else f"waited for {what}"
        if fatal:
            return self.fail(DeadlineExceeded, problem)
        return DeadlineExceeded(problem, endpoint=self._endpoint)

    def _look_for_holes(self) -> None:
        """Say so where the server's message ids have holes: a suspicion, no proof (remoting-notes 2.2)."""
        if self._pool.missing > self._missing:
            self._missing = self._pool.missing
            logger.warning("[{}] {} message ids of the server were skipped so far", self._endpoint, self._missing)
