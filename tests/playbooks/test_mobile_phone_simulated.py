"""States of the mobile phone that differ from the recorded ones in the tenant only, in the simulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.playbooks.far_ends import Simulated
from tests.playbooks.playing import play
from tests.playbooks.scenario import Scenario
from tests.playbooks.scenarios.mobile_phone import SIMULATED


@pytest.mark.parametrize("scenario", SIMULATED, ids=lambda scenario: f"{scenario.playbook.name}/{scenario.name}")
def test_a_state_of_the_tenant_is_told_as_it_is(scenario: Scenario, tmp_path: Path) -> None:
    played = play(scenario, Simulated(scenario), tmp_path)
    assert scenario.complaint(played.outcome) == ""
    if scenario.unchanged:
        assert [call for call in played.sent if call.writes] == []
