"""Graph and Entra see the same directory as MSOnline; Select-Object, -ErrorAction and Exchange's way to write a size."""

from __future__ import annotations

from uuid import UUID

import pytest

from psbridge.command import Command
from psbridge.psobject import PSObject, Value
from psbridge.reply import State
from psbridge.simulator.dotnet import size_text
from psbridge.simulator.rules.licensing import LICENSING_GROUP
from tests.simulator.rehearsal import DUPLICATE, SWITCH, Rehearsal

NOBODY = {"Identity": "nobody@domain.com"}


@pytest.fixture
def scene() -> Rehearsal:
    return Rehearsal()


@pytest.mark.parametrize(
    ("cmdlet", "parameters"),
    [
        ("Remove-MsolUser", {"UserPrincipalName": DUPLICATE, "Force": SWITCH}),
        ("Remove-MgUser", {"UserId": DUPLICATE, "Confirm": False}),
        ("Remove-EntraUser", {"UserId": DUPLICATE}),
    ],
)
def test_whoever_deletes_an_account_the_others_find_it_in_the_recycle_bin(
    scene: Rehearsal, cmdlet: str, parameters: dict[str, object]
) -> None:
    account = scene.account()
    assert account is not None
    known = str(account.object_id)
    assert scene.ask("directory", cmdlet, **parameters).first_error is None
    assert scene.error("directory", "Get-MgUser", UserId=DUPLICATE).message.startswith("Resource '")
    found = [
        scene.one("directory", "Get-MsolUser", UserPrincipalName=DUPLICATE, ReturnDeletedUsers=SWITCH)["ObjectId"],
        UUID(str(scene.one("directory", "Get-MgDirectoryDeletedItemAsUser", DirectoryObjectId=known)["Id"])),
        UUID(str(scene.one("directory", "Get-EntraDeletedUser", UserId=known)["Id"])),
    ]
    assert found == [account.object_id] * 3


@pytest.mark.parametrize("dialect", ["msol", "graph"])
def test_a_licence_that_a_group_gives_is_not_taken_from_the_user(scene: Rehearsal, dialect: str) -> None:
    account = scene.account()
    assert account is not None
    (licence,) = account.licenses
    licence.assigned_by_group = LICENSING_GROUP
    sku = next(sku for sku in scene.state.skus if sku.part_number == licence.sku)
    if dialect == "graph":
        given: dict[str, object] = {"UserId": DUPLICATE, "AddLicenses": [], "RemoveLicenses": [str(sku.sku_id)]}
        error = scene.error("directory", "Set-MgUserLicense", **given)
    else:
        named = scene.one("directory", "Get-MsolAccountSku")["AccountSkuId"]
        error = scene.error("directory", "Set-MsolUserLicense", UserPrincipalName=DUPLICATE, RemoveLicenses=named)
    assert "inherited from a group" in error.message
    assert account.licenses == [licence]


def test_a_property_that_is_not_asked_for_is_null_in_graph(scene: Rehearsal) -> None:
    plain = scene.one("directory", "Get-MgUser", UserId=DUPLICATE)
    chosen = scene.one("directory", "Get-MgUser", UserId=DUPLICATE, Property=["onPremisesImmutableId"])
    assert plain["OnPremisesImmutableId"] is None
    assert chosen["OnPremisesImmutableId"] is not None


def test_error_action_silences_or_stops(scene: Rehearsal) -> None:
    assert scene.ask("exo", "Get-Mailbox", **NOBODY).errors
    assert not scene.ask("exo", "Get-Mailbox", **NOBODY, ErrorAction="SilentlyContinue").errors
    stopped = scene.ask("exo", "Get-Mailbox", **NOBODY, ErrorAction="Stop")
    assert stopped.state is State.FAILED
    assert stopped.failure is not None


def test_select_object_counts_expands_and_says_what_is_not_there(scene: Rehearsal) -> None:
    mailboxes = Command("Get-Mailbox", {})
    everyone = scene.run("exo", mailboxes).output
    assert len(scene.run("exo", mailboxes, Command("Select-Object", {"First": 1})).output) == 1
    rest = scene.run("exo", mailboxes, Command("Select-Object", {"Skip": 1, "ExpandProperty": "Alias"}))
    assert len(rest.output) == len(everyone) - 1
    assert all(isinstance(alias, str) for alias in rest.output)
    missing = scene.run("exo", mailboxes, Command("Select-Object", {"First": 1, "ExpandProperty": "Nosuch"}))
    assert missing.first_error is not None
    assert missing.first_error.names("ExpandPropertyNotFound")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B (0 bytes)"),
        (1_023, "1023 B (1,023 bytes)"),
        (1_024, "1 KB (1,024 bytes)"),
        (1_088, "1.063 KB (1,088 bytes)"),
        (1_048_575, "1024 KB (1,048,575 bytes)"),
        (1_237_342_091, "1.152 GB (1,237,342,091 bytes)"),
        (1_503_707_494, "1.4 GB (1,503,707,494 bytes)"),
        (1_612_092_317, "1.501 GB (1,612,092,317 bytes)"),
        (107_374_182_400, "100 GB (107,374,182,400 bytes)"),
        (1_125_899_906_842_624, "1024 TB (1,125,899,906,842,624 bytes)"),
    ],
)
def test_a_size_is_written_as_exchange_writes_it(size: int, text: str) -> None:
    assert size_text(size) == text


def test_entra_gives_and_takes_licences_in_one_object(scene: Rehearsal) -> None:
    sku = scene.state.skus[0]
    plan = sku.plans[0]
    adding = {"AddLicenses": [{"SkuId": str(sku.sku_id), "DisabledPlans": [str(plan.id)]}], "RemoveLicenses": []}
    removing = {"AddLicenses": [], "RemoveLicenses": [str(sku.sku_id)]}
    account = scene.account()
    assert account is not None
    for assigned, left in ((removing, []), (adding, [[plan.name]])):
        assert scene.ask("directory", "Set-EntraUserLicense", UserId=DUPLICATE, AssignedLicenses=assigned).first_error is None
        assert [licence.disabled_plans for licence in account.licenses] == left
    wrong = {"AddLicenses": [{"SkuId": str(UUID(int=1))}], "RemoveLicenses": []}
    unknown = scene.error("directory", "Set-EntraUserLicense", UserId=DUPLICATE, AssignedLicenses=wrong)
    assert "valid company License" in unknown.message
    account.licenses[0].assigned_by_group = LICENSING_GROUP
    refused = scene.error("directory", "Set-EntraUserLicense", UserId=DUPLICATE, AssignedLicenses=removing)
    assert "inherited from a group" in refused.message


def test_entra_writes_the_mobile_phone_and_nothing_that_the_local_directory_owns(scene: Rehearsal) -> None:
    scene.objects("directory", "Set-EntraUser", UserId=DUPLICATE, Mobile="77", UsageLocation="DE")
    account = scene.account()
    assert account is not None
    assert (account.mobile_phone, account.mobile_authority, account.usage_location) == ("77", "cloud", "DE")
    assert "on-premises mastered" in scene.error("directory", "Set-EntraUser", UserId=DUPLICATE, Surname="x").message
    account.cloud_managed = True
    scene.objects("directory", "Set-EntraUser", UserId=DUPLICATE, Surname="x")
    assert account.last_name == "x"


def test_lists_of_the_directory_are_narrowed_alike_in_both_dialects(scene: Rehearsal) -> None:
    for cmdlet in ("Get-MsolUser", "Get-EntraUser"):
        found = [str(user["UserPrincipalName"]) for user in scene.objects("directory", cmdlet, SearchString="test dup")]
        assert found == [DUPLICATE]
        assert len(scene.objects("directory", cmdlet, HasErrorsOnly=SWITCH)) == 1
    assert scene.objects("directory", "Get-MsolUser", DomainName="nosuch.com") == []
    assert scene.objects("directory", "Get-MsolUser", UsageLocation="FR") == []
    details = scene.one("directory", "Get-MgUserLicenseDetail", UserId=DUPLICATE)
    assert details["SkuPartNumber"] == scene.one("directory", "Get-EntraSubscribedSku")["SkuPartNumber"]


def test_what_is_expanded_keeps_its_own_and_gets_the_notes_that_are_named(scene: Rehearsal) -> None:
    def expanded(name: str, *beside: str) -> tuple[Value, ...]:
        looked = Command("Get-MsolUser", {"UserPrincipalName": DUPLICATE})
        return scene.run("directory", looked, Command("Select-Object", {"Property": list(beside), "ExpandProperty": name})).output

    address, _ = expanded("ProxyAddresses", "IsLicensed")
    assert isinstance(address, PSObject)
    assert (address.base, dict(address.ms)) == (f"SMTP:{DUPLICATE}", {"IsLicensed": True})
    (licence,) = expanded("Licenses", "Licen*", "Nothing", "AccountSkuId")
    assert isinstance(licence, PSObject)
    assert licence["AccountSkuId"] == "domain:ENTERPRISEPACK"
    assert {"Licenses", "LicenseReconciliationNeeded", "Nothing"} <= set(licence.ms)
    assert expanded("Errors", "ObjectId") == ()
