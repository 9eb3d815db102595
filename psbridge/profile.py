"""A TOML profile in, the description of every endpoint out.

```toml
tenant = "contoso.onmicrosoft.com"

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
from pathlib import Path
from typing import Annotated, Final, Literal

from platformdirs import site_data_path, user_config_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from psbridge.errors import ProfileError

__all__ = ["ENDPOINTS", "ConnectCommand", "EndpointProfile", "Profile", "default_journal_path", "default_profile_path"]

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

    `process` starts a PowerShell on this machine; `manual` (for `sync` only) asks the operator and looks for the effect.
    """

    transport: Literal["process", "manual"]
    command: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    connect: tuple[ConnectCommand, ...] = ()
    deadline: Annotated[float, Field(gt=0, description="seconds for one call")] = 900.0


class Profile(_Strict):
    """One tenant and its endpoints."""

    tenant: str = ""
    dialect: Literal["msonline"] = "msonline"
    journal: Path | None = None
    endpoints: dict[Literal["onprem", "exo", "directory", "sync"], EndpointProfile]

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
            if endpoint.transport == "process" and not endpoint.command:
                found.append(f'endpoints.{name}: transport "process" needs a command, such as ["pwsh"]')
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
