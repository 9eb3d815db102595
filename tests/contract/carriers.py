"""What carries a session to the real engine: the stdio of a process, WS-Man, WinRS, or a recording of the first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from psbridge.psobject import SecureString
from psbridge.transports.base import Transport
from psbridge.transports.process import ProcessTransport
from psbridge.transports.psrp import PsrpTransport
from psbridge.transports.winrm import WinRmTransport
from psbridge.transports.wsman import WsmanEndpoint
from tests.contract.reel import Reel
from tests.transports.far_end import MODULES, SERVER
from tests.transports.winrm_far_end import at
from tests.transports.winrs_server import WinRsServer

CONFIGURATION = "Microsoft.PowerShell"


class Carrier(ABC):
    """Makes transports to a PowerShell that finds the module FarEnd, or what `environment` says."""

    name: str
    given_up: str
    """What is done with a command that does not stop."""
    gone: str
    """What is said when the server ends in a command with exit code 9."""
    limited_by: tuple[str, ...] = ()
    """The names that the table of limits knows it by."""
    reel: Reel | None = None
    """Where calls are recorded and played, for a replay."""

    def __init__(self, pwsh: str) -> None:
        self.pwsh = pwsh

    def connected(self, environment: Mapping[str, str] | None = None, **options: Any) -> Transport:
        """A transport that is not open yet."""
        options.setdefault("deadline", 30.0)
        return self.made({"PSModulePath": str(MODULES), **(environment or {})}, options)

    @abstractmethod
    def made(self, environment: Mapping[str, str], options: dict[str, Any]) -> Transport: ...

    def close(self) -> None:  # noqa: B027 - there may be nothing to close
        pass


class ByProcess(Carrier):
    name = "process"
    given_up = "the process was ended"
    gone = "the PowerShell process is gone (exit code 9)"

    def made(self, environment: Mapping[str, str], options: dict[str, Any]) -> Transport:
        return ProcessTransport([self.pwsh], environment=environment, **options)


class ByWsman(Carrier):
    """One relay for each environment; every shell behind it is an engine of its own."""

    name = "psrp"
    given_up = "the session was given up"
    gone = "the process that hosts the session at the server is gone (Receive, fault 1726: "

    def __init__(self, pwsh: str, relay: Path | None = None) -> None:
        super().__init__(pwsh)
        self._relay = relay or relay_of(pwsh)
        self._relays: dict[frozenset[tuple[str, str]], Relay] = {}

    def made(self, environment: Mapping[str, str], options: dict[str, Any]) -> Transport:
        key = frozenset(environment.items())
        if key not in self._relays:
            self._relays[key] = Relay(self.pwsh, environment, relay=self._relay)
        return PsrpTransport(self._relays[key].endpoint, **options)

    def close(self) -> None:
        for relay in self._relays.values():
            relay.close()


class ByWinRm(Carrier):
    """One server for each environment; every call is an engine of its own."""

    name = "winrm"
    limited_by = ("winrm", "powershell-per-call")
    given_up = "its process was ended"
    gone = "the PowerShell process is gone (exit code 9)"

    def __init__(self, pwsh: str) -> None:
        super().__init__(pwsh)
        self._servers: dict[frozenset[tuple[str, str]], WinRsServer] = {}

    def made(self, environment: Mapping[str, str], options: dict[str, Any]) -> Transport:
        key = frozenset(environment.items())
        if key not in self._servers:
            self._servers[key] = WinRsServer(self.pwsh, environment)
        return WinRmTransport(at(self._servers[key]), **options)

    def close(self) -> None:
        for server in self._servers.values():
            server.close()


class ByReplay(Carrier):
    """Each test runs twice: over a process, which is recorded, and then over the recording alone (see conftest)."""

    name = "replay"
    limited_by = ("replay",)
    given_up = ByProcess.given_up
    gone = ByProcess.gone

    def __init__(self, pwsh: str) -> None:
        super().__init__(pwsh)
        self._tape = self.reel = Reel()

    def made(self, environment: Mapping[str, str], options: dict[str, Any]) -> Transport:
        return self._tape.taped(lambda: ByProcess(self.pwsh).made(environment, options))


class Relay:
    """wsman_relay.py in front of a PowerShell; `faults` as its --fault has them."""

    def __init__(
        self, pwsh: str, environment: Mapping[str, str], *faults: str, more: Sequence[str] = (), relay: Path | None = None
    ) -> None:
        command = " ".join((pwsh, *SERVER))
        spoilt = [part for fault in faults for part in ("--fault", fault)]
        program = [sys.executable, str(relay or relay_of(pwsh)), "--endpoint", f"{CONFIGURATION}={command}"]
        self._process = subprocess.Popen(
            [*program, "--user", "user", "--password", "p", *spoilt, *more],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        assert self._process.stdout is not None
        self.uri: str = json.loads(self._process.stdout.readline())["url"]

    @property
    def endpoint(self) -> WsmanEndpoint:
        return WsmanEndpoint(self.uri, CONFIGURATION, "basic", "user", SecureString.of("p"))

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


def relay_of(pwsh: str) -> Path:
    """Where the relay is: beside the engine in a folder."""
    return Path(pwsh).resolve().parent / "wsman_relay.py"


CARRIERS: tuple[type[Carrier], ...] = (ByProcess, ByWsman, ByWinRm, ByReplay)
