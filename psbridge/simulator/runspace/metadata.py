"""The files of `cmdlets/parameters` in, what the real cmdlets declare out: classes, parameter sets, parameters."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ["COMMON", "EVERY_SET", "CmdletInfo", "InSet", "Parameter", "cmdlet_infos"]

EVERY_SET: Final = "*"
_FOLDER: Final = Path(__file__).parents[1] / "cmdlets" / "parameters"
_SWITCH: Final = "System.Management.Automation.SwitchParameter"


@dataclass(frozen=True, slots=True)
class InSet:
    """How a parameter takes part in one parameter set."""

    position: int | None = None
    mandatory: bool = False
    from_pipeline: bool = False
    by_property_name: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as its cmdlet declares it."""

    name: str
    type: str
    aliases: tuple[str, ...] = ()
    sets: Mapping[str, InSet] = field(default_factory=lambda: {EVERY_SET: InSet()})
    common: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether it takes no value."""
        return self.type == _SWITCH

    def in_set(self, name: str) -> InSet | None:
        """How it takes part in this set; None if it does not."""
        return self.sets.get(name) or self.sets.get(EVERY_SET)


@dataclass(frozen=True, slots=True)
class CmdletInfo:
    """A cmdlet: its name, its class, and what it takes."""

    name: str
    class_name: str
    default_set: str
    parameters: tuple[Parameter, ...]

    @property
    def set_names(self) -> tuple[str, ...]:
        """Every parameter set, also a default one without parameters of its own; `*` alone where there are none."""
        names = dict.fromkeys(name for known in self.parameters for name in known.sets if name != EVERY_SET)
        if self.default_set != EVERY_SET:
            names.setdefault(self.default_set)
        return tuple(names) or (EVERY_SET,)

    def meant(self, name: str) -> list[Parameter]:
        """The parameters that a name, an alias or the beginning of one may mean; one alone if it is whole."""
        wanted = name.removeprefix("-").lower()
        texts = [(known, [text.lower() for text in (known.name, *known.aliases)]) for known in self.parameters]
        exact = [known for known, names in texts if wanted in names]
        return exact[:1] or [known for known, names in texts if any(text.startswith(wanted) for text in names)]

    @property
    def confirms(self) -> bool:
        """Whether it has -WhatIf and -Confirm."""
        return any(known.name == "WhatIf" for known in self.parameters)


# System.Management.Automation.Internal.CommonParameters, which every cmdlet has.
COMMON: Final = tuple(
    Parameter(name, type_name, (alias,), common=True)
    for name, type_name, alias in (
        ("Verbose", _SWITCH, "vb"),
        ("Debug", _SWITCH, "db"),
        ("ErrorAction", "System.Management.Automation.ActionPreference", "ea"),
        ("WarningAction", "System.Management.Automation.ActionPreference", "wa"),
        ("InformationAction", "System.Management.Automation.ActionPreference", "infa"),
        ("ProgressAction", "System.Management.Automation.ActionPreference", "proga"),
        ("ErrorVariable", "System.String", "ev"),
        ("WarningVariable", "System.String", "wv"),
        ("InformationVariable", "System.String", "iv"),
        ("OutVariable", "System.String", "ov"),
        ("OutBuffer", "System.Int32", "ob"),
        ("PipelineVariable", "System.String", "pv"),
    )
)


@cache
def cmdlet_infos(endpoint: str) -> Mapping[str, CmdletInfo]:
    """Every cmdlet that a file declares, by its name in lower case."""
    content = tomllib.loads((_FOLDER / f"{endpoint}.toml").read_text(encoding="utf-8"))
    return {name.lower(): _cmdlet(name, declared) for name, declared in content.items()}


def _cmdlet(name: str, declared: dict[str, Any]) -> CmdletInfo:
    parameters = tuple(_parameter(known, said) for known, said in declared.get("parameters", {}).items())
    return CmdletInfo(name, declared["class"], declared.get("default", EVERY_SET), (*parameters, *COMMON))


def _parameter(name: str, said: dict[str, Any]) -> Parameter:
    sets = {known: _in_set(flags) for known, flags in said.get("sets", {EVERY_SET: ""}).items()}
    return Parameter(name, said["type"], tuple(said.get("aliases", ())), sets)


def _in_set(flags: str) -> InSet:
    digits = flags.rstrip("!|~")
    return InSet(int(digits) if digits else None, "!" in flags, "|" in flags, "~" in flags)
