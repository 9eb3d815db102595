"""`python -m tests.playbooks.record_seeds`: the simulator's tenant of every scenario, as a seed of a few lines.

A seed lies in `fixtures/tenants/<playbook>/<scenario>.toml` and extends the one of its section: it says what is different.
Whoever wants to see a refusal runs the playbook with `--simulate --seed FILE`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from psbridge.simulator.seed import load_seed, state_to_json
from psbridge.simulator.seed_extension import PEOPLE
from tests.playbooks.scenario import Scenario, all_scenarios

__all__ = ["SEEDS", "seed_of", "text_of"]

SEEDS: Final = Path(__file__).resolve().parents[2] / "fixtures" / "tenants"
_NAME: Final = "user_principal_name"


def seed_of(scenario: Scenario) -> Path | None:
    """Where a scenario's seed lies; None where it plays in the tenant of its section as it is."""
    return SEEDS / scenario.playbook.name / f"{scenario.name}.toml" if text_of(scenario) else None


def text_of(scenario: Scenario) -> str:
    """The seed; empty if the scenario changes nothing."""
    tenant = load_seed(scenario.seed)
    before = json.loads(state_to_json(tenant))
    scenario.prepare(tenant)
    after = json.loads(state_to_json(tenant))
    lines = list(_differences(before, after))
    head = [f"# {scenario.playbook.name}: {scenario.name}", f'extends = "{scenario.seed}"']
    return "\n".join([*head, *lines, ""]) if lines else ""


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    changed = [name for name in (*before, *(name for name in after if name not in before)) if before.get(name) != after.get(name)]
    whole = [name for name in changed if name in PEOPLE and not _told_apart(before.get(name, []), after.get(name, []))]
    if whole:
        yield f"whole = {_value(whole)}"
    tables = [name for name in changed if isinstance(after.get(name), Mapping)]
    for name in changed:
        if name not in tables and (name not in PEOPLE or name in whole):
            yield f"{name} = {_value(after.get(name, []))}"
    for name in tables:
        yield from ("", f"[{name}]", *_fields(before.get(name, {}), after[name]))
    for name in changed:
        if name in PEOPLE and name not in whole:
            yield from _people(name, before.get(name, []), after.get(name, []))


def _told_apart(*sides: list[dict[str, Any]]) -> bool:
    counts = [Counter(person[_NAME].lower() for person in side) for side in sides]
    return all(number == 1 for count in counts for number in count.values())


def _people(side: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[str]:
    now = {person[_NAME]: person for person in after}
    then = {person[_NAME]: person for person in before}
    for name in dict.fromkeys((*then, *now)):
        if then.get(name) == now.get(name):
            continue
        yield from ("", f"[[{side}]]", f"{_NAME} = {_value(name)}")
        if name not in now:
            yield "gone = true"
            continue
        yield from (line for line in _fields(then.get(name, {}), now[name]) if not line.startswith(f"{_NAME} ="))
        unset = [field for field in then.get(name, {}) if field not in now[name] or now[name][field] is None]
        if unset:
            yield f"unset = {_value(unset)}"


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} = {_value(value)}" for name, value in after.items() if value is not None and before.get(name) != value)


def _value(value: Any) -> str:
    """A value as TOML; what JSON and TOML write alike is JSON's."""
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{json.dumps(name)} = {_value(one)}' for name, one in value.items() if one is not None)} }}"
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    """Write them all; one that is no scenario's any more is taken away."""
    wanted = {path: text_of(scenario) for scenario in all_scenarios() if (path := seed_of(scenario)) is not None}
    for path in SEEDS.glob("*/*.toml"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
