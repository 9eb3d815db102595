"""Where a WS-Man server is and who we are in; the same out, checked: what cannot work is refused before it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Literal

from psbridge.errors import InputError
from psbridge.psobject import SecureString
from psbridge.transports.web_endpoint import WebEndpoint

__all__ = ["AUTHENTICATIONS", "EXCHANGE", "Authentication", "WsmanEndpoint"]

Authentication = Literal["kerberos", "negotiate", "ntlm", "basic", "credssp", "certificate"]
AUTHENTICATIONS: Final[tuple[Authentication, ...]] = ("kerberos", "negotiate", "ntlm", "basic", "credssp", "certificate")
EXCHANGE: Final = "Microsoft.Exchange"


@dataclass(frozen=True, slots=True)
class WsmanEndpoint(WebEndpoint):
    """A WS-Man server, the session configuration there, and how we sign in. Raises InputError for what cannot work.

    - `uri`: such as `http://server/PowerShell/`. Without a port it is 80 or 443, as PowerShell's -ConnectionUri has it.
    - `username`, `password`: Kerberos and Negotiate can do without (the ticket of whoever runs this, or on Windows the
      account itself).
    - `verify`: whether the server's certificate must be trusted (True), or a file with the certificates to trust.
    - `certificate`, `certificate_key`, `certificate_key_password`: PEM files, for authentication by certificate.
    - `spn`: the service principal name to ask Kerberos for, such as `HTTP/mail.contoso.com`. Default: HTTP on the host of
      the uri for Exchange (IIS, and the alternate service account of a load-balanced name), host/ elsewhere.
    - `proxy`: the proxy's URL; without it no proxy is used, whatever the environment says, as PowerShell does it.
    - `max_envelope_size`: bytes of one SOAP message (None: 153,600, and 512,000 once the server says that it is newer).
    """

    example: ClassVar[str] = "http://server.contoso.com/PowerShell/"
    ways: ClassVar[tuple[str, ...]] = AUTHENTICATIONS

    uri: str
    configuration: str = EXCHANGE
    authentication: Authentication = "kerberos"
    username: str | None = None
    password: SecureString | None = None
    verify: bool | Path = True
    certificate: Path | None = None
    certificate_key: Path | None = None
    certificate_key_password: SecureString | None = None
    spn: str | None = None
    proxy: str | None = None
    max_envelope_size: int | None = None

    def __post_init__(self) -> None:
        if problems := list(self.problems()):
            raise InputError("; ".join(problems))

    def problems(self) -> list[str]:
        """What is wrong, a sentence each; empty if it can be tried."""
        found = list(self._mistakes(self.authentication))
        if self.password and not self.username:
            found.append("a password without a username is of no use")
        if self.spn is not None and not all(self.spn.partition("/")):
            found.append(f"spn {self.spn!r} is no service principal name such as HTTP/mail.contoso.com")
        return found
