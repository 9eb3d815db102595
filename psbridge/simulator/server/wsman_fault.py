"""What a WS-Man request did wrong in, the SOAP fault that Windows answers with out: number, subcode and text.

Numbers are those of Windows' wsmerror.h; texts are Windows' own in English, shortened where a name stands for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

__all__ = [
    "ABORTED",
    "ACCESS_DENIED",
    "ACTION_NOT_SUPPORTED",
    "ANSWER_TOO_LARGE",
    "COMMAND_NOT_FOUND",
    "ENVELOPE_TOO_LARGE",
    "ENVELOPE_TOO_SMALL",
    "MAX_OPERATIONS",
    "MAX_SHELLS",
    "NO_CONFIGURATION",
    "PLUGIN_FAILED",
    "PROTOCOL_VERSION",
    "SCHEMA",
    "SHELL_EXISTS",
    "SHELL_NOT_FOUND",
    "STREAM_NOT_FOUND",
    "TIMED_OUT",
    "FaultKind",
    "WsmanFault",
]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault. `text` has places for what the request said."""

    code: int
    subcode: str
    text: str
    sender: bool = True


_CANNOT: Final = "The WS-Management service cannot process the request. "

TIMED_OUT: Final = FaultKind(
    2150858793,
    "w:TimedOut",
    "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ",
    sender=False,
)
SHELL_NOT_FOUND: Final = FaultKind(
    2150858843,
    "w:InvalidSelectors",
    "The request for the Windows Remote Shell with ShellId {name} failed because the shell was not found on the server. Possible "
    "causes are: the specified ShellId is incorrect or the shell no longer exists on the server. Provide the correct ShellId or "
    "create a new shell and retry the operation. ",
)
COMMAND_NOT_FOUND: Final = FaultKind(
    2150858843,
    "w:InvalidSelectors",
    "The request for the Windows Remote Shell with CommandId {name} failed because the command was not found on the server. ",
)
NO_CONFIGURATION: Final = FaultKind(
    2150858811,
    "a:DestinationUnreachable",
    _CANNOT + "The resource URI ({name}) was not found in the WS-Management catalog. The catalog contains the metadata that "
    "describes resources, or logical endpoints. {hint}",
)
SCHEMA: Final = FaultKind(2150858817, "w:SchemaValidationError", "The SOAP packet did not match the schema: {name} ")
ACTION_NOT_SUPPORTED: Final = FaultKind(
    2150858771, "a:ActionNotSupported", "The action {name} is not supported by the service. {hint}"
)
STREAM_NOT_FOUND: Final = FaultKind(2150859149, "w:InvalidParameter", _CANNOT + "The shell has no output stream {name}. ")
SHELL_EXISTS: Final = FaultKind(2150858803, "w:AlreadyExists", "A shell with ShellId {name} exists already. ")
MAX_SHELLS: Final = FaultKind(
    2150859173,
    "w:QuotaLimit",
    _CANNOT
    + "This user is allowed a maximum number of {name} concurrent shells, which has been exceeded. Close existing shells or "
    "raise the quota for this user. ",
)
MAX_OPERATIONS: Final = FaultKind(
    2150859174,
    "w:QuotaLimit",
    _CANNOT + "This user is allowed a maximum number of {name} concurrent operations, which has been exceeded. Close existing "
    "operations for this user, or raise the quota for this user. ",
)
ENVELOPE_TOO_LARGE: Final = FaultKind(
    2150858824,
    "w:EncodingLimit",
    _CANNOT + "The request was too large: it has {name} bytes, and the service takes {hint}. ",
)
ENVELOPE_TOO_SMALL: Final = FaultKind(
    2150858878, "w:EncodingLimit", _CANNOT + "A MaxEnvelopeSize of {name} is less than the least that may be asked for, 8192. "
)
ANSWER_TOO_LARGE: Final = FaultKind(
    2150858790, "w:EncodingLimit", _CANNOT + "The answer does not fit into the MaxEnvelopeSize of {name} bytes. ", sender=False
)
ACCESS_DENIED: Final = FaultKind(5, "w:AccessDenied", "Access is denied. ")
ABORTED: Final = FaultKind(
    995,
    "w:InternalError",
    "The I/O operation has been aborted because of either a thread exit or an application request. ",
    sender=False,
)
PLUGIN_FAILED: Final = FaultKind(
    2150858883, "w:InternalError", "The WS-Management plugin could not process the data that it was given: {name} ", sender=False
)
# [MS-PSRP] 3.2.5.3.2 has this number and this form of the message.
PROTOCOL_VERSION: Final = FaultKind(
    2152991685,
    "w:InternalError",
    '<PSProtocolVersionError ServerProtocolVersion="2.3" ServerBuildVersion="10.0.0.0">Cannot connect to PowerShell: the client '
    "asks for protocol version {name}. </PSProtocolVersionError>",
)


class WsmanFault(Exception):
    """A request that is answered with a fault. `name` and `hint` stand in the kind's text."""

    def __init__(self, kind: FaultKind, name: object = "", hint: object = "") -> None:
        self.kind = kind
        self.text = kind.text.format(name=name, hint=hint)
        super().__init__(self.text)

    def body(self) -> str:
        """The SOAP body ([MS-WSMV] 2.2.4.43)."""
        kind, text = self.kind, escape(self.text)
        return (
            f"<s:Fault><s:Code><s:Value>s:{'Sender' if kind.sender else 'Receiver'}</s:Value><s:Subcode><s:Value>{kind.subcode}"
            f'</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">{text}</s:Text></s:Reason><s:Detail>'
            f'<f:WSManFault Code="{kind.code}" Machine="127.0.0.1"><f:Message>{text}</f:Message></f:WSManFault></s:Detail>'
            "</s:Fault>"
        )
