"""OPTION #3: which option the documents mean, what the approver reads, and that codes decide where texts are anything."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from playbooks.duplicate_mailbox import delete_account, remove_license, validation_error
from playbooks.duplicate_mailbox.explanations import KNOWN, explain
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.outcome_codes import code_of
from psbridge.engine import Done, Failed
from psbridge.models import AccountError
from psbridge.psobject import PSObject
from psbridge.simulator.state import Event, Tenant
from tests.playbooks.change import user
from tests.playbooks.document_lines import section
from tests.playbooks.far_ends import Simulated
from tests.playbooks.playing import Played, play
from tests.playbooks.scenario import Scenario
from tests.playbooks.scenarios.duplicate_mailbox_remove_license import ACCOUNT, CLOUD, USER
from tests.playbooks.scenarios.duplicate_mailbox_validation_error import COMPLETE, ERRORS, LOST, WITHOUT_MERGE

FOLDER = Path(str(validation_error.__file__)).parent
CORRELATION = "5d4ac3f2-0ce3-4f0e-8b39-7f43d2f5e1a6"


def played(scenario: Scenario, folder: Path) -> Played:
    run = play(scenario, Simulated(scenario), folder)
    assert isinstance(run.outcome, Done), run.outcome
    return run


def notes(run: Played) -> dict[str, str]:
    return {entry.key: str(entry.body["text"]) for entry in run.entries if str(entry.kind) == "note"}


def test_option_1_of_that_paragraph_is_the_heading_option_0(documents: Path, tmp_path: Path) -> None:
    """It counts from one: its Option #2 removes licences, which is the heading OPTION #1; so its Option #1 is OPTION #0."""
    headings = [section(documents, name)[0][1] for name in ("option-0", "option-1")]
    text = " ".join(line for _, line in section(documents, "option-3"))
    assert headings[0].startswith("OPTION #0:  Delete the existing Azure Active Directory Account")
    assert headings[1].startswith("OPTION #1:  Remove the Exchange Online License")
    assert "With Option #2 our plan was to remove licenses" in text
    assert "we fail back to Option #1 for the recovery" in text
    written = [call.cmdlet for call in played(WITHOUT_MERGE, tmp_path).sent if call.writes]
    assert written.count("Remove-MsolUser") == 2
    assert not any("License" in cmdlet or "ServicePlan" in cmdlet for cmdlet in written)


def test_a_mailbox_that_only_waits_for_its_end_is_left_to_option_1(tmp_path: Path) -> None:
    def delayed(tenant: Tenant) -> None:
        tenant.events.append(Event(tenant.now + timedelta(days=30), "delicense", UUID(ACCOUNT)))

    run = play(replace(COMPLETE, simulated=delayed), Simulated(replace(COMPLETE, simulated=delayed)), tmp_path)
    assert isinstance(run.outcome, Failed)
    assert "Stopped at no licence was taken away lately. Found: OPTION #1 was begun: the mailbox goes at " in run.outcome.error
    assert not run.outcome.changed


def test_the_approver_is_warned_before_anything_is_changed(tmp_path: Path) -> None:
    run = played(WITHOUT_MERGE, tmp_path)
    first = next(entry for entry in run.entries if entry.state == "asked" and "says" in entry.body)
    assert first.key == "remove-account"
    assert f"all that the cloud mailbox {CLOUD} holds is LOST FOR GOOD" in first.body["says"]
    assert not any(str(entry.kind) in {"destroy", "change", "hold"} for entry in run.entries if entry.seq < first.seq)


def test_each_error_is_told_with_its_whole_text_and_what_to_do(tmp_path: Path) -> None:
    told = notes(played(WITHOUT_MERGE, tmp_path))
    assert told["error-1"].startswith("ExO_ObjectValidation from exchange/namprd06-001-01 at 2018-06-28")
    assert "The execution of cmdlet Enable-Mailbox failed." in told["error-1"]
    assert f"Correlation id {CORRELATION}. Cause: {KNOWN['ExO_DualWrite'].cause}" in told["error-2"]


def test_a_text_in_another_language_decides_nothing(tmp_path: Path) -> None:
    other = [
        {
            "service": "exchange/eurprd",
            "code": code,
            "description": "Ausf\u00fchrung nicht m\u00f6glich",
            "time": "2018-06-28T09:12:44Z",
        }
        for code in (*ERRORS, "ExO_Unheard")
    ]
    run = played(replace(WITHOUT_MERGE, changes=(user("directory", USER, errors=other),)), tmp_path)
    assert isinstance(run.outcome, Done)
    assert run.outcome.result["errors"] == [*ERRORS, "ExO_Unheard"]
    assert KNOWN["ExO_DualWrite"].remedy in notes(run)["error-2"]
    assert "not known to psbridge" in notes(run)["error-3"]


def test_what_is_lost_is_said_plainly_and_is_a_finding(tmp_path: Path) -> None:
    run = played(LOST, tmp_path)
    assert code_of(run.outcome) is ExitCode.FINDINGS
    assert f"No soft-deleted mailbox {CLOUD} is there" in notes(run)["soft-deleted-at-last-not"]
    assert "New-MailboxRestoreRequest" not in [call.cmdlet for call in run.sent]


def test_an_error_without_anything_is_told_all_the_same() -> None:
    assert explain(AccountError(raw=PSObject())).startswith(
        "an error without a code from a service that is not told: without a text"
    )


def test_the_rest_of_the_run_is_option_0s() -> None:
    names = {one.name for one in COMPLETE.playbook.inputs}
    assert names == {one.name for one in delete_account.playbook.inputs} - {"group_licence"}


@pytest.mark.parametrize(
    ("readme", "playbook"), [("remove_license.md", remove_license.playbook), ("validation_error.md", validation_error.playbook)]
)
def test_a_readme_names_options_and_files_that_are_there(readme: str, playbook: object) -> None:
    text = (FOLDER / readme).read_text(encoding="utf-8")
    known = {one.name: one.choices for one in playbook.inputs}  # type: ignore[attr-defined]
    for name, value in re.findall(r"--option (\w+)=(\w+)", text):
        assert not known[name] or value in known[name]
    for file in re.findall(r"`(\w+\.py)`", text):
        assert (FOLDER / file).is_file(), file
    for heading in ("Precondition", "Change", "Check", "Way back"):
        assert f"## {heading}\n" in text
