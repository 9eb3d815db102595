"""A local PowerShell process: a pipeline in, a Reply out, over PSRP on its standard input and output.

Commands and values travel as data, never as script text and never on a command line. One process, one runspace: what
a connection command has set up stays until the transport is closed or the process is lost; then the next call starts
another and connects again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from loguru import logger

from psbridge.clixml import decode_message
from psbridge.command import Pipeline
from psbridge.error_record import ErrorRecord
from psbridge.errors import ClixmlError, DeadlineExceeded, InputError, PsbridgeError, StartError, TransportError
from psbridge.psobject import PSObject, SecureString
from psbridge.psrp.session import PROTOCOL, RunspacePool
from psbridge.reply import Reply, State, Stream
from psbridge.transports.base import Transport
from psbridge.transports.call import Call
from psbridge.transports.child import Child
from psbridge.transports.deadline import Deadline
from psbridge.transports.link import Link

__all__ = ["ProcessTransport"]

_SERVER: Final = ("-s", "-NoLogo", "-NoProfile")


class ProcessTransport(Transport):
    """PowerShell as a child of this process.

    - `command`: the program, such as `["pwsh"]`; alone it gets `-s -NoLogo -NoProfile`, with arguments it is run as it is.
    - `environment`: added to this process' own. `folder`: where the program starts.
    - `endpoint`: the name in messages. `connect`: pipelines to run once after each opening.
    - `deadline`: seconds for a call that names none (None: no limit). `open_timeout`: seconds until the session is open.
    - `stop_grace`: seconds between the stop at a deadline and the end of the process, if the command does not stop.
    - `close_seconds`: how long a closing may take before the process is ended.
    - `protocol`: the PSRP version that we declare; below 2.4 a SecureString crosses the pipe encrypted.
    """

    def __init__(  # noqa: PLR0913 - the settings of one process; every one has its default
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        endpoint: str = "",
        connect: Sequence[Pipeline] = (),
        deadline: float | None = 900.0,
        open_timeout: float = 60.0,
        stop_grace: float = 2.0,
        close_seconds: float = 5.0,
        protocol: str = PROTOCOL,
    ) -> None:
        if isinstance(command, str) or not command:
            raise InputError("the command must be a sequence that begins with the program, such as ['pwsh']")
        self._command = (*command, *_SERVER) if len(command) == 1 else tuple(command)
        self._environment = dict(environment or {})
        self._folder = folder
        self._endpoint = endpoint
        self._connect = tuple(connect)
        self._deadline = deadline
        self._open_timeout = open_timeout
        self._stop_grace = stop_grace
        self._close_seconds = close_seconds
        self._protocol = protocol
        self._link: Link | None = None
        self._call: Call | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process id of the running PowerShell; None while there is none."""
        return self._link.pid if self._link and self._link.alive else None

    def open(self) -> None:
        """Start the process, open the session and connect it; does nothing while it is open. Raises StartError."""
        self._open(Deadline(None))

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        """Run a pipeline; see `Transport.run`.

        When the deadline comes the command is asked to stop; if it does not, the process is ended `stop_grace` seconds
        later. Raises ConfirmationRequired if a cmdlet asked something: it was refused.
        """
        limit = Deadline(self._deadline if deadline is None else deadline)
        call = Call(pipeline)
        with self._lock:
            self._call = call
        try:
            return self._run(self._open(limit), call, limit)
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
        """Close the session and end the process; a second call does nothing."""
        link, self._link = self._link, None
        if link:
            link.close()

    def _open(self, limit: Deadline) -> Link:
        if self._link and self._link.settle():
            return self._link
        if self._link:
            logger.warning("[{}] the PowerShell process {} was lost; starting another", self._endpoint, self._link.pid)
            self._link = None
        link = self._started()
        try:
            self._connected(link, limit)
            self._link = link
        finally:
            if self._link is not link:
                link.kill()
        logger.debug("[{}] process {} is open", self._endpoint, link.pid)
        return link

    def _connected(self, link: Link, limit: Deadline) -> None:
        try:
            link.open(limit.within(self._open_timeout))
            for pipeline in self._connect:
                self._run_connect(link, pipeline, limit)
        except StartError:
            raise
        except TransportError as error:
            if limit.passed:
                raise DeadlineExceeded(error.problem, endpoint=self._endpoint, may_have_run=False) from error
            raise self._no_start(error.problem) from error

    def _started(self) -> Link:
        try:
            pool = RunspacePool(uuid4(), protocol=self._protocol)
            return Link(Child(self._command, self._environment, self._folder), pool, self._endpoint, self._close_seconds)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            folder = f" in {self._folder}" if self._folder else ""
            raise StartError(
                f"{self._command[0]} cannot be started{folder}: {reason}",
                endpoint=self._endpoint,
                remedy="Name a PowerShell that exists (pwsh or powershell.exe) in the endpoint's command.",
            ) from error

    def _no_start(self, problem: str) -> StartError:
        remedy = f"Check that {self._command[0]!r} starts a PowerShell that serves a session (-s) and writes nothing else."
        return StartError(f"{self._command[0]} did not open a session: {problem}", endpoint=self._endpoint, remedy=remedy)

    def _run_connect(self, link: Link, pipeline: Pipeline, limit: Deadline) -> None:
        """Run one connection command; raises StartError that names the cmdlet and its error, without parameters."""
        names = " | ".join(command.name for command in pipeline.commands)
        try:
            own = limit if self._deadline is None else limit.within(self._deadline)
            problem = _failure(self._run(link, Call(pipeline), own))
        except PsbridgeError as error:
            if isinstance(error, TransportError) and limit.passed:
                raise
            problem = error.problem if isinstance(error, TransportError) else str(error)
        if problem:
            text = _without_secrets(problem, pipeline)
            remedy = "Check the endpoint's connection commands and the account."
            raise StartError(f"the connection command {names} failed: {text}", endpoint=self._endpoint, remedy=remedy)

    def _run(self, link: Link, call: Call, limit: Deadline) -> Reply:
        if call.stop_asked:
            return call.reply()
        link.begin(call, limit)
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

    def _finish(self, link: Link, call: Call, limit: Deadline) -> None:
        try:
            link.finish(call, limit)
        except DeadlineExceeded as late:
            self._stop_late(link, call, late)
        else:
            link.end(call)

    def _stop_late(self, link: Link, call: Call, late: DeadlineExceeded) -> None:
        """The deadline has come: ask the command to stop; end the process if it does not. An answer that came is kept."""
        link.stop(call)
        try:
            link.finish(call, Deadline(self._stop_grace))
        except DeadlineExceeded:
            raise link.fail(DeadlineExceeded, f"{late.problem}; it did not stop, so the process was ended") from late
        link.end(call)
        if call.reply().state is State.STOPPED:
            raise DeadlineExceeded(f"{late.problem}; it was stopped", endpoint=self._endpoint) from late

    def _interrupted(self, link: Link, call: Call) -> None:
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
