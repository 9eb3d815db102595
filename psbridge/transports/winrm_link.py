"""One WinRS shell at a server: requests in, their answers out, never waiting longer than it was told.

Each request is made in a thread of its own: one over HTTP can neither be waited for with an exact limit nor broken off. A
thread that is stuck is left behind and keeps no process alive; its connection is not used again. No request is made twice:
a second Receive could find that the first one took the data away (remoting-notes section 5).
Source: [MS-WSMV] 2.2.4 and 3.1.4 (Create, Command, Send, Receive, Signal, Delete).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from winrm.exceptions import WinRMOperationTimeoutError
from winrm.protocol import Protocol as Connection

from psbridge.errors import DeadlineExceeded, PsbridgeError
from psbridge.log import logger
from psbridge.transports.deadline import Deadline
from psbridge.transports.winrm_connection import connect
from psbridge.transports.winrm_endpoint import WinRmEndpoint
from psbridge.transports.winrm_faults import judged

__all__ = ["Received", "WinRsLink"]

T = TypeVar("T")

_UTF8: Final = 65_001
# A shell that nobody uses any more ends by itself: it counts against the user's quota.
_IDLE_TIMEOUT: Final = "PT900S"
# The body is base64 in an envelope of at most 153,600 bytes, which every server takes.
_PART: Final = 96_000
# On Windows a wait cannot be interrupted by Ctrl+C; so it is cut into slices.
_SLICE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Received:
    """What a Receive brought. `exit_code` is None while the command runs."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int | None = None


class _Wakes(Protocol):
    def wait(self, timeout: float) -> bool: ...
    def set(self) -> None: ...
    def clear(self) -> None: ...


class WinRsLink:
    """A shell and two connections to it: one for what comes in its turn, one for what must not wait for a Receive.

    `alive` until the shell was closed or cannot be trusted any more. `sent` says whether the command of the running
    call may have run: it stands in every error.
    """

    def __init__(self, server: WinRmEndpoint, endpoint: str, wakes: _Wakes, *, idle_seconds: float) -> None:
        self.alive = True
        self.sent = False
        self._server = server
        self._endpoint = endpoint
        self._wakes = wakes
        self._connection: Connection | None = None
        self._shell = ""
        self._idle_seconds = idle_seconds
        self._used = time.monotonic()

    def open(self, environment: Mapping[str, str], limit: Deadline) -> None:
        """Create the shell."""

        def create() -> tuple[Connection, str]:
            connection = connect(self._server, self._endpoint)
            return connection, connection.open_shell(
                codepage=_UTF8, env_vars=dict(environment) or None, idle_timeout=_IDLE_TIMEOUT
            )

        self._connection, self._shell = self._ask(create, limit, "the shell to open")

    def command(self, line: str, limit: Deadline) -> str:
        """Start a command line; give the command's id."""

        def start() -> str:
            # A server closes an idle connection, and over another one the keys of the encryption would be wrong.
            if self._server.encrypts and time.monotonic() - self._used > self._idle_seconds:
                self._connection = connect(self._server, self._endpoint)
            return self._own.run_command(self._shell, line, console_mode_stdin=False)

        return self._ask(start, limit, "the command to start")

    def send(self, command: str, data: bytes, limit: Deadline) -> None:
        """Write to standard input, in as many parts as it needs; it stays open."""
        self.sent = False
        for start in range(0, len(data), _PART):
            part = data[start : start + _PART]
            self.sent = start + _PART >= len(data)
            write = partial(self._own.send_command_input, self._shell, command, part)
            self._ask(write, limit, "the input to be taken")

    def receive(self, command: str) -> Future[Received]:
        """Begin to wait for output; see `wait`."""
        return _aside(lambda: _received(self._own, self._shell, command), self._wakes.set)

    def wait(self, future: Future[Received], seconds: float) -> Received | None:
        """Wait for what `receive` began; None if it has not come, or somebody woke us. Raises TransportError."""
        if not future.done():
            self._wakes.wait(min(seconds, _SLICE))
            self._wakes.clear()
        return self._result(future) if future.done() else None

    def interrupt(self, command: str, data: bytes, limit: Deadline) -> None:
        """Write to standard input over a connection of its own: a Receive may be under way."""
        self._beside(lambda other: other.send_command_input(self._shell, command, data), limit)

    def terminate(self, command: str, limit: Deadline, *, beside: bool) -> None:
        """End a command and what it started; it would stay at the server otherwise."""
        if beside:
            self._beside(lambda other: other.cleanup_command(self._shell, command), limit)
        else:
            self._ask(lambda: self._own.cleanup_command(self._shell, command), limit, "the command to be cleaned up")

    def close(self, limit: Deadline) -> None:
        """End the shell and whatever still runs in it; never raises. After a failure over a new connection."""
        used, self.alive = self.alive, False
        if not self._shell:
            return
        try:
            if used:
                self._ask(lambda: self._own.close_shell(self._shell), limit, "the shell to close")
            else:
                self._beside(lambda other: other.close_shell(self._shell), limit)
        except PsbridgeError as error:
            logger.debug("[{}] the shell could not be closed: {}", self._endpoint, error)

    @property
    def _own(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the shell was not opened")
        return self._connection

    def _beside(self, work: Callable[[Connection], object], limit: Deadline) -> None:
        def done() -> None:
            other = connect(self._server, self._endpoint)
            try:
                work(other)
            finally:
                other.transport.close_session()

        self._ask(done, limit, "the server to take an interruption", fatal=False)

    def _ask(self, work: Callable[[], T], limit: Deadline, what: str, *, fatal: bool = True) -> T:
        """Make a request and wait for its answer; a failure costs the shell, unless it was not on our own connection."""
        finished = threading.Event()
        future = _aside(work, finished.set)
        try:
            while not finished.wait(min(limit.remaining, _SLICE)) and not limit.passed:
                pass
            if future.done():
                return self._result(future)
        except BaseException:
            self.alive = self.alive and not fatal
            raise
        self.alive = self.alive and not fatal
        problem = f"waited {limit.seconds:g} s for {what}"
        raise DeadlineExceeded(problem, endpoint=self._endpoint, may_have_run=self.sent)

    def _result(self, future: Future[T]) -> T:
        self._used = time.monotonic()
        error = future.exception(0)
        if error is None:
            return future.result(0)
        if isinstance(error, PsbridgeError):
            raise error
        raise judged(error, endpoint=self._endpoint, sent=self.sent) from error


def _received(connection: Connection, shell: str, command: str) -> Received:
    try:
        stdout, stderr, code, done = connection.get_command_output_raw(shell, command)
    except WinRMOperationTimeoutError:
        return Received()  # how a server says that there is nothing yet
    return Received(stdout, stderr, code if done else None)


def _aside(work: Callable[[], T], done: Callable[[], Any]) -> Future[T]:
    """Do it in a thread that nobody has to wait for."""
    future: Future[T] = Future()
    future.add_done_callback(lambda _: done())

    def run() -> None:
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
            future.set_exception(error)
        else:
            future.set_result(value)

    threading.Thread(target=run, name="psbridge-winrm", daemon=True).start()
    return future
