"""OPTION #0 and what must not outlive it or pass unseen: the pause of synchronisation, and the thirty days of the mailbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from psbridge.engine import Done, Engine, Failed, NotDue, Operator, Outcome, Waiting
from psbridge.journal import Kind, SqliteStore, Status
from psbridge.simulator.state import Fault
from tests.cli.commands import psbridge
from tests.playbooks.change import Change, settings, user
from tests.playbooks.far_ends import Simulated
from tests.playbooks.option_zero import CAPTURED, NAME, USER
from tests.playbooks.playing import Meanwhile, Skipping, carry_on, engine_for
from tests.playbooks.scenario import RUN, Happening, Scenario
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import (
    ARCHIVE,
    BY_HAND,
    COMPLETE,
    CYCLE,
    INPUTS,
    MANUAL,
    REMOVED,
    SCENARIOS,
)
from tests.playbooks.sent import Sent

PAUSED = (
    "The scheduler of directory synchronisation is paused by this run: no change reaches the cloud by itself. "
    "To end it: [sync] Set-ADSyncScheduler -SyncCycleEnabled:$true"
)


class Stage:
    """One run in the simulator that a test carries on by itself."""

    def __init__(self, scenario: Scenario, store: SqliteStore) -> None:
        self.far = Simulated(scenario)
        self.meanwhile = Meanwhile.of(scenario, self.far)
        self.calls: list[Sent] = []
        self.engine: Engine = engine_for(scenario, store, Skipping(self.far, self.calls, self.meanwhile), self.far.clock)
        self.engine.start(scenario.playbook.name, scenario.inputs, run_id=RUN)

    def on(self, *, hours: float = 0) -> Outcome:
        """Carry it on; with `hours` a wait is looked at so seldom only."""
        if not hours:
            return carry_on(self.engine, RUN, self.far.clock, self.meanwhile)
        while isinstance(outcome := self.engine.advance(RUN), Waiting | NotDue):
            for asked in self.engine.pending_approvals(RUN):
                self.engine.approve(RUN, asked.key, asked.sha)
            rest = (outcome.until - self.far.clock.now()).total_seconds()
            long = "to be migrated" in getattr(outcome, "why", "")
            if self.engine.run(RUN).status is not Status.READY:
                self.far.clock.sleep(max(rest, hours * 3600 if long else 0))
        return outcome

    def enabled(self) -> bool:
        return self.far.state().sync.enabled

    def scheduler_calls(self) -> list[object]:
        return [call.parameters["SyncCycleEnabled"] for call in self.calls if call.cmdlet == "Set-ADSyncScheduler"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[[Scenario], Stage]]:
    with SqliteStore(tmp_path / "journal.db") as store:
        yield lambda scenario: Stage(scenario, store)


def with_fault(fault: Fault, scenario: Scenario = COMPLETE) -> Scenario:
    return replace(scenario, simulated=lambda tenant: tenant.faults.append(fault))


def test_the_scheduler_is_paused_only_from_before_the_deletion_until_after_the_purge(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(COMPLETE)
    assert isinstance(there.on(), Done)
    assert there.scheduler_calls() == [False, True]
    calls = [call.cmdlet for call in there.calls]
    paused, resumed = (place for place, call in enumerate(calls) if call == "Set-ADSyncScheduler")
    assert [call for call in calls[paused:resumed] if call == "Remove-MsolUser"] == ["Remove-MsolUser"] * 2
    assert "Start-ADSyncSyncCycle" not in calls[:resumed]
    assert there.enabled()
    assert there.engine.warnings(RUN) == []


def test_a_staging_server_is_refused_before_anybody_is_asked(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(replace(COMPLETE, changes=(Change("sync", values={"staging": True}),)))
    outcome = there.on()
    assert isinstance(outcome, Failed)
    assert "Stopped at synchronisation can bring the account back." in outcome.error
    assert [entry.key for entry in there.engine.entries(RUN) if entry.kind is Kind.APPROVAL] == []


def test_a_server_that_went_staging_while_the_run_was_to_be_approved_is_not_paused(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(COMPLETE)
    assert isinstance(there.engine.advance(RUN), Waiting)
    there.far.state().sync.staging = True
    outcome = there.on()
    assert isinstance(outcome, Failed)
    assert "Stopped at synchronisation can bring the account back." in outcome.error
    assert there.scheduler_calls() == []


def test_an_account_that_a_cycle_restored_leaves_the_scheduler_on(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(replace(COMPLETE, happenings=(CYCLE,)))
    outcome = there.on()
    assert isinstance(outcome, Failed)
    assert "A synchronisation cycle has restored it." in outcome.error
    assert there.scheduler_calls() == [False, True]
    assert there.enabled()
    assert there.engine.warnings(RUN) == []


def test_a_deletion_that_is_never_done_keeps_the_pause_in_sight_and_a_cancelled_run_ends_it(
    stage: Callable[[Scenario], Stage],
) -> None:
    there = stage(with_fault(Fault("error", cmdlet="Remove-MsolUser", call=0, times=0, message="no")))
    assert isinstance(there.on(), Operator)
    assert not there.enabled()
    assert there.engine.warnings(RUN) == [PAUSED]
    assert not there.engine.cancel(RUN).status.ended
    outcome = there.on()
    assert isinstance(outcome, Failed)
    assert outcome.error.startswith("Cancelled by")
    assert there.scheduler_calls() == [False, True]
    assert there.enabled()
    assert there.engine.warnings(RUN) == []


def test_a_run_that_stopped_is_tried_again_with_the_scheduler_paused_again(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(COMPLETE)
    stranger = Happening(after="Remove-MsolUser", simulated=lambda far: setattr(far.state.sync, "enabled", True))
    there.meanwhile.happenings = (stranger, *there.meanwhile.happenings)
    outcome = there.on()
    assert isinstance(outcome, Failed)
    assert "Stopped at no cycle of synchronisation can come between." in outcome.error
    assert there.enabled()
    there.engine.retry(RUN)
    assert isinstance(there.on(), Done)
    assert there.scheduler_calls() == [False, True, False, True]


def test_a_server_that_is_gone_on_the_way_out_leaves_the_warning_standing(stage: Callable[[Scenario], Stage]) -> None:
    lost = Fault("dropped-connection", cmdlet="Set-ADSyncScheduler", call=2, times=1)
    there = stage(replace(with_fault(lost), happenings=(CYCLE,)))
    assert isinstance(there.on(), Failed)
    assert not there.enabled()
    assert there.engine.warnings(RUN) == [PAUSED]


def test_a_pause_by_hand_is_told_until_the_cycle_was_asked_for(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(replace(COMPLETE, inputs=MANUAL))
    asked = there.on()
    assert isinstance(asked, Operator)
    assert asked.signal == "pause-scheduler"
    assert "Set-ADSyncScheduler -SyncCycleEnabled:$false; then answer `done`." in asked.question
    (told,) = there.engine.warnings(RUN)
    assert told.endswith("To end it: Set-ADSyncScheduler -SyncCycleEnabled:$true")
    there.engine.signal(RUN, asked.signal, "no, not yet")
    once_more = there.on()
    assert isinstance(once_more, Operator)
    assert (once_more.signal, "none of: done, yes" in once_more.why) == ("pause-scheduler-2", True)
    assert there.far.rehearsal.account(USER) is not None
    there.engine.signal(RUN, once_more.signal, "Done")
    again = there.on()
    assert isinstance(again, Operator)
    assert again.signal == "synchronise"
    assert "Set-ADSyncScheduler -SyncCycleEnabled $true" in again.question


def test_the_thirty_days_are_told_and_from_a_week_before_the_end_the_operator_is_asked(
    stage: Callable[[Scenario], Stage],
) -> None:
    there = stage(replace(COMPLETE, simulated=lambda tenant: tenant.migrations.clear()))
    there.meanwhile.happenings = ()
    deleted, told = (
        datetime(2018, 7, 15, 15, 45, tzinfo=UTC),
        f"he soft-deleted mailbox {CAPTURED} is lost for good at 2018-08-14",
    )
    for days in (23, 27, 29, 30):
        asked = there.on(hours=11)
        assert isinstance(asked, Operator), asked
        assert f"t{told}" in asked.why
        assert (there.far.clock.now() - deleted).days == days
        there.engine.retry(RUN)
    (warning,) = there.engine.warnings(RUN)
    assert warning.startswith(f"T{told}")


def test_each_approval_question_and_wait_after_the_purge_names_the_end(stage: Callable[[Scenario], Stage]) -> None:
    (once,) = (one for one in SCENARIOS if one.name == "migrated-once-batch")
    asked = {
        "synchronise": "done",
        "old-migration": "again",
        "start-migration": "",
        "complete-migration": "",
        "archive-target-1": "primary",
        "x500-address": "",
        "synchronise-address": "done",
        "merge-mailbox": "",
    }
    there = stage(
        replace(
            once,
            inputs={**once.inputs, "sync": "manual"},
            changes=(user("cloud", USER, archiveGuid=ARCHIVE), settings(allowLegacyDnMismatch="refused")),
            answers={"pause-scheduler": "done", **asked},
            happenings=(Happening(when="synchronise-address", simulated=lambda far: far.synchronise()), BY_HAND, REMOVED),
        )
    )
    assert isinstance(there.on(), Done)
    entries = there.engine.entries(RUN)
    purged = next(entry.seq for entry in entries if entry.key == "purge-account")
    questions = [entry for entry in entries if entry.seq > purged and entry.kind in {Kind.APPROVAL, Kind.ASK}]
    told = {entry.key: entry.body.get("says") or entry.body["question"] for entry in questions if entry.state == "asked"}
    assert list(told) == list(asked)
    for text in told.values():
        assert f"The soft-deleted mailbox {CAPTURED} is lost for good at 2018-08-14" in text
    begun = next(entry.seq for entry in entries if entry.key == "synchronise")
    waits = {
        entry.key: str(entry.body["why"])
        for entry in entries
        if entry.seq > begun and (entry.kind, entry.state) == (Kind.POLL, "begun")
    }
    assert {"account-is-back", "recipient-is-back", "migrated-mailbox", "x500-address-is-there", "restore-is-over"} <= set(waits)
    for key, why in waits.items():
        assert f"the soft-deleted mailbox {CAPTURED} is lost for good at 2018-08-14" in why, key


def test_a_guid_that_does_not_come_is_asked_about_with_the_end(stage: Callable[[Scenario], Stage]) -> None:
    (without,) = (one for one in SCENARIOS if one.name == "guid-not-synchronised")
    asked = stage(without).on()
    assert isinstance(asked, Operator)
    assert f"the soft-deleted mailbox {CAPTURED} is lost for good at 2018-08-14" in asked.why


def test_without_the_merge_the_deadline_stands_after_the_end(stage: Callable[[Scenario], Stage]) -> None:
    there = stage(replace(COMPLETE, inputs={**INPUTS, "merge": "no"}))
    assert isinstance(there.on(), Done)
    (told,) = there.engine.warnings(RUN)
    assert CAPTURED in told


def test_runs_show_and_cancel_name_what_stands(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    done = psbridge("run", NAME, USER, "--simulate", "--yes", "--option", "merge=no", "--journal", journal)
    assert done.returncode == 0, done.stderr
    told = f"WARNING: The soft-deleted mailbox {CAPTURED} is lost for good at "
    assert told in done.stderr
    assert told in psbridge("runs", "--journal", journal).stdout
    run = done.stdout.split("Run ")[1].split()[0]
    shown = psbridge("show", run, "--report", "--journal", journal)
    assert told in shown.stderr
    assert "Still standing" in shown.stdout
