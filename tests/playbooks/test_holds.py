"""Holds that a mailbox does not show. Simulator only: the engine's tenant has none of the organisation, and shows all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psbridge.engine import Done, Failed
from psbridge.journal import Entry
from psbridge.simulator.state import Tenant
from tests.playbooks.change import user
from tests.playbooks.far_ends import Simulated
from tests.playbooks.option_zero import CAPTURED, USER
from tests.playbooks.playing import Played, play
from tests.playbooks.scenario import Happening, Scenario
from tests.playbooks.scenarios import duplicate_mailbox_remove_license, duplicate_mailbox_validation_error
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import COMPLETE, INPUTS, POLICY

REACHES = "no hold of the whole organisation reaches the mailbox"
ACCEPTED = {**INPUTS, "organisation_hold": "accepted"}
(OPTION_1,) = (one for one in duplicate_mailbox_remove_license.SCENARIOS if one.name == "option-1")
(EXPEDITED,) = (one for one in duplicate_mailbox_remove_license.SCENARIOS if one.name == "expedited")
(OPTION_3,) = (one for one in duplicate_mailbox_validation_error.SCENARIOS if one.name == "without-merge")
HELD = (f"{POLICY}:2",)


def holding(*holds: str) -> Callable[[Tenant], None]:
    """What Get-OrganizationConfig shows."""
    return lambda tenant: setattr(tenant.settings, "organization_holds", list(holds))


def played(folder: Path, scenario: Scenario, *holds: str, **more: Any) -> tuple[Played, Simulated]:
    scenario = replace(scenario, golden=None, **{"simulated": holding(*holds), **more})
    far = Simulated(scenario)
    return play(scenario, far, folder), far


def writes(done: Played) -> list[str]:
    return [call.cmdlet for call in done.sent if call.writes]


def notes(done: Played) -> Mapping[str, Entry]:
    return {entry.key: entry for entry in done.entries if entry.kind.value == "note"}


@pytest.mark.parametrize("scenario", [COMPLETE, OPTION_1, OPTION_3], ids=lambda one: one.playbook.name)
def test_a_retention_policy_for_everybody_stops_each_way_before_anything_is_changed(scenario: Scenario, tmp_path: Path) -> None:
    done, _ = played(tmp_path, scenario, *HELD, "grp1a0a132ee8944501a4bb6a452ec31171:3")
    assert isinstance(done.outcome, Failed)
    assert f"Stopped at {REACHES}. Found: {POLICY}:2." in done.outcome.error
    assert writes(done) == []


def test_a_mailbox_that_is_excluded_and_a_policy_that_only_deletes_stop_nothing(tmp_path: Path) -> None:
    excluded = (user("cloud", USER, holds=[f"-{POLICY}"]),)
    done, _ = played(tmp_path, COMPLETE, *HELD, "mbx00000000000000000000000000000000:1", changes=excluded)
    assert isinstance(done.outcome, Done)
    assert "organisation-holds-untold" not in notes(done)
    assert "mailbox-is-soft-deleted-inactive" not in notes(done)


def test_what_is_not_told_is_said_and_stops_nothing(tmp_path: Path) -> None:
    done, _ = played(tmp_path, COMPLETE, simulated=None)
    assert isinstance(done.outcome, Done)
    assert "organisation-holds-untold" in notes(done)


def test_an_accepted_hold_is_in_the_approval_and_the_merge_takes_the_inactive_mailbox(tmp_path: Path) -> None:
    done, far = played(tmp_path, COMPLETE, *HELD, inputs=ACCEPTED)
    assert isinstance(done.outcome, Done)
    assert done.outcome.result["merge"] == "Completed"
    says = next(entry.body["says"] for entry in done.entries if entry.key == "remove-account")
    assert f"A hold of the whole organisation ({POLICY}:2) reaches the cloud mailbox {CAPTURED}: it becomes inactive" in says
    assert "for 30 days" not in says
    assert "mailbox-is-soft-deleted-inactive" in notes(done)
    told = str([entry.body for entry in done.entries])
    assert f"he inactive mailbox {CAPTURED} stays as long as a hold keeps it" in told
    assert f"he soft-deleted mailbox {CAPTURED} is lost for good" not in told
    (left,) = (one for one in far.state().cloud if str(one.exchange_guid) == CAPTURED)
    assert left.inactive


def test_a_hold_that_came_after_the_approval_stops_the_deletion(tmp_path: Path) -> None:
    """What was accepted is what the approval names."""
    later = Happening(after="Set-ADSyncScheduler", simulated=lambda there: holding(*HELD, "skpnew:3")(there.state))
    done, far = played(tmp_path, COMPLETE, *HELD, inputs=ACCEPTED, happenings=(later,))
    assert isinstance(done.outcome, Failed)
    assert f"Stopped at {REACHES}. Found: {POLICY}:2 (accepted, says the operator), skpnew:3." in done.outcome.error
    assert "Remove-MsolUser" not in writes(done)
    assert far.state().sync.enabled


def test_a_hold_that_came_after_the_first_look_stops_the_removal_of_the_licence(tmp_path: Path) -> None:
    later = Happening(after="Get-OrganizationConfig", simulated=lambda there: holding(*HELD)(there.state))
    done, _ = played(tmp_path, OPTION_1, happenings=(later,))
    assert isinstance(done.outcome, Failed)
    assert f"Stopped at {REACHES}. Found: {POLICY}:2." in done.outcome.error
    assert [entry.key for entry in done.entries if entry.state == "granted"] == ["remove-licence"]
    assert writes(done) == []


def test_a_hold_that_cannot_be_seen_is_no_missing_hold(tmp_path: Path) -> None:
    done, _ = played(tmp_path, COMPLETE, changes=(user("cloud", USER, properties={"LitigationHoldEnabled": None}),))
    assert isinstance(done.outcome, Failed)
    assert "Stopped at no hold is on the cloud mailbox. Found: no answer for litigation_hold_enabled." in done.outcome.error
    assert writes(done) == []


def test_a_policy_for_everybody_that_comes_while_the_loss_is_delayed_stops_what_would_expedite_it(tmp_path: Path) -> None:
    later = Happening(when="delayed-delicensing", simulated=lambda there: holding(*HELD)(there.state))
    done, _ = played(tmp_path, EXPEDITED, happenings=(later,), simulated=None)
    assert isinstance(done.outcome, Failed)
    assert f"Stopped at {REACHES}. Found: {POLICY}:2." in done.outcome.error
    assert "retry this run" in done.outcome.error
    assert "Expedite-Delicensing" not in writes(done)
