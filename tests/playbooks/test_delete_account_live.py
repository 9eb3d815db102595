"""OPTION #0 over real PowerShell sessions: the documents' order and values, with the tenant's own log as the witness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psbridge.clock import SkippingClock
from psbridge.engine import Done, Failed
from psbridge.report.run_transcript import items_of
from psbridge.report.transcript import transcript
from tests.playbooks.live_tenant import LiveTenant
from tests.playbooks.option_zero import BEGIN, CAPTURED, RUN, TARGET, USER, begin, carry_on, engine_for, journal_in, migrated_once
from tests.playbooks.refusals import REFUSALS, Refusal

NEW_ACCOUNT = "7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa"

# What the documents show, one line each, in this order: endpoint, cmdlet, and parameters that it must have.
DOCUMENTED: list[tuple[str, str, dict[str, Any]]] = [
    ("exo", "Get-Mailbox", {"Identity": USER}),
    ("onprem", "Get-Mailbox", {"Identity": USER}),
    ("directory", "Get-MsolUser", {"UserPrincipalName": USER}),
    ("exo", "Get-Mailbox", {}),
    ("directory", "Remove-MsolUser", {"UserPrincipalName": USER, "Force": True}),
    ("directory", "Remove-MsolUser", {"UserPrincipalName": USER, "Force": True, "RemoveFromRecycleBin": True}),
    ("directory", "Get-MsolUser", {"UserPrincipalName": USER}),
    ("directory", "Get-MsolUser", {"UserPrincipalName": USER, "ReturnDeletedUsers": True}),
    ("exo", "Get-Mailbox", {"Identity": CAPTURED}),
    ("exo", "Get-Mailbox", {"Identity": CAPTURED, "SoftDeletedMailbox": True}),
    ("sync", "Start-ADSyncSyncCycle", {}),
    ("directory", "Get-MsolUser", {"UserPrincipalName": USER}),
    ("exo", "Get-MailUser", {"Identity": NEW_ACCOUNT}),
    ("exo", "Get-Mailbox", {"Identity": NEW_ACCOUNT}),
    ("exo", "New-MailboxRestoreRequest", {"SourceMailbox": CAPTURED, "TargetMailbox": TARGET, "AllowLegacyDNMismatch": True}),
    ("exo", "Get-MailboxRestoreRequest", {}),
]
WRITES = {"Remove-MsolUser", "Start-ADSyncSyncCycle", "New-MailboxRestoreRequest"}


def plain(line: dict[str, Any]) -> dict[str, Any]:
    """The bound parameters of a log line by name, switches as booleans."""
    values = {name: value["value"] for name, value in line["parameters"].items()}
    return {name: value == "True" if value in ("True", "False") else value for name, value in values.items()}


def accounts(tenant: LiveTenant) -> list[tuple[str, bool, int]]:
    return [(a["objectId"], a.get("deleted") is not None, len(a["licenses"])) for a in tenant.state()["directory"]]


def test_option_zero_goes_from_the_first_look_to_the_completed_restore_request(tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like)
    clock = SkippingClock(BEGIN)
    engine = engine_for(journal_in(tmp_path), tenant.endpoints(), clock)
    outcome = carry_on(engine, begin(engine), clock, migrated_once(tenant))
    assert outcome == Done(
        {
            "merge": "Completed",
            "request": f"testduplicate\\psb-{RUN}",
            "source_mailbox": CAPTURED,
            "target_mailbox": TARGET,
            "account": NEW_ACCOUNT,
        }
    )
    ended = [line for line in tenant.log() if line["event"] == "end"]
    place = 0
    for endpoint, command, parameters in DOCUMENTED:
        while place < len(ended) and not (
            (ended[place]["endpoint"], ended[place]["command"]) == (endpoint, command)
            and parameters.items() <= plain(ended[place]).items()
        ):
            place += 1
        assert place < len(ended), f"{command} {parameters} at {endpoint} did not run in the documents' order"
    writes = [(line["command"], line["outcome"]) for line in ended if line["command"] in WRITES]
    assert writes == [
        ("Remove-MsolUser", "ok"),
        ("Remove-MsolUser", "ok"),
        ("Start-ADSyncSyncCycle", "ok"),
        ("New-MailboxRestoreRequest", "ok"),
    ]
    text = "\n".join(transcript(items_of(engine.entries(RUN))))
    for shown in (
        "[PS] C:\\>Get-Mailbox",
        "User Not Found.  User: testduplicate@domain.com.",
        CAPTURED,
        TARGET,
        "NAMPR06DG282-db128",
    ):
        assert shown in text


def test_without_the_merge_the_run_ends_with_the_mail_user(tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like)
    clock = SkippingClock(BEGIN)
    engine = engine_for(journal_in(tmp_path), tenant.endpoints(), clock)
    outcome = carry_on(engine, begin(engine, merge="no"), clock, lambda: None)
    assert outcome == Done({"merge": "not done", "soft_deleted_mailbox": CAPTURED, "account": NEW_ACCOUNT})
    assert tenant.ran("New-MailboxRestoreRequest") == []


def test_what_if_looks_and_changes_nothing(tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like)
    before = accounts(tenant)
    engine = engine_for(journal_in(tmp_path), tenant.endpoints(), SkippingClock(BEGIN))
    plan = engine.plan("duplicate-mailbox-delete-account", {"identity": USER})
    assert [write.command for write in plan.writes] == [
        f"Remove-MsolUser -UserPrincipalName {USER} -Force",
        f"Remove-MsolUser -UserPrincipalName {USER} -Force -RemoveFromRecycleBin",
    ]
    assert {line["command"] for line in tenant.log()} == {"Get-Mailbox", "Get-MsolUser"}
    assert accounts(tenant) == before
    run_id = begin(engine)
    engine.advance(run_id)
    (asked,) = engine.pending_approvals(run_id)
    assert asked.sha == plan.approvals[0].sha


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_a_guard_that_fails_stops_the_run_before_any_change(refusal: Refusal, tmp_path: Path, exchange_like: str) -> None:
    tenant = LiveTenant(tmp_path, exchange_like, change=refusal.change)
    clock = SkippingClock(BEGIN)
    engine = engine_for(journal_in(tmp_path), tenant.endpoints(), clock)
    outcome = carry_on(engine, begin(engine), clock, lambda: None)
    assert isinstance(outcome, Failed)
    assert f"Stopped at {refusal.guard}." in outcome.error
    assert "Nothing has been changed." in outcome.error
    assert not outcome.changed
    assert not any(tenant.ran(command) for command in WRITES)
