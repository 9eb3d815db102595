"""Where a WS-Man server is and who we are in; a connection of pypsrp to it out, which sends each request once.

pypsrp does HTTP, authentication, message encryption and envelopes. Three things are taken from it here: redirects are
not followed (the session, and perhaps the credentials, would go to another host), a refusal keeps its Retry-After, and
nothing is written to pypsrp's log, which would show every message in it.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pypsrp.wsman import WSMan

from psbridge.log import logger
from psbridge.transports.http_refusal import HttpRefusal, refuse
from psbridge.transports.wsman import EXCHANGE, WsmanEndpoint

__all__ = ["HttpRefusal", "connect", "options"]

# How long the server may hold a request before it answers, and how much longer we wait for that answer.
_OPERATION_SECONDS: Final = 20
_MARGIN_SECONDS: Final = 10
_CONNECT_SECONDS: Final = 15


def connect(endpoint: WsmanEndpoint) -> WSMan:
    """Make a connection; nothing is sent yet. Raises ImportError where the authentication is not installed."""
    logging.getLogger("pypsrp").setLevel(logging.CRITICAL + 1)
    if endpoint.secure and endpoint.verify is False:
        logger.warning("The certificate of {} is not verified: whoever answers there is believed", endpoint.host)
    given = options(endpoint)
    wsman = WSMan(**given)
    # The one private name of pypsrp in psbridge: its session is made with the first request otherwise, out of reach.
    session: Any = wsman.transport._build_session()  # noqa: SLF001 - as the comment says
    session.hooks = {"response": [refuse]}
    session.trust_env = False  # no .netrc: it would replace the authentication by certificate
    session.verify = given["cert_validation"]  # nor what the environment trusts
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
        "operation_timeout": _OPERATION_SECONDS,
        "connection_timeout": _CONNECT_SECONDS,
        "read_timeout": _OPERATION_SECONDS + _MARGIN_SECONDS,
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
