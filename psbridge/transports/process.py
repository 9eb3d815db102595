"""A local PowerShell process: a pipeline in, a Reply out, over PSRP on its standard input and output.

Commands and values travel as data, never as script text and never on a command line. One process, one runspace; when
the process is lost, the next call starts another and connects again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from psbridge.command import Pipeline
from psbridge.errors import InputError, StartError
from psbridge.psrp.session import PROTOCOL, RunspacePool
from psbridge.transports.child import Child
from psbridge.transports.runspace import RunspaceTransport
from psbridge.transports.stdio_link import StdioLink

__all__ = ["ProcessTransport"]

_SERVER: Final = ("-s", "-NoLogo", "-NoProfile")


class ProcessTransport(RunspaceTransport[StdioLink]):
    """PowerShell as a child of this process.

    - `command`: the program, such as `["pwsh"]`; alone it gets `-s -NoLogo -NoProfile`, with arguments it is run as it is.
    - `environment`: added to this process' own. `folder`: where the program starts.
    - `close_seconds`: how long a closing may take before the process is ended.
    - `protocol`: the PSRP version that we declare; below 2.4 a SecureString crosses the pipe encrypted.
    - the rest: see RunspaceTransport.
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
        super().__init__(endpoint=endpoint, connect=connect, deadline=deadline, open_timeout=open_timeout, stop_grace=stop_grace)
        self._command = (*command, *_SERVER) if len(command) == 1 else tuple(command)
        self._environment = dict(environment or {})
        self._folder = folder
        self._close_seconds = close_seconds
        self._protocol = protocol

    @property
    def pid(self) -> int | None:
        """The process id of the running PowerShell; None while there is none."""
        return self._link.pid if self._link and self._link.alive else None

    def _start(self) -> StdioLink:
        try:
            pool = RunspacePool(uuid4(), protocol=self._protocol)
            child = Child(self._command, self._environment, self._folder)
            return StdioLink(child, pool, self._endpoint, self._close_seconds)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            folder = f" in {self._folder}" if self._folder else ""
            raise StartError(
                f"{self._command[0]} cannot be started{folder}: {reason}",
                endpoint=self._endpoint,
                remedy="Name a PowerShell that exists (pwsh or powershell.exe) in the endpoint's command.",
            ) from error

    def _unopened(self, problem: str) -> StartError:
        remedy = f"Check that {self._command[0]!r} starts a PowerShell that serves a session (-s) and writes nothing else."
        return StartError(f"{self._command[0]} did not open a session: {problem}", endpoint=self._endpoint, remedy=remedy)
