"""A profile in, sessions out: each endpoint is connected when it is first asked for.

A recorder or a player takes its place through `wrap`: both are transports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from psbridge.command import Command, Pipeline
from psbridge.credentials import secret
from psbridge.errors import ProfileError
from psbridge.profile import ConnectCommand, EndpointProfile, Profile, SecretReference
from psbridge.session import DEFAULT_DEADLINE, Session
from psbridge.transports.base import Transport
from psbridge.transports.local import LOCAL, LocalTransport

__all__ = ["Endpoints", "transport_for"]


class Endpoints:
    """The sessions of one profile, or of transports that were made elsewhere (a player's)."""

    def __init__(self, make: Callable[[str], Transport], *, deadline: Callable[[str], float] = lambda _: 900.0) -> None:
        self._make = make
        self._deadline = deadline
        self._sessions: dict[str, Session] = {}

    @classmethod
    def of(cls, profile: Profile, *, wrap: Callable[[str, Transport], Transport] = lambda _, transport: transport) -> Endpoints:
        """Sessions as the profile describes them, and `local` for files; `wrap(endpoint, transport)` puts a recorder around."""

        def described(name: str) -> EndpointProfile:
            for known, endpoint in profile.endpoints.items():
                if known == name and endpoint.transport != "manual":
                    return endpoint
            configured = ", ".join(profile.endpoints) or "none"
            raise ProfileError(f"the endpoint {name!r} is needed and not configured; configured: {configured}")

        def made(name: str) -> Transport:
            return LocalTransport() if name == LOCAL else transport_for(name, described(name))

        return cls(
            lambda name: wrap(name, made(name)),
            deadline=lambda name: DEFAULT_DEADLINE if name == LOCAL else described(name).deadline,
        )

    def session(self, endpoint: str) -> Session:
        """The session of one endpoint, made at its first use. Raises ProfileError."""
        if endpoint not in self._sessions:
            self._sessions[endpoint] = Session(endpoint, self._make(endpoint), deadline=self._deadline(endpoint))
        return self._sessions[endpoint]

    def close(self) -> None:
        """Disconnect every session."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()


def transport_for(name: str, endpoint: EndpointProfile) -> Transport:
    """Make the transport that an endpoint's profile describes; nothing is started yet. Raises ProfileError."""
    return _MAKERS[endpoint.transport](name, endpoint, [_connect(command) for command in endpoint.connect])


def _process(name: str, endpoint: EndpointProfile, connect: Sequence[Pipeline]) -> Transport:
    from psbridge.transports.process import ProcessTransport  # noqa: PLC0415 - as below

    return ProcessTransport(
        endpoint.command,
        environment=endpoint.environment,
        endpoint=name,
        connect=connect,
        deadline=endpoint.deadline,
    )


def _psrp(name: str, endpoint: EndpointProfile, connect: Sequence[Pipeline]) -> Transport:
    # Half a second, which only those shall wait who have such an endpoint.
    from psbridge.transports.psrp import PsrpTransport  # noqa: PLC0415 - see above

    return PsrpTransport(
        endpoint.wsman(secret),
        endpoint=name,
        connect=connect,
        deadline=endpoint.deadline,
        open_timeout=endpoint.open_timeout,
        session_age=endpoint.session_age,
        idle_timeout=endpoint.idle_timeout,
    )


def _winrm(name: str, endpoint: EndpointProfile, connect: Sequence[Pipeline]) -> Transport:
    from psbridge.transports.winrm import WinRmTransport  # noqa: PLC0415 - a quarter of a second, as above

    return WinRmTransport(
        endpoint.winrm(secret),
        program=endpoint.command[0] if endpoint.command else "powershell.exe",
        environment=endpoint.environment,
        endpoint=name,
        connect=connect,
        deadline=endpoint.deadline,
        open_timeout=endpoint.open_timeout,
    )


_MAKERS: Final[Mapping[str, Callable[[str, EndpointProfile, Sequence[Pipeline]], Transport]]] = {
    "process": _process,
    "psrp": _psrp,
    "winrm": _winrm,
}


def _connect(command: ConnectCommand) -> Pipeline:
    parameters = {
        name: secret(value.secret) if isinstance(value, SecretReference) else value for name, value in command.parameters.items()
    }
    return Pipeline((Command(command.cmdlet, parameters),))
