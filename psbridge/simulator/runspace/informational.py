"""A text in, the record of a stream other than output and error out, as PowerShell serializes it.

Source: [MS-PSRP] 2.2.2.13 (progress), 2.2.2.26 (information), 2.2.3.15; the members as the real engine writes them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from psbridge.psobject import Kind, PSObject, UInt32, Value
from psbridge.simulator.dotnet import enum, local_time

__all__ = ["host_message", "information_record", "informational_record", "progress_record"]

_OBJECT: Final = "System.Object"
_CORE: Final = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"
_DONE: Final = 100


def informational_record(kind: str, text: str) -> PSObject:
    """The record of a warning, a verbose or a debug message; `kind` is `Warning`, `Verbose` or `Debug`."""
    name = f"System.Management.Automation.{kind}Record"
    return PSObject(
        (name, "System.Management.Automation.InformationalRecord", _OBJECT),
        to_string=text,
        ms={"InformationalRecord_Message": text, "InformationalRecord_SerializeInvocationInfo": False},
    )


def host_message(text: str) -> PSObject:
    """What Write-Host puts into an information record: text for a person to read."""
    return PSObject(
        ("System.Management.Automation.HostInformationMessage", _OBJECT),
        to_string=text,
        props={"Message": text, "NoNewLine": False, "ForegroundColor": None, "BackgroundColor": None},
    )


def information_record(told: Value, source: str, when: datetime, computer: str) -> PSObject:
    """The record of what a command tells; that of a host message is marked as such."""
    tags: list[Value] = ["PSHOST"] if isinstance(told, PSObject) else []
    notes: dict[str, Value] = {
        "MessageData": told,
        "Source": source,
        "TimeGenerated": local_time(when),
        "Tags": PSObject((f"System.Collections.Generic.List`1[[System.String, {_CORE}]]", _OBJECT), kind=Kind.LIST, items=tags),
        "User": "simulator",
        "Computer": computer,
        "ProcessId": UInt32(1),
        "NativeThreadId": UInt32(1),
        "ManagedThreadId": UInt32(1),
    }
    return PSObject((), ms=notes)


def progress_record(activity: str, status: str, percent: int) -> PSObject:
    """A progress record; the one at 100 percent ends the bar."""
    done = percent >= _DONE
    return PSObject(
        (),
        ms={
            "Activity": activity,
            "ActivityId": 0,
            "StatusDescription": status,
            "CurrentOperation": None,
            "ParentActivityId": -1,
            "PercentComplete": percent,
            "Type": enum("System.Management.Automation.ProgressRecordType", "Completed" if done else "Processing", int(done)),
            "SecondsRemaining": -1,
        },
    )
