"""Mailboxes that are enabled, disabled and connected by hand, and what follows (field-notes 1.6 to 1.8, 5.3, 5.5)."""

from __future__ import annotations

from uuid import UUID

import pytest

from psbridge.errors import ConfirmationRequired
from psbridge.psobject import PSObject, SecureString
from tests.simulator.rehearsal import LICENCE, SWITCH, Rehearsal

NO_GUID = UUID(int=0)
LOCAL = UUID("e683f1ee-4c85-4b99-b4bc-7511572a361d")
CLOUD = UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66")
OLD_DN = "x500:/o=First Organization/cn=Recipients/cn=old"


@pytest.fixture
def scene() -> Rehearsal:
    return Rehearsal()


def status(scene: Rehearsal, user: str) -> str:
    return next(move.status for move in scene.state.moves if move.identity == user)


def locally(scene: Rehearsal, cmdlet: str, /, **parameters: object) -> list[PSObject]:
    return scene.objects("onprem", cmdlet, Identity="Test Duplicate", **parameters)


def test_scenario_1_keeps_the_cloud_mailbox_and_loses_nothing_of_the_local_one(scene: Rehearsal) -> None:
    locally(scene, "Disable-Mailbox", Confirm=False)
    local = scene.local()
    assert (local.kind, local.exchange_guid, local.email_addresses) == ("User", NO_GUID, [])
    left = scene.objects("onprem", "Get-MailboxStatistics", Database="DB01")
    assert [(one["MailboxGuid"], str(one["DisconnectReason"])) for one in left if one["DisconnectReason"] is not None] == [
        (LOCAL, "Disabled")
    ]
    (remote,) = locally(scene, "Enable-RemoteMailbox", RemoteRoutingAddress="testduplicate@domain.mail.onmicrosoft.com")
    assert (str(remote["RecipientTypeDetails"]), remote["ExchangeGuid"]) == ("RemoteUserMailbox", NO_GUID)
    locally(scene, "Set-RemoteMailbox", EmailAddresses={"add": OLD_DN}, ExchangeGuid=str(CLOUD))
    scene.synchronise()
    scene.wait(minutes=1)
    mailbox = scene.one("exo", "Get-Mailbox", Identity="testduplicate")
    assert mailbox["ExchangeGuid"] == CLOUD
    assert OLD_DN in [str(address) for address in mailbox["EmailAddresses"].items]  # type: ignore[union-attr]


def test_a_disabled_mailbox_can_be_connected_again_with_all_that_it_held(scene: Rehearsal) -> None:
    before = scene.local().items
    locally(scene, "Disable-Mailbox", Confirm=False)
    assert scene.error("onprem", "Disable-Mailbox", Identity="Test Duplicate", Confirm=False).reason == (
        "ManagementObjectNotFoundException"
    )
    locally(scene, "Connect-Mailbox", Database="DB01", User="Test Duplicate")
    local = scene.local()
    assert (local.kind, local.exchange_guid, local.items) == ("UserMailbox", LOCAL, before)
    assert scene.state.disconnected == []


def test_a_new_local_mailbox_is_empty_and_a_second_one_for_a_cloud_user(scene: Rehearsal) -> None:
    """Cause (b) of duplicates: an identity manager enables a migrated user again (field-notes 1.6)."""
    locally(scene, "Disable-Mailbox", Confirm=False)
    (made,) = locally(scene, "Enable-Mailbox")
    assert made["ExchangeGuid"] not in {LOCAL, NO_GUID}
    assert scene.local().items == 0
    assert scene.error("onprem", "Enable-RemoteMailbox", Identity="Test Duplicate").names("RecipientTaskException")
    assert scene.one("exo", "Get-Mailbox", Identity="testduplicate")["ExchangeGuid"] == CLOUD


def test_what_if_and_the_question_keep_everything(scene: Rehearsal) -> None:
    locally(scene, "Disable-Mailbox", WhatIf=SWITCH)
    with pytest.raises(ConfirmationRequired) as asked:
        locally(scene, "Disable-Mailbox")
    assert "remove the Exchange properties" in asked.value.question
    assert scene.local().exchange_guid == LOCAL


def test_addresses_are_replaced_added_and_removed(scene: Rehearsal) -> None:
    for given, left in (
        (["SMTP:a@domain.com"], ["SMTP:a@domain.com"]),
        ({"add": ["smtp:b@domain.com", "SMTP:A@domain.com"]}, ["SMTP:a@domain.com", "smtp:b@domain.com"]),
        ({"Remove": "SMTP:B@domain.com"}, ["SMTP:a@domain.com"]),
    ):
        locally(scene, "Set-Mailbox", EmailAddresses=given)
        assert scene.local().email_addresses == left
    assert scene.one("onprem", "Get-Mailbox", Identity="a@domain.com")["Alias"] == "testduplicate"


def test_a_hold_and_a_licence_keep_a_cloud_mailbox_from_being_disabled(scene: Rehearsal) -> None:
    scene.objects("exo", "Set-Mailbox", Identity="testlicense", LitigationHoldEnabled=True)
    assert "on hold" in scene.error("exo", "Disable-Mailbox", Identity="testlicense").message
    scene.objects("exo", "Set-Mailbox", Identity="testlicense", LitigationHoldEnabled=False)
    assert "Remove the license first" in scene.error("exo", "Disable-Mailbox", Identity="testlicense").message
    assert scene.error("exo", "Set-Mailbox", Identity="testlicense", DisplayName="x").names("PropertyOutOfScopeException")


@pytest.mark.parametrize("for_ever", [False, True])
def test_a_mailbox_without_a_licence_is_disabled_and_for_ever_only_if_so_asked(for_ever: bool) -> None:
    scene = Rehearsal("option-3")
    more = {"PermanentlyDisable": SWITCH} if for_ever else {}
    scene.objects("exo", "Disable-Mailbox", Identity="testlicense", Confirm=False, **more)
    recipient = scene.recipient(LICENCE)
    assert recipient is not None
    assert (recipient.kind, recipient.previous is None) == ("MailUser", for_ever)


def test_a_shared_mailbox_needs_no_licence(scene: Rehearsal) -> None:
    assert scene.error("exo", "Set-Mailbox", Identity="testlicense", Type="Room").names("SimulatorTypeNotImplemented")
    scene.objects("exo", "Set-Mailbox", Identity="testlicense", Type="Shared")
    scene.licence(LICENCE, RemoveLicenses="domain:ENTERPRISEPACK")
    scene.wait(days=1)
    assert str(scene.one("exo", "Get-Mailbox", Identity="testlicense")["RecipientTypeDetails"]) == "SharedMailbox"


def test_a_soft_deleted_mailbox_comes_back_under_a_new_account(scene: Rehearsal) -> None:
    scene.delete()
    scene.purge()
    scene.wait(minutes=1)
    password = SecureString.of("word")
    revive = {"SoftDeletedObject": "testduplicate", "WindowsLiveID": "new@domain.com", "Password": password}
    (mailbox,) = scene.objects("exo", "Undo-SoftDeletedMailbox", **revive)
    account = scene.one("directory", "Get-MsolUser", UserPrincipalName="new@domain.com")
    assert (mailbox["ExchangeGuid"], mailbox["ExternalDirectoryObjectId"]) == (CLOUD, str(account["ObjectId"]))
    scene.wait(days=31)
    assert scene.one("exo", "Get-Mailbox", Identity="new@domain.com")["ExchangeGuid"] == CLOUD


def test_a_user_to_be_investigated_is_completed_after_an_approval_only(scene: Rehearsal) -> None:
    synced = next(move for move in scene.state.moves if move.status == "Synced")
    synced.data_consistency_score = "Investigate"
    scene.objects("exo", "Complete-MigrationBatch", Identity="July migration", Confirm=False)
    assert status(scene, synced.identity) == "Synced"
    scene.objects("exo", "Set-MigrationUser", Identity=synced.identity, ApproveSkippedItems=SWITCH)
    scene.objects("exo", "Complete-MigrationBatch", Identity="July migration", Confirm=False)
    assert status(scene, synced.identity) == "Completing"


def test_a_stopped_batch_waits_until_it_is_started_again(scene: Rehearsal) -> None:
    csv = b"EmailAddress\ntestmailuser@domain.com\n"
    scene.objects("exo", "New-MigrationBatch", Name="b", CSVData=csv, AutoStart=SWITCH, AutoComplete=SWITCH)
    scene.objects("exo", "Stop-MigrationBatch", Identity="b", Confirm=False)
    scene.wait(days=1)
    assert status(scene, "testmailuser@domain.com") == "Stopped"
    scene.objects("exo", "Start-MigrationBatch", Identity="b")
    scene.wait(hours=1)
    assert status(scene, "testmailuser@domain.com") == "Completed"
    scene.objects("exo", "Remove-MigrationBatch", Identity="b", Confirm=False)
    assert [batch.name for batch in scene.state.batches] == ["July migration"]
    assert scene.recipient("testmailuser@domain.com").kind == "UserMailbox"  # type: ignore[union-attr]


def test_the_local_directory_is_changed_and_carried_to_the_cloud(scene: Rehearsal) -> None:
    scene.objects("onprem", "Set-ADUser", Identity="testmobile", Replace={"mobile": "98", "otherMobile": ["1", "2"]})
    scene.synchronise()
    account = scene.one("directory", "Get-MsolUser", UserPrincipalName="testmobile@domain.com")
    assert (account["MobilePhone"], account["AlternateMobilePhones"].items) == ("98", ["1", "2"])  # type: ignore[union-attr]
    scene.objects("onprem", "Set-ADUser", Identity="testmobile", Clear=["mobile"])
    (user,) = scene.objects("onprem", "Get-ADUser", Filter="mobile -eq $null -and SamAccountName -eq 'testmobile'")
    assert user["MobilePhone"] is None
    unknown = scene.error("onprem", "Set-ADUser", Identity="testmobile", Replace={"nosuch": 1})
    assert unknown.names("SimulatorAttributeNotImplemented")
    assert len(scene.objects("onprem", "Get-ADUser", Filter="*")) == len(scene.state.on_premises)
    dn = str(user["DistinguishedName"])
    assert scene.one("onprem", "Get-ADUser", Identity=dn)["Name"] == user["Name"]


def test_the_statistics_of_a_duplicate_tell_its_two_mailboxes_apart(scene: Rehearsal) -> None:
    both = [scene.one(endpoint, "Get-MailboxStatistics", Identity="testduplicate") for endpoint in ("onprem", "exo")]
    assert [(one["MailboxGuid"], one["ItemCount"]) for one in both] == [(LOCAL, 1200), (CLOUD, 37)]
    assert scene.one("onprem", "Get-MailboxDatabase")["Name"] == "DB01"


def test_delayed_delicensing_is_switched_by_the_organisation(scene: Rehearsal) -> None:
    scene.objects("exo", "Set-OrganizationConfig", DelayedDelicensingEnabled=True)
    assert scene.one("exo", "Get-OrganizationConfig")["DelayedDelicensingEnabled"] is True
    assert scene.one("onprem", "Get-OrganizationConfig")["DelayedDelicensingEnabled"] is False
