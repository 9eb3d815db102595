"""A scenario and its scrubbed recording in, the run replayed with the identity, tenant and inputs that it has now out.

`python -m tests.cassettes.scrub.replay_all` does it with every recording there is, which takes minutes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from psbridge.cassettes.scrub import scrub
from psbridge.engine import Engine
from psbridge.journal import SqliteStore
from tests.playbooks.far_ends import Replayed
from tests.playbooks.playing import ACTOR, Meanwhile, Played, Skipping, carry_on
from tests.playbooks.record_cassettes import cassette_of, journal_of
from tests.playbooks.scenario import RUN, Scenario, all_scenarios
from tests.playbooks.sent import Sent

__all__ = ["replayed", "unlike"]


def main() -> int:
    """Scrub and replay everything; 1 if a run is not equal."""
    wrong = 0
    for scenario in (one for one in all_scenarios() if one.recorded):
        for strict in (False, True):
            with tempfile.TemporaryDirectory() as name:
                target = Path(name) / "scrubbed.cassette"
                scrub(cassette_of(scenario), target, strict=strict)
                found = unlike(scenario, replayed(scenario, target, Path(name)))
            wrong += bool(found)
            sys.stdout.write(f"{scenario.playbook.name}/{scenario.name}{' strict' if strict else ''}: {found or 'equal'}\n")
    return min(wrong, 1)


def replayed(scenario: Scenario, cassette: Path, folder: Path) -> Played:
    """Play a scrubbed recording with the identity, the tenant and the inputs that it has now."""
    far = Replayed(scenario, cassette)
    metadata = far.playback.cassette.metadata
    inputs = {name: str(value) for name, value in far.playback.cassette.inputs.items()}
    sent: list[Sent] = []
    meanwhile = Meanwhile.of(replace(scenario, inputs=inputs), far)
    endpoints = Skipping(far, sent, meanwhile)
    playbook = scenario.playbook
    with SqliteStore(folder / "journal.db") as store, far.playback:
        engine = Engine(
            store, {playbook.name: playbook}, endpoints, clock=far.clock, tenant=str(metadata["tenant"]), actor=lambda: ACTOR
        )
        engine.start(playbook.name, inputs, run_id=RUN)
        outcome = carry_on(engine, RUN, far.clock, meanwhile)
        endpoints.really_close()
        return Played(outcome, tuple(engine.entries(RUN)), tuple(sent))


def unlike(scenario: Scenario, played: Played) -> list[str]:
    """What in a run is not as the journal of the recording has it: what was done, in which order, and how each thing ended."""
    lines = [json.loads(line) for line in journal_of(scenario).read_text(encoding="utf-8").splitlines()]
    expected = [(line["kind"], line["state"], line["attempt"], line.get("command", " ").split()[:1]) for line in lines[:-1]]
    found = [(entry.kind.value, entry.state, entry.attempt, (entry.command or " ").split()[:1]) for entry in played.entries]
    wrong = [f"{one} became {other}" for one, other in zip(expected, found, strict=False) if one != other]
    outcome = type(played.outcome).__name__
    return [
        *wrong,
        *([f"{len(expected)} entries became {len(found)}"] if len(expected) != len(found) else []),
        *([f"{lines[-1]['outcome']} became {outcome}"] if lines[-1]["outcome"] != outcome else []),
    ]


if __name__ == "__main__":
    sys.exit(main())
