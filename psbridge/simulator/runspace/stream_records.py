"""A text in, the record of a stream out, as PowerShell serializes it without invocation info.

Source: [MS-PSRP] 2.2.2.13 to 2.2.2.16 and 2.2.2.26; the members as the real engine writes them (remoting-notes 9.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from psbridge.psobject import Kind, PSObject, UInt32, Value
from psbridge.simulator.dotnet import enum, local_time
from psbridge.simulator.runspace.records import Stream

__all__ = ["stream_record"]

_OBJECT: Final = "System.Object"
_AUTOMATION: Final = "System.Management.Automation"
_CORE: Final = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"


def stream_record(stream: Stream, text: str, command: str, now: datetime) -> PSObject:
    """The record of a warning, verbose, debug, information or progress text that a command writes."""
    return _RECORDS[stream](text, command, now)


def _informational(name: str) -> Callable[[str, str, datetime], PSObject]:
    types = (f"{_AUTOMATION}.{name}", f"{_AUTOMATION}.InformationalRecord", _OBJECT)

    def record(text: str, _command: str, _now: datetime) -> PSObject:
        notes: dict[str, Value] = {"InformationalRecord_Message": text, "InformationalRecord_SerializeInvocationInfo": False}
        return PSObject(types, to_string=text, ms=notes)

    return record


def _information(text: str, command: str, now: datetime) -> PSObject:
    tags = PSObject((f"System.Collections.Generic.List`1[[System.String, {_CORE}]]", _OBJECT), kind=Kind.LIST, items=[])
    return PSObject(
        (),
        ms={
            "MessageData": text,
            "Source": command,
            "TimeGenerated": local_time(now),
            "Tags": tags,
            "User": "administrator",
            "Computer": "simulator",
            "ProcessId": UInt32(1),
            "NativeThreadId": UInt32(1),
            "ManagedThreadId": UInt32(1),
        },
    )


def _progress(text: str, command: str, _now: datetime) -> PSObject:
    return PSObject(
        (),
        ms={
            "Activity": command,
            "ActivityId": 1,
            "StatusDescription": text,
            "CurrentOperation": None,
            "ParentActivityId": -1,
            "PercentComplete": -1,
            "Type": enum(f"{_AUTOMATION}.ProgressRecordType", "Processing", 0),
            "SecondsRemaining": -1,
        },
    )


_RECORDS: Final[Mapping[Stream, Callable[[str, str, datetime], PSObject]]] = {
    "warning": _informational("WarningRecord"),
    "verbose": _informational("VerboseRecord"),
    "debug": _informational("DebugRecord"),
    "information": _information,
    "progress": _progress,
}
