"""What pywinrm and requests raise in, one of our errors out: whose fault it is, and whether the command may have run.

pywinrm's exceptions have no common base, and a malformed answer surfaces as whatever its parsing stumbled over
(remoting-notes section 5). Decisions are taken on classes, codes and subcodes; texts are localised. The numbers of the
quota faults and 1726, 995 are not confirmed by a real server; the subcode QuotaLimit is [MS-WSMV] 3.1.4.5.2.1.
"""

from __future__ import annotations

import binascii
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from requests.exceptions import ProxyError, RequestException, SSLError
from spnego.exceptions import SpnegoError
from winrm.exceptions import (
    AuthenticationError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)

from psbridge.errors import (
    AuthenticationFailed,
    ConnectionLost,
    EndpointRefused,
    ProtocolError,
    SessionExpired,
    StartError,
    Throttled,
    TransportError,
)
from psbridge.transports.http_refusal import HttpRefusal

__all__ = ["EXPIRED", "FAULTS", "STATUSES", "Verdict", "judged"]

EXPIRED: Final = 2150858843
_SHOWN: Final = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a fault means.

    `kind` is the error where it came before the whole request was sent, `later` where the command may have run.
    """

    kind: type[TransportError]
    problem: str
    remedy: str = ""
    later: type[TransportError] = ConnectionLost


_BUSY: Final = "Wait, and end sessions that are no longer used."
_URI: Final = "Check the endpoint's uri: WinRM listens on port 5985 (http) or 5986 (https), path /wsman."

# The Code of a WSManFault.
FAULTS: Final[Mapping[int, Verdict]] = {
    5: Verdict(
        EndpointRefused, "access is denied", "The account must be an administrator or in Remote Management Users of that machine."
    ),
    995: Verdict(StartError, "the server ended the command"),
    1726: Verdict(StartError, "the process behind the shell died"),
    2150858793: Verdict(StartError, "the server did not answer in the time it was given (operation timeout)"),
    2150858811: Verdict(EndpointRefused, "the server has no command shell at this address", _URI),
    EXPIRED: Verdict(SessionExpired, "the server does not know the shell any more", later=SessionExpired),
    2150859173: Verdict(Throttled, "the server has as many shells of this user as it allows", _BUSY),
    2150859174: Verdict(Throttled, "a quota of the server is used up", _BUSY),
}
_QUOTA: Final = FAULTS[2150859174]

# The status of an HTTP answer without a WSManFault in it.
STATUSES: Final[Mapping[int, Verdict]] = {
    403: Verdict(EndpointRefused, "the server forbids it (HTTP 403)", _URI),
    404: Verdict(EndpointRefused, "there is no WinRM at this address (HTTP 404)", _URI),
    407: Verdict(EndpointRefused, "a proxy wants credentials (HTTP 407)", "Name the endpoint's proxy, or none."),
    429: Verdict(Throttled, "the server has too many requests (HTTP 429)", _BUSY),
    502: Verdict(StartError, "a proxy answered in the server's place (HTTP 502)"),
    503: Verdict(Throttled, "the server is busy or not ready (HTTP 503)", _BUSY),
    504: Verdict(StartError, "a proxy answered in the server's place (HTTP 504)"),
}

_CREDENTIALS: Final = Verdict(
    AuthenticationFailed,
    "the server refused the credentials, or this way to sign in",
    "Check username, password and authentication before you try again: repeated failures may lock the account.",
)
_CERTIFICATE: Final = Verdict(
    EndpointRefused, "TLS failed", "Let `verify` name the certificates to trust, and the uri the name in the certificate."
)
_REDIRECT: Final = Verdict(EndpointRefused, "the server redirects to another address, which psbridge does not follow", _URI)
_PROXY: Final = Verdict(StartError, "the proxy cannot be reached")
_LOST: Final = Verdict(StartError, "the connection failed")
_UNKNOWN: Final = Verdict(StartError, "the connection failed in a way that psbridge does not know")
_NO_WSMAN: Final = Verdict(ProtocolError, "the answer is no WS-Management", "Something between may have answered.", ProtocolError)

# What an answer that is none makes pywinrm raise while it looks into it.
_STUMBLES: Final = (
    ET.ParseError,
    LookupError,
    StopIteration,
    AssertionError,
    ValueError,
    TypeError,
    AttributeError,
    binascii.Error,
)


def judged(error: BaseException, *, endpoint: str, sent: bool) -> TransportError:
    """Give our error for one that came out of pywinrm.

    `sent`: whether the last byte of the request may have left, so that the command may have run.
    """
    verdict = _verdict(error)
    problem = f"{verdict.problem}{_details(error)}"
    kind = verdict.later if sent else verdict.kind
    if issubclass(kind, StartError):
        return kind(problem, endpoint=endpoint, remedy=verdict.remedy)
    if kind is Throttled:
        wait = error.retry_after if isinstance(error, HttpRefusal) else None
        return Throttled(problem, endpoint=endpoint, may_have_run=sent, remedy=verdict.remedy, retry_after=wait)
    return kind(problem, endpoint=endpoint, may_have_run=sent, remedy=verdict.remedy)


def _verdict(error: BaseException) -> Verdict:
    if isinstance(error, WSManFaultError):
        return _of_fault(error)
    if isinstance(error, HttpRefusal):
        return STATUSES.get(error.status, _REDIRECT)
    if isinstance(error, WinRMTransportError):
        return STATUSES.get(error.code) or _NO_WSMAN
    return next((verdict for kinds, verdict in _CLASSES if isinstance(error, kinds)), _UNKNOWN)


def _of_fault(error: WSManFaultError) -> Verdict:
    known = FAULTS.get(error.wsman_fault_code or 0)
    if known:
        return known
    if (error.fault_subcode or "").rpartition(":")[2] == "QuotaLimit":
        return _QUOTA
    return Verdict(EndpointRefused, "the server refused the request")


def _details(error: BaseException) -> str:
    """What the other side or the library said, for people. Nothing of it was sent by us, so it holds no secret."""
    if isinstance(error, WSManFaultError):
        code = error.wsman_fault_code if error.wsman_fault_code is not None else error.fault_subcode or "none"
        return f": {error.reason[:_SHOWN]} (WSManFault {code})"
    if isinstance(error, WinRMTransportError | AuthenticationError | HttpRefusal | WinRMOperationTimeoutError):
        return f" (HTTP {error.code})" if isinstance(error, WinRMTransportError) and error.code not in STATUSES else ""
    return f": {type(error).__name__}: {error}"[:_SHOWN]


_CLASSES: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Verdict], ...]] = (
    (WinRMOperationTimeoutError, FAULTS[2150858793]),
    ((AuthenticationError, SpnegoError), _CREDENTIALS),
    (SSLError, _CERTIFICATE),
    (ProxyError, _PROXY),
    (RequestException, _LOST),
    (OSError, _LOST),
    (WinRMError, _NO_WSMAN),
    (_STUMBLES, _NO_WSMAN),
)
