"""A reference to a secret in, the secret out: from the operating system's keyring or the environment, never from a file.

A reference is `keyring:SERVICE/USER` or `environment:NAME`. It may stand in a profile; the secret never does.
"""

from __future__ import annotations

import os

from psbridge.errors import ProfileError
from psbridge.profile import Reference
from psbridge.psobject import SecureString

__all__ = ["secret"]


def secret(reference: str) -> SecureString:
    """Fetch the secret that `reference` names, as a SecureString. Raises ProfileError, which never shows a secret."""
    kept = Reference.of(reference)
    if kept.kind == "environment":
        value = os.environ.get(kept.name)
        remedy = f"Set the environment variable {kept.name} for this process."
    else:
        value = _from_keyring(kept.service, kept.name)
        remedy = f"Store it once with: python -m keyring set {kept.service} {kept.name}"
    if not value:
        raise ProfileError(f"the secret {reference!r} is not there", remedy=remedy)
    return SecureString.of(value)


def _from_keyring(service: str, user: str) -> str | None:
    # It looks for every keyring that is installed; a profile without such a reference need not wait for that.
    import keyring  # noqa: PLC0415 - see above
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        return keyring.get_password(service, user)
    except KeyringError as error:
        raise ProfileError("the operating system's keyring cannot be used", remedy=f"Its answer: {error}") from error
