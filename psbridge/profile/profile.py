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

A parameter that is a secret is written as `{ secret = "keyring:SERVICE/USER" }` or `{ secret = "environment:NAME" }`. What can
be wrong about the text of a profile is in `mistakes`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, ValidationError

from psbridge.errors import ProfileError
from psbridge.profile.endpoint import EndpointName, EndpointProfile, Strict
from psbridge.profile.lines import lines_of
from psbridge.profile.mistakes import Mistake, mistakes_in, told
from psbridge.profile.places import profile_files
from psbridge.profile.syntax import syntax_mistakes
from psbridge.small_file import read_small

__all__ = ["Limits", "Profile"]


class Limits(Strict):
    """What everybody who carries runs on in a journal keeps to, all together, in one tenant: commands, workers, programs.

    - `sessions`: open at most at one endpoint at the same time.
    - `calls_per_minute`: sent at most to one endpoint. The last looks before a destructive step, and the step, do not wait for
      one another: their turns are counted together.
    - `destructive_per_hour`: steps that cannot be taken back.
    - `stop_after_failures`: so many failed runs, and nothing destructive goes on before somebody has looked.
      Only a journal in PostgreSQL holds it; a file holds the others.
    """

    sessions: dict[EndpointName, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    calls_per_minute: dict[EndpointName, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    destructive_per_hour: Annotated[int | None, Field(ge=1)] = None
    stop_after_failures: Annotated[int | None, Field(ge=1)] = None


class Approvals(Strict):
    """How destructive steps are approved in one tenant.

    - `yes`: whether `--yes` may approve. False: each approval is given by somebody who was shown it.
    - `wait_days`: how long a run waits to be approved before it asks its operator.
    """

    yes: StrictBool = True
    wait_days: Annotated[float, Field(gt=0, le=365)] = 7.0


class Profile(Strict):
    """One tenant and its endpoints. `dialect` is how its directory is spoken to: it fills a playbook's input of that name."""

    tenant: str = ""
    dialect: Literal["msonline", "graph", "entra"] = "msonline"
    journal: Annotated[str | None, Field(description="a file, or the address of a PostgreSQL database")] = None
    endpoints: dict[EndpointName, EndpointProfile]
    approvals: Approvals = Approvals()
    limits: Limits = Limits()

    @classmethod
    def load(cls, path: Path) -> Profile:
        """Read a profile; raises ProfileError that lists every mistake at once, each with its line."""
        try:
            text = read_small(path)
        except FileNotFoundError as error:
            raise ProfileError("there is no profile", where=str(path), remedy=_remedy()) from error
        except OSError as error:
            raise ProfileError(f"the profile cannot be read: {error.strerror or error}", where=str(path)) from error
        except UnicodeDecodeError as error:
            remedy = "Save it as UTF-8: `>` in Windows PowerShell 5.1 writes UTF-16."
            raise ProfileError("the profile is no text in UTF-8", where=str(path), remedy=remedy) from error
        return cls.read(text, str(path))

    @classmethod
    def read(cls, text: str, where: str) -> Profile:
        """The profile in a text; `where` is what errors call it. Raises ProfileError as `load` does."""
        try:
            if mistakes := syntax_mistakes(text):
                raise _error(where, mistakes)
            content = tomllib.loads(text)
        except RecursionError as error:
            raise ProfileError("its values are nested too deep", where=where) from error
        profile, errors = cls._validated(content)
        if mistakes := mistakes_in(content, lines_of(text), errors):
            raise _error(where, mistakes)
        if profile is None:
            raise ProfileError("the profile cannot be used", where=where)
        return profile

    @classmethod
    def _validated(cls, content: dict[str, Any]) -> tuple[Profile | None, list[Any]]:
        try:
            return cls.model_validate(content), []
        except ValidationError as error:
            return None, list(error.errors(include_url=False, include_input=False))


def _error(where: str, mistakes: list[Mistake]) -> ProfileError:
    if len(mistakes) == 1:
        return ProfileError(str(mistakes[0]), where=f"{where}, line {mistakes[0].line}")
    return ProfileError(told(mistakes), where=where)


def _remedy() -> str:
    others = ", ".join(str(path) for path in profile_files())
    there = f" There are: {others}." if others else ""
    return f"Write one with psbridge init, or name another one with --profile.{there}"
