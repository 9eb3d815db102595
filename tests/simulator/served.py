"""A simulated organisation behind its own WS-Man server, and the stock pypsrp clients of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from psbridge.psobject import SecureString
from psbridge.simulator import Invocation, Outcome, SimulatedOrganisation
from psbridge.simulator.server.psrp_shell import CONFIGURATIONS
from psbridge.simulator.server.wsman import WsmanServer
from psbridge.transports.psrp import PsrpTransport
from psbridge.transports.wsman import WsmanEndpoint

__all__ = ["PASSWORD", "USER", "Recorder", "call", "pool", "served", "transport", "wsman"]

USER, PASSWORD = "administrator", "Pa55word!"


@contextmanager
def served(organisation: Any = None, **options: Any) -> Iterator[WsmanServer]:
    """A server; without an organisation of the documents' one."""
    with WsmanServer(organisation or SimulatedOrganisation.from_seed("documents"), USER, PASSWORD, **options) as server:
        yield server


def wsman(server: WsmanServer, endpoint: str = "exo", *, auth: str = "basic", **options: Any) -> WSMan:
    """A connection of stock pypsrp."""
    options = {"username": USER, "password": PASSWORD, "path": f"{endpoint}/PowerShell", **options}
    encryption = "never" if auth == "basic" else "always"
    return WSMan(
        "127.0.0.1", port=server.port, ssl=False, auth=auth, encryption=encryption, no_proxy=True, operation_timeout=5, **options
    )


def pool(server: WsmanServer, endpoint: str = "exo", *, host: Any = None, **options: Any) -> AbstractContextManager[RunspacePool]:
    """A runspace pool of stock pypsrp at an endpoint."""
    return RunspacePool(wsman(server, endpoint, **options), configuration_name=CONFIGURATIONS[endpoint][0], host=host)


def call(opened: RunspacePool, cmdlet: str, **parameters: Any) -> PowerShell:
    """Run one cmdlet with stock pypsrp and close its pipeline; gives it with its output, streams and state."""
    powershell = PowerShell(opened)
    powershell.add_cmdlet(cmdlet).add_parameters(parameters)
    powershell.invoke()
    powershell.close()
    return powershell


def transport(server: WsmanServer, endpoint: str = "exo", authentication: Any = "basic", **options: Any) -> PsrpTransport:
    """Our own transport at an endpoint."""
    where = WsmanEndpoint(
        server.uri(endpoint), CONFIGURATIONS[endpoint][0], authentication, USER, SecureString.of(PASSWORD), max_envelope_size=None
    )
    return PsrpTransport(where, endpoint=endpoint, **{"deadline": 20.0, "stop_grace": 0.5, **options})


@dataclass
class Recorder:
    """An endpoint that keeps what it was asked, and answers nothing."""

    asked: list[Invocation] = field(default_factory=list)

    def __call__(self, commands: Sequence[Invocation], *, consent: bool = False) -> Outcome:
        self.asked.extend(commands)
        return Outcome()
