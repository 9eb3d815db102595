"""Where a WS-Man server is and who we are in; a connection of pypsrp to it out, which sends each request once.

pypsrp does HTTP, authentication, message encryption and envelopes. Three things are taken from it here: redirects are
not followed (the session, and perhaps the credentials, would go to another host), a refusal keeps its Retry-After, and
nothing is written to pypsrp's log, which would show every message in it.
"""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import requests
from pypsrp.wsman import WSMan

from psbridge.errors import InputError
from psbridge.psobject import SecureString

__all__ = ["AUTHENTICATIONS", "EXCHANGE", "Authentication", "HttpRefusal", "WsmanEndpoint", "connect", "options"]

Authentication = Literal["kerberos", "negotiate", "ntlm", "basic", "credssp", "certificate"]
AUTHENTICATIONS: Final[tuple[Authentication, ...]] = ("kerberos", "negotiate", "ntlm", "basic", "credssp", "certificate")
EXCHANGE: Final = "Microsoft.Exchange"

# How long the server may hold a request before it answers, and how much longer we wait for that answer.
OPERATION_SECONDS: Final = 20
_MARGIN_SECONDS: Final = 10
_CONNECT_SECONDS: Final = 15
_NEED_PASSWORD: Final = frozenset({"basic", "ntlm", "credssp"})
_NEED_TLS: Final = frozenset({"basic", "certificate"})
_REFUSALS: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class WsmanEndpoint:
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

    @property
    def host(self) -> str:
        """The server's name, as the uri has it."""
        return urlsplit(self.uri).hostname or ""

    @property
    def secure(self) -> bool:
        """Whether TLS protects the connection."""
        return urlsplit(self.uri).scheme == "https"

    def problems(self) -> list[str]:
        """What is wrong, a sentence each; empty if it can be tried."""
        found = []
        if not _is_uri(self.uri):
            found.append(f"{self.uri!r} is no address such as http://server.contoso.com/PowerShell/")
        if self.authentication not in AUTHENTICATIONS:
            found.append(f"authentication {self.authentication!r} is none of {', '.join(AUTHENTICATIONS)}")
        elif self.authentication in _NEED_TLS and not self.secure and not _is_loopback(self.host):
            found.append(f'authentication "{self.authentication}" needs an https uri; over http the password could be read')
        if self.authentication in _NEED_PASSWORD and not (self.username and self.password):
            found.append(f'authentication "{self.authentication}" needs username and password')
        if self.authentication == "certificate" and not (self.certificate and self.certificate_key):
            found.append('authentication "certificate" needs certificate and certificate_key')
        if self.password and not self.username:
            found.append("a password without a username is of no use")
        if self.spn is not None and not all(self.spn.partition("/")):
            found.append(f"spn {self.spn!r} is no service principal name such as HTTP/mail.contoso.com")
        return found


class HttpRefusal(Exception):
    """The HTTP server answered in the place of WS-Management: 429, 503, or a redirect, which is not followed."""

    def __init__(self, status: int, text: str, retry_after: float | None = None, location: str = "") -> None:
        self.status, self.text, self.retry_after, self.location = status, text, retry_after, location
        super().__init__(f"HTTP {status}")


def connect(endpoint: WsmanEndpoint) -> WSMan:
    """Make a connection; nothing is sent yet. Raises ImportError where the authentication is not installed."""
    logging.getLogger("pypsrp").setLevel(logging.CRITICAL + 1)
    wsman = WSMan(**options(endpoint))
    # The one private name of pypsrp in psbridge: its session is made with the first request otherwise, out of reach.
    session: Any = wsman.transport._build_session()  # noqa: SLF001 - as the comment says
    session.hooks = {"response": [_refuse]}
    session.trust_env = False  # no .netrc: it would replace the authentication by certificate
    wsman.transport.session = session
    return wsman


def options(endpoint: WsmanEndpoint) -> dict[str, Any]:
    """What pypsrp's WSMan is given."""
    parts = urlsplit(endpoint.uri)
    path = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    service, name = _principal(endpoint)
    found: dict[str, Any] = {
        "server": endpoint.host,
        "port": parts.port or (443 if endpoint.secure else 80),
        "ssl": endpoint.secure,
        "path": path,
        "auth": endpoint.authentication,
        "username": endpoint.username,
        "password": endpoint.password.plain if endpoint.password else None,
        "cert_validation": str(endpoint.verify) if isinstance(endpoint.verify, Path) else endpoint.verify,
        # TLS protects what goes through it. Without it the messages are sealed; Basic has no seal: loopback only.
        "encryption": "never" if endpoint.authentication == "basic" else "auto",
        "proxy": endpoint.proxy,
        "no_proxy": endpoint.proxy is None,
        "operation_timeout": OPERATION_SECONDS,
        "connection_timeout": _CONNECT_SECONDS,
        "read_timeout": OPERATION_SECONDS + _MARGIN_SECONDS,
        "reconnection_retries": 0,
        "negotiate_service": service,
        "negotiate_hostname_override": name,
    }
    if endpoint.authentication == "certificate":
        found["certificate_pem"] = str(endpoint.certificate)
        found["certificate_key_pem"] = str(endpoint.certificate_key)
        found["certificate_key_password"] = endpoint.certificate_key_password.plain if endpoint.certificate_key_password else None
    return found


def _principal(endpoint: WsmanEndpoint) -> tuple[str, str | None]:
    if endpoint.spn:
        service, _, name = endpoint.spn.partition("/")
        return service, name
    return ("HTTP" if endpoint.configuration == EXCHANGE else "host"), None


def _refuse(response: requests.Response, *_: object, **__: object) -> None:
    if response.is_redirect or response.status_code in _REFUSALS:
        raise HttpRefusal(
            response.status_code,
            response.text,
            _seconds(response.headers.get("Retry-After", ""), response.headers.get("Date", "")),
            response.headers.get("Location", ""),
        )


def _seconds(retry_after: str, date: str) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3): a number, or a date, which is counted from the server's own."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError):
        return None


def _is_uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not parts.username
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
