"""From the name in a uri to the first answer: resolution, port, TLS, ways to sign in, clock. Nobody signs in here."""

from __future__ import annotations

import re
import socket
import ssl
import warnings
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import requests
from cryptography import x509
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from psbridge.clock import SystemClock
from psbridge.doctor.finding import Seen, failed, ok, skipped, warning
from psbridge.doctor.subject import Subject
from psbridge.transports.faults import ROWS, judge
from psbridge.transports.faults import Seen as Fault
from psbridge.transports.wsman import EXCHANGE

__all__ = ["clock", "name_resolution", "port", "tls", "ways_to_sign_in"]

_SECONDS: Final = 10.0
_FEW_DAYS: Final = 30
# What Windows and MIT Kerberos allow between two clocks unless they are told otherwise.
_SKEW: Final = timedelta(minutes=5)
_NETWORK: Final = next(row for row in ROWS if row.name == "unreachable")
_CERTIFICATE: Final = next(row for row in ROWS if row.name == "certificate")
# X509_V_ERR_..., of OpenSSL's x509_vfy.h: what is wrong, and what to do.
_VERIFY_ERRORS: Final = {
    9: ("its certificate is not valid yet", "Set the clocks of both machines right."),
    10: ("its certificate has expired", "Renew the certificate at the server and bind it to the site."),
    18: ("its certificate is signed by itself", "Name the certificate, as a PEM file, in verify."),
    19: ("an authority signed it that is not trusted here", "Name that authority's certificate, as a PEM file, in verify."),
    20: ("an authority signed it that is not trusted here", "Name that authority's certificate, as a PEM file, in verify."),
    21: (
        "the chain to its authority is not complete",
        "Let the server send its intermediate certificates, or name them in verify.",
    ),
    62: ("its certificate is for another name", "Write one of those names as the host of uri."),
    64: ("its certificate is for another address", "Write one of its names as the host of uri."),
}


def name_resolution(subject: Subject) -> Seen:
    """Whether the name leads to an address."""
    host, number = subject.first_hop
    behind = f" (the proxy; it resolves {subject.host} itself)" if subject.endpoint.proxy else ""
    try:
        answers = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is no name"
        cause = f"No name server that this machine asks knows it, or none answers: {reason}."
        return failed(f"{host} has no address{behind}", cause, "Check the name in the profile, and this machine's DNS settings.")
    addresses = sorted({str(answer[4][0]) for answer in answers})
    found = f"{host} is {', '.join(addresses)}{behind}"
    if subject.endpoint.authentication == "kerberos" and host in addresses:
        cause = "Kerberos asks for a ticket by the server's name, and an address has none."
        return warning(found, cause, "Write the server's full name in the profile.")
    return ok(found)


def port(subject: Subject) -> Seen:
    """Whether something listens there."""
    host, number = subject.first_hop
    try:
        socket.create_connection((host, number), _SECONDS).close()
    except TimeoutError:
        cause = "A firewall drops what is sent there, or the machine is off."
        return failed(f"{host}:{number} did not answer in {_SECONDS:g} s", cause, f"{_NETWORK.remedy} {_usual(subject)}")
    except OSError as error:
        cause = "The machine is there, and nothing listens on this port, or a firewall refuses."
        reason = error.strerror or "no connection"
        return failed(f"{host}:{number}: {reason}", cause, f"{_NETWORK.remedy} {_usual(subject)}")
    return ok(f"{host}:{number} takes connections{' (the proxy)' if subject.endpoint.proxy else ''}")


def _usual(subject: Subject) -> str:
    if subject.endpoint.transport == "psrp" and subject.endpoint.configuration == EXCHANGE:
        return "Exchange listens on port 80 (http) or 443 (https), path /PowerShell/."
    return "WinRM listens on port 5985 (http) or 5986 (https), path /wsman, once `Enable-PSRemoting` was run there."


def tls(subject: Subject) -> Seen:
    """Whose certificate it is, how long it is valid, and whether it is trusted as the profile says."""
    if not subject.secure:
        return _without_tls(subject)
    if subject.endpoint.proxy:
        return skipped("it is spoken through the proxy: the sign-in will show it")
    try:
        certificate = _presented(subject)
    except (OSError, ValueError) as error:  # a certificate may be one that cannot be read
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "the connection ended"
        cause = "What answers there may speak plain http."
        return failed(f"no TLS with {subject.host}: {reason}", cause, "Check the port, or write http.")
    until = certificate.not_valid_after_utc
    found = f"a certificate for {', '.join(_names(certificate)) or 'no name'}, valid until {until:%Y-%m-%d}"
    if subject.endpoint.verify is False:
        cause = "verify is false: whoever answers is believed."
        return warning(f"{found}; it is not verified", cause, "Name its authority, as a PEM file, in verify.")
    return _verified(subject, found) or _not_long(found, (until - _now()).days)


def _verified(subject: Subject, found: str) -> Seen | None:
    """What is wrong about the certificate; None where it is trusted."""
    try:
        _shake_hands(subject, _context(subject.endpoint.verify)).close()
    except ssl.SSLCertVerificationError as error:
        cause, remedy = _VERIFY_ERRORS.get(error.verify_code, (error.verify_message, _CERTIFICATE.remedy))
        return failed(found, f"{cause[0].upper()}{cause[1:]}.", remedy)
    except OSError as error:
        row = next(row for row in ROWS if row.name == "local-file")
        return failed(f"{found}; {error.strerror or error}", row.problem, row.remedy)
    return None


def _not_long(found: str, days: int) -> Seen:
    if days >= _FEW_DAYS:
        return ok(f"{found}; trusted")
    return warning(f"{found}: {days} days are left", "Nobody has renewed it yet.", "Renew it at the server before that day.")


def _without_tls(subject: Subject) -> Seen:
    if subject.endpoint.authentication == "basic":
        found = "none, and Basic encrypts nothing"
        return warning(found, "Everything could be read on the way; on this machine alone nobody does.", "Write https elsewhere.")
    return ok(f"none: over http the sign-in ({subject.endpoint.authentication}) encrypts the messages")


def _presented(subject: Subject) -> x509.Certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is looked at, and nothing is sent
    with _shake_hands(subject, context) as connection:
        return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")


def _context(verify: bool | Path) -> ssl.SSLContext:  # noqa: FBT001 - as the profile has it
    """What trusts as the transports do: the authorities that requests comes with, or those of a file."""
    trusted = str(verify) if isinstance(verify, Path) else DEFAULT_CA_BUNDLE_PATH
    if Path(trusted).is_dir():
        return ssl.create_default_context(capath=trusted)
    return ssl.create_default_context(cafile=trusted)


def _shake_hands(subject: Subject, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection(subject.first_hop, _SECONDS)
    try:
        return context.wrap_socket(plain, server_hostname=subject.host)
    except BaseException:
        plain.close()
        raise


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    except (ValueError, x509.DuplicateExtension):  # OpenSSL judges it all the same
        return ["names that cannot be read"]
    others = extension.value.get_values_for_type(x509.IPAddress)
    return [*extension.value.get_values_for_type(x509.DNSName), *map(str, others)]


_FORBIDDEN: Final = 403
# The schemes of WWW-Authenticate that each way to sign in can use.
_SCHEMES: Final = {
    "kerberos": ("Kerberos", "Negotiate"),
    "negotiate": ("Negotiate",),
    "ntlm": ("Negotiate", "NTLM"),
    "basic": ("Basic",),
    "credssp": ("CredSSP",),
}


def ways_to_sign_in(subject: Subject) -> Seen:
    """What the server answers to a request without a sign-in: the ways that it offers, or that it is no such server."""
    try:
        answer = _answer(subject)
    except requests.RequestException as error:
        row = judge(Fault((error,)))
        return failed(f"no answer over http: {row.problem}", f"It lies with {row.whose}.", row.remedy)
    if answer.status_code == _FORBIDDEN and subject.endpoint.authentication == "certificate":
        found = f"HTTP {_FORBIDDEN} without a certificate"
        return warning(found, "A server that demands a client certificate answers so.", "Nothing, if the sign-in below is well.")
    if answer.status_code not in (200, 401):
        row = judge(Fault((), answer.status_code))
        seen = warning if row.name in ("throttled", "unavailable") else failed
        return seen(f"HTTP {answer.status_code}: {row.problem}", f"It lies with {row.whose}.", row.remedy)
    offered = _offered(answer)
    way = subject.endpoint.authentication
    wanted = _SCHEMES.get(way)
    if answer.status_code == 200 or wanted is None:
        return ok(f"it offers {', '.join(offered) or 'none: it lets everybody in, or asks for a certificate'}")
    if not {scheme.lower() for scheme in offered} & {scheme.lower() for scheme in wanted}:
        remedy = (
            "Write another authentication in the profile, or let the server offer it: "
            "Set-PowerShellVirtualDirectory at Exchange, winrm/config/service/auth elsewhere."
        )
        return failed(f"it offers {', '.join(offered) or 'none'}", f'The profile has authentication "{way}".', remedy)
    return ok(f"it offers {', '.join(offered)}")


def clock(subject: Subject) -> Seen:
    """How far the server's clock is from ours."""
    try:
        answer = _answer(subject)
    except requests.RequestException:
        return skipped("the server did not answer")
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        return skipped("the server does not tell the time")
    away = theirs.replace(tzinfo=theirs.tzinfo or UTC) - _now()
    if abs(away) <= _SKEW:
        return ok(f"{abs(away).seconds} s apart")
    found = f"the server's clock is {_length(abs(away))} {'ahead' if away > timedelta() else 'behind'}"
    cause = "One of the two clocks is wrong, and Kerberos allows five minutes."
    # Negotiate may take NTLM, which does not mind.
    seen = failed if subject.endpoint.authentication == "kerberos" else warning
    return seen(found, cause, "Set both by the same source of time (w32tm /query /status; chronyc tracking).")


def _answer(subject: Subject) -> requests.Response:
    """The answer to a request without a sign-in, as [MS-WSMV] lets anybody send one. Raises RequestException."""
    with requests.Session() as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the check of TLS says that nothing is verified
        session.trust_env = False  # as the transports: no proxy and no trust from the environment
        verify = subject.endpoint.verify
        return session.post(
            subject.uri,
            data=b"",
            headers={"Content-Type": "application/soap+xml;charset=UTF-8"},
            timeout=_SECONDS,
            allow_redirects=False,
            verify=str(verify) if isinstance(verify, Path) else verify,
            proxies={scheme: subject.endpoint.proxy for scheme in ("http", "https") if subject.endpoint.proxy},
        )


def _offered(answer: requests.Response) -> list[str]:
    """The schemes, in their order; a server sends a header for each, and some join them."""
    headers = answer.raw.headers.getlist("WWW-Authenticate")
    schemes = [part.strip().split(" ")[0] for header in headers for part in re.split(r",\s*(?=[A-Za-z]+(?:\s|,|$))", header)]
    return list(dict.fromkeys(scheme for scheme in schemes if scheme))


def _length(away: timedelta) -> str:
    return f"{away.days} days" if away.days else f"{away.seconds // 60} minutes"


def _now() -> datetime:
    return SystemClock().now()
