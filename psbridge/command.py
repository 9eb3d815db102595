"""Commands as data: a cmdlet's name and its typed parameters. They become text for people only."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from psbridge.errors import InputError, ValueTypeError
from psbridge.psobject import (
    SWITCH,
    Byte,
    Char,
    DateTime,
    Int16,
    Int64,
    SByte,
    SecureString,
    Single,
    Switch,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)
from psbridge.quoting import INT32, INT64, MAX_DEPTH, quote, render_argument
from psbridge.scripts import SCRIPTS, ConstantScript

__all__ = ["SWITCH", "Command", "Pipeline", "ScriptCommand", "Switch", "canonical", "fingerprint"]

_CMDLET: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*-[A-Za-z][A-Za-z0-9]*")
_PARAMETER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Command:
    """One cmdlet call. Raises InputError if a name is not a cmdlet's or a parameter's, or is given twice.

    The parameters are copied. The name `Identity` and its positional form are the same to Exchange; psbridge always
    sends names.
    """

    name: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _CMDLET.fullmatch(self.name):
            raise InputError(f"{self.name!r} is no cmdlet name (Verb-Noun, letters and digits)")
        seen: dict[str, str] = {}
        for name in self.parameters:
            if not _PARAMETER.fullmatch(name):
                raise InputError(f"{name!r} is no parameter name of {self.name}")
            if seen.setdefault(name.lower(), name) != name:
                raise InputError(f"{seen[name.lower()]!r} and {name!r} are one parameter of {self.name}; give it once")
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __str__(self) -> str:
        """The command line as one would type it; raises ValueTypeError for a value that has no text."""
        return " ".join((self.name, *(_argument(name, value) for name, value in self.parameters.items())))

    def __hash__(self) -> int:
        return hash((self.name, frozenset(self.parameters)))

    def __reduce__(self) -> tuple[type[Command], tuple[str, dict[str, object]]]:
        return Command, (self.name, dict(self.parameters))


@dataclass(frozen=True, slots=True)
class ScriptCommand(Command):
    """A call of one constant script of `psbridge.scripts`, by its name; raises InputError if there is none of this name.

    Its text goes to the far end as a script, its parameters beside it as values. It stands alone in a pipeline.
    """

    def __post_init__(self) -> None:
        Command.__post_init__(self)  # no super(): a dataclass with slots is made twice
        if self.name not in SCRIPTS:
            raise InputError(f"there is no constant script {self.name!r}; there are: {', '.join(SCRIPTS)}")

    @property
    def script(self) -> ConstantScript:
        """What is sent."""
        return SCRIPTS[self.name]

    def __str__(self) -> str:
        """The lines that one would type instead; raises ValueTypeError for a value that has no text."""
        return self.script.typed.format_map({name: _typed(value) for name, value in self.parameters.items()})

    def __hash__(self) -> int:
        return Command.__hash__(self)

    def __reduce__(self) -> tuple[type[Command], tuple[str, dict[str, object]]]:
        return ScriptCommand, (self.name, dict(self.parameters))


def _typed(value: object) -> str:
    """A value as it is right both as an argument and inside a hashtable: a text has quotes."""
    return quote(value) if type(value) is str else render_argument(value)


def _argument(name: str, value: object) -> str:
    if isinstance(value, Switch):
        return f"-{name}"
    if isinstance(value, bool):
        return f"-{name}:{render_argument(value)}"
    return f"-{name} {render_argument(value)}"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`."""

    commands: tuple[Command, ...]

    def __post_init__(self) -> None:
        if not self.commands:
            raise InputError("a pipeline needs at least one command")
        if len(self.commands) > 1 and any(isinstance(command, ScriptCommand) for command in self.commands):
            raise InputError("a constant script stands alone in its pipeline")

    @classmethod
    def of(cls, name: str, /, **parameters: object) -> Pipeline:
        """A pipeline of one command."""
        return cls((Command(name, parameters),))

    def __str__(self) -> str:
        return " | ".join(str(command) for command in self.commands)


def canonical(value: object) -> object:
    """Give what JSON can hold of a pipeline, a command or a value: the same for equal values, in every version.

    Equal is what arrives equal: the type counts (5, 5.0, "5" and True differ, and Byte 5 from Int32 5), so does the
    order of commands and of lists; the order of parameters and of a dict's keys does not. Names keep their spelling.
    A SecureString becomes a mark without its text: two commands that differ in a secret only are alike here.
    Raises ValueTypeError for a value that has no such form.
    """
    return _canonical(value, MAX_DEPTH)


def fingerprint(value: object) -> str:
    """The SHA-256 of the canonical form, in hex; raises ValueTypeError as `canonical` does."""
    return hashlib.sha256(_json(canonical(value)).encode()).hexdigest()


def _canonical(value: object, depth: int) -> object:
    if depth == 0:
        raise ValueTypeError(type(value).__name__, f"it is nested deeper than {MAX_DEPTH} levels, or contains itself")
    if isinstance(value, Pipeline):
        return [_canonical(command, depth) for command in value.commands]
    if isinstance(value, Command):
        parameters = {name: _canonical(item, depth) for name, item in value.parameters.items()}
        if isinstance(value, ScriptCommand):
            return {"script": value.name, "sha256": value.script.sha256, "parameters": parameters}
        return {"cmdlet": value.name, "parameters": parameters}
    for kinds, tag, write in _CANONICAL:
        if isinstance(value, kinds):
            return {tag: write(value)} if tag else write(value)
    if isinstance(value, Mapping):
        entries = [[_canonical(key, depth - 1), _canonical(item, depth - 1)] for key, item in value.items()]
        return {"dict": sorted(entries, key=_json)}
    if isinstance(value, list | tuple):
        return [_canonical(item, depth - 1) for item in value]
    raise ValueTypeError(type(value).__name__, "it has no canonical form")


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _decimal(value: Any) -> str:
    if not value.is_finite():
        raise ValueTypeError("Decimal", f"{value} is no number that System.Decimal holds")
    return f"{value:f}"


def _whole_number(value: Any) -> object:
    number = int(value)
    if number not in INT64:
        raise ValueTypeError("int", f"{number} is larger than Int64")
    return number if number in INT32 else {"I64": number}  # that is what it travels as


# In this order: bool is an int, and the classes with a tag are int, float or str. A tag is CLIXML's where it has one.
_CANONICAL: Final[tuple[tuple[Any, str, Callable[[Any], object]], ...]] = (
    (Switch, "switch", lambda _: True),
    (SecureString, "secure", lambda _: None),
    ((DateTime, datetime), "DT", lambda value: str(value if isinstance(value, DateTime) else DateTime.of(value))),
    ((TimeSpan, timedelta), "TS", lambda value: (value if isinstance(value, TimeSpan) else TimeSpan.of(value)).ticks),
    (UUID, "G", str),
    (Decimal, "D", _decimal),
    ((bytes, bytearray), "BA", lambda value: value.hex()),
    (Single, "Sg", float.hex),
    (float, "Db", float.hex),
    (Char, "C", str),
    (Uri, "URI", str),
    (XmlDocument, "XD", str),
    (Version, "Version", str),
    (SByte, "SB", int),
    (Byte, "By", int),
    (Int16, "I16", int),
    (UInt16, "U16", int),
    (UInt32, "U32", int),
    (Int64, "I64", int),
    (UInt64, "U64", int),
    ((bool, type(None)), "", lambda value: value),
    (str, "", str),
    (int, "", _whole_number),
)
