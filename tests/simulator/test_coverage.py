"""The list in the simulator's README is what the simulator has, and what it has not fails as it says there."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import psbridge.simulator
from psbridge.cli.options import SEEDS
from psbridge.simulator.coverage import coverage
from psbridge.simulator.seed import load_seed, named_seeds
from psbridge.simulator.state.fault import FaultName
from tests.simulator.rehearsal import DUPLICATE, Rehearsal

_README = (Path(psbridge.simulator.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_the_list_is_what_is_registered() -> None:
    assert coverage() in _README, "python -m psbridge.simulator.coverage writes the list anew"


def test_every_seed_and_every_fault_is_named() -> None:
    for seed in named_seeds():
        tenant = load_seed(seed)
        line = next(line for line in _README.splitlines() if line.startswith(f"| `{seed}` | {tenant.description} |"))
        accounts = [account.user_principal_name for account in tenant.directory]
        people = {name.lower().partition("@")[0] for name in accounts + [user.user_principal_name for user in tenant.on_premises]}
        assert all(f"`{name}`" in line for name in people), line
        assert seed in SEEDS
        assert all(name in SEEDS for name in people), seed
    for fault in get_args(FaultName):
        assert f"`{fault}`" in _README


def test_a_parameter_that_is_not_simulated_is_refused_and_nothing_is_done() -> None:
    scene = Rehearsal()
    error = scene.error("exo", "Set-User", Identity=DUPLICATE, DisplayName="Somebody", Office="1")
    assert error.names("SimulatorParameterNotImplemented")
    assert "-Office" in error.message
    assert scene.one("exo", "Get-User", Identity=DUPLICATE)["DisplayName"] != "Somebody"
