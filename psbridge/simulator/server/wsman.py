"""A simulated organisation in, a WS-Man server of it on loopback out.

Each endpoint has addresses of its own: `http://127.0.0.1:PORT/exo/PowerShell/`, or `/exo/wsman`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from psbridge.simulator.organisation import RunPipeline
from psbridge.simulator.server.dispatcher import Dispatcher
from psbridge.simulator.server.http_server import HttpServer
from psbridge.simulator.server.psrp_shell import PsrpKind
from psbridge.simulator.server.request_faults import RequestFaults
from psbridge.simulator.server.shell import ShellKind
from psbridge.simulator.server.shell_table import Limits
from psbridge.simulator.server.sign_in import Account
from psbridge.simulator.server.winrs import WinRsKind
from psbridge.simulator.state import Tenant

__all__ = ["Organisation", "WsmanServer"]


class Organisation(Protocol):
    """What a server needs of an organisation, in this process or in a file that several share."""

    @property
    def state(self) -> Tenant:
        """The state, to look at."""
        ...

    def session(self, endpoint: str) -> RunPipeline:
        """A session at one endpoint."""
        ...


class WsmanServer:
    """Serves an organisation from `start` to `close`; one account may sign in, by Basic, NTLM or Negotiate."""

    def __init__(
        self,
        organisation: Organisation,
        user: str,
        password: str,
        *,
        port: int = 0,
        kinds: Sequence[ShellKind] = (PsrpKind(), WinRsKind()),
        limits: Limits | None = None,
        session: Callable[[str], RunPipeline] | None = None,
    ) -> None:
        faults = RequestFaults(lambda: organisation.state)
        self._dispatcher = Dispatcher(kinds, session or organisation.session, limits=limits, faults=faults)
        self._http = HttpServer(port, Account(user, password), self._dispatcher)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True, name="WS-Man")

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._http.server_address[1])

    @property
    def open_shells(self) -> int:
        """How many shells there are."""
        return len(self._dispatcher.shells)

    @property
    def open_commands(self) -> int:
        """How many commands were not closed yet."""
        return self._dispatcher.shells.open_commands

    def uri(self, endpoint: str, path: str = "PowerShell/") -> str:
        """The address of an endpoint."""
        return f"http://127.0.0.1:{self.port}/{endpoint}/{path}"

    def start(self) -> None:
        """Begin to serve, in threads."""
        self._thread.start()

    def close(self) -> None:
        """End every shell and every connection."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._dispatcher.close()
        self._http.cut_connections()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
