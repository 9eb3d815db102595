"""A seed and a change of it in, the whole content out: a tenant that differs in one thing is said in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["PEOPLE", "extended"]

PEOPLE: Final = ("on_premises", "directory", "cloud")
_NAME: Final = "user_principal_name"
_OWN: Final = frozenset({"extends", "whole"})


def extended(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a change over a seed.

    A table is laid over a table, name by name. People are found by `user_principal_name`: what is named of one is changed,
    `unset` lists what is taken away, `gone = true` takes the person away, and who is not there yet is added. Any other list,
    and a list that `whole` names, takes the place of the one before.
    """
    whole = set(change.get("whole", ()))
    content = dict(base)
    for name, value in change.items():
        if name in PEOPLE and name not in whole:
            content[name] = _people(content.get(name, []), value)
        elif name not in _OWN:
            content[name] = _laid_over(content.get(name), value)
    return content


def _people(before: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    people = [dict(person) for person in before]
    for change in changes:
        who = str(change.get(_NAME, "")).lower()
        place = next((place for place, one in enumerate(people) if str(one.get(_NAME, "")).lower() == who), None)
        values = {name: value for name, value in change.items() if name not in {"unset", "gone"}}
        if place is None:
            people.append(values)
        elif change.get("gone"):
            del people[place]
        else:
            kept = {name: value for name, value in people[place].items() if name not in change.get("unset", ())}
            people[place] = {**kept, **values, _NAME: people[place][_NAME]}
    return people


def _laid_over(before: Any, value: Any) -> Any:
    return {**before, **value} if isinstance(before, Mapping) and isinstance(value, Mapping) else value
