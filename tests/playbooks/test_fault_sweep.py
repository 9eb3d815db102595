"""Every playbook with the simulator's faults: all of them at every write, and a fixed choice at the reads.

All faults at every call: PSBRIDGE_FAULT_SWEEP=all, or `python -m tests.playbooks.fault_sweep PLAYBOOK`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from playbooks.duplicate_mailbox import delete_account
from psbridge.discovery import find_playbooks
from psbridge.engine import Answer, Run
from psbridge.errors import InputError, Stopped
from psbridge.simulator.rules.deletion import remove_recipient
from tests.playbooks import fault_sweep
from tests.playbooks.fault_sweep import Blow, all_blows, calls_of, sample, strike
from tests.playbooks.kill_matrix import label
from tests.playbooks.option_zero import CAPTURED
from tests.playbooks.scenario import Happening, Scenario, all_scenarios
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import COMPLETE
from tests.playbooks.sent import writes
from tests.simulator.rehearsal import Rehearsal

ALL = os.environ.get("PSBRIDGE_FAULT_SWEEP") == "all"
SWEPT = {label(scenario): scenario for scenario in all_scenarios() if scenario.sweep}
BRANCHES = {label(scenario): scenario for scenario in all_scenarios() if scenario.branch}
# A sweep is dealt out to as many tests, so that they can go side by side.
SHARDS = 8
# Which calls of a branch the main scenario of its playbook does not make.
OWN = {
    "duplicate-mailbox-delete-account/graph": [("Remove-MgUser", 1), ("Remove-MgDirectoryDeletedItem", 1)],
    "duplicate-mailbox-delete-account/entra": [("Remove-EntraUser", 1), ("Remove-EntraDeletedDirectoryObject", 1)],
    "duplicate-mailbox-delete-account/batch": [("New-MigrationBatch", 1), ("Complete-MigrationBatch", 1)],
    "duplicate-mailbox-delete-account/move": [("New-MoveRequest", 1), ("Resume-MoveRequest", 1)],
    "duplicate-mailbox-delete-account/x500": [("Set-RemoteMailbox", 1), ("New-MailboxRestoreRequest", 2)],
    "duplicate-mailbox-delete-account/archive": [("New-MailboxRestoreRequest", 3)],
    "duplicate-mailbox-remove-license/graph": [("Disable-MgServicePlan", 1)],
    "duplicate-mailbox-remove-license/entra": [("Disable-EntraServicePlan", 1)],
    "duplicate-mailbox-remove-license/cleared": [("Set-User", 1)],
    "duplicate-mailbox-remove-license/expedited": [("Expedite-Delicensing", 1)],
    "duplicate-mailbox-validation-error/option-3": [("New-MailboxRestoreRequest", 2)],
    "mobile-phone-probe/locked-graph": [("Update-MgUser", 1)],
    "mobile-phone-probe/locked-entra": [("Set-EntraUser", 1)],
    "mobile-phone-override/keep-cloud": [("Set-ADSyncToolsDirSyncOverridesUser", 1)],
    "mobile-phone-override/clear-on-premises": [("Clear-ADSyncToolsDirSyncOverridesUser", 1)],
    "mobile-phone-bypass/on-graph": [("Update-MgDirectoryOnPremiseSynchronization", 1)],
}


@pytest.mark.timeout(0 if ALL else 120)
@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("name", SWEPT)
def test_a_run_gets_over_every_fault_and_loses_nothing(name: str, shard: int) -> None:
    choose = all_blows if ALL else sample
    assert_gets_over(SWEPT[name], list(choose(SWEPT[name]))[shard::SHARDS])


@pytest.mark.timeout(0 if ALL else 120)
@pytest.mark.parametrize("name", BRANCHES)
def test_a_branch_gets_over_faults_at_what_only_it_writes(name: str) -> None:
    blows = sample(BRANCHES[name])
    assert list(dict.fromkeys((blow.cmdlet, blow.call) for blow in blows)) == OWN[name]
    assert_gets_over(BRANCHES[name], list(all_blows(BRANCHES[name])) if ALL else blows)


def assert_gets_over(scenario: Scenario, blows: Sequence[Blow]) -> None:
    verdicts = [strike(scenario, blow) for blow in blows]
    assert verdicts
    assert {str(verdict.blow): (verdict.complaints, verdict.ends) for verdict in verdicts if verdict.complaints} == {}


def test_every_playbook_is_swept_once_and_every_branch_is_known() -> None:
    names = sorted(scenario.playbook.name for scenario in SWEPT.values())
    assert names == sorted(name for name in find_playbooks(None) if "@" not in name)
    assert BRANCHES.keys() == OWN.keys()


def test_the_sample_has_every_write_with_every_kind_of_fault() -> None:
    blows = sample(COMPLETE)
    assert blows == sample(COMPLETE)
    everything = set(all_blows(COMPLETE))
    assert set(blows) <= everything
    counts = calls_of(COMPLETE)
    assert {cmdlet: counts[cmdlet] for cmdlet in counts if writes(cmdlet)} == {
        "Set-ADSyncScheduler": 2,
        "Remove-MsolUser": 2,
        "Start-ADSyncSyncCycle": 1,
        "New-MailboxRestoreRequest": 2,  # the first with -WhatIf
    }
    struck = {blow for blow in blows if blow.cmdlet and writes(blow.cmdlet) and blow.call}
    left = {blow for blow in everything - struck if blow.cmdlet and writes(blow.cmdlet) and blow.call}
    assert {blow.kind for blow in left} == fault_sweep.TELLING
    assert len({(blow.cmdlet, blow.call) for blow in struck if blow.kind in fault_sweep.TELLING}) == 7


def broken(scenario: Scenario, body: object) -> Scenario:
    return replace(scenario, playbook=replace(scenario.playbook, body=body))  # type: ignore[arg-type]


def until(last: str, poll: Callable[..., Answer[Any]]) -> Callable[..., Answer[Any]]:
    def once(key: str, *arguments: Any, **named: Any) -> Answer[Any]:
        if key == last:
            raise Stopped("enough", found="it.", expected="it.", remedy="none.")
        return poll(key, *arguments, **named)

    return once


def test_a_sweep_sees_an_effect_that_comes_twice() -> None:
    """A playbook whose looks are blind repeats what was done."""

    def blind(run: Run) -> object:
        real = run.destroy
        run.destroy = lambda *a, verify, before=None, **k: real(*a, verify=lambda _: False, **k)  # type: ignore[method-assign]
        run.poll = until("restore-is-over", run.poll)  # type: ignore[method-assign]
        return delete_account.body(run)

    blow = Blow("dropped-connection", "New-MailboxRestoreRequest", 2, after=True)
    verdict = strike(broken(COMPLETE, blind), blow)
    assert any("effects of New-MailboxRestoreRequest" in complaint for complaint in verdict.complaints), verdict
    assert strike(COMPLETE, blow).complaints == []


def test_a_sweep_sees_content_that_is_lost() -> None:
    def lose(scene: Rehearsal) -> None:
        (gone,) = [one for one in scene.state.cloud if one.soft_deleted is not None]
        remove_recipient(scene.organisation._world, gone)

    scenario = replace(COMPLETE, happenings=(Happening(after="Get-MailUser", simulated=lose),))
    verdict = strike(scenario, Blow("warning", "Get-MailUser", 1))
    assert [complaint for complaint in verdict.complaints if complaint.startswith("lost: ")] == [f"lost: {CAPTURED}"], verdict


def test_a_sweep_sees_a_run_that_is_never_picked_up_again() -> None:
    def stuck(run: Run) -> object:
        run.ask("forever", "What now?", "Nobody knows.")
        return {}

    verdict = strike(broken(COMPLETE, stuck), Blow("warning", "Get-MailUser", 1))
    assert verdict.complaints == ["neither a retry nor a new run gets on, and no guard says why"]


def test_a_sweep_sees_a_run_that_no_run_can_take_up_after_the_purge() -> None:
    """A new run stops at a guard that says why, but the account is gone by then."""

    def stuck(run: Run) -> object:
        run.poll = until("account-is-back", run.poll)  # type: ignore[method-assign]
        return delete_account.body(run)

    verdict = strike(broken(COMPLETE, stuck), Blow("warning", "Get-MailUser", 1))
    assert "Stopped at nothing of this was done before." in verdict.ends[-1]
    assert verdict.complaints == ["neither a retry nor a new run gets on, and what was destroyed is left so"]


def test_a_sweep_reports_what_breaks_the_engine() -> None:
    def raising(run: Run) -> object:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        strike(broken(COMPLETE, raising), Blow("warning", "Get-MailUser", 1))
    bad = replace(COMPLETE, inputs={"nothing": "of it"})
    (told,) = strike(bad, Blow("warning", "Get-MailUser", 1)).complaints
    assert InputError.__name__ in told
