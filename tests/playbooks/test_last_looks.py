"""What changes while an approval lies open: the look directly before the change sees it, and nothing is deleted or taken away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from psbridge.engine import Engine, Failed
from psbridge.journal import SqliteStore
from tests.playbooks.change import Change, user
from tests.playbooks.contents import contents_of
from tests.playbooks.far_ends import Live, Simulated
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.option_zero import CAPTURED, TARGET
from tests.playbooks.option_zero import USER as DUPLICATE
from tests.playbooks.playing import Meanwhile, Skipping, carry_on, engine_for
from tests.playbooks.scenario import RUN, Scenario
from tests.playbooks.scenarios import duplicate_mailbox_delete_account as option_0
from tests.playbooks.scenarios import duplicate_mailbox_remove_license as option_1
from tests.playbooks.scenarios import duplicate_mailbox_validation_error as option_3
from tests.playbooks.sent import Sent

GROUP, ARCHIVE = option_0.GROUP, option_0.ARCHIVE
LICENSED = option_1.USER
BY_GROUP = {"sku": "ENTERPRISEPACK", "assignedByGroup": GROUP}
LICENCE = "the Exchange licence is still there"
WAITING = "no group licence waits for the new account"
HELD = "no hold is on the cloud mailbox"
SHARED = "the cloud GUIDs differ from the on-premises ones"
IS_CLOUDS = "the authority over the user is on-premises"
# What a run may send before the look: the pause of synchronisation, and the way back from it.
_PAUSES = {"Set-ADSyncScheduler"}


def in_graph(scenario: Scenario) -> Scenario:
    return replace(scenario, inputs={**scenario.inputs, "dialect": "graph"})


ZERO, ONE, THREE = option_0.COMPLETE, option_1.COMPLETE, option_3.COMPLETE
CASES = {
    "0-group": (ZERO, user("directory", DUPLICATE, licenses=[{"sku": "ENTERPRISEPACK"}, BY_GROUP]), WAITING),
    "0-group-graph": (in_graph(ZERO), user("directory", DUPLICATE, licenses=[BY_GROUP]), WAITING),
    "0-option-1": (ZERO, user("directory", DUPLICATE, licenses=[option_0.OFF]), LICENCE),
    "0-no-licence": (ZERO, user("cloud", DUPLICATE, skuAssigned=None, stuck=True), LICENCE),
    "0-hold": (ZERO, user("cloud", DUPLICATE, holds=["UniH5b000000"]), HELD),
    "0-guid": (ZERO, user("onPremises", DUPLICATE, exchangeGuid=CAPTURED), "the on-premises mailbox is the captured one"),
    "0-archive": (ZERO, user("cloud", DUPLICATE, archiveGuid=ARCHIVE), "the cloud mailbox is the captured one"),
    "0-cloud-managed": (in_graph(ZERO), user("directory", DUPLICATE, cloudManaged=True), IS_CLOUDS),
    "0-migrated": (ZERO, user("cloud", DUPLICATE, exchangeGuid=TARGET), "the cloud mailbox is the captured one"),
    "1-group": (ONE, user("directory", LICENSED, licenses=[BY_GROUP]), "no group gives the Exchange licence"),
    "1-plans": (
        ONE,
        user("directory", LICENSED, licenses=[{"sku": "ENTERPRISEPACK", "disabledPlans": ["MCOSTANDARD"]}]),
        "the licence is the captured one",
    ),
    "1-hold": (ONE, user("cloud", LICENSED, litigationHold=True), HELD),
    "1-archive": (ONE, user("cloud", LICENSED, archiveGuid=ARCHIVE), "the cloud mailbox is the captured one"),
    "1-guid": (ONE, user("onPremises", LICENSED, exchangeGuid=option_1.CLOUD), "the on-premises mailbox is the captured one"),
    "1-cloud-managed": (in_graph(ONE), user("directory", LICENSED, cloudManaged=True), IS_CLOUDS),
    "1-unsynchronised": (ONE, user("directory", LICENSED, lastDirSyncTime=None), "the account is synchronised"),
    "3-group": (THREE, user("directory", LICENSED, licenses=[BY_GROUP]), "the mailbox is there without a licence"),
    "3-resolved": (THREE, option_3.RESOLVED, "the account has a validation error"),
}


def until_asked(engine: Engine, scenario: Scenario) -> None:
    engine.start(scenario.playbook.name, scenario.inputs, run_id=RUN)
    while not engine.pending_approvals(RUN):
        engine.advance(RUN)


def written(sent: list[Sent]) -> set[str]:
    return {call.cmdlet for call in sent if call.writes} - _PAUSES


@pytest.mark.parametrize(("scenario", "change", "guard"), CASES.values(), ids=CASES)
def test_what_changed_while_the_approval_lay_open_stops_the_run(
    scenario: Scenario, change: Change, guard: str, tmp_path: Path
) -> None:
    scenario = replace(scenario, golden=None)
    far, sent = Simulated(scenario), list[Sent]()
    with SqliteStore(tmp_path / "journal.db") as store:
        engine = engine_for(scenario, store, Skipping(far, sent, Meanwhile.of(scenario, far)), far.clock)
        until_asked(engine, scenario)
        change.simulated(far.state())
        before = contents_of(far.state())
        outcome = carry_on(engine, RUN, far.clock, Meanwhile.of(scenario, far))
    assert isinstance(outcome, Failed), outcome
    assert f"Stopped at {guard}." in outcome.error
    assert written(sent) == set()
    assert contents_of(far.state()) == before
    assert far.state().sync.enabled


@pytest.mark.tenant
def test_on_the_real_engine_a_group_that_came_meanwhile_stops_the_deletion(tmp_path: Path, live_sessions: LiveSessions) -> None:
    far, sent = Live(ZERO, live_sessions), list[Sent]()

    def into_the_group(tenant: dict[str, object]) -> None:
        user("directory", DUPLICATE, licenses=[BY_GROUP]).live(tenant)

    with SqliteStore(tmp_path / "journal.db") as store:
        engine = engine_for(ZERO, store, Skipping(far, sent, Meanwhile.of(ZERO, far)), far.clock)
        until_asked(engine, ZERO)
        far.tenant.edit(into_the_group)
        outcome = carry_on(engine, RUN, far.clock, Meanwhile.of(ZERO, far))
    assert isinstance(outcome, Failed)
    assert f"ENTERPRISEPACK by group {GROUP}" in outcome.error
    assert written(sent) == set()
