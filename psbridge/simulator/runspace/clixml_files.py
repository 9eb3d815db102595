"""Export-Clixml and Import-Clixml: objects in, the objects that come back from the file out, as the second document uses them.

There is no disk: a session keeps what it has exported, under its path, for as long as it lives. What comes back is what
PowerShell reads from such a file: cut to -Depth (2 without it), and of the types `Deserialized.`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from psbridge.psobject import PSObject, Value
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.runspace.metadata import COMMON, EVERY_SET, CmdletInfo, InSet, Parameter
from psbridge.simulator.serialize import on_the_wire

__all__ = ["EXPORT_CLIXML", "IMPORT_CLIXML", "Files", "export_clixml", "import_clixml"]

# What a session has exported, by its path.
Files = dict[str, list[Value]]
_COMMANDS: Final = "Microsoft.PowerShell.Commands"
_SWITCH: Final = "System.Management.Automation.SwitchParameter"
_DEPTH: Final = 2
_BY_PATH, _BY_LITERAL_PATH = "ByPath", "ByLiteralPath"

EXPORT_CLIXML: Final = CmdletInfo(
    "Export-Clixml",
    f"{_COMMANDS}.ExportClixmlCommand",
    _BY_PATH,
    (
        Parameter("Depth", "System.Int32"),
        Parameter("Path", "System.String", sets={_BY_PATH: InSet(0, mandatory=True)}),
        Parameter("LiteralPath", "System.String", ("PSPath", "LP"), sets={_BY_LITERAL_PATH: InSet(mandatory=True)}),
        Parameter(
            "InputObject",
            "System.Management.Automation.PSObject",
            sets={EVERY_SET: InSet(mandatory=True, from_pipeline=True)},
        ),
        Parameter("Force", _SWITCH),
        Parameter("NoClobber", _SWITCH, ("NoOverwrite",)),
        Parameter("Encoding", "System.Text.Encoding"),
        *COMMON,
    ),
)
IMPORT_CLIXML: Final = CmdletInfo(
    "Import-Clixml",
    f"{_COMMANDS}.ImportClixmlCommand",
    _BY_PATH,
    (
        Parameter("Path", "System.String[]", sets={_BY_PATH: InSet(0, mandatory=True, from_pipeline=True)}),
        Parameter("LiteralPath", "System.String[]", ("PSPath", "LP"), sets={_BY_LITERAL_PATH: InSet(mandatory=True)}),
        *COMMON,
    ),
)


def export_clixml(values: Sequence[Value], bound: Mapping[str, object], files: Files) -> Iterator[Value]:
    """Keep the objects under the path; gives nothing out. Raises CmdletError."""
    path, depth = _paths(bound)[0], bound.get("Depth", _DEPTH)
    if not isinstance(depth, int) or depth < 1:
        raise CmdletError(
            f"Cannot validate argument on parameter 'Depth'. The {depth} argument is less than the minimum allowed range of 1. "
            "Supply an argument that is greater than or equal to 1 and then try the command again.",
            "ParameterArgumentValidationError",
            "InvalidData",
            _VALIDATION,
        )
    if bound.get("NoClobber") is True and path in files:
        exceptions = ("System.IO.IOException", "System.SystemException")
        raise CmdletError(f"The file '{path}' already exists.", "NoClobber", "ResourceExists", exceptions, target=path)
    given = values or ([_given(bound["InputObject"])] if "InputObject" in bound else [])
    files[path] = [_read_back(on_the_wire(value, depth)) for value in given]
    return iter(())


def import_clixml(values: Sequence[Value], bound: Mapping[str, object], files: Files) -> Iterator[Value]:
    """What was exported under the path. Raises CmdletError for one that nothing was."""
    for path in _paths(bound) or [str(value) for value in values]:
        if path not in files:
            exceptions = ("System.IO.FileNotFoundException", "System.IO.IOException", "System.SystemException")
            error_id = "System.IO.FileNotFoundException"
            raise CmdletError(f"Could not find file '{path}'.", error_id, "NotSpecified", exceptions)
        yield from files[path]


_VALIDATION: Final = (
    "System.Management.Automation.ParameterBindingValidationException",
    "System.Management.Automation.ParameterBindingException",
    "System.Management.Automation.RuntimeException",
    "System.SystemException",
)


def _paths(bound: Mapping[str, object]) -> list[str]:
    given = bound.get("Path", bound.get("LiteralPath"))
    return [str(path) for path in given] if isinstance(given, list) else [] if given is None else [str(given)]


def _given(value: object) -> Value:
    given: Value = value  # type: ignore[assignment]  # a bound parameter is a value that came over the wire
    return given


def _read_back(value: Value) -> Value:
    """What PowerShell makes of a value in a file: its types say so, down to the last object."""
    if not isinstance(value, PSObject):
        return value
    types = tuple(name if name.startswith("Deserialized.") else f"Deserialized.{name}" for name in value.types)
    if value.items is not None:
        return PSObject(types, kind=value.kind, items=[_read_back(item) for item in value.items])
    if value.entries is not None:
        return PSObject(types, kind=value.kind, entries=[(key, _read_back(held)) for key, held in value.entries])
    if value.has_base:
        return PSObject.wrapping(value.base, types, to_string=value.to_string)
    props = {name: _read_back(held) for name, held in value.props.items()}
    notes = {name: _read_back(held) for name, held in value.ms.items()}
    return PSObject(types, to_string=value.to_string, props=props, ms=notes)
