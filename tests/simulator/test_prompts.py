"""Mandatory parameters that were left out: the host is asked, its answer is taken, and what follows is asked too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import ConfirmationRequired
from tests.simulator.rehearsal import DUPLICATE, Rehearsal
from tests.simulator.test_stdio import powershell

ACCOUNT = "e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77"
pytestmark = pytest.mark.realps


def test_the_answer_is_bound_and_the_command_runs(realps: str, tmp_path: Path) -> None:
    step = {"addCommand": "Get-MigrationUserStatistics", "useHost": True, "prompt": {"Identity": "user@domain.com"}}
    (asked,) = powershell(realps, "exo", tmp_path / "tenant.json", step)
    assert [call["method"] for call in asked["hostCalls"]] == ["Prompt"], asked
    assert (asked["state"], len(asked["output"]), asked["error"]) == ("Completed", 1, [])


def test_after_the_answer_the_cmdlet_may_ask_again_and_a_refused_answer_fails_it(realps: str, tmp_path: Path) -> None:
    def remove(account: str, choice: int) -> dict[str, Any]:
        return {"addCommand": "Remove-MsolUser", "useHost": True, "prompt": {"ObjectId": account}, "choice": choice}

    look = {"addCommand": "Get-MsolUser", "namedParameters": {"UserPrincipalName": DUPLICATE}}
    steps = (remove("", 0), remove(ACCOUNT, 1), look, remove(ACCOUNT, 0), look)
    refused, no, there, yes, gone = powershell(realps, "directory", tmp_path / "tenant.json", *steps)
    assert refused["state"] == "Failed"
    assert "Unrecognized Guid format" in refused["reason"]["message"]
    for asked in (no, yes):
        assert [call["method"] for call in asked["hostCalls"]] == ["Prompt", "PromptForChoice"], asked
    assert (len(there["output"]), len(gone["output"])) == (1, 0)


def test_a_second_command_that_lacks_something_asks_before_the_first_has_run() -> None:
    scene = Rehearsal()
    first = Command("Remove-MsolUser", {"UserPrincipalName": DUPLICATE, "Force": SWITCH})
    with pytest.raises(ConfirmationRequired):
        scene.transports["directory"].run(Pipeline((first, Command("Remove-MsolUser", {"Force": SWITCH}))))
    assert scene.account().deleted is None  # type: ignore[union-attr]


@pytest.mark.parametrize("second", [Command("Get-Nosuch"), Command("Get-MsolUser", {"Nosuch": 1})])
def test_a_second_command_that_cannot_be_run_keeps_the_first_from_running(second: Command) -> None:
    scene = Rehearsal()
    first = Command("Remove-MsolUser", {"UserPrincipalName": DUPLICATE, "Force": SWITCH})
    assert scene.run("directory", first, second).failure is not None
    assert scene.account().deleted is None  # type: ignore[union-attr]
