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


def mailbox(name: str) -> dict[str, Any]:
    return {"addCommand": "Get-MsolUser", "namedParameters": {"UserPrincipalName": name}}


def test_the_answer_is_bound_and_the_command_runs(realps: str, tmp_path: Path) -> None:
    step = {"addCommand": "Get-MigrationUserStatistics", "useHost": True, "prompt": {"Identity": "user@domain.com"}}
    (asked,) = powershell(realps, "exo", tmp_path / "tenant.json", step)
    assert [call["method"] for call in asked["hostCalls"]] == ["Prompt"], asked
    assert (asked["state"], len(asked["output"]), asked["error"]) == ("Completed", 1, [])


def test_after_the_answer_the_cmdlet_may_ask_again(realps: str, tmp_path: Path) -> None:
    asked, look = powershell(
        realps,
        "directory",
        tmp_path / "tenant.json",
        {"addCommand": "Remove-MsolUser", "useHost": True, "prompt": {"ObjectId": ACCOUNT}, "choice": 0},
        mailbox(DUPLICATE),
    )
    assert [call["method"] for call in asked["hostCalls"]] == ["Prompt", "PromptForChoice"], asked
    assert look["output"] == []


def test_a_no_to_the_second_question_leaves_everything(realps: str, tmp_path: Path) -> None:
    asked, look = powershell(
        realps,
        "directory",
        tmp_path / "tenant.json",
        {"addCommand": "Remove-MsolUser", "useHost": True, "prompt": {"ObjectId": ACCOUNT}, "choice": 1},
        mailbox(DUPLICATE),
    )
    assert len(asked["hostCalls"]) == 2
    assert len(look["output"]) == 1


def test_an_answer_that_is_refused_fails_the_pipeline_as_a_given_one_does(realps: str, tmp_path: Path) -> None:
    (asked,) = powershell(
        realps,
        "directory",
        tmp_path / "tenant.json",
        {"addCommand": "Remove-MsolUser", "useHost": True, "prompt": {"ObjectId": ""}},
    )
    assert asked["state"] == "Failed"
    assert "Unrecognized Guid format" in asked["reason"]["message"]


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
