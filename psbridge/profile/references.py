"""The text of a reference in, what it refers to out. A reference may stand in a profile; the secret itself never does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from psbridge.errors import ProfileError

__all__ = ["FORMS", "Reference"]

FORMS: Final = "keyring:SERVICE/USER or environment:NAME"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret is kept: a variable of the environment by its name, or `service` and `name` in the keyring."""

    kind: Literal["environment", "keyring"]
    name: str
    service: str = ""

    @classmethod
    def of(cls, text: str) -> Reference:
        """Read `keyring:SERVICE/USER` or `environment:NAME`. Raises ProfileError, which does not show the text."""
        kind, _, name = text.partition(":")
        if kind == "environment" and name:
            return cls("environment", name)
        service, _, user = name.partition("/")
        if kind == "keyring" and service and user and "/" not in user:
            return cls("keyring", user, service)
        # What stands there may be the secret itself, so it is not shown.
        raise ProfileError("what stands there is no reference to a secret", remedy=f"Write {FORMS}.")
