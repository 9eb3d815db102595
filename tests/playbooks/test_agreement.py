"""Both tenants, which are written independently, give a playbook the same answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.playbooks.agreement import disagreements
from tests.playbooks.change import user
from tests.playbooks.far_ends import Live, Simulated
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.option_zero import USER
from tests.playbooks.playing import Played, play
from tests.playbooks.scenario import Scenario, scenarios_of
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import COMPLETE

# Add the scenarios of another playbook here; a disagreement is settled by the documents and the field notes.
# Left out: how a service that no longer takes -AllowLegacyDNMismatch says so is in no source; each tenant has its own words. And
# the engine's tenant takes any entry of InPlaceHolds for a hold, also a policy that only deletes (field-notes 1.7).
AGREE = [scenario for scenario in scenarios_of(COMPLETE.playbook.name) if scenario.name not in {"x500", "deleting-policy"}]


def both(scenario: Scenario, folder: Path, sessions: LiveSessions) -> tuple[Played, Played]:
    for name in ("simulated", "live"):
        (folder / name).mkdir()
    return play(scenario, Simulated(scenario), folder / "simulated"), play(scenario, Live(scenario, sessions), folder / "live")


@pytest.mark.parametrize("scenario", AGREE, ids=lambda scenario: scenario.name)
def test_the_two_tenants_agree(scenario: Scenario, tmp_path: Path, live_sessions: LiveSessions) -> None:
    assert list(disagreements(*both(scenario, tmp_path, live_sessions))) == []


def test_a_disagreement_is_seen(tmp_path: Path, live_sessions: LiveSessions) -> None:
    refused = next(scenario for scenario in AGREE if scenario.name == "refused-litigation-hold")
    other = replace(refused, changes=(), live=user("cloud", USER, holds=["UniH5b000000"]).live)
    simulated, _ = both(refused, tmp_path, live_sessions)
    (tmp_path / "other").mkdir()
    live = play(other, Live(other, live_sessions), tmp_path / "other")
    (told,) = disagreements(simulated, live)
    assert "no hold is on the cloud mailbox" in told
    assert "found" in told
