"""A pipeline in, a Reply out, over one runspace that is opened when it is needed and opened again when it was lost.

What a connection command has set up stays until the transport is closed or the session is lost; then the next call
opens another session and connects again. How a session is carried stands in the subclasses.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from psbridge.clixml import decode_message
from psbridge.command import Pipeline
from psbridge.error_record import ErrorRecord
from psbridge.errors import (
    ClixmlError,
    ConnectRefused,
    DeadlineExceeded,
    PsbridgeError,
    SessionExpired,
    StartError,
    Throttled,
    TransportError,
)
from psbridge.log import logger
from psbridge.psobject import PSObject, SecureString
from psbridge.reply import Reply, State, Stream
from psbridge.transports.base import Transport
from psbridge.transports.call import Call, StoppedAtItsBeginning
from psbridge.transports.deadline import Deadline
from psbridge.transports.link import Link

__all__ = ["RunspaceTransport"]

L = TypeVar("L", bound=Link)


class RunspaceTransport(Transport, Generic[L]):
    """The part of a transport that is the same whatever carries the session.

    - `endpoint`: the name in messages. `connect`: pipelines to run once after each opening.
    - `deadline`: seconds for a call that names none (None: no limit). `open_timeout`: seconds until the session is open.
    - `stop_grace`: seconds between the stop at a deadline and the end of the session, if the command does not stop.
    """

    def __init__(
        self, *, endpoint: str, connect: Sequence[Pipeline], deadline: float | None, open_timeout: float, stop_grace: float
    ) -> None:
        self._endpoint = endpoint
        self._connect = tuple(connect)
        self._deadline = deadline
        self._open_timeout = open_timeout
        self._stop_grace = stop_grace
        self._link: L | None = None
        self._call: Call | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """Open the session and connect it; does nothing while it is open. Raises StartError."""
        self._open(Deadline(None))

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        """Run a pipeline; see `Transport.run`.

        When the deadline comes the command is asked to stop; if it does not, the session is given up `stop_grace`
        seconds later. Raises ConfirmationRequired if a cmdlet asked something: it was refused.
        """
        return self._called(Call(pipeline), Deadline(self._deadline if deadline is None else deadline))

    def stream(self, pipeline: Pipeline, output: Callable[[bytes], object], *, deadline: float | None = None) -> Reply:
        """Run a pipeline and hand each object over as it comes; see `Transport.stream`."""
        limit = Deadline(self._deadline if deadline is None else deadline)

        def take(body: bytes) -> None:
            output(body)
            limit.renew()

        return self._called(Call(pipeline, take), limit)

    def _called(self, call: Call, limit: Deadline) -> Reply:
        with self._lock:
            self._call = call
        try:
            return self._run_once(call, limit)
        finally:
            with self._lock:
                self._call = None

    def stop(self) -> None:
        """Ask the running pipeline to stop; its `run` gives a Reply in state STOPPED."""
        with self._lock:
            if self._call is None:
                return
            self._call.stop_asked = True
            if self._link:
                self._link.wake()

    def close(self) -> None:
        """Close the session; a second call does nothing."""
        link, self._link = self._link, None
        if link:
            link.close()

    @abstractmethod
    def _start(self) -> L:
        """Make a session that is not open yet. Raises StartError."""

    @abstractmethod
    def _unopened(self, problem: str) -> StartError:
        """The error for a session that did not open."""

    def _run_once(self, call: Call, limit: Deadline) -> Reply:
        try:
            return self._run(self._open(limit), call, limit)
        except SessionExpired as error:
            if error.may_have_run:
                raise
            # The server refused the command because it does not know the session any more: nothing was begun.
            return self._run(self._open(limit), call, limit)

    def _open(self, limit: Deadline) -> L:
        if self._link and self._link.settle():
            return self._link
        if self._link:
            logger.warning("[{}] {} is not to be used any more; opening another session", self._endpoint, self._link)
            self._link = None
        link = self._start()
        try:
            self._connected(link, limit)
            self._link = link
        finally:
            if self._link is not link:
                link.kill()
        logger.debug("[{}] {} is open", self._endpoint, link)
        return link

    def _connected(self, link: L, limit: Deadline) -> None:
        try:
            link.open(limit.within(self._open_timeout))
            for pipeline in self._connect:
                self._run_connect(link, pipeline, limit)
        except (StartError, Throttled):
            raise
        except TransportError as error:
            if limit.passed:
                raise DeadlineExceeded(error.problem, endpoint=self._endpoint, may_have_run=False) from error
            raise self._unopened(error.problem) from error

    def _run_connect(self, link: L, pipeline: Pipeline, limit: Deadline) -> None:
        """Run one connection command; raises StartError (ConnectRefused where the cmdlet itself says no), without parameters."""
        names = " | ".join(command.name for command in pipeline.commands)
        kind: type[StartError] = ConnectRefused
        try:
            own = limit if self._deadline is None else limit.within(self._deadline)
            problem = _failure(self._run(link, Call(pipeline), own))
        except PsbridgeError as error:
            kind = StartError
            if isinstance(error, TransportError) and limit.passed:
                raise
            problem = error.problem if isinstance(error, TransportError) else str(error)
        if problem:
            text = _without_secrets(problem, pipeline)
            remedy = "Check the endpoint's connection commands and the account."
            raise kind(f"the connection command {names} failed: {text}", endpoint=self._endpoint, remedy=remedy)

    def _run(self, link: L, call: Call, limit: Deadline) -> Reply:
        if call.stop_asked:
            return call.reply()
        try:
            link.begin(call, limit)
        except StoppedAtItsBeginning:
            return call.reply()
        try:
            self._finish(link, call, limit)
        except KeyboardInterrupt:
            self._interrupted(link, call)
            raise
        finally:
            # Whatever happened: nothing goes on behind the caller's back.
            if not call.closed:
                link.kill()
        if confirmation := call.confirmation(self._endpoint):
            raise confirmation
        return call.reply()

    def _finish(self, link: L, call: Call, limit: Deadline) -> None:
        try:
            link.finish(call, limit)
        except DeadlineExceeded as late:
            self._stop_late(link, call, late)
        else:
            link.end(call)

    def _stop_late(self, link: L, call: Call, late: DeadlineExceeded) -> None:
        """The deadline has come: ask the command to stop; give the session up if it does not. A late answer is kept."""
        link.stop(call)
        try:
            link.finish(call, Deadline(self._stop_grace))
        except DeadlineExceeded:
            raise link.fail(DeadlineExceeded, f"{late.problem}; it did not stop, so {link.given_up}") from late
        link.end(call)
        if call.reply().state is State.STOPPED:
            raise DeadlineExceeded(f"{late.problem}; it was stopped", endpoint=self._endpoint) from late

    def _interrupted(self, link: L, call: Call) -> None:
        """Ctrl+C: give the command a moment to stop, so that the session can go on."""
        if call.closed or not link.alive:
            return
        link.stop(call)
        try:
            link.finish(call, Deadline(self._stop_grace))
            link.end(call)
        except TransportError as error:
            logger.debug("[{}] the session ended with the interrupt: {}", self._endpoint, error.problem)


def _failure(reply: Reply) -> str:
    """Why a connection command did not succeed; empty if it did."""
    errors = reply.of(Stream.ERROR)
    if reply.state is State.COMPLETED and not errors:
        return ""
    body = errors[0] if errors else reply.reason
    try:
        value = decode_message(body) if body else None
    except ClixmlError as error:
        return f"state {reply.state}; its error cannot be read: {error}"
    if isinstance(value, PSObject) and not errors:
        value = value.get("ExceptionAsErrorRecord")
    if not isinstance(value, PSObject):
        return f"state {reply.state}"
    record = ErrorRecord.of(value)
    return f"{record.message} (FullyQualifiedErrorId {record.error_id or 'none'})"


def _without_secrets(text: str, pipeline: Pipeline) -> str:
    """Take out every SecureString that the commands were given: a server may quote what it refuses."""
    for command in pipeline.commands:
        for secret in _secrets(list(command.parameters.values())):
            text = text.replace(secret, "(hidden)")
    return text


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, SecureString):
        if value.plain:
            yield value.plain
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets(item)
    elif isinstance(value, Mapping):
        yield from _secrets(list(value.values()))
    elif isinstance(value, PSObject):
        yield from _secrets([value.props, value.ms, value.items, value.base])
