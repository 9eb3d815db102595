"""Record the cassettes again, from the real engine: `python -m tests.playbooks.record_cassettes [PLAYBOOK[/SCENARIO] ...]`.

PSBRIDGE_PWSH names a PowerShell with the module ExchangeLike. Run ids, clock and tenant are fixed, so that a new recording
differs from the old one only where PowerShell's answers do. Beside each cassette stands the run's journal, which a replay must
give again; `--journals` writes only these, from the recordings that are there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from psbridge.cassettes import Recording
from psbridge.clock import SkippingClock
from tests.playbooks.far_ends import Live, Replayed
from tests.playbooks.journal_lines import journal_lines
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.playing import TENANT, Played, play
from tests.playbooks.scenario import RUN, Scenario, all_scenarios

__all__ = ["CASSETTES", "cassette_of", "journal_of", "record"]

CASSETTES: Final = Path(__file__).resolve().parents[2] / "fixtures" / "cassettes"


def cassette_of(scenario: Scenario) -> Path:
    """Where a scenario's recording lies."""
    return CASSETTES / scenario.playbook.name / f"{scenario.name}.cassette"


def journal_of(scenario: Scenario) -> Path:
    """Where the journal of the recorded run lies."""
    return cassette_of(scenario).with_suffix(".journal")


def main(arguments: Sequence[str]) -> None:
    """Record every scenario, or those that are named."""
    pwsh = shutil.which(os.environ.get("PSBRIDGE_PWSH", "pwsh"))
    if pwsh is None:
        sys.exit("PSBRIDGE_PWSH names no program")
    named = [name for name in arguments if name != "--journals"]
    for scenario in (one for one in all_scenarios() if one.recorded):
        playbook = scenario.playbook.name
        if named and not {playbook, f"{playbook}/{scenario.name}"} & set(named):
            continue
        played = replay(scenario) if "--journals" in arguments else record(scenario, pwsh)
        journal_of(scenario).write_text("".join(f"{line}\n" for line in journal_lines(played)), encoding="utf-8")
        sys.stdout.write(f"{playbook}/{scenario.name}: {type(played.outcome).__name__}\n")


def record(scenario: Scenario, pwsh: str) -> Played:
    """Run a scenario against a fresh tenant and keep the recording; it must end as it is meant to."""
    path, clock = cassette_of(scenario), SkippingClock(scenario.begin)
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"playbook": scenario.playbook.name, "inputs": dict(scenario.inputs), "run": RUN, "tenant": TENANT}
    with tempfile.TemporaryDirectory() as folder, Recording(path, clock.now, metadata=metadata, replace=True) as recording:
        with contextlib.closing(LiveSessions(Path(folder), pwsh)) as sessions:
            played = play(scenario, Live(scenario, sessions, wrap=recording.wrap), Path(folder))
        complaint = scenario.complaint(played.outcome)
        if complaint:
            raise SystemExit(f"{scenario.playbook.name}/{scenario.name}: {complaint}")
    return played


def replay(scenario: Scenario) -> Played:
    """Run a scenario against its recording; every answer of it must be used."""
    far = Replayed(scenario, cassette_of(scenario))
    with tempfile.TemporaryDirectory() as folder, far.playback:
        return play(scenario, far, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
