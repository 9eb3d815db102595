"""A given value and the .NET type of a parameter in, the value that the cmdlet sees out, or why it cannot be had.

The texts are the real binder's; their ids and categories decide (remoting-notes 9.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from psbridge.psobject import Kind, PSObject, SecureString, Switch
from psbridge.simulator.runspace.enums import ENUMS

__all__ = ["CannotConvertError", "convert", "no_boolean", "plain"]

_SWITCH: Final = "System.Management.Automation.SwitchParameter"


class CannotConvertError(Exception):
    """The value does not become the type; the text is the binder's `Error: "..."`. `type_name`: of an item of several."""

    def __init__(self, reason: str, shown: str) -> None:
        super().__init__(reason)
        self.reason, self.shown = reason, shown
        self.type_name: str | None = None


def plain(value: object) -> object:
    """Take the wrapping off a value that came over a wire: lists, tables and objects around simple values."""
    if isinstance(value, PSObject):
        return _unwrapped(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(held) for key, held in value.items()}
    return True if isinstance(value, Switch) else value


def _unwrapped(value: PSObject) -> object:
    if value.kind in (Kind.DICT, Kind.ORDERED):
        return {plain(key): plain(held) for key, held in value.entries or []}
    if value.items is not None:
        return [plain(item) for item in value.items]
    if value.type_name == _SWITCH:
        return value.get("IsPresent") is not False
    return plain(value.base) if value.has_base else value


def convert(value: object, type_name: str) -> object:
    """Make a value what the parameter takes: an id stays text, a number becomes one. Raises CannotConvertError."""
    value = plain(value)
    if type_name.endswith("[]") and type_name != "System.Byte[]":
        return _several(value, type_name.removesuffix("[]"))
    if "MultiValuedProperty`1" in type_name:
        return _several(value, "System.String")
    if type_name.startswith("System.Nullable`1["):
        return None if value is None else convert(value, type_name.removeprefix("System.Nullable`1[").removesuffix("]"))
    return _single(value, type_name)


def _several(value: object, type_name: str) -> list[object]:
    try:
        return [convert(item, type_name) for item in (value if isinstance(value, list) else [value])]
    except CannotConvertError as error:
        error.type_name = type_name
        raise


def _single(value: object, type_name: str) -> object:
    if type_name in _CONVERTERS:
        return _CONVERTERS[type_name](value)
    if type_name in ENUMS:
        return _enum(value, type_name)
    return _id_parameter(value, type_name) if type_name.endswith(("IdParameter", ".Fqdn")) else value


def _text(value: object) -> str:
    if value is None:
        return ""
    return ("True" if value else "False") if isinstance(value, bool) else str(value)


def _string(value: object) -> object:
    return " ".join(_text(item) for item in value) if isinstance(value, list) else _text(value)


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise CannotConvertError("Cannot convert value to type System.Management.Automation.SwitchParameter.", _text(value))


def no_boolean(value: object) -> str:
    """The .NET type of what a Boolean parameter refuses, or "": it takes Booleans and numbers, no text and no switch."""
    if isinstance(value, Switch) or (isinstance(value, PSObject) and value.type_name == _SWITCH):
        return _SWITCH
    bare = plain(value)
    return "" if bare is None or isinstance(bare, bool | int | float) else _type_of(bare)


def _boolean(value: object) -> bool:
    """A value that `no_boolean` has let through."""
    return bool(value)


def _guid(value: object) -> UUID:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(_text(value))
    except ValueError:
        raise CannotConvertError("Unrecognized Guid format.", _text(value)) from None


def _int32(value: object) -> int:
    try:
        return int(_text(value)) if not isinstance(value, bool) else int(value)
    except ValueError:
        raise CannotConvertError(f"The input string '{_text(value)}' was not in a correct format.", _text(value)) from None


def _unlimited(value: object) -> int | None:
    if isinstance(value, str) and value.lower() == "unlimited":
        return None
    try:
        number = int(_text(value))
    except ValueError:
        inner = f'Cannot convert value "{_text(value)}" to type "System.UInt32". Error: "The input string \'{_text(value)}\' was '
        raise CannotConvertError(f'{inner}not in a correct format."', _text(value)) from None
    if number < 0:
        inner = f'Cannot convert value "{number}" to type "System.UInt32". '
        raise CannotConvertError(f'{inner}Error: "Value was either too large or too small for a UInt32."', _text(value))
    return number


def _id_parameter(value: object, type_name: str) -> object:
    """Exchange's id parameters: null means none, an empty text is refused."""
    if value is None:
        return None
    text = _text(value)
    if not text:
        reason = f"Parameter values of type {type_name} can't be empty. Specify a value, and try again. (Parameter 'identity')"
        raise CannotConvertError(reason, text)
    return text


def _enum(value: object, type_name: str) -> str:
    """A name in any case, whole or shortened as long as it is unambiguous."""
    names, written = ENUMS[type_name], _text(value)
    wanted = written.lower()
    near = [name for name in names if name.lower() == wanted] or [name for name in names if name.lower().startswith(wanted)]
    if len(near) == 1:
        return near[0]
    if near:
        raise CannotConvertError(
            f"The identifier name {written} cannot be processed because it is either too similar or identical to the following "
            f"enumerator names: {', '.join(near)}. Use a more specific identifier name.",
            written,
        )
    reason = f"Unable to match the identifier name {written} to a valid enumerator name. "
    listed = ", ".join(names)
    raise CannotConvertError(f"{reason}Specify one of the following enumerator names and try again:\n{listed}", written)


def _type_of(value: object) -> str:
    known = {
        str: "System.String",
        list: "System.Collections.ArrayList",
        dict: "System.Collections.Hashtable",
        UUID: "System.Guid",
    }
    return next((name for kind, name in known.items() if isinstance(value, kind)), f"System.{type(value).__name__}")


def _secret(value: object) -> object:
    if isinstance(value, SecureString | PSObject) or value is None:
        return value
    shown = _text(value)
    raise CannotConvertError(
        f'Cannot convert the "{shown}" value of type "System.String" to type "System.Security.SecureString".', shown
    )


_CONVERTERS: Final[Mapping[str, Callable[[object], object]]] = {
    _SWITCH: _switch,
    "System.String": _string,
    "System.Boolean": _boolean,
    "System.Guid": _guid,
    "System.Int32": _int32,
    "System.UInt32": _int32,
    "System.Security.SecureString": _secret,
    "Microsoft.Exchange.Data.Unlimited`1[System.UInt32]": _unlimited,
}
