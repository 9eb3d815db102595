"""A TOML profile in, the description of every endpoint out.

```toml
tenant = "contoso.onmicrosoft.com"
dialect = "graph"

[endpoints.onprem]
transport = "psrp"
uri = "http://ex01.contoso.com/PowerShell/"

[endpoints.exo]
transport = "process"
command = ["pwsh"]

[[endpoints.exo.connect]]
cmdlet = "Connect-ExchangeOnline"
parameters = { AppId = "...", Organization = "contoso.onmicrosoft.com", CertificateThumbprint = "...", ShowBanner = false }

[endpoints.sync]
transport = "manual"
```

A parameter that is a secret is written as `{ secret = "keyring:SERVICE/USER" }` or `{ secret = "environment:NAME" }`.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from platformdirs import site_data_path, user_config_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from psbridge.errors import InputError, ProfileError
from psbridge.psobject import SecureString
from psbridge.transports.winrm_endpoint import WinRmEndpoint
from psbridge.transports.wsman import EXCHANGE, Authentication, WsmanEndpoint

__all__ = ["ENDPOINTS", "ConnectCommand", "EndpointProfile", "Limits", "Profile", "default_journal_path", "default_profile_path"]

# The four ends of a hybrid organisation, as the documents' prompts show them.
ENDPOINTS: Final = ("onprem", "exo", "directory", "sync")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretReference(_Strict):
    """A parameter's value that is kept elsewhere."""

    secret: str


class ConnectCommand(_Strict):
    """A command that connects the session, sent once after it was opened."""

    cmdlet: str
    parameters: dict[str, SecretReference | bool | int | float | str | list[str]] = {}


class EndpointProfile(_Strict):
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
        foreign = sorted(self.model_fields_set - _KEYS[self.transport] - {"transport"})
        found = [f'{key} is no key of transport "{self.transport}"' for key in foreign]
        return found + _CHECKS[self.transport](self)


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
        return [str(error)]
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
        found.append(str(error))
    return found


_ANY: Final = frozenset({"connect", "deadline"})
# What may stand in an endpoint of each transport, and what is looked at where each value alone is right.
_KEYS: Final[Mapping[str, frozenset[str]]] = {
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


class Limits(_Strict):
    """What all workers of a journal together keep to, in one tenant (`psbridge worker`).

    - `sessions`: open at most at one endpoint at the same time.
    - `calls_per_minute`: sent at most to one endpoint.
    - `destructive_per_hour`: steps that cannot be taken back.
    - `stop_after_failures`: so many failed runs, and nothing destructive goes on before somebody has looked.
    """

    sessions: dict[Literal["onprem", "exo", "directory", "sync"], Annotated[int, Field(ge=1)]] = {}
    calls_per_minute: dict[Literal["onprem", "exo", "directory", "sync"], Annotated[float, Field(gt=0)]] = {}
    destructive_per_hour: Annotated[int | None, Field(ge=1)] = None
    stop_after_failures: Annotated[int | None, Field(ge=1)] = None


class Profile(_Strict):
    """One tenant and its endpoints. `dialect` is how its directory is spoken to: it fills a playbook's input of that name."""

    tenant: str = ""
    dialect: Literal["msonline", "graph", "entra"] = "msonline"
    journal: Annotated[str | None, Field(description="a file, or the address of a PostgreSQL database")] = None
    endpoints: dict[Literal["onprem", "exo", "directory", "sync"], EndpointProfile]
    limits: Limits = Limits()

    @classmethod
    def load(cls, path: Path) -> Profile:
        """Read a profile; raises ProfileError that lists every mistake at once."""
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError as error:
            remedy = "Write one (the README shows it), or name it with --profile."
            raise ProfileError("there is no profile", where=str(path), remedy=remedy) from error
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ProfileError(f"the profile cannot be read: {error}", where=str(path)) from error
        try:
            profile = cls.model_validate(content)
        except ValidationError as error:
            raise ProfileError(_mistakes(error), where=str(path)) from error
        problems = list(profile.problems())
        if problems:
            raise ProfileError("; ".join(problems), where=str(path))
        return profile

    def problems(self) -> list[str]:
        """What is wrong although every single value is right."""
        found = []
        for name, endpoint in self.endpoints.items():
            found += [f"endpoints.{name}: {problem}" for problem in endpoint.problems()]
            if endpoint.transport == "manual" and name != "sync":
                found.append(f'endpoints.{name}: transport "manual" is for the endpoint sync only')
        return found


def default_profile_path() -> Path:
    """The profile that is used where none is named."""
    return user_config_path("psbridge", appauthor=False) / "profile.toml"


def default_journal_path() -> Path:
    """The journal that is used where none is named: one for all operators on Windows, the user's own elsewhere."""
    folder = site_data_path if sys.platform == "win32" else user_data_path
    return folder("psbridge", appauthor=False) / "journal.db"


def _mistakes(error: ValidationError) -> str:
    lines = []
    for mistake in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in mistake["loc"]) or "the profile"
        lines.append(f"{place}: {mistake['msg']}")
    return "; ".join(lines)
