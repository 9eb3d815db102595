"""What an account is in Exchange Online: licences, GUIDs, previous mailboxes (OPTION #1 and #3; field-notes 1.1 to 1.8)."""

from __future__ import annotations

from uuid import UUID

import pytest

from psbridge.errors import ConfirmationRequired
from psbridge.psobject import PSObject
from psbridge.simulator.state import Fault
from tests.simulator.rehearsal import DUPLICATE, LICENCE, SWITCH, Rehearsal

CLOUD_GUID = UUID("5b000000-0000-4000-8000-000000000084")
LOCAL_GUID = UUID("5b000000-0000-4000-8000-000000000070")
OFF = {"RemoveLicenses": "domain:ENTERPRISEPACK"}
ON = {"AddLicenses": "domain:ENTERPRISEPACK"}


@pytest.fixture
def scene() -> Rehearsal:
    return Rehearsal()


def kind(scene: Rehearsal, name: str = LICENCE) -> tuple[str, UUID]:
    recipient = scene.recipient(name)
    assert recipient is not None
    return recipient.kind, recipient.exchange_guid


def test_a_licence_that_is_gone_turns_the_mailbox_into_a_mail_user_later(scene: Rehearsal) -> None:
    scene.licence(LICENCE, **OFF)
    assert scene.one("exo", "Get-Mailbox", Identity="testlicense")["ExchangeGuid"] == CLOUD_GUID
    scene.wait(seconds=10)
    assert scene.error("exo", "Get-Mailbox", Identity="testlicense").names("ManagementObjectNotFoundException")
    mail_user = scene.one("exo", "Get-MailUser", Identity="testlicense")
    assert (str(mail_user), mail_user["ExchangeGuid"]) == ("Test License", LOCAL_GUID)
    user = scene.one("exo", "Get-User", Identity="testlicense")
    assert (user["PreviousRecipientTypeDetails"], user["RecipientType"]) == ("UserMailbox", "MailUser")


def test_a_licence_again_reconnects_the_old_mailbox(scene: Rehearsal) -> None:
    scene.licence(LICENCE, **OFF)
    scene.wait(days=29)
    scene.licence(LICENCE, **ON)
    scene.wait(minutes=1)
    assert kind(scene) == ("UserMailbox", CLOUD_GUID)


def test_after_30_days_a_licence_makes_a_new_and_empty_mailbox(scene: Rehearsal) -> None:
    scene.licence(LICENCE, **OFF)
    scene.wait(days=31)
    scene.licence(LICENCE, **ON)
    scene.wait(minutes=1)
    name, guid = kind(scene)
    assert name == "UserMailbox"
    assert guid not in (CLOUD_GUID, LOCAL_GUID)


def test_a_cleared_previous_mailbox_never_comes_back(scene: Rehearsal) -> None:
    scene.licence(LICENCE, **OFF)
    scene.wait(minutes=1)
    clear = {"Identity": "testlicense", "PermanentlyClearPreviousMailboxInfo": SWITCH}
    with pytest.raises(ConfirmationRequired) as asked:
        scene.ask("exo", "Set-User", **clear)
    assert "unrecoverable PERMANENTLY" in asked.value.question
    assert scene.recipient(LICENCE).previous is not None  # type: ignore[union-attr]
    scene.objects("exo", "Set-User", **clear, WhatIf=SWITCH)
    assert scene.recipient(LICENCE).previous is not None  # type: ignore[union-attr]
    scene.objects("exo", "Set-User", **clear, Confirm=False)
    scene.licence(LICENCE, **ON)
    scene.wait(minutes=1)
    assert kind(scene) == ("MailUser", LOCAL_GUID)


def test_a_licence_makes_no_mailbox_where_a_guid_waits_for_a_migration(scene: Rehearsal) -> None:
    scene.licence("testmailuser@domain.com", **ON)
    scene.wait(minutes=1)
    assert kind(scene, "testmailuser@domain.com")[0] == "MailUser"


def test_a_licence_makes_a_second_mailbox_where_the_guid_is_not_exported(scene: Rehearsal) -> None:
    local = scene.local("testmailuser@domain.com")
    local.exports_exchange_guid = False
    scene.licence("testmailuser@domain.com", **ON)
    scene.synchronise("Initial")
    scene.wait(minutes=1)
    name, guid = kind(scene, "testmailuser@domain.com")
    assert name == "UserMailbox"
    assert guid != local.exchange_guid


def test_a_hold_keeps_the_mailbox_without_a_licence(scene: Rehearsal) -> None:
    recipient = scene.recipient(LICENCE)
    assert recipient is not None
    recipient.holds = ["UniH5b000000"]
    scene.licence(LICENCE, **OFF)
    scene.wait(days=2)
    assert kind(scene)[0] == "UserMailbox"


def test_delayed_delicensing_keeps_the_mailbox_30_days_and_can_be_ended(scene: Rehearsal) -> None:
    scene.state.settings.delayed_delicensing = True
    assert scene.one("exo", "Get-OrganizationConfig")["DelayedDelicensingEnabled"] is True
    for name in (LICENCE, DUPLICATE):
        scene.licence(name, **OFF)
    scene.wait(days=29)
    assert kind(scene)[0] == "UserMailbox"
    pending = scene.objects("exo", "Get-PendingDelicenseUser")
    assert sorted(str(user["UserPrincipalName"]) for user in pending) == [LICENCE, DUPLICATE]
    scene.objects("exo", "Expedite-Delicensing", Identity="testduplicate")
    assert kind(scene, DUPLICATE)[0] == "MailUser"
    scene.wait(days=2)
    assert kind(scene)[0] == "MailUser"


def test_a_licence_back_in_time_ends_delayed_delicensing(scene: Rehearsal) -> None:
    scene.state.settings.delayed_delicensing = True
    scene.licence(LICENCE, **OFF)
    scene.wait(days=10)
    scene.licence(LICENCE, **ON)
    scene.wait(days=40)
    assert kind(scene) == ("UserMailbox", CLOUD_GUID)


def test_switching_off_the_exchange_plan_alone_keeps_the_licence(scene: Rehearsal) -> None:
    (options,) = scene.ask(
        "directory",
        "New-MsolLicenseOptions",
        AccountSkuId="domain:ENTERPRISEPACK",
        DisabledPlans=["EXCHANGE_S_ENTERPRISE"],
    ).output
    assert isinstance(options, PSObject)
    rebuilt = PSObject(
        ("Microsoft.Online.Administration.LicenseOption",),
        props={"AccountSkuId": "domain:ENTERPRISEPACK", "DisabledServicePlans": options["DisabledServicePlans"]},
    )
    scene.ask("directory", "Set-MsolUserLicense", UserPrincipalName=LICENCE, LicenseOptions=rebuilt)
    scene.wait(minutes=1)
    assert scene.one("directory", "Get-MsolUser", UserPrincipalName=LICENCE)["IsLicensed"] is True
    assert kind(scene)[0] == "MailUser"


def test_a_licence_of_a_group_cannot_be_taken_directly(scene: Rehearsal) -> None:
    scene.state.faults.append(Fault("group-licence", user=LICENCE, seconds=60))
    scene.licence(LICENCE, **OFF)
    scene.wait(minutes=2)
    account = scene.one("directory", "Get-MsolUser", UserPrincipalName=LICENCE)
    assert account["IsLicensed"] is True
    assert kind(scene) == ("UserMailbox", CLOUD_GUID)
    assert "inherited from a group" in str(scene.licence(LICENCE, **OFF).first_error)


def test_the_user_of_option_3_stays_a_mailbox_whatever_becomes_of_the_licence() -> None:
    scene = Rehearsal("option-3")
    account = scene.one("directory", "Get-MsolUser", UserPrincipalName=LICENCE)
    assert (account["IsLicensed"], account["ValidationStatus"]) == (False, "Error")
    assert [str(error) for error in account["Errors"]] == ["Microsoft.Online.Administration.ValidationError"] * 2  # type: ignore[union-attr]
    scene.licence(LICENCE, **ON)
    scene.wait(minutes=1)
    scene.licence(LICENCE, **OFF)
    scene.wait(days=1)
    assert kind(scene)[0] == "UserMailbox"


def test_what_replication_carries_may_come_late(scene: Rehearsal) -> None:
    scene.state.faults.append(Fault("late-replication", user=LICENCE, seconds=3600))
    scene.licence(LICENCE, **OFF)
    scene.wait(minutes=59)
    assert kind(scene)[0] == "UserMailbox"
    scene.wait(minutes=2)
    assert kind(scene)[0] == "MailUser"
