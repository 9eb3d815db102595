"""One endpoint of a profile as data in, what a transport is made of out; and what cannot work although each value is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from psbridge.errors import InputError
from psbridge.psobject import SecureString
from psbridge.transports.winrm_endpoint import WinRmEndpoint
from psbridge.transports.wsman import EXCHANGE, Authentication, WsmanEndpoint

__all__ = ["ENDPOINTS", "KEYS", "ConnectCommand", "EndpointName", "EndpointProfile", "SecretReference", "Strict"]

# The four ends of a hybrid organisation, as the documents' prompts show them.
ENDPOINTS: Final = ("onprem", "exo", "directory", "sync")
EndpointName = Literal["onprem", "exo", "directory", "sync"]


class Strict(BaseModel):
    """A table in which no other key may stand."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretReference(Strict):
    """A parameter's value that is kept elsewhere."""

    secret: str


class ConnectCommand(Strict):
    """A command that connects the session, sent once after it was opened."""

    cmdlet: str
    parameters: dict[str, SecretReference | bool | int | float | str | list[str]] = {}


class EndpointProfile(Strict):
    """How one endpoint is reached.

    `process` starts a PowerShell on this machine; `psrp` opens a session at a server over WS-Man (see WsmanEndpoint for
    its keys); `winrm` starts a PowerShell there for each call, through WinRS (see WinRmEndpoint); `manual` (for `sync`
    only) asks the operator and looks for the effect.
    """

    transport: Literal["process", "psrp", "winrm", "manual"]
    connect: tuple[ConnectCommand, ...] = ()
    deadline: Annotated[float, Field(gt=0, description="seconds for one call")] = 900.0

    command: tuple[str, ...] = ()
    environment: dict[str, str] = {}

    uri: str = ""
    server: Annotated[str, Field(description="short for the uri that PowerShell makes of a -ComputerName")] = ""
    configuration: str = EXCHANGE
    authentication: Authentication = "kerberos"
    username: str | None = None
    password: SecretReference | None = None
    verify: StrictBool | Path = True
    certificate: Path | None = None
    certificate_key: Path | None = None
    certificate_key_password: SecretReference | None = None
    spn: str | None = None
    proxy: str | None = None
    max_envelope_size: Annotated[int | None, Field(ge=32_768, description="bytes of one message")] = None
    open_timeout: Annotated[float, Field(gt=0, description="seconds until the session is open")] = 60.0
    session_age: Annotated[float, Field(gt=0, description="seconds after which a session is replaced")] = 3_600.0
    idle_timeout: Annotated[int | None, Field(ge=60, description="seconds after which the server ends it")] = None

    def wsman(self, fetch: Callable[[str], SecureString]) -> WsmanEndpoint:
        """Where the server is and who we are; `fetch` gives the secret of a reference. Raises InputError."""
        return WsmanEndpoint(
            uri=self.uri or _uri(self.server, self.configuration),
            configuration=self.configuration,
            authentication=self.authentication,
            username=self.username,
            password=fetch(self.password.secret) if self.password else None,
            verify=self.verify,
            certificate=self.certificate,
            certificate_key=self.certificate_key,
            certificate_key_password=fetch(self.certificate_key_password.secret) if self.certificate_key_password else None,
            spn=self.spn,
            proxy=self.proxy,
            max_envelope_size=self.max_envelope_size,
        )

    def winrm(self, fetch: Callable[[str], SecureString]) -> WinRmEndpoint:
        """The same for WinRS; raises InputError."""
        return WinRmEndpoint(
            self.uri,
            self.authentication,  # type: ignore[arg-type]  # "negotiate" is refused there
            username=self.username,
            password=fetch(self.password.secret) if self.password else None,
            verify=self.verify,
            certificate=self.certificate,
            certificate_key=self.certificate_key,
            proxy=self.proxy,
        )

    def problems(self) -> list[str]:
        """What is wrong although every single value is right."""
        return _CHECKS[self.transport](self)


def _uri(server: str, configuration: str) -> str:
    return f"http://{server}/PowerShell/" if configuration == EXCHANGE else f"http://{server}:5985/wsman"


def _process_problems(endpoint: EndpointProfile) -> list[str]:
    return [] if endpoint.command else ['transport "process" needs a command, such as ["pwsh"]']


def _psrp_problems(endpoint: EndpointProfile) -> list[str]:
    if bool(endpoint.uri) is bool(endpoint.server):
        return ['transport "psrp" needs either a uri, such as "http://ex01.contoso.com/PowerShell/", or a server']
    try:
        endpoint.wsman(SecureString.of)
    except InputError as error:
        return _each(error)
    return []


def _winrm_problems(endpoint: EndpointProfile) -> list[str]:
    found = []
    if len(endpoint.command) > 1:
        found.append('transport "winrm" takes a command of one part, the PowerShell of that machine, such as ["pwsh.exe"]')
    for command in endpoint.connect:
        secrets = [key for key, value in command.parameters.items() if isinstance(value, SecretReference)]
        found += [f"{command.cmdlet} -{key}: no secret travels over WinRS, it would arrive as plain text" for key in secrets]
    try:
        endpoint.winrm(SecureString.of)
    except InputError as error:
        found += _each(error)
    return found


def _each(error: InputError) -> list[str]:
    """The problems of an address one by one; it joins them, and one of them has a semicolon of its own."""
    return re.split(r"; (?!over http)", str(error))


_ANY: Final = frozenset({"connect", "deadline"})
# What may stand in an endpoint of each transport, and what is looked at where each value alone is right.
KEYS: Final[Mapping[str, frozenset[str]]] = {
    "process": _ANY | {"command", "environment"},
    "psrp": _ANY
    | {"uri", "server", "configuration", "authentication", "username", "password", "verify", "certificate", "certificate_key"}
    | {"certificate_key_password", "spn", "proxy", "max_envelope_size", "open_timeout", "session_age", "idle_timeout"},
    "winrm": _ANY
    | {"uri", "authentication", "username", "password", "verify", "certificate", "certificate_key", "proxy"}
    | {"command", "environment", "open_timeout"},
    "manual": frozenset(),
}
_CHECKS: Final[Mapping[str, Callable[[EndpointProfile], list[str]]]] = {
    "process": _process_problems,
    "psrp": _psrp_problems,
    "winrm": _winrm_problems,
    "manual": lambda _: [],
}
