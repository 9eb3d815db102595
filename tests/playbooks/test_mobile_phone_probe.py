"""What each refusal of the first name tells: only MSOnline's own error proves that the attribute is locked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from playbooks.mobile_phone import probe
from psbridge.engine import Done, Failed, Outcome
from psbridge.simulator.state import Fault
from tests.playbooks.far_ends import Simulated
from tests.playbooks.playing import play
from tests.playbooks.scenario import Scenario
from tests.playbooks.scenarios.mobile_phone import TIM

CMDLETS = {"msonline": "Set-MsolUser", "graph": "Update-MgUser", "entra": "Set-EntraUser"}
DENIED = ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
INVALID = ("Request_BadRequest", "Invalid value specified for property 'givenName' of resource 'User'.")


def probed(dialect: str, folder: Path, fault: Fault | None = None) -> Outcome:
    scenario = Scenario(name="probed", playbook=probe.playbook, inputs={"identity": TIM, "dialect": dialect})
    far = Simulated(scenario)
    if fault is not None:
        far.state().faults.append(fault)
    return play(scenario, far, folder).outcome


def refusal(dialect: str, code: str, text: str) -> Fault:
    """As each module shows a code of Microsoft Graph: in the id, or in the answer's JSON."""
    if dialect == "entra":
        body = json.dumps({"error": {"code": code, "message": text}})
        code, text = "InvokeGraphHttpResponseException", f"PATCH users\n\n{body}"
    return Fault("error", cmdlet=CMDLETS[dialect], error_id=code, message=text)


def test_the_error_of_msonline_proves_the_lock(tmp_path: Path) -> None:
    outcome = probed("msonline", tmp_path)
    assert isinstance(outcome, Done)
    assert outcome.result["locked"] == "yes"


@pytest.mark.parametrize("dialect", ["graph", "entra"])
@pytest.mark.parametrize(("code", "text"), [DENIED, INVALID], ids=["denied", "invalid"])
def test_a_refusal_that_may_have_another_reason_proves_nothing_and_is_shown(
    dialect: str, code: str, text: str, tmp_path: Path
) -> None:
    outcome = probed(dialect, tmp_path, refusal(dialect, code, text))
    assert isinstance(outcome, Done)
    assert outcome.result["locked"] == "cannot be told"
    assert text in str(outcome.result["error"])
    assert ("User.ReadWrite.All" in str(outcome.result["why"])) == (code == DENIED[0])


@pytest.mark.parametrize("dialect", ["graph", "entra"])
def test_the_code_of_a_bad_request_does_not_prove_the_lock_that_its_text_tells(dialect: str, tmp_path: Path) -> None:
    outcome = probed(dialect, tmp_path)
    assert isinstance(outcome, Done)
    assert outcome.result["locked"] == "cannot be told"
    assert "on-premises mastered" in str(outcome.result["error"])


def test_a_cmdlet_that_did_not_begin_ends_the_run(tmp_path: Path) -> None:
    outcome = probed("graph", tmp_path, refusal("graph", "ParameterBindingArgumentTransformationException", "Cannot convert."))
    assert isinstance(outcome, Failed)
    assert "ParameterBindingArgumentTransformationException" in outcome.error
