"""A WinRM endpoint in; the options of pywinrm, and a connection of it, out.

Four things are not left to pywinrm's defaults: nothing of the environment is used (proxy, certificates, .netrc), redirects
are not followed (the session, and perhaps the credentials, would go to another host), a refusal keeps its Retry-After, and
over http what NTLM, Kerberos and CredSSP can encrypt is encrypted.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from winrm.exceptions import WinRMError
from winrm.protocol import Protocol

from psbridge.errors import ProfileError
from psbridge.transports.http_refusal import refuse
from psbridge.transports.winrm_endpoint import WinRmEndpoint

__all__ = ["connect", "options"]

# How long the server may hold a request before it answers, and how much longer we wait for that answer.
_OPERATION_SECONDS: Final = 20
_MARGIN_SECONDS: Final = 10
# What these need beside pywinrm: the module, and how it is installed.
_EXTRAS: Final = {
    "kerberos": ("winrm.vendor.requests_kerberos", "pywinrm[kerberos]"),
    "credssp": ("requests_credssp", "pywinrm[credssp]"),
}


def options(endpoint: WinRmEndpoint) -> dict[str, Any]:
    """The arguments of pywinrm's Protocol."""
    return {
        "endpoint": endpoint.uri,
        "transport": endpoint.authentication,
        "username": endpoint.username,
        "password": endpoint.password.plain if endpoint.password else None,
        "server_cert_validation": "validate" if endpoint.verify else "ignore",
        "ca_trust_path": str(endpoint.verify) if isinstance(endpoint.verify, Path) else None,
        "cert_pem": str(endpoint.certificate) if endpoint.certificate else None,
        "cert_key_pem": str(endpoint.certificate_key) if endpoint.certificate_key else None,
        "message_encryption": "never",  # `connect` turns it on, once the session follows no redirects
        "operation_timeout_sec": _OPERATION_SECONDS,
        "read_timeout_sec": _OPERATION_SECONDS + _MARGIN_SECONDS,
        "proxy": endpoint.proxy,
    }


def connect(endpoint: WinRmEndpoint, name: str = "") -> Protocol:
    """Make a connection. Nothing is sent but where messages are encrypted: there the two sides agree upon the keys first.

    `name` is the endpoint's in messages. Raises ProfileError, and whatever pywinrm and requests raise when they send.
    """
    try:
        protocol = Protocol(**options(endpoint))
        if endpoint.authentication in _EXTRAS:  # pywinrm would tell only when it sends
            import_module(_EXTRAS[endpoint.authentication][0])
    except (WinRMError, ImportError) as error:
        extra = _EXTRAS.get(endpoint.authentication)
        remedy = f"Install it with: python -m pip install {extra[1]}" if extra else "Mend it in the profile."
        raise ProfileError(str(error), where=f"endpoints.{name}" if name else "", remedy=remedy) from error
    session = protocol.transport.build_session()
    session.hooks["response"] = [refuse]
    session.trust_env = False  # a .netrc would take the place of the authentication by certificate
    if endpoint.encrypts:
        protocol.transport.setup_encryption(session)
    return protocol
