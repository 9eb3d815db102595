"""A PSObject in, an ErrorRecord out: PowerShell's error with everything that decisions are taken on.

Source: [MS-PSRP] 2.2.3.15; the header of Exchange's error ids as Exchange Online writes it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from psbridge.psobject import PSObject, Value

__all__ = ["ErrorCategory", "ErrorHeader", "ErrorRecord"]


class ErrorCategory(IntEnum):
    """System.Management.Automation.ErrorCategory."""

    NotSpecified = 0
    OpenError = 1
    CloseError = 2
    DeviceError = 3
    DeadlockDetected = 4
    InvalidArgument = 5
    InvalidData = 6
    InvalidOperation = 7
    InvalidResult = 8
    InvalidType = 9
    MetadataError = 10
    NotImplemented = 11
    NotInstalled = 12
    ObjectNotFound = 13
    OperationStopped = 14
    OperationTimeout = 15
    SyntaxError = 16
    ParserError = 17
    PermissionDenied = 18
    ResourceBusy = 19
    ResourceExists = 20
    ResourceUnavailable = 21
    ReadError = 22
    WriteError = 23
    FromStdErr = 24
    SecurityError = 25
    ProtocolError = 26
    ConnectionError = 27
    AuthenticationError = 28
    LimitsExceeded = 29
    QuotaExceeded = 30
    NotEnabled = 31


@dataclass(frozen=True, slots=True)
class ErrorHeader:
    """What Exchange puts in front of a FullyQualifiedErrorId: server, request, time, category of the failure."""

    server: str | None
    request_id: str | None
    timestamp: str | None
    failure_category: str | None


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """An ErrorRecord as it came over the wire; texts are for people, ids and categories for decisions."""

    message: str
    error_id: str
    category: ErrorCategory = ErrorCategory.NotSpecified
    activity: str = ""
    reason: str = ""
    target_name: str = ""
    target_type: str = ""
    exception_types: tuple[str, ...] = ()
    exception_message: str = ""
    target: Value = None
    recommended_action: str = ""
    script_stack_trace: str = ""
    position: str = ""
    computer_name: str = ""

    @classmethod
    def of(cls, record: PSObject) -> ErrorRecord:
        """Read the members of an ERROR_RECORD or of `ExceptionAsErrorRecord`; what is missing stays empty."""
        exception = record.get("Exception")
        exception_message = _text(exception.get("Message")) if isinstance(exception, PSObject) else _text(exception)
        details = _text(record.get("ErrorDetails_Message"))
        return cls(
            message=details or exception_message or (record.to_string or ""),
            error_id=_text(record.get("FullyQualifiedErrorId")),
            category=_category(record.get("ErrorCategory_Category")),
            activity=_text(record.get("ErrorCategory_Activity")),
            reason=_text(record.get("ErrorCategory_Reason")),
            target_name=_text(record.get("ErrorCategory_TargetName")),
            target_type=_text(record.get("ErrorCategory_TargetType")),
            exception_types=_plain_types(exception),
            exception_message=exception_message,
            target=record.get("TargetObject"),
            recommended_action=_text(record.get("ErrorDetails_RecommendedAction")),
            script_stack_trace=_text(record.get("ErrorDetails_ScriptStackTrace")),
            position=_text(record.get("InvocationInfo_PositionMessage")),
            computer_name=_text(record.get("PSComputerName")),
        )

    @property
    def header(self) -> ErrorHeader | None:
        """The `[Server=...,RequestId=...,TimeStamp=...] [FailureCategory=...]` of an Exchange error; else None."""
        found = _HEADER.match(self.error_id)
        return ErrorHeader(*(part or None for part in found.group(1, 2, 3, 4))) if found else None

    @property
    def bare_id(self) -> str:
        """The FullyQualifiedErrorId without Exchange's header and its hash: comparable from run to run."""
        return _HASH.sub("", _HEADER.sub("", self.error_id, count=1), count=1)

    def names(self, exception: str) -> bool:
        """Tell whether this error is `exception`, a .NET class name without namespace, or a service's code; never by text."""
        header = self.header
        return (
            self.reason == exception
            or any(name.rsplit(".", 1)[-1] == exception for name in self.exception_types)
            or any(part.rsplit(".", 1)[-1] == exception for part in self.bare_id.split(","))
            or (header is not None and (header.failure_category or "").rsplit("-", 1)[-1] == exception)
            or self.service_code == exception
        )

    @property
    def service_code(self) -> str:
        """The code in the JSON of a REST answer that a cmdlet of Microsoft Entra shows as its error; empty where there is none.

        All of them have the one id InvokeGraphHttpResponseException; which error it is says `error.code` of the body, such as
        Request_ResourceNotFound. That is the service's name for it, in no language (Microsoft Graph, error responses). What
        cannot be read for certain has no code, and so means nothing but itself.
        """
        if not self.error_id.startswith("InvokeGraphHttpResponseException"):
            return ""
        body = _BODY.search(self.message)
        try:
            answer, _ = json.JSONDecoder().raw_decode(self.message, body.start() if body else len(self.message))
        except ValueError:
            return ""
        error = answer.get("error") if isinstance(answer, dict) else None
        code = error.get("code") if isinstance(error, dict) else None
        return code if isinstance(code, str) else ""


_HEADER: Final = re.compile(
    r"\[Server=([^,\]]*),RequestId=([^,\]]*),TimeStamp=([^\]]*)\]\s*(?:\[FailureCategory=([^\]]*)\]\s*)?", re.IGNORECASE
)
# The lines above are the request, the status and the headers; a header's value may be JSON too, but never begins a line.
_BODY: Final = re.compile(r"^\{", re.MULTILINE)
_HASH: Final = re.compile(r"^[0-9A-F]{6,8},")


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _category(value: Value) -> ErrorCategory:
    number = value.base if isinstance(value, PSObject) else value
    try:
        return ErrorCategory(number)  # type: ignore[arg-type]  # anything else raises and is NotSpecified
    except ValueError:
        return ErrorCategory.NotSpecified


def _plain_types(exception: Value) -> tuple[str, ...]:
    types = exception.types if isinstance(exception, PSObject) else ()
    return tuple(name.removeprefix("Deserialized.") for name in types)
