"""Each guard at which a playbook stops has a scenario: a tenant's seed and a recording, which replay offline."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import playbooks
from tests.playbooks.record_cassettes import CASSETTES

ROOT: Final = Path(playbooks.__file__).parent
# What stops a run by the name that is its first argument: Run.guard, guards.Guard, errors.Stopped.
STOPPING: Final = frozenset({"guard", "Guard", "Stopped"})
# Guards without a recording, and why.
WITHOUT: Final = {
    "the migration can be started": "nothing is looked at before it (test_migration_step)",
    "one user is named": "nothing is looked at before it (test_migration_report)",
    "the file has not changed while it was read": "a file of this machine, and no far end (test_migration_report)",
    "the file holds one move of this user": "a file of this machine, and no far end (test_migration_report)",
    "the file holds the statistics of moves": "a file of this machine, and no far end (test_migration_report)",
    "no hold of the whole organisation reaches the mailbox": "the engine's tenant has no such holds (test_holds)",
    "no licence was taken away lately": "the engine's tenant has no delay without a licence (test_validation_error)",
    "the account is not managed in the cloud": "in both tenants it is not synchronised either (test_mobile_phone_diagnosis)",
    "the numbers are the approved ones": "the run compares again and asks again before (test_mobile_phone_bypass)",
}


def test_every_guard_has_a_recording_or_a_reason() -> None:
    told = list(ends())
    without = {name for name in guards() if not any(re.match(f"Stopped at {shape(name)}\\. Found: ", why) for why in told)}
    assert without == set(WITHOUT)


def ends() -> Iterator[str]:
    """How the recorded runs that failed ended."""
    for path in sorted(CASSETTES.rglob("*.journal")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if (entry.get("kind"), entry.get("state")) == ("end", "failed"):
                yield entry["why"]


def guards() -> set[str]:
    """The name of each guard in the text of the playbooks of today; `*` stands for what is filled in."""
    found = set()
    for path in sorted(ROOT.rglob("*.py")):
        if "version_1" not in path.parts:
            found |= {text_of(first) for first in first_arguments(path)}
    return found - {""}


def first_arguments(path: Path) -> Iterator[ast.expr]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[first, *_]) if name in STOPPING:
                yield first


def text_of(node: ast.expr) -> str:
    """A constant, or an f-string; "" for a name that comes from elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts)
        case _:
            return ""


def shape(name: str) -> str:
    """A pattern for the name with anything in the place of `*`."""
    return ".*".join(map(re.escape, name.split("*")))
