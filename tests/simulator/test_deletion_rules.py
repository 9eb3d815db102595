"""What becomes of an account that is deleted, purged or restored, and of its mailbox (OPTION #0; field-notes 1.7)."""

from __future__ import annotations

from uuid import UUID

import pytest

from psbridge.psobject import PSObject
from tests.simulator.rehearsal import DUPLICATE, LICENCE, SWITCH, Rehearsal

CAPTURED = UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66")
LOCAL = UUID("e683f1ee-4c85-4b99-b4bc-7511572a361d")


@pytest.fixture
def scene() -> Rehearsal:
    return Rehearsal()


def test_a_deleted_account_lies_in_the_recycle_bin_and_its_mailbox_follows_later(scene: Rehearsal) -> None:
    scene.delete()
    assert scene.error("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE).names("UserNotFoundException")
    assert scene.one("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE, ReturnDeletedUsers=SWITCH)["ImmutableId"]
    assert scene.one("exo", "Get-Mailbox", Identity=DUPLICATE)["ExchangeGuid"] == CAPTURED
    scene.wait(seconds=10)
    assert scene.error("exo", "Get-Mailbox", Identity=DUPLICATE).names("ManagementObjectNotFoundException")


def test_a_purge_leaves_nothing_of_the_account_and_the_mailbox_soft_deleted_at_once(scene: Rehearsal) -> None:
    scene.delete()
    scene.purge()
    for bin_too in ({}, {"ReturnDeletedUsers": SWITCH}):
        assert scene.error("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE, **bin_too).names("UserNotFoundException")
    mailbox = scene.one("exo", "Get-Mailbox", Identity=CAPTURED, SoftDeletedMailbox=SWITCH)
    assert (mailbox["Name"], mailbox["ExternalDirectoryObjectId"]) == ("Test Duplicate", "")
    assert mailbox["IsSoftDeletedByRemove"] is True


def test_a_purge_finds_only_what_is_in_the_recycle_bin(scene: Rehearsal) -> None:
    error = scene.error("directory", "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH, RemoveFromRecycleBin=SWITCH)
    assert error.message == f"User Not Found.  User: {DUPLICATE}."
    assert scene.account() is not None


def test_a_soft_deleted_mailbox_lives_30_days(scene: Rehearsal) -> None:
    scene.delete()
    scene.purge()
    scene.wait(days=29, hours=23)
    assert scene.soft_deleted() is not None
    scene.wait(hours=1)
    assert scene.soft_deleted() is None


def test_a_held_mailbox_becomes_inactive_and_outlives_the_30_days(scene: Rehearsal) -> None:
    recipient = scene.recipient()
    assert recipient is not None
    recipient.litigation_hold = True
    scene.delete()
    scene.purge()
    assert [str(found) for found in scene.objects("exo", "Get-Mailbox", InactiveMailboxOnly=SWITCH)] == ["Test Duplicate"]
    scene.wait(days=60)
    assert scene.one("exo", "Get-Mailbox", Identity=CAPTURED, SoftDeletedMailbox=SWITCH)["IsInactiveMailbox"] is True


def test_without_a_licence_a_purge_leaves_no_mailbox(scene: Rehearsal) -> None:
    scene.licence(DUPLICATE, RemoveLicenses="domain:ENTERPRISEPACK")
    scene.delete()
    scene.purge()
    assert (scene.soft_deleted(), scene.recipient()) == (None, None)


def test_the_seed_can_say_that_an_unlicensed_mailbox_is_kept(scene: Rehearsal) -> None:
    scene.delete("testerror@domain.com")
    scene.purge("testerror@domain.com")
    assert scene.soft_deleted("testerror@domain.com") is not None


def test_an_account_is_purged_by_itself_after_30_days_in_the_recycle_bin(scene: Rehearsal) -> None:
    scene.state.sync.enabled = False
    scene.delete()
    scene.wait(days=29)
    assert scene.account() is not None
    scene.wait(days=2)
    assert scene.account() is None


def test_restoring_the_account_brings_its_mailbox_back(scene: Rehearsal) -> None:
    scene.delete()
    scene.wait(minutes=1)
    scene.objects("directory", "Restore-MsolUser", UserPrincipalName=DUPLICATE)
    scene.wait(minutes=1)
    assert scene.one("exo", "Get-Mailbox", Identity=DUPLICATE)["ExchangeGuid"] == CAPTURED


def test_a_synchronisation_cycle_between_delete_and_purge_restores_the_account(scene: Rehearsal) -> None:
    before = scene.account()
    scene.delete()
    scene.wait(minutes=31)
    assert scene.account() is before
    assert before is not None
    assert before.deleted is None
    assert scene.one("exo", "Get-Mailbox", Identity=DUPLICATE)["ExchangeGuid"] == CAPTURED


def test_a_paused_scheduler_restores_nothing(scene: Rehearsal) -> None:
    scene.objects("sync", "Set-ADSyncScheduler", SyncCycleEnabled=False)
    scene.delete()
    scene.wait(hours=5)
    assert scene.error("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE).names("UserNotFoundException")


def test_after_a_purge_a_cycle_makes_a_new_account_without_a_licence_and_a_mail_user(scene: Rehearsal) -> None:
    scene.delete()
    scene.purge()
    scene.synchronise()
    account = scene.one("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE)
    assert (account["ObjectId"], account["IsLicensed"]) == (UUID("7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa"), False)
    scene.wait(seconds=10)
    mail_user = scene.one("exo", "Get-MailUser", Identity=DUPLICATE)
    assert mail_user["ExchangeGuid"] == LOCAL
    assert mail_user["RecipientType"] == "MailUser"


@pytest.mark.parametrize(("licensed", "kept"), [(False, True), (True, False)])
def test_the_same_guid_and_a_licence_destroy_the_soft_deleted_mailbox(licensed: bool, kept: bool) -> None:
    scene = Rehearsal()
    recipient = scene.recipient()
    assert recipient is not None
    recipient.exchange_guid = LOCAL
    scene = Rehearsal(scene.state)
    scene.local().group_licenses = ["ENTERPRISEPACK"] if licensed else []
    scene.delete()
    scene.purge()
    scene.synchronise()
    scene.wait(minutes=1)
    assert (scene.soft_deleted() is not None) is kept


def test_a_user_out_of_scope_is_deleted_by_the_next_cycle(scene: Rehearsal) -> None:
    scene.local(LICENCE).in_scope = False
    scene.synchronise("Initial")
    account = scene.account(LICENCE)
    assert account is not None
    assert account.deleted == scene.state.now


def test_the_error_text_is_the_documents_own(scene: Rehearsal) -> None:
    scene.state.settings.quotes = "documents"
    error = scene.error("exo", "Get-Mailbox", Identity="testduplicat")
    assert error.message == (
        "The operation couldn\u2019t be performed because object \u2018testduplicat\u2019 couldn\u2019t be found on "
        "\u2018CO1PR06A002DC02.NAMPR06A002.prod.outlook.com\u2019."
    )
    assert error.header is not None
    assert (error.header.server, error.header.failure_category) == (
        "DM6PR06MB4026",
        "Cmdlet-ManagementObjectNotFoundException",
    )
    assert error.bare_id == "Microsoft.Exchange.Management.RecipientTasks.GetMailbox"
    assert isinstance(error.target, PSObject | None)


def test_a_mail_user_is_gone_with_its_account_at_once(scene: Rehearsal) -> None:
    """Only mailboxes are kept: OPTION #0 speaks of nothing else."""
    name = "testmailuser@domain.com"
    scene.delete(name)
    scene.wait(seconds=10)
    assert scene.error("exo", "Get-Recipient", Identity=name).names("ManagementObjectNotFoundException")
    scene.purge(name)
    assert scene.soft_deleted(name) is None
    scene.synchronise()
    scene.wait(minutes=1)
    assert str(scene.one("exo", "Get-MailUser", Identity=name)["RecipientType"]) == "MailUser"


def test_an_account_whose_source_of_authority_is_in_the_cloud_is_left_alone_by_the_engine(scene: Rehearsal) -> None:
    """Field-notes 1.9: Connect ignores the object after isCloudManaged."""
    account, local = scene.account("testmobile@domain.com"), scene.local("testmobile@domain.com")
    assert account is not None
    account.cloud_managed = True
    local.mobile, local.display_name = "5", "Somebody"
    scene.synchronise("Initial")
    scene.wait(minutes=1)
    assert (account.mobile_phone, account.display_name) == ("8035551212", "Test Mobile")
    account.cloud_managed = False
    scene.synchronise("Initial")
    assert (account.mobile_phone, account.display_name) == ("5", "Somebody")


def test_a_user_without_mail_and_licence_has_no_recipient_and_with_a_licence_a_mailbox(scene: Rehearsal) -> None:
    """Field-notes 1.3 and 1.5: it is the licence that makes the mailbox."""
    for user in ("testmailuser@domain.com",):
        local = scene.local(user)
        local.kind, local.exchange_guid, local.email_addresses = "User", UUID(int=0), []
        scene.delete(user)
        scene.purge(user)
        scene.synchronise("Initial")
        scene.wait(minutes=1)
        assert scene.recipient(user) is None
        scene.licence(user, AddLicenses="domain:ENTERPRISEPACK")
        scene.wait(minutes=1)
        recipient = scene.recipient(user)
        assert recipient is not None
        assert recipient.kind == "UserMailbox"
