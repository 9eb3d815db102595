"""What the client sends: commands as data in, the value of each message's body out.

Source: [MS-PSRP] 2.2.2.1 (SESSION_CAPABILITY), 2.2.2.2 (INIT_RUNSPACEPOOL), 2.2.2.3 (PUBLIC_KEY), 2.2.2.10
(CREATE_PIPELINE), 2.2.3.11 to 2.2.3.13 (PowerShell, command, parameter).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from psbridge.psobject import Kind, PSObject, Value, Version
from psbridge.psrp.enums import enum_value
from psbridge.psrp.host import HOST_INFO, SAME_HOST

__all__ = ["PlainCommand", "ScriptText", "create_pipeline", "init_runspace_pool", "public_key", "session_capability"]

PlainCommand = tuple[str, Mapping[str, object]]


class ScriptText(str):
    """The text of a constant script where else the name of a command stands; it runs in a scope of its own."""

    __slots__ = ()


_LIST: Final = ("System.Collections.ArrayList", "System.Object")
_APARTMENT_UNKNOWN: Final = enum_value("System.Threading.ApartmentState", "Unknown", 2)
_THREAD_DEFAULT: Final = enum_value("System.Management.Automation.Runspaces.PSThreadOptions", "Default", 0)
_MERGE_NONE: Final = enum_value("System.Management.Automation.Runspaces.PipelineResultTypes", "None", 0)
# No invocation info in the records: with it, each carries the body of the function that wrote it (remoting-notes 9.3).
_NO_INVOCATION_INFO: Final = enum_value("System.Management.Automation.RemoteStreamOptions", "0", 0)
_MERGES: Final[Mapping[str, Value]] = dict.fromkeys(
    (
        "MergeMyResult",
        "MergeToResult",
        "MergePreviousResults",
        "MergeError",
        "MergeWarning",
        "MergeVerbose",
        "MergeDebug",
        "MergeInformation",
    ),
    _MERGE_NONE,
)


def session_capability(protocol: str) -> PSObject:
    """SESSION_CAPABILITY: the protocol version that we speak; the other two have never changed."""
    return PSObject(
        ms={
            "protocolversion": Version(protocol),
            "PSVersion": Version("2.0"),
            "SerializationVersion": Version("1.1.0.1"),
        }
    )


def init_runspace_pool() -> PSObject:
    """INIT_RUNSPACEPOOL: one runspace, a host that is there, no arguments."""
    return PSObject(
        ms={
            "MinRunspaces": 1,
            "MaxRunspaces": 1,
            "PSThreadOptions": _THREAD_DEFAULT,
            "ApartmentState": _APARTMENT_UNKNOWN,
            "HostInfo": HOST_INFO,
            "ApplicationArguments": None,
        }
    )


def create_pipeline(commands: Sequence[PlainCommand]) -> PSObject:
    """CREATE_PIPELINE: commands by name with their parameters; no input, no history; a script only where one is said to be one.

    RedirectShellErrorOutputPipe is false: an error in the middle of a script ends it (remoting-notes 9.4).
    """
    return PSObject(
        ms={
            "NoInput": True,
            "ApartmentState": _APARTMENT_UNKNOWN,
            "RemoteStreamOptions": _NO_INVOCATION_INFO,
            "AddToHistory": False,
            "HostInfo": SAME_HOST,
            "PowerShell": PSObject(
                ms={
                    "Cmds": _list([_command(name, parameters) for name, parameters in commands]),
                    "IsNested": False,
                    "History": None,
                    "RedirectShellErrorOutputPipe": False,
                }
            ),
            "IsNested": False,
        }
    )


def public_key(blob: str) -> PSObject:
    """PUBLIC_KEY: the client's key."""
    return PSObject(ms={"PublicKey": blob})


def _command(name: str, parameters: Mapping[str, object]) -> PSObject:
    arguments = [PSObject(ms={"N": key, "V": value}) for key, value in parameters.items()]  # type: ignore[dict-item]  # the encoder judges it
    is_script = isinstance(name, ScriptText)
    scope = True if is_script else None
    return PSObject(ms={"Cmd": str(name), "Args": _list(arguments), "IsScript": is_script, "UseLocalScope": scope, **_MERGES})


def _list(items: Sequence[Value]) -> PSObject:
    return PSObject(_LIST, kind=Kind.LIST, items=list(items))
