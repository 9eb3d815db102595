"""Where a WinRM server is and how we sign in there, as data; what cannot work is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from psbridge.errors import InputError
from psbridge.psobject import SecureString
from psbridge.transports.address import holds_user, is_address, is_loopback, shown

__all__ = ["AUTHENTICATIONS", "WinRmAuthentication", "WinRmEndpoint"]

WinRmAuthentication = Literal["kerberos", "ntlm", "basic", "credssp", "certificate"]
AUTHENTICATIONS: Final[tuple[WinRmAuthentication, ...]] = ("kerberos", "ntlm", "basic", "credssp", "certificate")

_NEED_PASSWORD: Final = frozenset({"ntlm", "basic", "credssp"})
_NEED_TLS: Final = frozenset({"basic", "certificate"})
_CAN_ENCRYPT: Final = frozenset({"kerberos", "ntlm", "credssp"})


@dataclass(frozen=True, slots=True)
class WinRmEndpoint:
    """A WinRM server and how we sign in. Raises InputError for what cannot work.

    - `uri`: such as `http://server.contoso.com:5985/wsman`; pywinrm adds no port.
    - `username`, `password`: Kerberos takes the ticket of whoever runs this, and needs neither.
    - `verify`: whether the server's certificate must be trusted, or a file with the certificates to trust.
    - `certificate`, `certificate_key`: PEM files, for authentication by certificate; the key without a password.
    - `proxy`: the proxy's URL; without it no proxy is used.
    """

    uri: str
    authentication: WinRmAuthentication = "kerberos"
    username: str | None = None
    password: SecureString | None = None
    verify: bool | Path = True
    certificate: Path | None = None
    certificate_key: Path | None = None
    proxy: str | None = None

    def __post_init__(self) -> None:
        if problems := self.problems():
            raise InputError("; ".join(problems))

    @property
    def host(self) -> str:
        """The server's name, as the uri has it."""
        return urlsplit(self.uri).hostname or ""

    @property
    def secure(self) -> bool:
        """Whether TLS protects the connection."""
        return urlsplit(self.uri).scheme == "https"

    @property
    def encrypts(self) -> bool:
        """Whether the messages themselves are encrypted: over http, and with what can do it."""
        return self.authentication in _CAN_ENCRYPT and not self.secure

    def problems(self) -> list[str]:
        """What is wrong, a sentence each; empty if it can be tried."""
        found = []
        way = self.authentication
        if not is_address(self.uri):
            found.append(f"{shown(self.uri)!r} is no address such as http://server.contoso.com:5985/wsman, without a user")
        if self.proxy and holds_user(self.proxy):
            found.append(f"the proxy {shown(self.proxy)!r} has a user in front of it: a profile holds no secrets")
        if way not in AUTHENTICATIONS:
            found.append(f"authentication {way!r} is none of {', '.join(AUTHENTICATIONS)}")
        elif way in _NEED_TLS and not self.secure and not is_loopback(self.host):
            found.append(f'authentication "{way}" needs an https uri; over http everything could be read')
        if way in _NEED_PASSWORD and not (self.username and self.password and self.password.plain):
            found.append(f'authentication "{way}" needs username and password')
        if way == "kerberos" and self.password:
            found.append('authentication "kerberos" takes the ticket of whoever runs this (kinit), not a password')
        if way == "certificate" and not (self.certificate and self.certificate_key):
            found.append('authentication "certificate" needs certificate and certificate_key')
        return found
