"""Whose value MobilePhone is: the third document, line by line, and the way back (field-notes 4)."""

from __future__ import annotations

from psbridge.psobject import PSObject, Value
from tests.simulator.rehearsal import Rehearsal

USER = "testmobile@domain.com"


def numbers(scene: Rehearsal) -> tuple[Value, Value, Value]:
    return (
        scene.one("onprem", "Get-User", Identity="testmobile")["MobilePhone"],
        scene.one("directory", "Get-MsolUser", UserPrincipalName=USER)["MobilePhone"],
        scene.one("exo", "Get-User", Identity="testMobile")["MobilePhone"],
    )


def test_the_third_document_from_its_first_line_to_its_last() -> None:
    scene = Rehearsal("mobile-phone")
    also = scene.one("directory", "Get-MsolUser", UserPrincipalName="testmobile@fortmillems.org")
    assert also["MobilePhone"] == "8035551212"
    assert numbers(scene) == ("8035551212", "8035551212", "8035551212")
    scene.objects("onprem", "Set-User", Identity="testmobile", MobilePhone="9991112222")
    assert numbers(scene) == ("9991112222", "8035551212", "8035551212")
    scene.wait(minutes=31)
    assert numbers(scene) == ("9991112222", "9991112222", "9991112222")
    scene.objects("directory", "Set-MsolUser", UserPrincipalName=USER, MobilePhone="1234567890")
    scene.wait(minutes=1)
    assert numbers(scene) == ("9991112222", "1234567890", "1234567890")
    scene.objects("onprem", "Set-User", Identity="testmobile", MobilePhone="0987654321")
    scene.wait(minutes=31)
    scene.synchronise("Initial")
    scene.wait(minutes=1)
    assert numbers(scene) == ("0987654321", "1234567890", "1234567890")


def test_with_overrides_bypassed_the_local_value_wins_again() -> None:
    scene = Rehearsal("mobile-phone")
    scene.objects("directory", "Set-MsolUser", UserPrincipalName=USER, MobilePhone="1234567890")
    scene.state.settings.bypass_dir_sync_overrides = True
    scene.synchronise("Initial")
    scene.wait(minutes=1)
    assert numbers(scene) == ("8035551212", "8035551212", "8035551212")


def test_with_overrides_bypassed_a_delta_cycle_reaches_only_who_was_changed_on_premises() -> None:
    """Field-notes 4 asks for an initial cycle: a delta one leaves the other differences, and their times, as they are."""
    scene = Rehearsal("mobile-phone")
    scene.objects("directory", "Set-MsolUser", UserPrincipalName=USER, MobilePhone="1234567890")
    scene.state.settings.bypass_dir_sync_overrides = True
    before = scene.one("directory", "Get-MsolUser", UserPrincipalName=USER)["LastDirSyncTime"]
    scene.synchronise()
    scene.wait(minutes=5)
    assert numbers(scene) == ("8035551212", "1234567890", "1234567890")
    assert scene.one("directory", "Get-MsolUser", UserPrincipalName=USER)["LastDirSyncTime"] == before
    scene.objects("onprem", "Set-User", Identity="testmobile", MobilePhone="9991112222")
    scene.synchronise()
    scene.wait(minutes=1)
    assert numbers(scene) == ("9991112222", "9991112222", "9991112222")


def test_what_the_local_directory_owns_is_refused_in_the_cloud() -> None:
    scene = Rehearsal("mobile-phone")
    error = scene.error("directory", "Set-MsolUser", UserPrincipalName="tim.mcmichael@domain.com", FirstName="Test")
    assert error.message == "Unable to update parameter. Parameter name: FIRSTNAME."
    assert error.error_id == (
        "Microsoft.Online.Administration.Automation.PropertyNotSettableException,"
        "Microsoft.Online.Administration.Automation.SetUser"
    )
    assert scene.error("exo", "Set-User", Identity="testmobile", MobilePhone="1").names("PropertyOutOfScopeException")


def test_what_if_changes_nothing() -> None:
    scene = Rehearsal("mobile-phone")
    scene.objects("onprem", "Set-User", Identity="testmobile", MobilePhone="1", WhatIf=True)
    assert numbers(scene)[0] == "8035551212"


def test_the_tools_find_who_differs_and_the_switch_lets_the_local_numbers_win() -> None:
    """The procedure of field-notes 4, from the comparison to the check."""
    scene = Rehearsal("mobile-phone")
    credential = PSObject(("System.Management.Automation.PSCredential",), props={"UserName": "admin"})
    assert scene.objects("sync", "Compare-ADSyncToolsDirSyncOverrides", Credential=credential) == []
    cloud = {"MobilePhoneInAAD": "42", "AlternateMobilePhonesInAAD": ["5", "6"]}
    scene.objects("sync", "Set-ADSyncToolsDirSyncOverridesUser", Identity=USER, **cloud)
    (row,) = scene.objects("sync", "Compare-ADSyncToolsDirSyncOverrides", Credential=credential)
    assert (row["UserPrincipalName"], row["MobileInAD"], row["MobileInAAD"]) == (USER, "8035551212", "42")
    assert [row[name].items for name in ("OtherMobileInAD", "OtherMobileInAAD")] == [[], ["5", "6"]]  # type: ignore[union-attr]
    switch = {"OnPremisesDirectorySynchronizationId": "x", "Features": {"BypassDirSyncOverridesEnabled": True}}
    scene.objects("directory", "Update-MgDirectoryOnPremiseSynchronization", **switch, WhatIf=True)
    assert scene.state.settings.bypass_dir_sync_overrides is False
    scene.objects("directory", "Update-MgDirectoryOnPremiseSynchronization", **switch)
    assert scene.one("directory", "Get-EntraDirSyncFeature", Feature="BypassDirSyncOverrides")["Enabled"] is True
    scene.synchronise("Initial")
    scene.wait(minutes=1)
    assert scene.objects("sync", "Compare-ADSyncToolsDirSyncOverrides", Credential=credential) == []
    scene.objects("directory", "Set-MsolDirSyncFeature", Feature="BypassDirSyncOverrides", Enable=False, Force=True)
    assert scene.state.settings.bypass_dir_sync_overrides is False


def test_a_user_whom_nobody_has_is_not_found_by_the_tools() -> None:
    scene = Rehearsal("mobile-phone")
    assert scene.error("sync", "Get-ADSyncToolsDirSyncOverridesUser", Identity="nobody").names("UserNotFound")
    scene.objects("sync", "Clear-ADSyncToolsDirSyncOverridesUser", Identity=USER, MobileInAD=True, MobilePhoneInAAD=True)
    assert numbers(scene)[:2] == ("", None)
