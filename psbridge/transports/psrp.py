"""A PowerShell endpoint over WS-Man: a pipeline in, a Reply out, over PSRP on HTTP or HTTPS.

Commands and values travel as data, never as script text, so endpoints without a language will do, as Exchange's. One
transport, one runspace; it is used by one worker. The session is opened with the first call and reused; when it is
broken, was idle for too long or is too old, the next call opens another and connects again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from psbridge.command import Pipeline
from psbridge.errors import StartError
from psbridge.psrp.session import RunspacePool
from psbridge.transports.runspace import RunspaceTransport
from psbridge.transports.wsman import WsmanEndpoint
from psbridge.transports.wsman_link import Limits, WsmanLink, packet_size

__all__ = ["PsrpTransport"]

# What Windows PowerShell 5.1 speaks, and so Exchange. In 2.4 a SecureString would cross in plain text (remoting-notes 9.5).
_PROTOCOL: Final = "2.3"


class PsrpTransport(RunspaceTransport[WsmanLink]):
    """A runspace at a WS-Man server.

    - `wsman`: where, and who we are. `session_age`: seconds after which a session is not used for another call.
    - `idle_timeout`: seconds after which the server ends an idle session (None: its own default).
    - `connection_idle`: seconds after which an idle connection to the same session is replaced; shorter than IIS's 120.
    - `close_seconds`: how long a closing may take.
    - the rest: see RunspaceTransport.
    """

    def __init__(  # noqa: PLR0913 - the settings of one endpoint; all but one have a default
        self,
        wsman: WsmanEndpoint,
        *,
        endpoint: str = "",
        connect: Sequence[Pipeline] = (),
        deadline: float | None = 900.0,
        open_timeout: float = 60.0,
        stop_grace: float = 2.0,
        close_seconds: float = 5.0,
        session_age: float = 3_600.0,
        idle_timeout: int | None = None,
        connection_idle: float = 60.0,
    ) -> None:
        super().__init__(endpoint=endpoint, connect=connect, deadline=deadline, open_timeout=open_timeout, stop_grace=stop_grace)
        self._wsman = wsman
        self._limits = Limits(session_age, idle_timeout, close_seconds, connection_idle)

    def _start(self) -> WsmanLink:
        pool = RunspacePool(uuid4(), protocol=_PROTOCOL, packet_size=packet_size(self._wsman.max_envelope_size))
        return WsmanLink(self._wsman, pool, self._endpoint, _PROTOCOL, self._limits)

    def _unopened(self, problem: str) -> StartError:
        remedy = "Check uri, configuration and authentication of the endpoint, and that the server lets remote sessions in."
        return StartError(f"{self._wsman.uri} opened no session: {problem}", endpoint=self._endpoint, remedy=remedy)
