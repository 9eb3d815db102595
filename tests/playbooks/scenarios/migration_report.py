"""The second document: the completed move, the one that is synced, and moves in which something went wrong."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from playbooks.migration.migration_report import playbook
from psbridge.engine import Failed
from psbridge.simulator.state import Tenant
from tests.playbooks.golden import Golden
from tests.playbooks.scenario import Scenario

__all__ = ["SCENARIOS", "SYNCED", "USER"]

USER = "user@domain.com"
MOVE = "Get-MoveRequestStatistics -Identity user@domain.com"
SYNCED = "synced.user@domain.com"


def inputs(identity: str = USER, source: str = "any") -> dict[str, str]:
    return {"identity": identity, "file": "", "users": "one", "from": source}


def reported(name: str, verdict: str, *, identity: str = USER, source: str = "any", golden: Golden | None = None) -> Scenario:
    """A move as the documents' tenant has it."""
    return Scenario(
        name=name,
        playbook=playbook,
        inputs=inputs(identity, source),
        result={"verdict": verdict},
        seed="migration",
        golden=golden,
    )


def spoilt(name: str, verdict: str, *, folder: dict[str, Any] | None = None, **move: Any) -> Scenario:
    """The completed move with other values: of the move itself, and of its first verified folder."""

    def live(tenant: dict[str, Any]) -> None:
        known = next(one for one in tenant["moves"] if one["identity"] == USER)
        known.update({camel(name): value for name, value in move.items()})
        if folder:
            known["verification"][0].update({camel(name): value for name, value in folder.items()})

    def simulated(tenant: Tenant) -> None:
        known = next(one for one in tenant.moves if one.identity == USER)
        _set(known, move)
        if folder:
            _set(known.verification[0], folder)

    return Scenario(
        name=name,
        playbook=playbook,
        inputs=inputs(),
        result={"verdict": verdict, "attention": f"{USER}: {verdict}"},
        seed="migration",
        live=live,
        simulated=simulated,
    )


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return "".join((first, *(part.capitalize() for part in rest)))


def _set(one: Any, values: dict[str, Any]) -> None:
    known = {field.name for field in fields(one)}
    for name, value in values.items():
        if name not in known:
            raise AssertionError(f"the simulator's {type(one).__name__} has no {name}")
        setattr(one, name, value)


SCENARIOS = (
    replace(reported("completed", "verified", golden=Golden("migration")), sweep=True),
    reported("move-request", "verified", source="move-request"),
    reported("synced", "under way", identity=SYNCED),
    spoilt("missing-items", "differs", folder={"missing": "3 [12 KB (12,288 bytes)]", "target": "10185 [1 KB (1,024 bytes)]"}),
    spoilt("corrupt-items", "differs", folder={"corrupt": "1 [4 KB (4,096 bytes)]", "target": "10187 [1 KB (1,024 bytes)]"}),
    spoilt("folder-missing", "differs", folder={"folder_is_missing": True, "target": "0 [0 B (0 bytes)]"}),
    spoilt("folder-misplaced", "differs", folder={"folder_is_misplaced": True, "mismatched_flags": 2}),
    spoilt("score-investigate", "differs", data_consistency_score="Investigate", skipped_items=2),
    spoilt("failed", "failed", status="Failed", status_detail="FailedBadItemLimit", error="TooManyBadItemsPermanentException."),
    spoilt("no-verification", "not verified", verification=[]),
    replace(
        spoilt("move-without-a-batch", "verified", batch=None),
        result={"verdict": "verified", "read_from": f"{MOVE} -IncludeReport"},
    ),
    Scenario(
        name="nobody",
        playbook=playbook,
        inputs=inputs("nobody@domain.com"),
        ends=Failed,
        says="Stopped at a move is there.",
        unchanged=True,
        seed="migration",
    ),
    Scenario(
        name="nobody-in-a-batch",
        playbook=playbook,
        inputs=inputs("nobody@domain.com", source="migration-user"),
        ends=Failed,
        says="Stopped at the migration user is there.",
        unchanged=True,
        seed="migration",
    ),
)
