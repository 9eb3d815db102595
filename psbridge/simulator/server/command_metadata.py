"""Patterns of command names in, the cmdlets of an endpoint as objects out: what Import-PSSession asks of a session.

Source: [MS-PSRP] 2.2.2.14, 2.2.3.21 to 2.2.3.24; types and members as the real engine sends them. There a Namespace is the
module of a cmdlet; here it is the namespace of the cmdlet's class.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from psbridge.psobject import Kind, PSObject, Value
from psbridge.simulator.dotnet import enum
from psbridge.simulator.runspace.cmdlet import cmdlets_of
from psbridge.simulator.runspace.metadata import CmdletInfo, Parameter

__all__ = ["described"]

_CMDLET: Final = 8
_OBJECT: Final = "System.Object"
_CUSTOM: Final = ("System.Management.Automation.PSCustomObject", _OBJECT)
_AUTOMATION: Final = "System.Management.Automation"
_LIBRARY: Final = f"{_AUTOMATION}, Version=7.6.0.500, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
_CORE: Final = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"
_NAMES: Final = f"System.Collections.ObjectModel.Collection`1[[System.String, {_CORE}]]"
_TYPES: Final = f"System.Collections.ObjectModel.ReadOnlyCollection`1[[{_AUTOMATION}.PSTypeName, {_LIBRARY}]]"
_PARAMETERS: Final = (
    f"System.Collections.Generic.Dictionary`2[[System.String, {_CORE}],[{_AUTOMATION}.ParameterMetadata, {_LIBRARY}]]"
)


def described(endpoint: str, asked: Any) -> list[PSObject]:
    """The number of the cmdlets that are meant, and then each of them. `asked` is psrpcore's GetMetadata."""
    found = sorted(_meant(endpoint, asked), key=lambda info: info.name)
    count = PSObject(("Selected.Microsoft.PowerShell.Commands.GenericMeasureInfo", *_CUSTOM), ms={"Count": len(found)})
    return [count, *map(_cmdlet, found)]


def _meant(endpoint: str, asked: Any) -> Iterator[CmdletInfo]:
    if not int(asked.command_type) & _CMDLET:
        return
    for known in cmdlets_of(endpoint):
        if _matches(known.info.name, asked.name) and _matches(_namespace(known.info), asked.namespace):
            yield known.info


def _matches(text: str, patterns: Iterable[Any] | None) -> bool:
    """Whether one of the wildcard patterns is met; none at all is met by everything."""
    wanted = [str(pattern).lower() for pattern in patterns or ()]
    return not wanted or any(fnmatchcase(text.lower(), pattern) for pattern in wanted)


def _namespace(info: CmdletInfo) -> str:
    return info.class_name.rpartition(".")[0]


def _cmdlet(info: CmdletInfo) -> PSObject:
    in_order = sorted(info.parameters, key=lambda known: not known.common)
    entries: list[tuple[Value, Value]] = [(known.name, _parameter(known)) for known in in_order]
    return PSObject(
        (f"Selected.{_AUTOMATION}.CmdletInfo", *_CUSTOM),
        ms={
            "Name": info.name,
            "Namespace": _namespace(info),
            "HelpUri": "",
            "CommandType": enum(f"{_AUTOMATION}.CommandTypes", "Cmdlet", _CMDLET),
            "ResolvedCommandName": None,
            "OutputType": PSObject((_TYPES, _OBJECT), kind=Kind.LIST, items=[]),
            "Parameters": PSObject((_PARAMETERS, _OBJECT), kind=Kind.DICT, entries=entries),
        },
    )


def _parameter(known: Parameter) -> PSObject:
    name = f"{_AUTOMATION}.ParameterMetadata"
    return PSObject(
        (name, _OBJECT),
        to_string=name,
        props={
            "Name": known.name,
            "ParameterType": known.type,
            "Aliases": PSObject((_NAMES, _OBJECT), kind=Kind.LIST, items=list(known.aliases)),
            "IsDynamic": False,
            "SwitchParameter": known.is_switch,
        },
    )
