"""Commands as data: a cmdlet's name and its typed parameters. They become text for people only."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psbridge.errors import InputError, ValueTypeError
from psbridge.psobject import SWITCH, DateTime, SecureString, Switch, TimeSpan
from psbridge.quoting import render_argument

__all__ = ["SWITCH", "Command", "Pipeline", "Switch", "canonical", "fingerprint"]

_CMDLET: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*-[A-Za-z][A-Za-z0-9]*")
_PARAMETER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Command:
    """One cmdlet call. Raises InputError if a name is not a cmdlet's or a parameter's.

    The name `Identity` and its positional form are the same to Exchange; psbridge always sends names.
    """

    name: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _CMDLET.fullmatch(self.name):
            raise InputError(f"{self.name!r} is no cmdlet name (Verb-Noun, letters and digits)")
        for name in self.parameters:
            if not _PARAMETER.fullmatch(name):
                raise InputError(f"{name!r} is no parameter name of {self.name}")

    def __str__(self) -> str:
        """The command line as one would type it."""
        parts = [self.name]
        for name, value in self.parameters.items():
            if isinstance(value, Switch):
                parts.append(f"-{name}")
            elif isinstance(value, bool):
                parts.append(f"-{name}:{render_argument(value)}")
            else:
                parts.append(f"-{name} {render_argument(value)}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`."""

    commands: tuple[Command, ...]

    def __post_init__(self) -> None:
        if not self.commands:
            raise InputError("a pipeline needs at least one command")

    @classmethod
    def of(cls, name: str, /, **parameters: object) -> Pipeline:
        """A pipeline of one command."""
        return cls((Command(name, parameters),))

    def __str__(self) -> str:
        return " | ".join(str(command) for command in self.commands)


def canonical(value: object) -> object:
    """Give what JSON can hold of a pipeline, a command or a value, the same for equal values in every version.

    A SecureString becomes a mark without its text: two commands that differ in a secret only are alike here.
    """
    if isinstance(value, Pipeline):
        return [canonical(command) for command in value.commands]
    if isinstance(value, Command):
        return {"cmdlet": value.name, "parameters": {name: canonical(item) for name, item in value.parameters.items()}}
    for kinds, tag, write in _CANONICAL:
        if isinstance(value, kinds):
            return {tag: write(value)} if tag else write(value)
    if isinstance(value, Mapping):
        return {"dict": [[canonical(key), canonical(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    raise ValueTypeError(type(value).__name__, "it has no canonical form")


def fingerprint(value: object) -> str:
    """The SHA-256 of the canonical form, in hex."""
    text = json.dumps(canonical(value), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


_CANONICAL: Final[tuple[tuple[Any, str, Callable[[Any], object]], ...]] = (
    (Switch, "switch", lambda _: True),
    (SecureString, "secure", lambda _: None),
    ((DateTime, datetime), "DT", lambda value: str(value if isinstance(value, DateTime) else DateTime.of(value))),
    ((TimeSpan, timedelta), "TS", lambda value: (value if isinstance(value, TimeSpan) else TimeSpan.of(value)).ticks),
    (UUID, "G", str),
    (Decimal, "D", lambda value: f"{value:f}"),
    (bytes, "BA", bytes.hex),
    (float, "Db", float.hex),
    ((str, bool, int, type(None)), "", lambda value: value),
)
