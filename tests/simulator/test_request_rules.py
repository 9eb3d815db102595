"""Restores and moves from their creation to their end (the first and second document; field-notes 5)."""

from __future__ import annotations

from uuid import UUID

import pytest

from psbridge.errors import ConfirmationRequired
from psbridge.psobject import PSObject
from psbridge.simulator.state import Ending, Fault
from tests.simulator.rehearsal import DUPLICATE, SWITCH, Rehearsal

CAPTURED = "fa38094d-cbfd-46b7-82f6-8a3022e39a66"
LOCAL = "e683f1ee-4c85-4b99-b4bc-7511572a361d"
REQUEST = "testduplicate\\MailboxRestore"
MOVE = {"Remote": SWITCH, "RemoteHostName": "mail.domain.com", "TargetDeliveryDomain": "domain.mail.onmicrosoft.com"}
MERGE = {"SourceMailbox": CAPTURED, "TargetMailbox": LOCAL, "AllowLegacyDNMismatch": SWITCH}


@pytest.fixture
def scene() -> Rehearsal:
    """OPTION #0 as far as the mail user that waits for its migration."""
    scene = Rehearsal()
    scene.state.migrations.clear()
    scene.delete()
    scene.purge()
    scene.synchronise()
    scene.wait(minutes=1)
    return scene


@pytest.fixture
def migrated(scene: Rehearsal) -> Rehearsal:
    scene.objects("exo", "New-MoveRequest", Identity="testduplicate", **MOVE)
    scene.wait(minutes=30)
    return scene


def status(scene: Rehearsal) -> list[object]:
    return [request["Status"] for request in scene.objects("exo", "Get-MailboxRestoreRequest")]


def test_a_migration_keeps_the_exchange_guid_and_leaves_a_remote_mailbox(migrated: Rehearsal) -> None:
    mailbox = migrated.one("exo", "Get-Mailbox", Identity="testduplicate")
    assert str(mailbox["ExchangeGuid"]) == LOCAL
    assert mailbox["ProhibitSendQuota"] == "99 GB (106,300,440,576 bytes)"
    remote = migrated.one("onprem", "Get-RemoteMailbox", Identity="testduplicate")
    assert str(remote["RemoteRoutingAddress"]) == "SMTP:testduplicate@domain.mail.onmicrosoft.com"
    assert migrated.error("onprem", "Get-Mailbox", Identity="testduplicate").names("ManagementObjectNotFoundException")
    assert [gone.exchange_guid for gone in migrated.state.disconnected] == [UUID(LOCAL)]


def test_a_restore_is_queued_in_progress_and_completed_and_the_target_holds_both(migrated: Rehearsal) -> None:
    before = migrated.recipient().items  # type: ignore[union-attr]
    assert migrated.one("exo", "New-MailboxRestoreRequest", **MERGE)["Name"] == "MailboxRestore"
    assert status(migrated) == ["Queued"]
    migrated.wait(seconds=30)
    assert status(migrated) == ["InProgress"]
    migrated.wait(minutes=1)
    assert status(migrated) == ["Completed"]
    assert migrated.recipient().items == before + 37  # type: ignore[union-attr]
    assert migrated.soft_deleted() is not None


def test_a_second_request_for_the_same_pair_is_made_without_a_word_and_ten_are_the_most(migrated: Rehearsal) -> None:
    names = [migrated.one("exo", "New-MailboxRestoreRequest", **MERGE)["Name"] for _ in range(10)]
    assert names[:3] == ["MailboxRestore", "MailboxRestore1", "MailboxRestore2"]
    assert "too many restore requests" in migrated.error("exo", "New-MailboxRestoreRequest", **MERGE).message


def test_without_the_switch_the_legacy_names_must_match(migrated: Rehearsal) -> None:
    plain = {name: value for name, value in MERGE.items() if name != "AllowLegacyDNMismatch"}
    assert "AllowLegacyDNMismatch" in migrated.error("exo", "New-MailboxRestoreRequest", **plain).message
    source, target = migrated.soft_deleted(), migrated.recipient()
    assert source is not None
    assert target is not None
    target.email_addresses.append(f"X500:{source.legacy_exchange_dn}")
    migrated.objects("exo", "New-MailboxRestoreRequest", **plain)


def test_a_tenant_of_the_day_refuses_the_switch(migrated: Rehearsal) -> None:
    migrated.state.settings.allow_legacy_dn_mismatch = "refused"
    assert "no longer supported" in migrated.error("exo", "New-MailboxRestoreRequest", **MERGE).message


def test_a_restore_whose_source_is_lost_on_the_way_fails_with_its_reason(migrated: Rehearsal) -> None:
    migrated.objects("exo", "New-MailboxRestoreRequest", **MERGE)
    source = migrated.soft_deleted()
    assert source is not None
    migrated.state.cloud.remove(source)
    scene = Rehearsal(migrated.state)
    scene.wait(minutes=5)
    statistics = scene.one("exo", "Get-MailboxRestoreRequestStatistics", Identity=REQUEST, IncludeReport=SWITCH)
    assert (str(statistics["Status"]), statistics["StatusDetail"]) == ("Failed", "FailedOther")
    assert statistics["FailureType"] == "RecipientNotFoundPermanentException"
    report = statistics["Report"]
    assert isinstance(report, PSObject)
    assert CAPTURED in str(report["Failures"].items[0])  # type: ignore[union-attr, index]


def test_a_failed_restore_can_be_resumed(migrated: Rehearsal) -> None:
    migrated.state.faults.append(Fault("failed-restore"))
    migrated.objects("exo", "New-MailboxRestoreRequest", **MERGE)
    migrated.wait(minutes=5)
    assert status(migrated) == ["Failed"]
    migrated.objects("exo", "Resume-MailboxRestoreRequest", Identity=REQUEST)
    migrated.wait(minutes=5)
    assert status(migrated) == ["Completed"]


def test_removing_and_suspending_ask_first(migrated: Rehearsal) -> None:
    migrated.objects("exo", "New-MailboxRestoreRequest", **MERGE)
    for cmdlet in ("Remove-MailboxRestoreRequest", "Suspend-MailboxRestoreRequest"):
        with pytest.raises(ConfirmationRequired):
            migrated.ask("exo", cmdlet, Identity=REQUEST)
    migrated.objects("exo", "Suspend-MailboxRestoreRequest", Identity=REQUEST, Confirm=False)
    migrated.wait(days=1)
    assert status(migrated) == ["Suspended"]
    migrated.objects("exo", "Remove-MailboxRestoreRequest", Identity=REQUEST, Confirm=False)
    assert status(migrated) == []


def test_what_if_makes_no_request(migrated: Rehearsal) -> None:
    assert migrated.objects("exo", "New-MailboxRestoreRequest", **MERGE, WhatIf=SWITCH) == []
    assert status(migrated) == []


def test_a_stalled_move_takes_longer_and_transfers_more_than_the_mailbox_holds(scene: Rehearsal) -> None:
    scene.state.faults.append(Fault("stalled-migration", user=DUPLICATE, seconds=3600))
    scene.objects("exo", "New-MoveRequest", Identity="testduplicate", **MOVE)
    scene.wait(minutes=30)
    assert scene.state.moves[-1].status == "Syncing"
    scene.wait(hours=1)
    statistics = scene.one("exo", "Get-MoveRequestStatistics", Identity="testduplicate", IncludeReport=SWITCH)
    assert str(statistics["Status"]) == "Completed"
    assert scene.state.moves[-1].bytes_transferred > 1.3 * scene.state.moves[-1].estimated_bytes
    assert "StalledDueToTarget_DiskLatency" in str(statistics["Report"])
    assert str(statistics["TotalStalledDueToWriteUnknown"]) == "01:00:00"


def test_a_batch_syncs_waits_and_completes(scene: Rehearsal) -> None:
    csv = b"\xef\xbb\xbfEmailAddress\r\ntestduplicate@domain.com\r\nnobody@domain.com\r\n"
    named = {"Name": "August", "CSVData": csv, "SourceEndpoint": "Hybrid endpoint", "TargetDeliveryDomain": "d"}
    scene.objects("exo", "New-MigrationBatch", **named, AutoStart=SWITCH)
    scene.wait(minutes=10)
    users = {str(user["Identity"]): user["Status"] for user in scene.objects("exo", "Get-MigrationUser", BatchId="August")}
    assert users == {"testduplicate@domain.com": "Synced", "nobody@domain.com": "Failed"}
    assert scene.one("exo", "Get-MigrationBatch", Identity="August")["Status"] == "SyncedWithErrors"
    scene.objects("exo", "Complete-MigrationBatch", Identity="August", Confirm=False)
    scene.wait(minutes=10)
    assert scene.one("exo", "Get-MigrationBatch", Identity="August")["Status"] == "CompletedWithErrors"
    assert str(scene.one("exo", "Get-Mailbox", Identity="testduplicate")["ExchangeGuid"]) == LOCAL
    assert scene.error("exo", "New-MigrationBatch", **named).names("MigrationBatchAlreadyExistsException")


def test_a_csv_without_the_column_is_refused(scene: Rehearsal) -> None:
    error = scene.error(
        "exo", "New-MigrationBatch", Name="x", CSVData=b"Mail\r\na@b.c\r\n", TargetDeliveryDomain="d", SourceEndpoint="h"
    )
    assert error.names("MigrationCSVParsingException")


def test_who_has_a_mailbox_or_no_source_cannot_be_moved(migrated: Rehearsal) -> None:
    assert "already has a primary mailbox" in migrated.error("exo", "New-MoveRequest", Identity="testlicense", **MOVE).message
    migrated.local("testmailuser@domain.com").kind = "User"
    assert "source organization" in migrated.error("exo", "New-MoveRequest", Identity="testmailuser", **MOVE).message


def test_a_suspended_restore_waits_until_it_is_resumed(migrated: Rehearsal) -> None:
    migrated.one("exo", "New-MailboxRestoreRequest", **MERGE)
    (request,) = migrated.state.restore_requests
    migrated.objects("exo", "Suspend-MailboxRestoreRequest", Identity=request.identity, Confirm=False)
    migrated.wait(days=2)
    assert str(migrated.one("exo", "Get-MailboxRestoreRequest")["Status"]) == "Suspended"
    migrated.objects("exo", "Resume-MailboxRestoreRequest", Identity=request.identity)
    migrated.wait(minutes=2)
    assert str(migrated.one("exo", "Get-MailboxRestoreRequest")["Status"]) == "Completed"


def test_a_restore_may_complete_with_a_warning_and_brings_its_items_all_the_same(migrated: Rehearsal) -> None:
    migrated.one("exo", "New-MailboxRestoreRequest", **MERGE)
    (request,) = migrated.state.restore_requests
    request.outcome = Ending(status="CompletedWithWarning")
    migrated.wait(minutes=2)
    made = migrated.one("exo", "Get-MailboxRestoreRequest")
    assert str(made["Status"]) == "CompletedWithWarning"
    target = next(one for one in migrated.state.cloud if one.guid == request.target_guid)
    assert target.items >= request.items > 0


def test_a_request_can_be_listed_under_a_batch(migrated: Rehearsal) -> None:
    migrated.one("exo", "New-MailboxRestoreRequest", **MERGE)
    (request,) = migrated.state.restore_requests
    migrated.objects("exo", "Set-MailboxRestoreRequest", Identity=request.identity, BatchName="July")
    assert len(migrated.objects("exo", "Get-MailboxRestoreRequest", BatchName="july")) == 1
    assert migrated.objects("exo", "Get-MailboxRestoreRequest", BatchName="August") == []


def test_a_move_whose_mail_user_is_gone_fails_and_leaves_the_local_mailbox(scene: Rehearsal) -> None:
    user = "testmailuser@domain.com"
    scene.objects("exo", "New-MoveRequest", Identity=user, **MOVE)
    scene.wait(minutes=1)
    scene.delete(user)
    scene.purge(user)
    scene.wait(hours=1)
    (move,) = [move for move in scene.state.moves if move.identity == user]
    assert (move.status, "no longer there" in move.error) == ("Failed", True)
    assert scene.local(user).kind == "UserMailbox"


def test_a_suspended_move_goes_on_when_it_is_resumed_and_a_removed_one_never(scene: Rehearsal) -> None:
    user = "testmailuser@domain.com"
    scene.objects("exo", "New-MoveRequest", Identity=user, **MOVE)
    scene.objects("exo", "Suspend-MoveRequest", Identity=user, Confirm=False)
    scene.wait(days=1)
    assert scene.recipient(user).kind == "MailUser"  # type: ignore[union-attr]
    scene.objects("exo", "Resume-MoveRequest", Identity=user)
    scene.objects("exo", "Remove-MoveRequest", Identity=user, Confirm=False)
    scene.wait(days=1)
    assert scene.recipient(user).kind == "MailUser"  # type: ignore[union-attr]
    scene.objects("exo", "New-MoveRequest", Identity=user, **MOVE)
    scene.objects("exo", "Suspend-MoveRequest", Identity=user, Confirm=False)
    scene.objects("exo", "Resume-MoveRequest", Identity=user)
    scene.wait(hours=1)
    assert scene.recipient(user).kind == "UserMailbox"  # type: ignore[union-attr]


def test_a_poor_score_cannot_be_forced() -> None:
    """Field-notes 5.3: contact support."""
    scene = Rehearsal()
    synced = next(move for move in scene.state.moves if move.status == "Synced")
    synced.data_consistency_score = "Poor"
    scene.objects("exo", "Set-MigrationUser", Identity=synced.identity, ApproveSkippedItems=True)
    scene.objects("exo", "Complete-MigrationBatch", Identity="July migration", Confirm=False)
    assert str(scene.one("exo", "Get-MigrationUser", Identity=synced.identity)["Status"]) == "Synced"
