"""A cmdlet's declaration and the arguments in, the bound parameters out: PowerShell's own rules of binding.

Names in any case, whole or shortened as long as they are unambiguous; positions; parameter sets; mandatory parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from psbridge.psobject import PSObject
from psbridge.simulator.runspace.conversion import CannotConvertError, convert, no_boolean, plain
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.runspace.metadata import EVERY_SET, CmdletInfo, Parameter
from psbridge.simulator.runspace.records import Argument, Question

__all__ = ["bind"]

_BOOLEANS: Final = frozenset({"System.Boolean", "System.Nullable`1[System.Boolean]"})
_BASES: Final = ("System.Management.Automation.RuntimeException", "System.SystemException")
_BINDING: Final = "System.Management.Automation.ParameterBindingException"
_VALIDATION: Final = "System.Management.Automation.ParameterBindingValidationException"


def bind(info: CmdletInfo, arguments: Iterable[Argument], *, position: int = 1, piped: bool = False) -> dict[str, object]:
    """Bind the arguments; gives the values by the parameters' own names. Raises CmdletError, terminating, and Question."""
    given = tuple(arguments)
    bound: dict[str, object] = {}
    sets = set(info.set_names)
    for argument in given:
        if argument.name is not None:
            parameter = _parameter_of(info, argument.name)
            sets = _take(parameter, argument.value, bound, sets)
    for argument in given:
        if argument.name is None:
            sets = _take_positional(info, argument.value, bound, sets)
    _check_sets(info, bound, sets, position=position, piped=piped)
    return bound


def _parameter_of(info: CmdletInfo, name: str) -> Parameter:
    near = info.meant(name)
    if not near:
        raise _binding_error("NamedParameterNotFound", f"A parameter cannot be found that matches parameter name '{name}'.")
    if len(near) > 1:
        own = [known for known in near if not known.common]
        if len(own) != 1:
            matches = "".join(f" -{known.name}" for known in near)
            raise _binding_error(
                "AmbiguousParameter",
                f"Parameter cannot be processed because the parameter name '{name}' is ambiguous. "
                f"Possible matches include:{matches}.",
            )
        near = own
    return near[0]


def _take(parameter: Parameter, value: object, bound: dict[str, object], sets: set[str]) -> set[str]:
    if parameter.name in bound:
        raise _binding_error(
            "ParameterAlreadyBound",
            f"Cannot bind parameter because parameter '{parameter.name}' is specified more than once. To provide multiple values "
            "to parameters that can accept multiple values, use the array syntax. For example, "
            '"-parameter value1,value2,value3".',
        )
    bound[parameter.name] = _value_for(parameter, value)
    return sets if EVERY_SET in parameter.sets else sets & set(parameter.sets)


def _take_positional(info: CmdletInfo, value: object, bound: dict[str, object], sets: set[str]) -> set[str]:
    candidates = sorted(
        (found.position, known.name, known)
        for known in info.parameters
        if known.name not in bound
        for name in _searched(info, sets)
        if (found := known.in_set(name)) is not None and found.position is not None
    )
    if not candidates:
        shown = _shown(value)
        raise _binding_error(
            "PositionalParameterNotFound", f"A positional parameter cannot be found that accepts argument '{shown}'."
        )
    return _take(candidates[0][2], value, bound, sets)


def _searched(info: CmdletInfo, sets: set[str]) -> list[str]:
    """The default set comes first; the others only where it is out of question."""
    return [info.default_set] if info.default_set in sets else sorted(sets)


def _value_for(parameter: Parameter, value: object) -> object:
    mandatory = any(found.mandatory for found in parameter.sets.values())
    bare = plain(value)
    if mandatory and bare is None:
        raise _validation_error("NullNotAllowed", parameter, "it is null")
    if mandatory and bare == "" and parameter.type == "System.String":
        raise _validation_error("EmptyStringNotAllowed", parameter, "it is an empty string")
    if mandatory and bare == [] and parameter.type.endswith("[]"):
        raise _validation_error("EmptyArrayNotAllowed", parameter, "it is an empty array")
    if parameter.type in _BOOLEANS and (given := no_boolean(value)):
        raise _binding_error(
            "CannotConvertArgument",
            f"Cannot convert '{given}' to the type '{parameter.type}' required by parameter '{parameter.name}'. ",
        )
    try:
        return convert(value, parameter.type)
    except CannotConvertError as error:
        raise _binding_error(
            "CannotConvertArgumentNoMessage",
            f"Cannot bind parameter '{parameter.name}'. Cannot convert value \"{error.shown}\" to type "
            f'"{error.type_name or parameter.type}". Error: "{error.reason}"',
        ) from None


def _check_sets(info: CmdletInfo, bound: dict[str, object], sets: set[str], *, position: int, piped: bool) -> None:
    """One set must be left, with all that it demands; the default one goes before the others, even if it lacks something."""
    if not sets:
        raise _ambiguous_set()
    lacking = {name: list(_missing(info, name, bound, piped=piped)) for name in info.set_names if name in sets}
    if info.default_set not in sets:
        complete = [name for name, missing in lacking.items() if not missing]
        if len(complete) > 1 and info.default_set != EVERY_SET:
            raise _ambiguous_set()
        chosen = complete[0] if complete else min(lacking, key=lambda name: len(lacking[name]))
    else:
        chosen = info.default_set
    if lacking[chosen]:
        raise Question(
            "Prompt",
            f"cmdlet {info.name} at command pipeline position {position}",
            "Supply values for the following parameters:",
            tuple(lacking[chosen]),
            place=position - 1,
        )


def _missing(info: CmdletInfo, set_name: str, bound: dict[str, object], *, piped: bool) -> Iterator[str]:
    for known in info.parameters:
        found = known.in_set(set_name)
        if found is not None and found.mandatory and known.name not in bound and not (piped and found.from_pipeline):
            yield known.name


def _shown(value: object) -> str:
    return str(value.to_string or value) if isinstance(value, PSObject) else str(value)


def _ambiguous_set() -> CmdletError:
    return _binding_error(
        "AmbiguousParameterSet",
        "Parameter set cannot be resolved using the specified named parameters. One or more parameters issued cannot be used "
        "together or an insufficient number of parameters were provided.",
    )


def _binding_error(error_id: str, message: str) -> CmdletError:
    return CmdletError(message, error_id, "InvalidArgument", (_BINDING, *_BASES), terminating=True)


def _validation_error(error_id: str, parameter: Parameter, why: str) -> CmdletError:
    message = f"Cannot bind argument to parameter '{parameter.name}' because {why}."
    full_id = f"ParameterArgumentValidationError{error_id}"
    return CmdletError(message, full_id, "InvalidData", (_VALIDATION, _BINDING, *_BASES), terminating=True)
