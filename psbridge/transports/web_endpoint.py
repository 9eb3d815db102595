"""What is the same of every server that is reached over http: its host, and what cannot work about an address and a sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from psbridge.psobject import SecureString
from psbridge.transports.address import holds_user, is_address, is_loopback, shown

__all__ = ["WebEndpoint"]


class WebEndpoint:
    """The part of an endpoint's data that the transports over http share; a subclass is a dataclass with these fields.

    `example`: an address for people. `ways`: the authentications that it knows. `with_password`, `over_tls`: those of them
    that need a password, and those over which all could be read without TLS.
    """

    __slots__ = ()

    uri: str
    username: str | None
    password: SecureString | None
    certificate: Path | None
    certificate_key: Path | None
    proxy: str | None

    example: ClassVar[str]
    ways: ClassVar[tuple[str, ...]]
    with_password: ClassVar[frozenset[str]] = frozenset({"basic", "ntlm", "credssp"})
    over_tls: ClassVar[frozenset[str]] = frozenset({"basic", "certificate"})

    @property
    def host(self) -> str:
        """The server's name, as the uri has it."""
        return urlsplit(self.uri).hostname or ""

    @property
    def secure(self) -> bool:
        """Whether TLS protects the connection."""
        return urlsplit(self.uri).scheme == "https"

    def _mistakes(self, way: str) -> Iterator[str]:
        """What is wrong about the address and this way to sign in, a sentence each."""
        if not is_address(self.uri):
            yield f"{shown(self.uri)!r} is no address such as {self.example}, without a user"
        if self.proxy and holds_user(self.proxy):
            yield f"the proxy {shown(self.proxy)!r} has a user in front of it: a profile holds no secrets"
        if way not in self.ways:
            yield f"authentication {way!r} is none of {', '.join(self.ways)}"
        elif way in self.over_tls and not self.secure and not is_loopback(self.host):
            yield f'authentication "{way}" needs an https uri; over http everything could be read'
        if way in self.with_password and not (self.username and self.password and self.password.plain):
            yield f'authentication "{way}" needs username and password'
        if way == "certificate" and not (self.certificate and self.certificate_key):
            yield 'authentication "certificate" needs certificate and certificate_key'
