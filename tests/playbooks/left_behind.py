"""A tenant, a journal in; what a run leaves behind out, without times, ids that a server makes, and what only counts looks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from psbridge.engine import Done, Failed, Finished, Operator, Outcome
from psbridge.journal import Entry, Kind
from psbridge.simulator.seed import state_to_json
from psbridge.simulator.state import Tenant
from tests.playbooks.scenario import RUN
from tests.playbooks.sent import SCRIPTS

__all__ = ["LeftBehind", "destructive", "evidence_of", "left_behind", "plain", "without_times"]

_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?(?: UTC)?|\d{1,2}/\d{1,2}/\d{4}[ 0-9:]*(?:AM|PM)?"
)
# Also as the end of a distinguished name, where it has no hyphens.
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{32}")
# What passes by itself, counts calls, or is the report of how long something took.
_PASSING: Final = frozenset(
    {"clock", "now", "serial", "calls", "faults", "events", "pending", "sync_history", "history", "entries", "order"}
    | {"cycles", "next_cycle", "nextCycle", "changed", "next_object_ids", "nextObjectIds", "nextDatabases", "next_databases"}
    | {"synced_duration", "syncedDuration", "in_progress", "inProgress"}
)


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """How a run ended: what it says, its evidence by key, and the tenant."""

    outcome: str
    evidence: dict[str, Any]
    tenant: Any

    def differences(self, other: LeftBehind) -> list[str]:
        """In what it differs from another one, which was not disturbed; empty if in nothing."""
        found = [] if self.outcome == other.outcome else [f"the outcome: {self.outcome}, not {other.outcome}"]
        found += [
            f"the evidence {key}: {self.evidence.get(key)}, not {other.evidence.get(key)}"
            for key in sorted(self.evidence.keys() | other.evidence.keys())
            if self.evidence.get(key) != other.evidence.get(key)
        ]
        return found + [f"the tenant: {line}" for line in _different(self.tenant, other.tenant, "")]


def left_behind(outcome: Outcome, entries: Iterable[Entry], state: Any, known: str, *, run_id: str = RUN) -> LeftBehind:
    """Of a run, its journal and its tenant; `known`: the text of the tenant before, with the ids that count."""
    told = [_told(outcome), evidence_of(entries), _lasting(state)]
    return LeftBehind(*without_times(json.loads(json.dumps(told).replace(run_id, RUN)), known))


def evidence_of(entries: Iterable[Entry]) -> dict[str, Any]:
    """What was kept, by the key of its step."""
    return {entry.key: entry.body["shown"] for entry in entries if entry.kind is Kind.EVIDENCE and entry.state == "done"}


def destructive(entries: Iterable[Entry]) -> frozenset[str]:
    """The cmdlets of a run's destructive steps, as they leave the client and as they run."""
    names = {entry.command.split()[0] for entry in entries if entry.kind is Kind.DESTROY}
    scripts = {name for script, cmdlets in SCRIPTS.items() if {script, *cmdlets} & names for name in (script, *cmdlets)}
    return frozenset(names | scripts)


def plain(state: Any) -> Any:
    """A tenant of the simulator, or of the real engine, as JSON."""
    return json.loads(state_to_json(state)) if isinstance(state, Tenant) else state


def without_times(told: Any, known: str) -> Any:
    """Any JSON, with a word for each time and for each id that is not in the text `known`."""
    if isinstance(told, dict):
        return {without_times(name, known): without_times(value, known) for name, value in told.items()}
    if isinstance(told, list):
        return [without_times(value, known) for value in told]
    if not isinstance(told, str):
        return told
    return _GUID.sub(lambda found: found[0].lower() if found[0].lower() in known else "(id)", _TIME.sub("(time)", told))


def _told(outcome: Outcome) -> Any:
    match outcome:
        case Finished(outcome=ended):
            return _told(ended)
        case Done(result=result):
            return f"Done: {json.dumps(dict(result), default=str, sort_keys=True)}"
        case Failed(error=error):
            return f"Failed: {error}"
        case Operator(why=why):
            return f"Operator: {why}"
        case _:
            return str(outcome)


def _lasting(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _lasting(value) for name, value in sorted(state.items()) if name not in _PASSING}
    if isinstance(state, list):
        return [_lasting(value) for value in state]
    return state


def _different(one: Any, other: Any, place: str) -> list[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted(one.keys() | other.keys())
        return [line for name in names for line in _different(one.get(name), other.get(name), f"{place}.{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            line for number, pair in enumerate(zip(one, other, strict=True)) for line in _different(*pair, f"{place}[{number}]")
        ]
    return [] if one == other else [f"{place}: {one}, not {other}"]
