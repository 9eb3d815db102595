"""A WinRM server that allows WinRS: a pipeline in, a Reply out, by a constant script that runs in a new PowerShell each time.

Commands and values travel as base64 of CLIXML on standard input, never as script text and never on a command line; every
record comes back as the CLIXML that PSRP would send. What WinRS cannot give:

- No session. Each call starts a PowerShell process and runs the connection commands in it first, then its pipeline; what a
  command has set up is gone afterwards. A call costs a start of PowerShell and all of the connection (seconds, for
  Connect-ExchangeOnline). `process` on that machine, or `psrp`, connects once.
- Records of different streams may change places; within a stream they keep their order. Progress is kept, but it comes
  like the rest.
- No host. There is nobody to ask: a cmdlet that asks fails, and that is a ConfirmationRequired; one that heeds no such
  failure goes on, and nothing tells of it. A mandatory parameter that is missing is an error and no question.
- No SecureString: it would travel as plain text. It is refused before anything is sent.
- A text with U+FFFE or U+FFFF in it can be sent, but PSSerializer cannot write it back: a ProtocolError.
- The far end must allow a script (FullLanguage); Exchange's own endpoint does not. There only `psrp` works.

Tried with PowerShell 7.6 on Linux behind a WinRS server of the tests; Windows and Windows PowerShell 5.1 were not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from psbridge.command import Pipeline
from psbridge.errors import (
    ConnectionLost,
    ConnectRefused,
    DeadlineExceeded,
    PsbridgeError,
    SessionExpired,
    StartError,
    TransportError,
)
from psbridge.log import logger
from psbridge.reply import Reply, State
from psbridge.transports.base import Transport
from psbridge.transports.deadline import Deadline
from psbridge.transports.winrm_bootstrap import STOP, command_line, request
from psbridge.transports.winrm_call import WinRsCall
from psbridge.transports.winrm_endpoint import WinRmEndpoint
from psbridge.transports.winrm_link import WinRsLink
from psbridge.transports.winrm_outcome import failure, question

__all__ = ["WinRmTransport"]


class WinRmTransport(Transport):
    """PowerShell at a WinRM server, a process for each call, in one WinRS shell.

    - `server`: where it is and who we are. `program`: the PowerShell there. `environment`: set in the shell.
    - `endpoint`: the name in messages. `connect`: pipelines to run before each call, in its process.
    - `deadline`: seconds for a call that names none, connection and all (None: no limit). `open_timeout`: for the shell.
    - `stop_grace`: seconds between the stop at a deadline and the end of the process, if the command does not stop.
    - `close_seconds`: how long a clean-up may take before it is given up.
    - `idle_seconds`: after how long without a request a connection with encrypted messages is made anew.
    """

    keeps_order: ClassVar[bool] = False
    keeps_session: ClassVar[bool] = False

    def __init__(  # noqa: PLR0913 - the settings of one server; all but one have a default
        self,
        server: WinRmEndpoint,
        *,
        program: str = "powershell.exe",
        environment: Mapping[str, str] | None = None,
        endpoint: str = "",
        connect: Sequence[Pipeline] = (),
        deadline: float | None = 900.0,
        open_timeout: float = 60.0,
        stop_grace: float = 2.0,
        close_seconds: float = 5.0,
        idle_seconds: float = 60.0,
    ) -> None:
        self._server = server
        self._line = command_line(program)
        self._environment = dict(environment or {})
        self._endpoint = endpoint
        self._connect = tuple(connect)
        self._deadline = deadline
        self._open_timeout = open_timeout
        self._stop_grace = stop_grace
        self._close_seconds = close_seconds
        self._idle_seconds = idle_seconds
        self._wakes = threading.Event()
        self._link: WinRsLink | None = None
        self._call: WinRsCall | None = None
        self._lock = threading.Lock()
        request("", self._connect)  # a value that cannot travel is refused at once

    def open(self) -> None:
        """Create the shell; does nothing while there is one. Raises StartError. Connection commands run with each call."""
        self._open(Deadline(None))

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        """Run a pipeline; see `Transport.run`.

        When the deadline comes the command is asked to stop; if it does not, its process is ended `stop_grace` seconds
        later. Raises ConfirmationRequired if a cmdlet asked something: it was refused.
        """
        return self._called(WinRsCall((*self._connect, pipeline)), Deadline(self._deadline if deadline is None else deadline))

    def stream(self, pipeline: Pipeline, output: Callable[[bytes], object], *, deadline: float | None = None) -> Reply:
        """Run a pipeline and hand each object over as it comes; see `Transport.stream`."""
        limit = Deadline(self._deadline if deadline is None else deadline)

        def take(body: bytes) -> None:
            output(body)
            limit.renew()

        return self._called(WinRsCall((*self._connect, pipeline), take), limit)

    def _called(self, call: WinRsCall, limit: Deadline) -> Reply:
        with self._lock:
            self._call = call
        try:
            reply = self._run(call, limit)
        finally:
            with self._lock:
                self._call = None
        if asked := question(reply, self._endpoint):
            raise asked
        return reply

    def stop(self) -> None:
        """Ask the running pipeline to stop; its `run` gives a Reply in state STOPPED."""
        with self._lock:
            if self._call is not None:
                self._call.stop_asked = True
                self._wakes.set()

    def close(self) -> None:
        """End the shell; a second call does nothing."""
        link, self._link = self._link, None
        if link:
            link.close(Deadline(self._close_seconds))

    def _open(self, limit: Deadline) -> WinRsLink:
        if self._link and self._link.alive:
            return self._link
        link = WinRsLink(self._server, self._endpoint, self._wakes, idle_seconds=self._idle_seconds)
        try:
            link.open(self._environment, limit.within(self._open_timeout))
        except DeadlineExceeded as late:
            if limit.passed:
                raise
            raise StartError(late.problem, endpoint=self._endpoint) from late
        self._link = link
        return link

    def _run(self, call: WinRsCall, limit: Deadline) -> Reply:
        if call.stop_asked:
            return Reply(State.STOPPED)
        link, call.command = self._started(limit)
        try:
            link.send(call.command, call.request, limit)
            self._listen(link, call, limit)
        except KeyboardInterrupt:
            self._interrupted(link, call)
            raise
        except TransportError as error:
            if call.answer.reply is None:
                raise
            logger.debug("[{}] the shell failed after the answer: {}", self._endpoint, error.problem)
        finally:
            self._clean(link, call)
        return self._reply(call, limit)

    def _started(self, limit: Deadline) -> tuple[WinRsLink, str]:
        """Start PowerShell; once more in a new shell if the server has ended ours: it took no command then."""
        link = self._open(limit)
        link.sent = False
        try:
            return link, self._command(link, limit)
        except SessionExpired as expired:
            logger.debug("[{}] {}; opening another", self._endpoint, expired.problem)
            self._link = None
            link = self._open(limit)
            return link, self._command(link, limit)

    def _command(self, link: WinRsLink, limit: Deadline) -> str:
        try:
            return link.command(self._line, limit)
        except BaseException as error:
            # It may have been started all the same, and would wait for its input: it ends with its shell.
            self._link = None
            if not isinstance(error, SessionExpired):
                link.close(Deadline(self._close_seconds))
            raise

    def _listen(self, link: WinRsLink, call: WinRsCall, limit: Deadline) -> None:
        """Take output until the process has ended, or did not end when it had to."""
        while True:
            self._step(link, call, limit if call.leave.seconds is None else call.leave)
            if call.exit_code is not None:
                return
            if call.answer.reply is not None and call.leave.seconds is None:
                call.leave = Deadline(self._stop_grace)  # the answer is there: the process may end in peace
            elif not call.stopping and (call.stop_asked or limit.passed):
                self._stop(link, call)
            if call.leave.passed:
                return

    @staticmethod
    def _step(link: WinRsLink, call: WinRsCall, limit: Deadline) -> None:
        """Wait for a Receive, the one under way or a new one, and take what it brings; not longer than a moment."""
        call.pending = call.pending or link.receive(call.command)
        received = link.wait(call.pending, limit.remaining)
        if received is not None:
            call.pending = None
            call.take(received)

    def _stop(self, link: WinRsLink, call: WinRsCall) -> None:
        call.stopping, call.leave = True, Deadline(self._stop_grace)
        try:
            link.interrupt(call.command, STOP, call.leave)
        except PsbridgeError as error:
            logger.debug("[{}] the command could not be asked to stop: {}", self._endpoint, error)

    def _interrupted(self, link: WinRsLink, call: WinRsCall) -> None:
        """Ctrl+C: give the command a moment to stop and to clean up behind itself."""
        call.stop_asked = True
        try:
            if link.sent and not call.stopping:
                self._stop(link, call)
                while call.exit_code is None and not call.leave.passed:
                    self._step(link, call, call.leave)
        except PsbridgeError as error:
            logger.debug("[{}] the shell failed with the interrupt: {}", self._endpoint, error)

    def _clean(self, link: WinRsLink, call: WinRsCall) -> None:
        """Whatever happened: nothing goes on behind the caller's back, and nothing of the call stays at the server."""
        limit = Deadline(self._close_seconds)
        busy = call.pending is not None or not link.alive
        try:
            link.terminate(call.command, limit, beside=busy)
        except PsbridgeError as error:
            logger.debug("[{}] the command could not be cleaned up: {}", self._endpoint, error)
            busy = True
        if busy:  # a Receive is still under way, or the connection failed
            self._link, link.alive = None, False
            link.close(limit)

    def _reply(self, call: WinRsCall, limit: Deadline) -> Reply:
        """What came of it; raises TransportError where no answer came, or a deadline had to end it."""
        answer = call.answer
        connected = answer.replies[: len(self._connect)]
        for pipeline, reply in zip(self._connect, connected, strict=False):
            if (problem := failure(reply)) and not call.stopping:
                names = " | ".join(command.name for command in pipeline.commands)
                remedy = "Try the same command by hand on that machine, with the same account."
                text = f"the connection command {names} failed: {problem}"
                raise ConnectRefused(text, endpoint=self._endpoint, remedy=remedy)
        reply = answer.reply or Reply(State.STOPPED, tuple(answer.records) if answer.main_begun else ())
        if call.stopping:
            if call.stop_asked or reply.state is not State.STOPPED:
                return reply
            raise self._late(call, limit)
        if answer.reply is None:
            raise self._gone(call)
        if reply.state is State.STOPPED:
            raise ConnectionLost("the command was stopped, and not by us", endpoint=self._endpoint)
        return reply

    def _late(self, call: WinRsCall, limit: Deadline) -> DeadlineExceeded:
        ended = "it was stopped" if call.exit_code is not None else "it did not stop, so its process was ended"
        problem = f"waited {limit.seconds:g} s for the command to end; {ended}"
        return DeadlineExceeded(problem, endpoint=self._endpoint, may_have_run=call.may_have_run)

    def _gone(self, call: WinRsCall) -> TransportError:
        said = f": {text}" if (text := call.said) else ""
        if call.may_have_run:
            return ConnectionLost(f"the PowerShell process is gone (exit code {call.exit_code}){said}", endpoint=self._endpoint)
        remedy = "Check that the endpoint's command is a PowerShell of that machine, and that it may run scripts (FullLanguage)."
        problem = f"PowerShell ended before the command began (exit code {call.exit_code}){said}"
        return StartError(problem, endpoint=self._endpoint, remedy=remedy)
