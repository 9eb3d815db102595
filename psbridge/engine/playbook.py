"""What a playbook is: a name, a version, its inputs, and a function that goes from step to step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from psbridge.cmdlets.directory import DIALECTS
from psbridge.engine.run import Run
from psbridge.errors import InputError

__all__ = ["DIALECT", "Input", "Playbook"]


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a playbook. Without a default it must be given; with `choices` it must be one of them.

    `column` names the column of a table that fills it where a run is started for each line (`run --from`).
    `replaces`: the endpoints that are not needed where this input is given; with `replaces_at`, where it has that value.
    """

    name: str
    help: str = ""
    default: str | None = None
    choices: tuple[str, ...] = ()
    column: str = ""
    replaces: tuple[str, ...] = ()
    replaces_at: str = ""

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is None

    def is_instead(self, value: str | None) -> bool:
        """Whether with this value the endpoints are not needed that it replaces."""
        return bool(value) and self.replaces_at in {"", value}


# Taken by every playbook that speaks to the directory; `psbridge run` fills it from the profile.
DIALECT: Final = Input(
    "dialect", "how the directory is spoken to: MSOnline as in the documents, Microsoft Graph, or Entra", "msonline", DIALECTS
)


@dataclass(frozen=True, slots=True)
class Playbook:
    """A procedure.

    `outline` describes the phases in order, for people; an item is a text, or (key, text), where key is the first step
    of that phase: then a plan can tell which phases it did not reach.

    `body` may do nothing but call the steps of Run: between them it has no effects, reads no clock and draws no lots,
    because it is run again from its top after every wait and crash. It returns what the run's result is to show: texts, numbers,
    lists, and mappings of them by texts; with what JSON cannot hold the run does not end well. `findings` counts what needs a
    person.

    `version` is stored with each run. Raise it when a step is added, removed, renamed, moved or asks for something else,
    and keep the old one among `earlier` until no run needs it.
    """

    name: str
    version: str
    summary: str
    inputs: tuple[Input, ...]
    endpoints: tuple[str, ...]
    outline: tuple[str | tuple[str, str], ...]
    body: Callable[[Run], Mapping[str, object]]
    earlier: tuple[Playbook, ...] = ()

    def needed(self, given: Mapping[str, str]) -> tuple[str, ...]:
        """The endpoints that a run with these inputs needs."""
        replaced = {name for item in self.inputs if item.is_instead(given.get(item.name)) for name in item.replaces}
        return tuple(name for name in self.endpoints if name not in replaced)

    @property
    def defaults(self) -> Mapping[str, str]:
        """The inputs that need not be given, with the value that they have then."""
        return {item.name: item.default for item in self.inputs if item.default is not None}

    def filled(self, given: Mapping[str, str]) -> dict[str, str]:
        """Check inputs and put in the defaults. Raises InputError for one that is missing, empty, unknown or no choice."""
        known = {item.name: item for item in self.inputs}
        for name in given:
            if name not in known:
                raise InputError(f"{self.name} has no input {name!r}; it has: {', '.join(known) or 'none'}")
        return {name: self._value(item, given.get(name)) for name, item in known.items()}

    def _value(self, item: Input, given: str | None) -> str:
        value = item.default if given is None else given
        if value is None or (item.required and not value.strip()):
            raise InputError(f"{self.name} needs the input {item.name!r}{f': {item.help}' if item.help else ''}")
        if item.choices and value not in item.choices:
            raise InputError(f"{self.name}: {item.name} cannot be {value!r}; choose one of {', '.join(item.choices)}")
        return value
