"""An error of a cmdlet in, its ErrorRecord as PowerShell serializes it out.

Source: [MS-PSRP] 2.2.3.15; the members and their order as the real engine writes them (remoting-notes 9.3).
"""

from __future__ import annotations

from typing import Final

from psbridge.psobject import Int64, Kind, PSObject, Value

__all__ = ["CmdletError", "error_record", "failed_state", "type_text"]

_OBJECT: Final = "System.Object"
_EXCEPTION: Final = "System.Exception"
_RUNTIME: Final = "System.Management.Automation.RuntimeException"
_HRESULT: Final = -2146233088
_FAILED: Final = 5

# System.Management.Automation.ErrorCategory, from 0 on.
_CATEGORIES: Final = (
    "NotSpecified",
    "OpenError",
    "CloseError",
    "DeviceError",
    "DeadlockDetected",
    "InvalidArgument",
    "InvalidData",
    "InvalidOperation",
    "InvalidResult",
    "InvalidType",
    "MetadataError",
    "NotImplemented",
    "NotInstalled",
    "ObjectNotFound",
    "OperationStopped",
    "OperationTimeout",
    "SyntaxError",
    "ParserError",
    "PermissionDenied",
    "ResourceBusy",
    "ResourceExists",
    "ResourceUnavailable",
    "ReadError",
    "WriteError",
    "FromStdErr",
    "SecurityError",
    "ProtocolError",
    "ConnectionError",
    "AuthenticationError",
    "LimitsExceeded",
    "QuotaExceeded",
    "NotEnabled",
)


class CmdletError(Exception):
    """What a cmdlet writes to the error stream, or, `terminating`, ends the pipeline with.

    - `error_id` is completed with the class of the cmdlet, but not where it stands alone (`whole`).
    - `exceptions`: .NET's class and its bases, without System.Exception and System.Object.
    - `details`: the text that stands for the exception's message where the two differ.
    - `target`: the object; `target_name` and `target_type` are what the category says of it.
    """

    def __init__(  # noqa: PLR0913 - an ErrorRecord has so many fields
        self,
        message: str,
        error_id: str,
        category: str,
        exceptions: tuple[str, ...],
        *,
        target: Value = None,
        details: str = "",
        activity: str | None = None,
        whole: bool = False,
        terminating: bool = False,
        target_name: str | None = None,
        target_type: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.error_id, self.category, self.exceptions = message, error_id, category, exceptions
        self.target, self.details, self.activity = target, details, activity
        self.whole, self.terminating = whole, terminating
        self.target_name = str(target) if target_name is None and target is not None else target_name or ""
        self.target_type = type_text(target) if target_type is None else target_type


def type_text(target: Value) -> str:
    """The short .NET type name that a category shows for a target."""
    if target is None:
        return ""
    if isinstance(target, PSObject):
        return (target.type_name or "PSObject").rsplit(".", 1)[-1]
    return "String" if isinstance(target, str) else type(target).__name__


def error_record(error: CmdletError, command: str, class_name: str) -> PSObject:
    """The ErrorRecord of an error that this command wrote."""
    activity = command if error.activity is None else error.activity
    reason = error.exceptions[0].rsplit(".", 1)[-1] if error.exceptions else "Exception"
    told = f"{error.target_name}:{error.target_type}" if error.target_name or error.target_type else ":"
    types = (*error.exceptions, _EXCEPTION, _OBJECT)
    notes: dict[str, Value] = {
        "Exception": _exception(types, error.message),
        "TargetObject": error.target,
        "FullyQualifiedErrorId": error.error_id if error.whole or not class_name else f"{error.error_id},{class_name}",
        "InvocationInfo": _invocation_info(command) if class_name else None,
        "ErrorCategory_Category": _CATEGORIES.index(error.category),
        "ErrorCategory_Activity": activity,
        "ErrorCategory_Reason": reason,
        "ErrorCategory_TargetName": error.target_name,
        "ErrorCategory_TargetType": error.target_type,
        "ErrorCategory_Message": f"{error.category}: ({told}) [{activity}], {reason}",
    }
    if error.details:
        notes["ErrorDetails_Message"] = error.details
        notes["ErrorDetails_RecommendedAction"] = ""
    notes["SerializeExtendedInfo"] = False
    if not error.terminating:
        notes["PSMessageDetails"] = None
    return PSObject(("System.Management.Automation.ErrorRecord", _OBJECT), to_string=error.details or error.message, ms=notes)


def failed_state(reason: PSObject) -> PSObject:
    """The body of PIPELINE_STATE for a pipeline that an error ended."""
    return PSObject((), ms={"PipelineState": _FAILED, "ExceptionAsErrorRecord": reason})


def _exception(types: tuple[str, ...], message: str) -> PSObject:
    props: dict[str, Value] = {
        "TargetSite": None,
        "Message": message,
        "Data": PSObject(("System.Collections.ListDictionaryInternal", _OBJECT), kind=Kind.DICT, entries=[]),
        "InnerException": None,
        "HelpLink": None,
        "Source": None,
        "HResult": _HRESULT,
        "StackTrace": None,
    }
    if _RUNTIME in types:
        props = {"ErrorRecord": message, "WasThrownFromThrowStatement": False, **props}
    return PSObject(types, to_string=f"{types[0]}: {message}", props=props)


def _invocation_info(command: str) -> PSObject:
    core = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"
    parameters = f"System.Collections.Generic.Dictionary`2[[System.String, {core}],[System.Object, {core}]]"
    props: dict[str, Value] = {
        "MyCommand": command,
        "BoundParameters": PSObject((parameters, _OBJECT), kind=Kind.DICT, entries=[]),
        "UnboundArguments": PSObject(
            (f"System.Collections.Generic.List`1[[System.Object, {core}]]", _OBJECT), kind=Kind.LIST, items=[]
        ),
        "ScriptLineNumber": 0,
        "OffsetInLine": 0,
        "HistoryId": Int64(1),
        "ScriptName": "",
        "Line": "",
        "Statement": "",
        "PositionMessage": "",
        "PSScriptRoot": "",
        "PSCommandPath": None,
        "InvocationName": command,
        "PipelineLength": 0,
        "PipelinePosition": 0,
        "ExpectingInput": False,
        "CommandOrigin": "Internal",
        "DisplayScriptPosition": None,
    }
    name = "System.Management.Automation.InvocationInfo"
    return PSObject((name, _OBJECT), to_string=name, props=props)
