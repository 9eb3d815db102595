"""What a request over WS-Man raised in, one of psbridge's errors out: whose fault it is, and whether it had an effect.

One table, walked from the top; the first row that knows the exception, the fault's number or subcode, a token in it, or
the HTTP status decides. Texts are localised and decide nothing. The numbers are those of Windows' wsmerror.h.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import requests
from pypsrp.exceptions import AuthenticationError, WinRMError, WinRMTransportError, WSManFaultError
from pypsrp.wsman import NAMESPACES
from spnego.exceptions import SpnegoError
from urllib3.exceptions import NewConnectionError

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
from psbridge.transports.wsman_connection import HttpRefusal

__all__ = ["ROWS", "Operation", "Row", "Seen", "Whose", "error_of", "judge", "read"]


class Operation(StrEnum):
    """The requests of a session."""

    CREATE = "Create"
    COMMAND = "Command"
    SEND = "Send"
    RECEIVE = "Receive"
    SIGNAL = "Signal"
    DELETE = "Delete"


class Whose(StrEnum):
    """Who can mend it."""

    CALLER = "the profile or the account"
    SERVER = "the server"
    LOAD = "the load or a quota of the server"
    NETWORK = "the network"
    PROXY = "something between us and the server"


@dataclass(frozen=True, slots=True)
class Seen:
    """What an exception tells. The texts are empty where it tells nothing; `code` is 0, and -1 for a fault without number."""

    causes: tuple[BaseException, ...]
    status: int = 0
    code: int = 0
    subcode: str = ""
    text: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of fault.

    `refused`: the request had no effect, that is certain. `error`: the class of the error while the session is opened
    or a command is refused; one that is a StartError becomes ConnectionLost once a command has begun. `ends_stopped`: the
    way in which a server may tell of a command that was stopped.
    """

    name: str
    whose: Whose
    error: type[TransportError]
    problem: str
    remedy: str = ""
    refused: bool = False
    raised: tuple[type[BaseException], ...] = ()
    statuses: frozenset[int] = frozenset()
    codes: frozenset[int] = frozenset()
    subcodes: frozenset[str] = frozenset()
    tokens: tuple[str, ...] = ()
    any_fault: bool = False
    ends_stopped: bool = False

    def knows(self, seen: Seen) -> bool:
        """Whether this row is about it. A status counts only where there is no fault of WS-Management."""
        return (
            (seen.code in self.codes if seen.code else seen.status in self.statuses)
            or seen.subcode in self.subcodes
            or any(isinstance(cause, self.raised) for cause in seen.causes)
            or any(token in seen.text for token in self.tokens)
            or (self.any_fault and seen.code != 0)
        )


_WAIT: Final = "Wait, or close other sessions of this account, and try again."
_LOOK: Final = "Check the network and the server."

ROWS: Final = (
    Row(
        "quota",
        Whose.LOAD,
        Throttled,
        "a quota of the server is used up",
        _WAIT,
        refused=True,
        # QUOTA_LIMIT; MAX_SHELLS, MAX_OPERATIONS, USER, SYSTEM; MAX_SHELLUSERS; the six of a plug-in (..._PPQ).
        codes=frozenset({2150858815, *range(2150859173, 2150859177), 2150859179, *range(2150859236, 2150859242)}),
        subcodes=frozenset({"QuotaLimit"}),
        # Parts of Exchange's throttling policy and its exception, by name, in whatever language the text around them is.
        tokens=("MaxConcurrency", "MaxRunspaces", "PowerShellMaxCmdlets", "ExchangeMaxCmdlets", "OverBudgetException"),
    ),
    Row(
        "session-unknown",
        Whose.SERVER,
        SessionExpired,
        "the server does not know the session any more",
        refused=True,
        # UNEXPECTED_SELECTORS, SHELL_DISCONNECTED, SERVICE_STREAM_DISCONNECTED
        codes=frozenset({2150858843, 2150859204, 2150859230}),
        ends_stopped=True,
    ),
    Row(
        "no-endpoint",
        Whose.CALLER,
        EndpointRefused,
        "the server has no such endpoint",
        "Check uri and configuration: Microsoft.Exchange is at http://server/PowerShell/, Microsoft.PowerShell at :5985/wsman.",
        refused=True,
        codes=frozenset({2150858752, 2150858811}),  # RESOURCE_NOT_FOUND, INVALID_RESOURCE_URI
        statuses=frozenset({404, 405, 410}),
    ),
    Row(
        "access-denied",
        Whose.CALLER,
        EndpointRefused,
        "the account may not use this endpoint",
        "Check the account's roles and RemotePowerShellEnabled, and that remote sessions are allowed on the server.",
        refused=True,
        codes=frozenset({5, 2150859180, 2150859235}),  # ACCESS_DENIED, REMOTESHELLS_, REMOTE_CONNECTION_NOT_ALLOWED
        subcodes=frozenset({"AccessDenied"}),
        statuses=frozenset({403}),
        tokens=("AuthZ-AuthorizationException",),
    ),
    Row(
        "too-large",
        Whose.CALLER,
        EndpointRefused,
        "the request is larger than the server takes",
        "Set max_envelope_size of the endpoint to the server's MaxEnvelopeSizekb times 1024.",
        refused=True,
        codes=frozenset({2150858790, 2150858823, 2150858824}),  # ENVELOPE_TOO_LARGE, MAX_ENVELOPE_SIZE and ..._EXCEEDED
        statuses=frozenset({413}),
    ),
    Row(
        "broken-off",
        Whose.SERVER,
        ConnectionLost,
        "the server broke the operation off",
        codes=frozenset({995, 1223}),  # OPERATION_ABORTED, CANCELLED
        ends_stopped=True,
    ),
    Row(
        "host-died",
        Whose.SERVER,
        ConnectionLost,
        "the process that hosts the session at the server is gone",
        codes=frozenset({1726, 2150858883}),  # RPC_S_CALL_FAILED, PLUGIN_FAILED
    ),
    Row(
        "timed-out",
        Whose.SERVER,
        ConnectionLost,
        "the server did not do it in the time that it was given",
        codes=frozenset({2150858793, 2150859046}),  # OPERATION_TIMEDOUT, NETWORK_TIMEDOUT
        subcodes=frozenset({"TimedOut"}),
    ),
    Row("fault", Whose.SERVER, ConnectionLost, "the server reported a fault", any_fault=True),
    Row(
        "credentials",
        Whose.CALLER,
        AuthenticationFailed,
        "the server refused the credentials",
        "Check username, password and authentication; for Kerberos also the name in the uri, and that there is a ticket.",
        refused=True,
        raised=(AuthenticationError,),
        statuses=frozenset({401}),
    ),
    Row(
        "seal",
        Whose.CALLER,
        AuthenticationFailed,
        "the sign-in or the seal of a message failed",
        "Check username, password and authentication; for Kerberos also the name in the uri, and that there is a ticket.",
        raised=(SpnegoError,),  # also of an answer that cannot be unsealed: then the request was taken
    ),
    Row(
        "authentication-missing",
        Whose.CALLER,
        EndpointRefused,
        "this authentication is not installed",
        'Install it: python -m pip install "psbridge[kerberos]" or "psbridge[credssp]".',
        refused=True,
        raised=(ImportError,),
    ),
    Row("throttled", Whose.LOAD, Throttled, "there were too many requests", _WAIT, refused=True, statuses=frozenset({429})),
    Row("unavailable", Whose.LOAD, Throttled, "the service is not available", _WAIT, statuses=frozenset({503})),
    Row(
        "redirect",
        Whose.SERVER,
        EndpointRefused,
        "the server sent us elsewhere",
        "psbridge follows no redirect. If the other address is right, write it as the uri.",
        refused=True,
        statuses=frozenset(range(300, 400)),
    ),
    Row(
        "bad-request",
        Whose.SERVER,
        SessionExpired,
        "the server could not read the request",
        "It does so where the connection or the session behind it was closed while it was idle.",
        refused=True,
        statuses=frozenset({400}),
    ),
    Row(
        "proxy-wants-credentials",
        Whose.PROXY,
        EndpointRefused,
        "a proxy wants credentials",
        "Name a proxy in the profile that lets WS-Management through, or none.",
        refused=True,
        statuses=frozenset({407}),
    ),
    Row("gateway", Whose.PROXY, ConnectionLost, "a gateway answered", _LOOK, statuses=frozenset({502, 504})),
    Row("http", Whose.SERVER, ConnectionLost, "the server answered with an error of HTTP", statuses=frozenset(range(400, 600))),
    Row(
        "certificate",
        Whose.CALLER,
        EndpointRefused,
        "there is no TLS connection that can be trusted",
        "Name the certificate of the server's authority in verify, and the server as its certificate does in uri.",
        raised=(requests.exceptions.SSLError,),
    ),
    Row(
        "unreachable",
        Whose.NETWORK,
        ConnectionLost,
        "the server cannot be reached",
        "Check the name, the port and the firewall.",
        refused=True,
        # No ProxyError: a loss behind a proxy is one too, and then the request may have arrived.
        raised=(requests.exceptions.ConnectTimeout, NewConnectionError),
    ),
    Row("silent", Whose.NETWORK, ConnectionLost, "no answer came", _LOOK, raised=(requests.exceptions.ReadTimeout,)),
    Row("lost", Whose.NETWORK, ConnectionLost, "the connection was lost", _LOOK, raised=(requests.exceptions.RequestException,)),
    Row(
        "local-file",
        Whose.CALLER,
        EndpointRefused,
        "a file on this machine cannot be used",
        "Check verify, certificate and certificate_key of the endpoint.",
        raised=(OSError,),
    ),
    Row(
        "foreign-answer",
        Whose.PROXY,
        ProtocolError,
        "the answer belongs to no request of ours",
        "Something between us and the server may have answered: check the proxy.",
        raised=(WinRMError,),
    ),
    Row(
        "unreadable",
        Whose.PROXY,
        ProtocolError,
        "the answer cannot be read",
        "It was cut, or something between us and the server has answered.",
        raised=(Exception,),
    ),
)


def read(error: BaseException) -> Seen:
    """Take from an exception, and from those behind it, everything that it tells."""
    causes = tuple(_chain(error))
    status, code, subcode, text, wait = 0, 0, "", "", None
    for cause in causes:
        if isinstance(cause, HttpRefusal):
            status, wait, text = cause.status, cause.retry_after, cause.location or cause.text
        elif isinstance(cause, WinRMTransportError):
            status, text = int(cause.code), text or str(cause.response_text)
        elif isinstance(cause, WSManFaultError):
            code, text = cause.code if isinstance(cause.code, int) else 0, cause.provider_fault or cause.reason or ""
            subcode = "" if isinstance(cause.code, int) else str(cause.code or "")
    if fault := _fault(causes):
        code, subcode = code or -1, subcode or fault
    return Seen(causes, status, code, subcode.rpartition(":")[2], text or str(error), wait if wait is not None else _hint(text))


def judge(seen: Seen) -> Row:
    """Find the row that knows it; the last one knows everything."""
    return next(row for row in ROWS if row.knows(seen))


def error_of(row: Row, seen: Seen, operation: Operation, *, opening: str, endpoint: str, may_have_run: bool) -> TransportError:
    """Make the error: of the row's class where no command has begun, else of one that leaves the effect open.

    `opening` is the address while the session is opened, empty afterwards.
    """
    problem = f"{f'{opening} opened no session: ' if opening else ''}{row.problem} ({operation}{_details(seen)})"
    remedy = f"It lies with {row.whose}. {row.remedy}".rstrip()
    if row.error is Throttled:
        return Throttled(problem, endpoint=endpoint, may_have_run=may_have_run, remedy=remedy, retry_after=seen.retry_after)
    if issubclass(row.error, StartError) and (opening or not may_have_run):
        return row.error(problem, endpoint=endpoint, remedy=remedy)
    if opening:
        return StartError(problem, endpoint=endpoint, remedy=remedy)
    kind = ConnectionLost if issubclass(row.error, StartError) else row.error
    return kind(problem, endpoint=endpoint, may_have_run=may_have_run, remedy=remedy)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what lies behind it; requests and urllib3 keep the cause in `reason` or among the arguments."""
    waiting, known = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in known:
            continue
        known.add(id(one))
        yield one
        behind = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        waiting.extend(cause for cause in behind if isinstance(cause, BaseException))


def _fault(causes: tuple[BaseException, ...]) -> str:
    """The subcode of a SOAP fault in the body that pypsrp read; it drops the subcode where there is a number."""
    for cause in causes:
        if isinstance(cause, WinRMTransportError):
            try:
                fault = ET.fromstring(str(cause.response_text)).find("s:Body/s:Fault", NAMESPACES)  # noqa: S314 - pypsrp parsed it before
            except ET.ParseError:
                continue
            if fault is not None:
                return fault.findtext("s:Code/s:Subcode/s:Value", "s:Fault", NAMESPACES)
    return ""


def _hint(text: str) -> float | None:
    """How long a quota's text asks to wait. Only the wait depends on it, so a text in another language does no harm."""
    found = re.search(r"(\d+) milliseconds", text)
    return int(found[1]) / 1_000 if found else None


def _details(seen: Seen) -> str:
    parts = [f"HTTP {seen.status}"] if seen.status and not seen.code else []
    if seen.code > 0 or seen.subcode:
        parts.append(f"fault {seen.code if seen.code > 0 else seen.subcode}")
    words = " ".join(re.sub(r"<[^>]*>", " ", seen.text).split())
    return "".join(f", {part}" for part in parts) + (f": {words[:500]}" if words else "")
