"""A reference to a secret in, the secret out: from the operating system's keyring or the environment, never from a file.

A reference is `keyring:SERVICE/USER` or `environment:NAME`. It may stand in a profile; the secret never does.
"""

from __future__ import annotations

import os
from typing import Final

import keyring
from keyring.errors import KeyringError

from psbridge.errors import ProfileError
from psbridge.psobject import SecureString

__all__ = ["secret"]

_FORMS: Final = "keyring:SERVICE/USER or environment:NAME"


def secret(reference: str) -> SecureString:
    """Fetch the secret that `reference` names, as a SecureString. Raises ProfileError, which never shows a secret."""
    kind, _, name = reference.partition(":")
    if kind == "environment" and name:
        value = os.environ.get(name)
        remedy = f"Set the environment variable {name} for this process."
    elif kind == "keyring" and name.count("/") == 1 and all(name.split("/")):
        service, user = name.split("/")
        value = _from_keyring(service, user)
        remedy = f"Store it once with: python -m keyring set {service} {user}"
    else:
        # What stands there may be the secret itself, so it is not shown.
        raise ProfileError("what stands there is no reference to a secret", remedy=f"Write {_FORMS}.")
    if not value:
        raise ProfileError(f"the secret {reference!r} is not there", remedy=remedy)
    return SecureString.of(value)


def _from_keyring(service: str, user: str) -> str | None:
    try:
        return keyring.get_password(service, user)
    except KeyringError as error:
        raise ProfileError("the operating system's keyring cannot be used", remedy=f"Its answer: {error}") from error
