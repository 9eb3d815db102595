"""A keyring for processes that a test starts: it knows the one secret that an environment variable names (PSBRIDGE_PLANTED)."""

from __future__ import annotations

import os

from keyring.backend import KeyringBackend

__all__ = ["Planted"]


class Planted(KeyringBackend):
    """Gives the planted secret to whoever asks."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return os.environ.get("PSBRIDGE_PLANTED")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError
