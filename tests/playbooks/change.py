"""A difference from the documents' tenant, said once, made in both: in the real engine's file and in the simulator's state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, TypeAlias, get_type_hints

from pydantic import TypeAdapter

from psbridge.simulator.state import Tenant

__all__ = ["Change", "gone", "settings", "user"]

Side: TypeAlias = Literal["onPremises", "directory", "cloud", "settings", "sync"]
# What the two call differently; everything else is the same word in camelCase and in snake_case.
_NAMES: Final[Mapping[str, str]] = {"legacyExchangeDN": "legacy_exchange_dn"}


@dataclass(frozen=True, slots=True)
class Change:
    """Values of one person on one side, of the settings or of the synchronisation, by the names of the engine's file.

    - `who`: the sign-in name; empty for `settings` and `sync`. `gone`: there is no such person.
    """

    side: Side
    who: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False

    def live(self, tenant: dict[str, Any]) -> None:
        """Make it in the real engine's tenant."""
        place = tenant[self.side]
        if not self.who:
            place.update(self.values)
        elif self.gone:
            tenant[self.side] = [person for person in place if person["userPrincipalName"].lower() != self.who.lower()]
        else:
            next(person for person in place if person["userPrincipalName"].lower() == self.who.lower()).update(self.values)

    def simulated(self, tenant: Tenant) -> None:
        """Make it in the simulator's."""
        place = getattr(tenant, _snake(self.side))
        if not self.who:
            _update(place, self.values)
        elif self.gone:
            place[:] = [person for person in place if person.user_principal_name.lower() != self.who.lower()]
        else:
            _update(next(one for one in place if one.user_principal_name.lower() == self.who.lower()), self.values)


def user(side: Side, who: str, **values: Any) -> Change:
    """A person differs."""
    return Change(side, who, values)


def gone(side: Side, who: str) -> Change:
    """A person is not there."""
    return Change(side, who, gone=True)


def settings(**values: Any) -> Change:
    """The tenant behaves differently."""
    return Change("settings", values=values)


def _update(one: Any, values: Mapping[str, Any]) -> None:
    types = get_type_hints(type(one))
    known = {field.name for field in fields(one)}
    for name, value in values.items():
        own = _snake(name)
        if own not in known:
            raise AssertionError(f"the simulator's {type(one).__name__} has no {own}")
        setattr(one, own, TypeAdapter(types[own]).validate_json(_json(value)))


def _json(value: Any) -> bytes:
    return TypeAdapter(Any).dump_json(_snaked(value))


def _snaked(value: Any) -> Any:
    """Names in records become the simulator's; what is laid over objects by property names (`properties`) keeps its own."""
    if isinstance(value, list | tuple):
        return [_snaked(item) for item in value]
    if isinstance(value, Mapping):
        return {_snake(name) if name[:1].islower() else name: _snaked(item) for name, item in value.items()}
    return value


def _snake(name: str) -> str:
    return _NAMES.get(name) or re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)
