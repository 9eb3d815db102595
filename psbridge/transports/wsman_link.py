"""One shell at a WS-Man server with its open session: packets out by Create, Command and Send, events in by Receive.

Nothing is sent twice but what the server refused to take: a second Receive could find that the first, lost one took the
data away (remoting-notes 5), and a second Command could run twice.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import UUID

from psbridge.errors import ConnectionLost, ProtocolError, SessionExpired, Throttled, TransportError
from psbridge.log import logger
from psbridge.psrp.events import PipelineEnded
from psbridge.psrp.host import HostCall
from psbridge.psrp.messages import PipelineState, PoolState
from psbridge.psrp.session import RunspacePool
from psbridge.transports.call import Call, StoppedAtItsBeginning
from psbridge.transports.courier import Courier, Delivery, Job
from psbridge.transports.deadline import Deadline
from psbridge.transports.faults import Operation, error_of, judge, read
from psbridge.transports.link import Link
from psbridge.transports.shell import Received, Shell
from psbridge.transports.wsman import WsmanEndpoint
from psbridge.transports.wsman_connection import connect

if TYPE_CHECKING:
    from psbridge.psrp.crypto import SessionKeyPair

__all__ = ["Limits", "WsmanLink", "packet_size"]

# Windows lets Ctrl+C through between two waits only.
_SLICE: Final = 0.5
# A server that says "still at it" at once, for ever, is asked no more often than this many seconds apart.
_IDLE_PAUSE: Final = 0.5
# A command that goes on writing is asked in larger portions: after so many answers that were less than half full, the
# next one is left to grow for so many seconds. It spares most of the requests, and the client most of its work.
_PORTIONS: Final = 3
_PORTION_PAUSE: Final = 0.05
# A request of a running command that was refused is sent again, so often, and so many seconds later if none were named.
_REFUSALS: Final = 5
_REFUSAL_PAUSE: Final = 2.0
_AGAIN: Final = frozenset({Operation.SEND, Operation.RECEIVE, Operation.SIGNAL})
# The server counts the idle time from its own last request; ours arrives later.
_IDLE_MARGIN: Final = 10.0
# How long giving up waits for the shell to be deleted: what is left behind runs on, and counts against the quota.
_GIVE_UP: Final = 1.0
# What every server since 2008 R2 takes; and those take more that speak this version (pypsrp does the same).
_FIRST_ENVELOPE: Final = 153_600
_LARGE_ENVELOPE: Final = 512_000
_LARGE_SINCE: Final = (2, 2)
# Bytes of an envelope around the base64 of a packet.
_SOAP: Final = 4_096


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: how old a session may become, how long it may be idle (None: what the server says), how long a close takes.

    `connection`: how long a connection may be idle and still be used. IIS closes it after two minutes, and the seal of its
    messages goes with it.
    """

    age: float
    idle: int | None
    close: float
    connection: float


def packet_size(envelope: int | None) -> int:
    """The bytes of PSRP that fit into an envelope, as base64; None is what every server takes."""
    return ((envelope or _FIRST_ENVELOPE) - _SOAP) // 4 * 3


@dataclass(slots=True)
class _Dial:
    """Makes connections to one shell; called by the threads of couriers, which so hold on to no link."""

    wsman: WsmanEndpoint
    shell_id: UUID
    envelope: int

    def __call__(self) -> Shell:
        shell = Shell(connect(self.wsman), self.wsman.configuration, self.shell_id)
        shell.resize(self.envelope)
        return shell


class WsmanLink(Link):
    """A shell and the session in it. One connection carries the requests; another one the stop, while a Receive waits."""

    given_up: ClassVar = "the session was given up"

    def __init__(self, wsman: WsmanEndpoint, pool: RunspacePool, endpoint: str, protocol: str, limits: Limits) -> None:
        super().__init__(pool, endpoint)
        self._wsman = wsman
        self._protocol = protocol
        self._limits = limits
        self._dial = _Dial(wsman, pool.pool_id, wsman.max_envelope_size or _FIRST_ENVELOPE)
        self._inbox: SimpleQueue[Delivery] = SimpleQueue()
        self._courier = Courier(self._dial, self._inbox)
        self._stopper: Courier | None = None
        self._answers: deque[tuple[UUID | None, bytes]] = deque()
        self._beginning: Call | None = None
        self._receiving = 0
        self._asked_at = self._not_before = 0.0
        self._refusals = self._small = 0
        self._created = self._opened = self._begun = False
        self._born = self._used = time.monotonic()
        self._idle = float("inf")

    def open(self, limit: Deadline) -> None:
        """Create the shell and wait until its pool is open; raises TransportError."""
        what = "the session to open"
        first, *more = self._pool.open()
        self._created = True
        create = partial(Shell.create, packet=first, protocol=self._protocol, idle_seconds=self._limits.idle)
        idle = self._exchange(Operation.CREATE, create, limit, what)
        self._idle = idle if isinstance(idle, float) else self._idle
        for packet in more:
            self._exchange(Operation.SEND, partial(Shell.send, packet=packet), limit, what)
        self._until(lambda: self._pool.state is PoolState.OPENED, limit, what)
        self._opened = True
        self._used = time.monotonic()
        if self._wsman.max_envelope_size is None and self._pool.protocol >= _LARGE_SINCE:
            self._dial.envelope = _LARGE_ENVELOPE
            self._pool.packet_size = packet_size(_LARGE_ENVELOPE)
            self._courier.put(partial(Shell.resize, envelope=_LARGE_ENVELOPE))

    def settle(self) -> bool:
        """Tell whether the session can be used: it is there, not too old, and was not idle for too long."""
        if not self.alive:
            return False
        now = time.monotonic()
        age, idle = now - self._born, now - self._used
        if age > self._limits.age or idle > max(self._idle - _IDLE_MARGIN, self._idle / 2):
            logger.debug("[{}] {} is {:.0f} s old, and was idle for {:.0f} s", self._endpoint, self, age, idle)
            self._retire()
        elif idle > self._limits.connection:
            self._courier.end()
            self._courier = Courier(self._dial, self._inbox)
        return self.alive

    def finish(self, call: Call, limit: Deadline) -> None:
        """Wait for the pipeline's final state; raises TransportError. DeadlineExceeded leaves the session as it is."""
        self._until(lambda: call.ended, limit, "the command to end", fatal=False)
        if self._pool.unfinished:
            raise self.fail(ProtocolError, "the command ended before a message of its did: a part of it was lost")
        if self._refusals and self._pool.missing > self._missing:
            raise self.fail(ConnectionLost, "messages were lost while the server refused to be asked for them")

    def stop(self, call: Call) -> None:
        """Ask a pipeline to stop, once."""
        if not call.signalled and not call.ended:
            call.signalled = True
            self._stopper = self._stopper or Courier(self._dial, self._inbox)
            self._stopper.put(partial(Shell.stop, command_id=call.pipeline_id))
            # However long the server wants to be left alone: somebody waits for the command to end.
            self._not_before = min(self._not_before, time.monotonic() + _REFUSAL_PAUSE)

    def wake(self) -> None:
        """Make the waiting thread look at `stop_asked`; for use by another thread."""
        self._inbox.put(Delivery(0))

    def end(self, call: Call) -> None:
        """Close a pipeline that has ended. A failure here costs the session, not the answer."""
        self._call = None
        call.closed = True
        terminate = partial(Shell.terminate, command_id=call.pipeline_id)
        try:
            self._exchange(Operation.SIGNAL, terminate, Deadline(self._limits.close), "the command to close")
        except TransportError as error:
            logger.debug("[{}] the session ended after the answer: {}", self._endpoint, error.problem)
        self._pool.forget(call.pipeline_id)
        self._begun = False
        self._used = time.monotonic()
        self._look_for_holes()

    def close(self) -> None:
        """Delete the shell; never raises TransportError."""
        if not self.alive:
            return
        self._closing = True
        try:
            self._exchange(Operation.DELETE, Shell.delete, Deadline(self._limits.close), "the session to close")
        except TransportError as error:
            logger.debug("[{}] the session did not close: {}", self._endpoint, error.problem)
        self.alive = False
        self._end_couriers()

    def __str__(self) -> str:
        return f"the session at {self._wsman.host}"

    def _create(self, call: Call, limit: Deadline) -> None:
        first, *more = self._pool.create_pipeline(call.pipeline_id, call.commands)
        self._begun, self._refusals, self._small = True, 0, 0
        self._beginning = call
        try:
            command = partial(Shell.command, command_id=call.pipeline_id, packet=first)
            self._exchange(Operation.COMMAND, command, limit, "the command to begin")
            for packet in more:
                send = partial(Shell.send, command_id=call.pipeline_id, packet=packet)
                self._exchange(Operation.SEND, send, limit, "the command to be sent")
        except TransportError:
            self._pool.forget(call.pipeline_id)
            raise
        except BaseException:
            self._drop()
            raise
        finally:
            self._beginning = None

    def _exchange_keys(self, limit: Deadline) -> None:
        self._send_new_keys()
        self._until(lambda: self._pool.cipher is not None, limit, "a session key")

    def _send_keys(self, keys: SessionKeyPair) -> None:
        self._answers.extend((None, packet) for packet in self._pool.exchange_keys(keys))

    def _refuse(self, call: HostCall) -> None:
        self._answers.extend((call.pipeline_id, packet) for packet in self._pool.refuse(call))

    def _exchange(self, operation: Operation, job: Job, limit: Deadline, what: str) -> object:
        """Send a request and wait for its answer; raises TransportError."""
        while True:
            ticket = self._courier.put(job)
            while (delivery := self._next(limit.remaining)) is None or delivery.ticket != ticket:
                if limit.passed:
                    raise self._late(what, limit, fatal=True)
            if delivery.error is None:
                return delivery.value
            self._rest(min(self._pause(operation, delivery.error), limit.remaining))

    def _rest(self, seconds: float) -> None:
        """Wait before a refused request is sent again; a stop ends the wait. Raises StoppedAtItsBeginning."""
        end = Deadline(seconds)
        while not end.passed:
            if self._beginning and self._beginning.stop_asked:
                raise StoppedAtItsBeginning
            if self._call and self._call.stop_asked:
                self.stop(self._call)
                return
            self._next(end.remaining)

    def _until(self, done: Callable[[], bool], limit: Deadline, what: str, *, fatal: bool = True) -> None:
        """Receive, and answer host calls, until `done`; raises TransportError."""
        try:
            while not done():
                self._send_answers(limit, what)
                delivery = self._next(min(limit.remaining, self._ask()))
                if delivery and self._receiving and delivery.ticket == self._receiving:
                    self._receiving = 0
                    self._arrived(delivery)
                if limit.passed and not done():
                    raise self._late(what, limit, fatal=fatal)
                if self._call and self._call.stop_asked:
                    self.stop(self._call)
        except ProtocolError as error:
            if not self.alive:
                raise
            raise self.fail(ProtocolError, error.problem) from error

    def _ask(self) -> float:
        """Send a Receive if none is on its way and it is time; give the seconds after which to look again."""
        now = time.monotonic()
        if not self._receiving and now < self._not_before:
            return self._not_before - now
        if not self._receiving:
            self._asked_at = now
            command_id = self._call.pipeline_id if self._call else None
            self._receiving = self._courier.put(partial(Shell.receive, command_id=command_id))
        return float("inf")

    def _next(self, seconds: float) -> Delivery | None:
        try:
            return self._inbox.get(timeout=min(seconds, _SLICE))
        except Empty:
            return None

    def _send_answers(self, limit: Deadline, what: str) -> None:
        while self._answers:
            command_id, packet = self._answers.popleft()
            stream = "pr" if command_id else "stdin"
            send = partial(Shell.send, packet=packet, command_id=command_id, stream=stream)
            self._exchange(Operation.SEND, send, limit, what)

    def _arrived(self, delivery: Delivery) -> None:
        received = delivery.value
        if isinstance(received, Received):
            for event in self._pool.receive(received.data):
                self._heed(event)
            self._not_before = self._asked_at + _IDLE_PAUSE if received.idle else self._next_portion(received)
            if received.done and self._call and not self._call.ended:
                self._ended_unsaid("the command is done, and no PIPELINE_STATE came")
        elif delivery.error and self._call and self._call.signalled and judge(read(delivery.error)).ends_stopped:
            self._ended_unsaid("")
        elif delivery.error:
            self._not_before = time.monotonic() + self._pause(Operation.RECEIVE, delivery.error)

    def _next_portion(self, received: Received) -> float:
        """When to ask for more."""
        self._small = self._small + 1 if len(received.data) < self._pool.packet_size / 2 else 0
        return time.monotonic() + _PORTION_PAUSE if self._small > _PORTIONS else 0.0

    def _ended_unsaid(self, problem: str) -> None:
        """A command is over without its final state: that is how some servers stop one; any other time it is a loss."""
        if self._call is None or not self._call.signalled:
            raise ProtocolError(problem)
        self._call.take(PipelineEnded(self._call.pipeline_id, PipelineState.STOPPED, b""))

    def _pause(self, operation: Operation, error: Exception) -> float:
        """Seconds after which a refused request may be sent again; raises the TransportError for any other one."""
        seen = read(error)
        row = judge(seen)
        again = operation in _AGAIN and (row.refused or operation is not Operation.SEND)
        if row.error is Throttled and again and self._refusals < _REFUSALS:
            self._refusals += 1
            logger.debug("[{}] {} was refused: {}", self._endpoint, operation, row.problem)
            return _REFUSAL_PAUSE if seen.retry_after is None else seen.retry_after
        if row.refused and operation is Operation.COMMAND:
            self._begun = False
        if row.error is SessionExpired or (row.refused and operation is Operation.CREATE):
            self._created = False  # there is nothing to delete
        keep = row.error is Throttled and row.refused and operation is Operation.COMMAND
        may_have_run = self._begun if keep else self._drop()
        opening = "" if self._opened else self._wsman.uri
        raise error_of(row, seen, operation, opening=opening, endpoint=self._endpoint, may_have_run=may_have_run) from error

    def _drop(self) -> bool:
        if self.alive:
            self.alive = False
            if self._created:
                self._give_up()
            self._end_couriers()
        return self._begun

    def _retire(self) -> None:
        """Delete a shell that is replaced; wait a moment only, so that it does not count against the quota."""
        self.alive, self._closing = False, True
        ticket, limit = self._courier.put(Shell.delete), Deadline(min(_GIVE_UP, self._limits.close))
        self._end_couriers()
        while not limit.passed:
            delivery = self._next(limit.remaining)
            if delivery and delivery.ticket == ticket:
                return

    def _give_up(self) -> None:
        """Delete the shell over a connection of its own: the others may be stuck. Waits a moment only."""
        last, limit = Courier(self._dial, self._inbox), Deadline(_GIVE_UP)
        ticket = last.put(Shell.delete)
        last.end()
        while not limit.passed:
            delivery = self._next(limit.remaining)
            if delivery and delivery.ticket == ticket:
                return
        logger.debug("[{}] {} may still be there until the server ends it", self._endpoint, self)

    def _end_couriers(self) -> None:
        self._courier.end()
        if self._stopper:
            self._stopper.end()
