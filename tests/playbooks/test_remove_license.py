"""OPTION #1: what is changed and what is not, what an approver reads, and the warning that stands until the migration is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from psbridge.engine import Done, Engine, Failed, Outcome, PendingApproval
from psbridge.journal import SqliteStore
from tests.playbooks.change import user
from tests.playbooks.far_ends import Simulated
from tests.playbooks.playing import Meanwhile, Skipping, carry_on, engine_for
from tests.playbooks.scenario import RUN, Happening, Scenario
from tests.playbooks.scenarios.duplicate_mailbox_remove_license import (
    ARCHIVE,
    CLOUD,
    COMPLETE,
    DELAYED,
    INPUTS,
    LOCAL,
    ONLY_THE_LICENCE,
    PENDING,
    USER,
    depends,
    give_back,
)
from tests.playbooks.sent import Sent
from tests.simulator.rehearsal import Rehearsal

WITHHELD = (
    "No Exchange licence may be given to testLicense@domain.com before the on-premises mailbox is migrated: it would make a "
    "cloud mailbox again (field-notes 1.1). Think of groups and of scripts that license new users."
)
ONLY = replace(COMPLETE, golden=None, inputs=ONLY_THE_LICENCE, result={})


class Stage:
    """One run in the simulator; what was asked of an approver is kept."""

    def __init__(self, scenario: Scenario, store: SqliteStore) -> None:
        self.far = Simulated(scenario)
        self.meanwhile = Meanwhile.of(scenario, self.far)
        self.calls: list[Sent] = []
        self.asked: list[PendingApproval] = []
        self.engine: Engine = engine_for(scenario, store, Skipping(self.far, self.calls, self.meanwhile), self.far.clock)
        self.engine.start(scenario.playbook.name, scenario.inputs, run_id=RUN)

    def until_asked(self) -> PendingApproval:
        """On to the next approval."""
        while not self.engine.pending_approvals(RUN):
            self.engine.advance(RUN)
        (asked,) = self.engine.pending_approvals(RUN)
        return asked

    def on(self) -> Outcome:
        return carry_on(self.engine, RUN, self.far.clock, self.meanwhile)

    def licences(self) -> dict[str, list[str]]:
        account = self.far.rehearsal.account(USER)
        assert account is not None
        return {one.sku: sorted(one.disabled_plans) for one in account.licenses}

    @property
    def written(self) -> list[str]:
        return [call.cmdlet for call in self.calls if call.writes]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[[Scenario], Stage]]:
    with SqliteStore(tmp_path / "journal.db") as store:
        yield lambda scenario: Stage(scenario, store)


def test_the_approver_reads_what_is_lost_before_anything_is_changed(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(COMPLETE)
    asked = there.until_asked()
    assert asked.says.startswith(f"DATA IS LOST: the Exchange Online mailbox {CLOUD}")
    assert "ENTERPRISEPACK: EXCHANGE_S_ENTERPRISE" in asked.says
    assert "mail flow may be interrupted for a short time" in asked.says
    assert "duplicate-mailbox-delete-account" in asked.says
    assert there.written == []
    assert there.engine.warnings(RUN) == []


def test_the_warning_stands_until_the_mailbox_is_migrated(stage: Callable[[Scenario], Stage]) -> None:
    seen: list[list[str]] = []
    look = Happening(when="to be migrated", simulated=lambda far: seen.append(there.engine.warnings(RUN)))
    there = stage(replace(COMPLETE, happenings=(look,)))
    assert isinstance(there.on(), Done)
    assert seen == [[WITHHELD]]
    assert there.engine.warnings(RUN) == []


def test_the_warning_stands_on_where_the_run_ends_before_the_migration(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(ONLY)
    assert isinstance(there.on(), Done)
    assert there.engine.warnings(RUN) == [WITHHELD]


def test_a_refusal_leaves_no_warning_and_a_retry_has_one_again(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(replace(ONLY, inputs={**ONLY_THE_LICENCE, "dialect": "graph"}, simulated=depends))
    outcome = there.on()
    assert isinstance(outcome, Failed)
    assert "Stopped at the licence can be without its Exchange plans." in outcome.error
    assert there.engine.warnings(RUN) == []
    there.engine.retry(RUN)
    assert isinstance(there.on(), Done)
    going = [entry.state for entry in there.engine.entries(RUN) if entry.key == "licence-going"]
    assert going == ["stands", "lifted", "stands", "lifted"]
    assert there.engine.warnings(RUN) == [WITHHELD]


def test_only_exchange_plans_go_and_of_every_direct_licence(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(ONLY)
    state = there.far.state()
    pack = state.skus[0]
    state.skus.append(replace(pack, part_number="STANDARDPACK", sku_id=pack.plans[0].id, plans=list(pack.plans)))
    account = there.far.rehearsal.account(USER)
    assert account is not None
    account.licenses[0].disabled_plans.append("MCOSTANDARD")
    account.licenses.append(replace(account.licenses[0], sku="STANDARDPACK", disabled_plans=[]))
    assert isinstance(there.on(), Done)
    assert there.licences() == {
        "ENTERPRISEPACK": ["EXCHANGE_S_ENTERPRISE", "MCOSTANDARD"],
        "STANDARDPACK": ["EXCHANGE_S_ENTERPRISE"],
    }
    assert there.written == ["Disable-MsolServicePlan"] * 2


def test_a_hold_that_is_released_lets_a_retry_go_on(stage: Callable[[Scenario], Stage]) -> None:
    def held(far: Rehearsal, *, on: bool) -> None:
        recipient = far.recipient(USER)
        assert recipient is not None
        recipient.litigation_hold = on

    there = stage(
        replace(
            ONLY,
            inputs={**ONLY_THE_LICENCE, "delayed": "wait"},
            changes=(DELAYED,),
            happenings=(Happening(when=PENDING, simulated=lambda far: held(far, on=True)),),
        )
    )
    outcome = there.on()
    assert isinstance(outcome, Failed)
    assert "Stopped at no hold is on the cloud mailbox." in outcome.error
    assert there.engine.warnings(RUN) == [WITHHELD]
    held(there.far.rehearsal, on=False)
    there.engine.retry(RUN)
    there.far.rehearsal.wait(days=31)
    there.far.state().migrations.clear()
    assert isinstance(there.on(), Done)
    assert there.written == ["Disable-MsolServicePlan"]


def test_a_mailbox_that_somebody_has_migrated_meanwhile_is_taken_for_that(stage: Callable[[Scenario], Stage]) -> None:
    late = Happening(when=PENDING, simulated=lambda far: far.wait(days=31))
    there = stage(replace(COMPLETE, golden=None, inputs={**INPUTS, "delayed": "wait"}, changes=(DELAYED,), happenings=(late,)))
    outcome = there.on()
    assert isinstance(outcome, Done)
    assert (outcome.result["mailbox"], outcome.result["migration"]) == (LOCAL, "not judged")
    assert there.engine.warnings(RUN) == []


def test_a_licence_that_came_back_keeps_a_migration_from_being_started(stage: Callable[[Scenario], Stage]) -> None:
    inputs = {**INPUTS, "migration": "move", "remote_host": "mail.domain.com", "delivery_domain": "domain.mail.onmicrosoft.com"}
    back = Happening(after="Get-MoveRequest", simulated=give_back)
    there = stage(replace(COMPLETE, golden=None, inputs=inputs, happenings=(back,)))
    outcome = there.on()
    assert isinstance(outcome, Failed)
    assert "Stopped at no Exchange licence comes before the migration." in outcome.error
    assert "New-MoveRequest" not in there.written
    assert there.engine.warnings(RUN) == [WITHHELD]


def test_the_clean_up_and_the_end_of_a_delay_have_approvals_of_their_own(stage: Callable[[Scenario], Stage]) -> None:
    inputs = {**ONLY_THE_LICENCE, "clear": "yes", "delayed": "expedite"}
    there = stage(replace(ONLY, inputs=inputs, changes=(DELAYED, user("cloud", USER, archiveGuid=ARCHIVE))))
    assert isinstance(there.on(), Done)
    asked = [
        (entry.key, str(entry.body["says"]))
        for entry in there.engine.entries(RUN)
        if entry.state == "asked" and "says" in entry.body
    ]
    assert [key for key, _ in asked] == ["remove-licence", "expedite-delicensing", "clear-previous-mailbox"]
    assert "not at 2018-08-14 15:45 UTC" in asked[1][1]
    assert asked[2][1].startswith(f"FOR EVER: the cloud mailbox and its archive {ARCHIVE} that ")
    assert there.written == ["Disable-MsolServicePlan", "Expedite-Delicensing", "Set-User"]


def test_a_second_run_goes_on_where_the_first_one_ended(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(ONLY)
    assert isinstance(there.on(), Done)
    there.engine.start(ONLY.playbook.name, INPUTS, run_id="aaaaaaaaaaaa")
    outcome = carry_on(there.engine, "aaaaaaaaaaaa", there.far.clock, there.meanwhile)
    assert isinstance(outcome, Done)
    assert outcome.result["cloud_mailbox"] == "gone before this run"
    assert outcome.result["mailbox"] == LOCAL
