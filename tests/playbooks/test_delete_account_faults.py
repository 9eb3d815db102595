"""OPTION #0 when the far end fails in the middle of a destructive cmdlet: the effect decides, never the answer."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.outcome_codes import code_of
from psbridge.clock import SkippingClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Done, Engine, Failed, Operator, Outcome
from psbridge.journal import Kind
from tests.playbooks.live_tenant import LiveSessions, LiveTenant
from tests.playbooks.meddling import Meddling
from tests.playbooks.option_zero import BEGIN, RUN, USER, begin, carry_on, engine_for, journal_in, migrated_once

# The destructive calls of a run: the cmdlet, which of its calls it is, and the key of its step.
DESTRUCTIVE = (
    ("Remove-MsolUser", 1, "delete-account"),
    ("Remove-MsolUser", 2, "purge-account"),
    # Before it the run has asked with -WhatIf whether it would be taken.
    ("New-MailboxRestoreRequest", 2, "restore-request"),
)
SLOW = 20


def played(
    sessions: LiveSessions, tenant: LiveTenant, folder: Path, *, after: str = "", meddle: Callable[[], object] = lambda: None
) -> tuple[Engine, Outcome]:
    """Carry a run to its end; `meddle` happens at the far end after each call of the cmdlet `after`."""
    tenant.edit(quick)
    clock = SkippingClock(BEGIN)
    endpoints = Endpoints(lambda name: Meddling(sessions.transport(tenant, name), after, meddle))
    engine = engine_for(journal_in(folder), endpoints, clock)
    outcome = carry_on(engine, begin(engine), clock, migrated_once(tenant))
    endpoints.close()
    return engine, outcome


def quick(state: dict[str, Any]) -> None:
    """A merge that is over after a few looks: how often it is looked at is not what these tests are about."""
    state["settings"].update(restoreQueuedSeconds=5, restoreInProgressSeconds=5)


def with_fault(sessions: LiveSessions, **fault: Any) -> LiveTenant:
    return sessions.tenant(change=lambda tenant: tenant.setdefault("faults", []).append(fault))


def states(engine: Engine, key: str) -> list[str]:
    return [entry.state for entry in engine.entries(RUN) if entry.key == key and entry.kind is Kind.DESTROY]


def effects_of(tenant: LiveTenant) -> list[tuple[str, bool]]:
    """The destructive calls that began, in order."""
    names = {command for command, _, _ in DESTRUCTIVE}
    return [
        (line["command"], "RemoveFromRecycleBin" in line["parameters"])
        for line in tenant.log()
        if line["event"] == "begin" and line["command"] in names and "WhatIf" not in line["parameters"]
    ]


ONCE_EACH = [("Remove-MsolUser", False), ("Remove-MsolUser", True), ("New-MailboxRestoreRequest", False)]


@pytest.mark.parametrize(("command", "call", "key"), DESTRUCTIVE)
@pytest.mark.parametrize("kind", ["error", "terminating", "exit"])
def test_an_effect_whose_answer_is_lost_is_seen_and_not_repeated(
    kind: str, command: str, call: int, key: str, tmp_path: Path, live_sessions: LiveSessions
) -> None:
    tenant = with_fault(live_sessions, command=command, call=call, kind=kind, after=True, exitCode=3)
    engine, outcome = played(live_sessions, tenant, tmp_path)
    assert isinstance(outcome, Done), outcome
    assert states(engine, key) == ["intent", "lost", "observed"]
    assert effects_of(tenant) == ONCE_EACH


@pytest.mark.parametrize(("command", "call", "key"), DESTRUCTIVE)
@pytest.mark.parametrize("kind", ["error", "terminating", "exit"])
def test_a_failure_before_the_effect_is_repeated_only_when_it_is_proved_undone(
    kind: str, command: str, call: int, key: str, tmp_path: Path, live_sessions: LiveSessions
) -> None:
    tenant = with_fault(live_sessions, command=command, call=call, kind=kind, exitCode=3)
    engine, outcome = played(live_sessions, tenant, tmp_path)
    assert isinstance(outcome, Done), outcome
    assert states(engine, key) == ["intent", "lost", "undone", "intent", "done"]
    entries = [entry for entry in engine.entries(RUN) if entry.key == key]
    first, second = (entry.at for entry in entries if entry.state == "intent")
    assert (second - first).total_seconds() >= 15 * 60, "the server may go on with a cmdlet for 15 minutes"


@pytest.mark.parametrize(("command", "call", "key"), DESTRUCTIVE)
@pytest.mark.parametrize("after", [False, True], ids=["before-the-effect", "after-the-effect"])
def test_powershell_killed_in_the_middle_of_a_destructive_cmdlet_loses_nothing(
    command: str, call: int, key: str, tmp_path: Path, live_sessions: LiveSessions, *, after: bool
) -> None:
    tenant = with_fault(live_sessions, command=command, call=call, kind="slow", seconds=SLOW, after=after)
    killer = threading.Thread(target=kill_in, args=(tenant, command, call))
    killer.start()
    engine, outcome = played(live_sessions, tenant, tmp_path)
    killer.join()
    assert isinstance(outcome, Done), outcome
    # What the cmdlet had done when it died decides: seen, or proved undone and done again.
    assert states(engine, key) == (["intent", "lost", "observed"] if after else ["intent", "lost", "undone", "intent", "done"])
    if after:
        assert effects_of(tenant) == ONCE_EACH


def kill_in(tenant: LiveTenant, command: str, call: int) -> None:
    """Kill the process that runs the call, once it is in the middle of it."""
    for _ in range(1200):
        begun = tenant.ran(command)
        if len(begun) >= call:
            time.sleep(0.5)
            os.kill(begun[call - 1]["pid"], signal.SIGKILL)
            return
        time.sleep(0.02)


def test_a_restored_account_is_noticed_before_the_purge(tmp_path: Path, live_sessions: LiveSessions) -> None:
    """A synchronisation cycle between deletion and purge restores the account (field-notes 1.7)."""
    tenant = live_sessions.tenant()

    def synchronise() -> None:
        tenant.operator("$null = Start-ADSyncSyncCycle -PolicyType Delta; $null = Step-TenantClock -Minutes 3")

    _, outcome = played(live_sessions, tenant, tmp_path, after="Remove-MsolUser", meddle=synchronise)
    assert isinstance(outcome, Failed), outcome
    assert "Stopped at the account is deleted and not back." in outcome.error
    assert "A synchronisation cycle has restored it." in outcome.error
    assert outcome.changed
    assert effects_of(tenant) == [("Remove-MsolUser", False)]


def test_a_licence_that_a_group_puts_back_stops_the_run_before_the_merge(tmp_path: Path, live_sessions: LiveSessions) -> None:
    tenant = live_sessions.tenant()

    def license_again() -> None:
        tenant.operator(
            "$null = Step-TenantClock -Minutes 3; "
            "Set-MsolUserLicense -UserPrincipalName testduplicate@domain.com -AddLicenses domain:ENTERPRISEPACK"
        )

    _, outcome = played(live_sessions, tenant, tmp_path, after="Start-ADSyncSyncCycle", meddle=license_again)
    assert isinstance(outcome, Failed), outcome
    assert "Stopped at the new account has no Exchange licence." in outcome.error
    assert "Found: IsLicensed True (ENTERPRISEPACK: EXCHANGE_S_ENTERPRISE)." in outcome.error
    assert not tenant.ran("New-MailboxRestoreRequest")


@pytest.mark.parametrize(("status", "ends"), [("Failed", Failed), ("CompletedWithWarning", Done)])
def test_a_merge_that_fails_and_one_with_skipped_items_are_told_apart(
    status: str, ends: type, tmp_path: Path, live_sessions: LiveSessions
) -> None:
    tenant = live_sessions.tenant()

    def spoil() -> None:
        if tenant.state()["restoreRequests"]:
            bad = {"status": status, "message": "too many bad items"}
            tenant.edit(lambda state: state["restoreRequests"][-1].update(outcome=bad))

    _, outcome = played(live_sessions, tenant, tmp_path, after="New-MailboxRestoreRequest", meddle=spoil)
    assert isinstance(outcome, ends), outcome
    assert tenant.ran("Get-MailboxRestoreRequestStatistics")
    if isinstance(outcome, Failed):
        assert "status Failed, FailedOther: Error: too many bad items" in outcome.error
    elif isinstance(outcome, Done):
        assert outcome.result["merge"] == status
        assert code_of(outcome) is ExitCode.FINDINGS


def person(state: dict[str, Any], side: str) -> dict[str, Any]:
    found: dict[str, Any] = next(p for p in state[side] if p["userPrincipalName"] == USER)
    return found


def test_a_licence_of_which_the_mailbox_says_nothing_is_no_exchange_licence(tmp_path: Path, live_sessions: LiveSessions) -> None:
    """IsLicensed stays true when only the Exchange plan is off; the purge would then leave nothing to merge."""

    def unseen(state: dict[str, Any]) -> None:
        person(state, "directory")["licenses"] = [{"sku": "ENTERPRISEPACK", "disabledPlans": ["EXCHANGE_S_ENTERPRISE"]}]
        person(state, "cloud").update(stuck=True, properties={"SKUAssigned": None})

    tenant = live_sessions.tenant(change=unseen)
    _, outcome = played(live_sessions, tenant, tmp_path)
    assert isinstance(outcome, Failed), outcome
    assert (
        "Found: IsLicensed True, SKUAssigned no answer, licences that give a mailbox: none. OPTION #1 was begun here"
        in outcome.error
    )
    assert effects_of(tenant) == []


def test_an_archive_is_named_in_the_approval_and_never_merged_where_nobody_sees_it(
    tmp_path: Path, live_sessions: LiveSessions
) -> None:
    archive = "5b000000-0000-4000-8000-0000000000aa"
    tenant = live_sessions.tenant(change=lambda state: person(state, "cloud").update(archiveGuid=archive))
    engine, outcome = played(live_sessions, tenant, tmp_path)
    assert isinstance(outcome, Operator), outcome
    assert outcome.signal == "archive-target-1"
    asked = [
        e.body["says"] for e in engine.entries(RUN) if (e.key, e.kind, e.state) == ("remove-account", Kind.APPROVAL, "asked")
    ]
    assert f"Its archive {archive} goes with it, and is merged by a request of its own." in asked[0]
    assert effects_of(tenant) == ONCE_EACH[:2]


def test_another_account_of_the_same_name_is_not_the_one_that_came_back(tmp_path: Path, live_sessions: LiveSessions) -> None:
    stranger = "5b000000-0000-4000-8000-0000000000bb"

    def exchanged() -> None:
        tenant.operator("$null = Step-TenantClock -Minutes 3")
        tenant.edit(lambda state: person(state, "directory").update(objectId=stranger, immutableId=None))

    tenant = live_sessions.tenant()
    _, outcome = played(live_sessions, tenant, tmp_path, after="Start-ADSyncSyncCycle", meddle=exchanged)
    assert isinstance(outcome, Failed), outcome
    assert f"Found: ImmutableId empty at ObjectId {stranger}. Expected: ImmutableId AAAAWwAAAECAAAAAAAAACw==" in outcome.error
    assert outcome.changed
    assert not tenant.ran("Get-MailUser")
