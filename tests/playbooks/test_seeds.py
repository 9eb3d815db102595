"""Every scenario's tenant is there as a seed, for whoever wants to see its refusal in a rehearsal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from psbridge.errors import InputError
from psbridge.simulator.seed import load_seed, state_to_json
from tests.cli.commands import psbridge
from tests.playbooks.record_seeds import SEEDS, seed_of, text_of
from tests.playbooks.scenario import Scenario, all_scenarios

SCENARIOS = all_scenarios()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.playbook.name}/{scenario.name}")
def test_a_seed_makes_the_tenant_of_its_scenario(scenario: Scenario) -> None:
    tenant = load_seed(scenario.seed)
    scenario.prepare(tenant)
    path = seed_of(scenario)
    if path is not None:
        assert path.read_text(encoding="utf-8") == text_of(scenario)
    made = load_seed(scenario.seed if path is None else path)
    assert json.loads(state_to_json(made)) == json.loads(state_to_json(tenant))


def test_every_seed_belongs_to_a_scenario() -> None:
    assert set(SEEDS.glob("*/*.toml")) == {seed_of(scenario) for scenario in SCENARIOS} - {None}


def test_a_refusal_can_be_seen_in_a_rehearsal() -> None:
    seed = SEEDS / "duplicate-mailbox-delete-account" / "refused-litigation-hold.toml"
    done = psbridge("run", "duplicate-mailbox-delete-account", "testduplicate@domain.com", "--simulate", "--seed", seed, "--yes")
    assert done.returncode == 1
    assert "Stopped at no hold is on the cloud mailbox." in done.stderr


def test_a_seed_that_extends_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.toml"
    path.write_text(f"extends = '{path}'")
    with pytest.raises(InputError, match="does one extend itself"):
        load_seed(path)
