"""Where a WinRM server is and how we sign in there, as data; what cannot work is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Literal

from psbridge.errors import InputError
from psbridge.psobject import SecureString
from psbridge.transports.web_endpoint import WebEndpoint

__all__ = ["AUTHENTICATIONS", "WinRmAuthentication", "WinRmEndpoint"]

WinRmAuthentication = Literal["kerberos", "ntlm", "basic", "credssp", "certificate"]
AUTHENTICATIONS: Final[tuple[WinRmAuthentication, ...]] = ("kerberos", "ntlm", "basic", "credssp", "certificate")

_CAN_ENCRYPT: Final = frozenset({"kerberos", "ntlm", "credssp"})


@dataclass(frozen=True, slots=True)
class WinRmEndpoint(WebEndpoint):
    """A WinRM server and how we sign in. Raises InputError for what cannot work.

    - `uri`: such as `http://server.contoso.com:5985/wsman`; pywinrm adds no port.
    - `username`, `password`: Kerberos takes the ticket of whoever runs this, and needs neither.
    - `verify`: whether the server's certificate must be trusted, or a file with the certificates to trust.
    - `certificate`, `certificate_key`: PEM files, for authentication by certificate; the key without a password.
    - `proxy`: the proxy's URL; without it no proxy is used.
    """

    example: ClassVar[str] = "http://server.contoso.com:5985/wsman"
    ways: ClassVar[tuple[str, ...]] = AUTHENTICATIONS

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
    def encrypts(self) -> bool:
        """Whether the messages themselves are encrypted: over http, and with what can do it."""
        return self.authentication in _CAN_ENCRYPT and not self.secure

    def problems(self) -> list[str]:
        """What is wrong, a sentence each; empty if it can be tried."""
        found = list(self._mistakes(self.authentication))
        if self.authentication == "kerberos" and self.password:
            found.append('authentication "kerberos" takes the ticket of whoever runs this (kinit), not a password')
        return found
