"""The same scenario played in both tenants in; every way in which they disagree in substance out.

The simulator and the real engine's tenant are written independently. Times, ids that a server makes, and how often a wait looks
are no disagreement; what a guard finds, what evidence holds, what an approval is given for and how a cmdlet answers are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from psbridge.journal import Entry, Kind
from psbridge.session import Result
from tests.playbooks.playing import Played
from tests.playbooks.scenario import Scenario

__all__ = ["disagreements", "must_agree"]

# The playbook whose scenarios are compared. A disagreement is settled by the documents and the field notes. Left out: how a
# service that no longer takes -AllowLegacyDNMismatch says so is in no source; the engine's tenant takes any entry of InPlaceHolds
# for a hold, also a policy that only deletes (field-notes 1.7); and each tenant makes up an id for a group.
_PLAYBOOK = "duplicate-mailbox-delete-account"
_LEFT_OUT = frozenset({"x500", "deleting-policy", "stopped-licensed-by-a-group"})

# The ids of a request, and when it was answered, as Graph writes them into its messages.
_MADE_BY_A_SERVER = re.compile(r"""(request-id["\s]*:["\s]*)[0-9a-f-]{36}|(?<=Date: )[0-9T:-]{19}|("date":")[0-9T:-]{19}""")
# The hash of an approval is left out: all that it is made of is compared, but for the moments that its words may name.
COMPARED = ("found", "expected", "shown", "objects", "says")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")


def must_agree(scenario: Scenario) -> bool:
    """Whether both tenants must give the playbook the same answers in this scenario."""
    return scenario.playbook.name == _PLAYBOOK and scenario.name not in _LEFT_OUT


def disagreements(simulated: Played, live: Played) -> Iterator[str]:
    """Each in a line: the step, what it is about, the simulator's, the real engine's."""
    ours, theirs = _steps(simulated), _steps(live)
    if list(ours) != list(theirs):
        yield f"the steps: {list(ours)}, {list(theirs)}"
    for key in ours.keys() & theirs.keys():
        for name in ours[key].keys() | theirs[key].keys():
            if ours[key].get(name) != theirs[key].get(name):
                yield f"{' '.join(key)}: {name}: {ours[key].get(name)!r}, {theirs[key].get(name)!r}"
    if type(simulated.outcome) is not type(live.outcome):
        yield f"the outcome: {simulated.outcome}, {live.outcome}"


def _steps(played: Played) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The last entry of each step and state; the looks of a wait are as many as time allows."""
    return {
        (entry.key, entry.kind.value, entry.state): _substance(entry) for entry in played.entries if entry.kind is not Kind.LOOK
    }


def _substance(entry: Entry) -> dict[str, Any]:
    told = {name: entry.body[name] for name in COMPARED if entry.body.get(name)}
    if "says" in told:
        told["says"] = _MOMENT.sub("a moment", told["says"])
    if entry.reply is None:
        return told
    result = Result.of(entry.reply)
    error = result.first_error
    return {
        **told,
        "command": entry.command,
        "objects given": len(result.output),
        "warnings": result.warnings,
        "error": None if error is None else (error.bare_id, error.category, _MADE_BY_A_SERVER.sub(r"\1", error.message)),
    }
