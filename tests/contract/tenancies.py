"""Tenants of the documents' people behind every carrier: the real engine's, which a file keeps, and the simulator's.

Each is asked over its transports, struck by faults, and then looked at past them.
"""

from __future__ import annotations

import json
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Literal

from psbridge.clock import SkippingClock
from psbridge.psobject import SecureString
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.server.shared_state import SharedState
from psbridge.simulator.server.wsman import WsmanServer
from psbridge.simulator.state import Fault, Tenant
from psbridge.transports.base import Transport
from psbridge.transports.process import ProcessTransport
from psbridge.transports.simulated import SimulatedTransport
from psbridge.transports.winrm import WinRmTransport
from psbridge.transports.winrm_endpoint import WinRmEndpoint
from tests.contract.carriers import ByProcess, ByReplay, ByWinRm, ByWsman, Carrier
from tests.contract.reel import Reel
from tests.simulator.served import PASSWORD, USER
from tests.simulator.served import transport as by_psrp

__all__ = ["TENANCIES", "EngineByProcess", "Kind", "OfEngine", "SimulatorInProcess", "Tenancy"]

Kind = Literal["error", "terminating", "warning", "progress", "hang", "drop", "slow"]


class Tenancy(ABC):
    """A tenant and how it is reached."""

    limited_by: tuple[str, ...]
    """The names that the table of limits knows it by."""
    reel: Reel | None = None
    """Where calls are recorded and played, for a replay."""

    def __init__(self) -> None:
        self._open: dict[str, Transport] = {}
        self._stack = ExitStack()

    def at(self, endpoint: str) -> Transport:
        """A transport to one endpoint that all share; it is opened when it is used."""
        if endpoint not in self._open:
            self._open[endpoint] = self._stack.enter_context(self.connect(endpoint))
        return self._open[endpoint]

    def strike(self, kind: Kind, cmdlet: str, *, after: bool = False, **more: Any) -> None:
        """Let the next call of a cmdlet go wrong; while a recording is played, nothing can."""
        if self.reel is None or not self.reel.playing:
            self.add_fault(kind, cmdlet, call=self.calls(cmdlet) + 1, after=after, **more)

    def close(self) -> None:
        self._stack.close()

    @abstractmethod
    def connect(self, endpoint: str) -> Transport:
        """A new transport."""

    @abstractmethod
    def add_fault(self, kind: Kind, cmdlet: str, *, call: int, after: bool, **more: Any) -> None: ...

    @abstractmethod
    def calls(self, cmdlet: str) -> int:
        """How often a cmdlet was called."""

    @abstractmethod
    def has_account(self, name: str) -> bool:
        """Whether the directory has this account, not in its recycle bin."""


class OfEngine(Tenancy):
    """The tenant of the module ExchangeLike: a file, which every process reads."""

    kind: type[Carrier]

    def __init__(self, exchange_like: str, folder: Path) -> None:
        super().__init__()
        self._file = folder / "tenant.json"
        shutil.copy(Path(exchange_like).resolve().parent / "tenants" / "documents.json", self._file)
        self._carrier = self.kind(exchange_like)
        self.limited_by = self.kind.limited_by
        self._stack.callback(self._carrier.close)
        self.reel = self._carrier.reel if isinstance(self._carrier, ByReplay) else None

    def connect(self, endpoint: str) -> Transport:
        environment = {"PSModulePath": "", "REALPS_TENANT": str(self._file), "REALPS_ENDPOINT": "all"}
        return self._carrier.connected(environment, stop_grace=0.5, endpoint=endpoint)

    def at(self, endpoint: str) -> Transport:
        """All endpoints are one session there."""
        return super().at("all")

    def add_fault(self, kind: Kind, cmdlet: str, *, call: int, after: bool, **more: Any) -> None:
        fault = {"command": cmdlet, "call": call, "kind": "exit" if kind == "drop" else kind, "after": after, "exitCode": 9}
        renamed = {"error_id": "fqid"}
        content = self._content()
        content.setdefault("faults", []).append({**fault, **{renamed.get(name, name): value for name, value in more.items()}})
        self._file.write_text(json.dumps(content), encoding="utf-8")

    def calls(self, cmdlet: str) -> int:
        return int(self._content().get("calls", {}).get(cmdlet, 0))

    def has_account(self, name: str) -> bool:
        accounts = self._content()["directory"]
        return any(one["userPrincipalName"].lower() == name.lower() and not one.get("deleted") for one in accounts)

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8-sig"))
        return content


class EngineByProcess(OfEngine):
    kind = ByProcess


class EngineByPsrp(OfEngine):
    kind = ByWsman


class EngineByWinRm(OfEngine):
    kind = ByWinRm


class EngineByReplay(OfEngine):
    kind = ByReplay


class OfSimulator(Tenancy):
    """The simulator's organisation, which needs nothing but Python."""

    def __init__(self) -> None:
        super().__init__()
        self._organisation = SimulatedOrganisation.from_seed("documents")

    def state(self) -> Tenant:
        return self._organisation.state

    def add_fault(self, kind: Kind, cmdlet: str, *, call: int, after: bool, **more: Any) -> None:
        self._keep(Fault(_NAMES[kind], cmdlet=cmdlet, call=call, after=after, **more))

    def _keep(self, fault: Fault) -> None:
        self.state().faults.append(fault)

    def calls(self, cmdlet: str) -> int:
        return self.state().calls.get(cmdlet, 0)

    def has_account(self, name: str) -> bool:
        accounts = self.state().directory
        return any(one.user_principal_name.lower() == name.lower() and one.deleted is None for one in accounts)


class SimulatorInProcess(OfSimulator):
    limited_by: tuple[str, ...] = ("simulator",)

    def connect(self, endpoint: str) -> Transport:
        return SimulatedTransport(self._organisation, endpoint, SkippingClock(self.state().now))


class SimulatorByReplay(SimulatorInProcess):
    limited_by = ("simulator", "replay")

    def __init__(self) -> None:
        super().__init__()
        self.reel = Reel()

    def connect(self, endpoint: str) -> Transport:
        assert self.reel
        make = super().connect
        return self.reel.taped(lambda: make(endpoint), name=endpoint)


class SimulatorByProcess(OfSimulator):
    limited_by = ("simulator",)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = folder / "organisation.json"
        self._shared = SharedState(self._path, seed="documents")

    def connect(self, endpoint: str) -> Transport:
        program = [sys.executable, "-m", "psbridge.simulator", "-s", "--endpoint", endpoint, "--state", str(self._path)]
        return ProcessTransport(program, endpoint=endpoint, deadline=30.0, stop_grace=0.5)

    def state(self) -> Tenant:
        return self._shared.state

    def _keep(self, fault: Fault) -> None:
        with self._shared.open() as organisation:
            organisation.state.faults.append(fault)


class Served(OfSimulator):
    def __init__(self) -> None:
        super().__init__()
        self._server = self._stack.enter_context(WsmanServer(self._organisation, USER, PASSWORD))


class SimulatorByPsrp(Served):
    limited_by = ("simulator",)

    def connect(self, endpoint: str) -> Transport:
        return by_psrp(self._server, endpoint, "ntlm")


class SimulatorByWinRm(Served):
    limited_by = ("simulator", "winrm")

    def connect(self, endpoint: str) -> Transport:
        where = WinRmEndpoint(self._server.uri(endpoint, "wsman"), "ntlm", USER, SecureString.of(PASSWORD))
        return WinRmTransport(where, endpoint=endpoint, deadline=20.0)


_NAMES: Final[Mapping[str, Any]] = {
    "error": "error",
    "terminating": "terminating-error",
    "warning": "warning",
    "progress": "progress",
    "hang": "hang",
    "drop": "dropped-connection",
}
# Whether it is the engine's, and how it is made: of the engine's program and a folder.
TENANCIES: Final[Mapping[str, tuple[bool, Callable[[str, Path], Tenancy]]]] = {
    "engine-process": (True, EngineByProcess),
    "engine-psrp": (True, EngineByPsrp),
    "engine-winrm": (True, EngineByWinRm),
    "engine-replay": (True, EngineByReplay),
    "simulator-in-process": (False, lambda _, __: SimulatorInProcess()),
    "simulator-process": (False, lambda _, folder: SimulatorByProcess(folder)),
    "simulator-psrp": (False, lambda _, __: SimulatorByPsrp()),
    "simulator-winrm": (False, lambda _, __: SimulatorByWinRm()),
    "simulator-replay": (False, lambda _, __: SimulatorByReplay()),
}
