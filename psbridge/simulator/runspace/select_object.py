"""Objects in, objects with the chosen properties out: Select-Object, as far as playbooks and administrators use it.

Source: System.Management.Automation and Microsoft.PowerShell.Utility's SelectObjectCommand, by its behaviour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from psbridge.psobject import PSObject, Value
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.runspace.metadata import COMMON, EVERY_SET, CmdletInfo, InSet, Parameter

__all__ = ["SELECT_OBJECT", "only_chooses", "select", "selected"]

_CLASS: Final = "Microsoft.PowerShell.Commands.SelectObjectCommand"
_CUSTOM: Final = ("System.Management.Automation.PSCustomObject", "System.Object")
_DEFAULT: Final = "DefaultParameter"

SELECT_OBJECT: Final = CmdletInfo(
    "Select-Object",
    _CLASS,
    _DEFAULT,
    (
        Parameter("InputObject", "System.Management.Automation.PSObject", sets={EVERY_SET: InSet(from_pipeline=True)}),
        Parameter("Property", "System.Object[]", sets={_DEFAULT: InSet(0), "SkipLastParameter": InSet(0)}),
        Parameter("ExcludeProperty", "System.String[]", sets={_DEFAULT: InSet()}),
        Parameter("ExpandProperty", "System.String", sets={_DEFAULT: InSet()}),
        Parameter("Unique", "System.Management.Automation.SwitchParameter"),
        Parameter("First", "System.Int32", sets={_DEFAULT: InSet()}),
        Parameter("Last", "System.Int32", sets={_DEFAULT: InSet()}),
        Parameter("Skip", "System.Int32", sets={_DEFAULT: InSet()}),
        *COMMON,
    ),
)


def select(values: Iterable[Value], bound: Mapping[str, object]) -> Iterator[Value | CmdletError]:
    """Select from each object; an error stands where a property to expand is not there."""
    wanted = bound.get("Property")
    properties = [str(item) for item in wanted] if isinstance(wanted, list) else []
    expand = bound.get("ExpandProperty")
    for value in _counted(list(values), bound):
        if expand is not None:
            yield from _with_notes(_expanded(value, str(expand)), value, properties, bound.get("ExcludeProperty"))
        elif properties and isinstance(value, PSObject):
            yield _selected(value, properties, bound.get("ExcludeProperty"))
        else:
            yield value


def only_chooses(bound: Mapping[str, object]) -> bool:
    """Whether a Select-Object works on each object by itself, and gives one for each."""
    return set(bound) <= {"Property", "ExcludeProperty"}


def selected(value: Value, bound: Mapping[str, object]) -> Value:
    """What such a Select-Object makes of one object."""
    wanted = bound.get("Property")
    properties = [str(item) for item in wanted] if isinstance(wanted, list) else []
    return _selected(value, properties, bound.get("ExcludeProperty")) if properties and isinstance(value, PSObject) else value


def _counted(values: list[Value], bound: Mapping[str, object]) -> list[Value]:
    skip, first, last = (bound.get(name) for name in ("Skip", "First", "Last"))
    kept = values[skip:] if isinstance(skip, int) else values
    kept = kept[:first] if isinstance(first, int) else kept
    return kept[-last:] if isinstance(last, int) and last else kept


def _with_notes(
    found: Iterable[Value | CmdletError], value: Value, properties: list[str], exclude: object
) -> Iterator[Value | CmdletError]:
    """What was expanded, with the chosen properties of the object that it comes from beside it; a null is left as it is."""
    notes = _notes(value, properties, exclude) if properties and isinstance(value, PSObject) else {}
    for held in found:
        if not notes or held is None or isinstance(held, CmdletError):
            yield held
        elif isinstance(held, PSObject):
            yield _beside(held, notes)
        else:
            yield PSObject.wrapping(held, ms=notes)


def _beside(held: PSObject, notes: Mapping[str, Value]) -> PSObject:
    """The same object with more notes; what it has already stays, as the real engine has it."""
    has = {name.lower() for name in held.names()}
    more = {**held.ms, **{name: value for name, value in notes.items() if name.lower() not in has}}
    if held.has_base:
        return PSObject.wrapping(held.base, held.types, to_string=held.to_string, ms=more)
    content = {"kind": held.kind, "items": held.items, "entries": held.entries}
    return PSObject(held.types, to_string=held.to_string, props=held.props, ms=more, **content)  # type: ignore[arg-type]  # each as it was


def _selected(value: PSObject, properties: list[str], exclude: object) -> PSObject:
    """The notes of the chosen properties; the type is `Selected.` and that of the object."""
    first = value.types[0] if value.types else _CUSTOM[0]
    selected = first if first.startswith("Selected.") else f"Selected.{first}"
    return PSObject((selected, *_CUSTOM), ms=_notes(value, properties, exclude))


def _notes(value: PSObject, properties: list[str], exclude: object) -> dict[str, Value]:
    excluded = [str(item).lower() for item in exclude] if isinstance(exclude, list) else []
    notes: dict[str, Value] = {}
    for wanted in properties:
        pattern = wanted.lower()
        names = [name for name in value.names() if fnmatchcase(name.lower(), pattern)]
        if not names and not any(sign in wanted for sign in "*?["):
            notes[wanted] = None
        for name in names:
            if not any(fnmatchcase(name.lower(), pattern) for pattern in excluded):
                notes.setdefault(name, value.get(name))
    return notes


def _expanded(value: Value, name: str) -> Iterator[Value | CmdletError]:
    names = [known for known in value.names() if fnmatchcase(known.lower(), name.lower())] if isinstance(value, PSObject) else []
    if not isinstance(value, PSObject) or not names:
        yield CmdletError(
            f'Property "{name}" cannot be found.',
            "ExpandPropertyNotFound",
            "InvalidArgument",
            ("System.Management.Automation.PSArgumentException", "System.ArgumentException", "System.SystemException"),
            target=value,
        )
        return
    held = value.get(names[0])
    if isinstance(held, PSObject) and held.items is not None:
        yield from held.items
    elif held is not None:
        yield held
