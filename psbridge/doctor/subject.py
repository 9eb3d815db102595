"""One endpoint under examination: where it is, and a session to it that is opened once and shared by the checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from psbridge.command import Pipeline
from psbridge.credentials import secret
from psbridge.endpoints import transport_for
from psbridge.errors import TransportError
from psbridge.profile import EndpointProfile, Profile, SecretReference
from psbridge.psobject import SecureString
from psbridge.session import Result
from psbridge.transports.base import Transport

__all__ = ["Subject"]

# Seconds for one look: what takes longer is a finding of its own.
_PATIENCE: Final = 60.0
# A shorter secret is found in ordinary words, and is none.
_LEAST: Final = 4


@dataclass
class Subject:
    """An endpoint of a profile. `error` is why no session could be opened; `state` is what the session says of itself.

    `refused`: the accounts, each with the reference to its password, that a server refused; all endpoints of one examination
    share it. `try_sessions`: whether as many sessions may be opened as the profile allows.
    """

    name: str
    profile: Profile
    error: TransportError | None = None
    state: tuple[str, str, str] | None = None
    refused: set[tuple[str, str]] = field(default_factory=set)
    try_sessions: bool = False
    _transport: Transport | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> EndpointProfile:
        """What the profile says of it."""
        return next(described for known, described in self.profile.endpoints.items() if known == self.name)

    @property
    def uri(self) -> str:
        """The address of a server that is reached over http."""
        endpoint = self.endpoint
        return endpoint.uri if endpoint.transport == "winrm" else endpoint.wsman(SecureString.of).uri

    @property
    def host(self) -> str:
        """The server's name."""
        return urlsplit(self.uri).hostname or ""

    @property
    def secure(self) -> bool:
        """Whether TLS protects the connection."""
        return urlsplit(self.uri).scheme == "https"

    @property
    def first_hop(self) -> tuple[str, int]:
        """The host and the port that are really connected to: the server's, or the proxy's."""
        parts = urlsplit(self.endpoint.proxy or self.uri)
        return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def account(self) -> tuple[str, str] | None:
        """Who signs in with a password, and the reference to it; None where no password is sent."""
        endpoint = self.endpoint
        if not endpoint.username or endpoint.password is None or endpoint.authentication == "certificate":
            return None
        return endpoint.username.casefold(), endpoint.password.secret

    def references(self) -> list[str]:
        """The references to every secret that the endpoint needs."""
        endpoint = self.endpoint
        own = [endpoint.password, endpoint.certificate_key_password]
        given = [value for command in endpoint.connect for value in command.parameters.values()]
        return [value.secret for value in (*own, *given) if isinstance(value, SecretReference)]

    def open(self, *, connect: bool) -> None:
        """Open a session, with or without the connection commands, in place of the one there is. Raises TransportError."""
        self.close()
        self._transport = self.another(connect=connect)
        self._transport.open()

    def another(self, *, connect: bool) -> Transport:
        """A further way to it that is not open yet. Raises ProfileError where a secret is not there."""
        endpoint = self.endpoint if connect else self.endpoint.model_copy(update={"connect": ()})
        return transport_for(self.name, endpoint)

    def ask(self, pipeline: Pipeline) -> Result:
        """Run a pipeline that only reads. Raises TransportError and ClixmlError."""
        if self._transport is None:
            self.open(connect=True)
        transport = self._transport
        assert transport is not None
        return Result.of(transport.run(pipeline, deadline=min(self.endpoint.deadline, _PATIENCE)))

    def close(self) -> None:
        """End the session; a second call does nothing."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def hiding(self) -> Callable[[str], str]:
        """What takes the endpoint's secrets out of a text: a far end may repeat what it was told."""
        fetched = (secret(reference).plain for reference in self.references() if _is_there(reference))
        known = sorted({plain for plain in fetched if plain and len(plain) >= _LEAST}, key=len, reverse=True)

        def hide(text: str) -> str:
            for plain in known:
                text = text.replace(plain, "********")
            return text

        return hide


def _is_there(reference: str) -> bool:
    try:
        secret(reference)
    except Exception:  # noqa: BLE001 - a keyring may raise anything, and the check of the secrets tells it
        return False
    return True
