"""The exact command line of every call in each dialect: what an operator is shown, and what field-notes 2.2 gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from psbridge.cmdlets import Call, Directory, directory_of
from psbridge.cmdlets.directory import DIALECTS
from psbridge.errors import IdentityError, InputError
from psbridge.models import Account, AccountLicense
from tests.cmdlets.directory.people import ACCOUNT, FEATURES, OBJECT_ID, SKU_ID, licence
from tests.real_engine import said

PROPERTY: Final = (
    "-Property @('id','displayName','givenName','userPrincipalName','assignedLicenses','licenseAssignmentStates',"
    "'onPremisesImmutableId','onPremisesSyncEnabled','onPremisesLastSyncDateTime','onPremisesProvisioningErrors',"
    "'serviceProvisioningErrors','mobilePhone','deletedDateTime') | Select-Object -Property @('Id','DisplayName','GivenName',"
    "'UserPrincipalName','AssignedLicenses','LicenseAssignmentStates','OnPremisesImmutableId','OnPremisesSyncEnabled',"
    "'OnPremisesLastSyncDateTime','OnPremisesProvisioningErrors','ServiceProvisioningErrors','MobilePhone','DeletedDateTime')"
)
GUID: Final = f"([guid]'{OBJECT_ID}')"
PLANS: Final = "@('SHAREPOINTENTERPRISE','EXCHANGE_S_ENTERPRISE')"
PLAN_IDS: Final = "@('5dbe027f-2339-4123-9542-606e4d348a72','efb87545-963c-4e0d-99df-69c6916d9eb0')"
NOTES: Final = "Select-Object -Property @('ServiceInstance','Timestamp','Resolved') -ExpandProperty"
SYNCHRONISATION: Final = "5b000000-0000-4000-8000-000000000001"

GRAPH_FEATURES: Final = {
    "get_dir_sync_features": "Get-MgDirectoryOnPremiseSynchronization | Select-Object -Property @('Id','Features')",
    "set_bypass_dir_sync_overrides": (
        f"Update-MgDirectoryOnPremiseSynchronization -OnPremisesDirectorySynchronizationId {SYNCHRONISATION} "
        "-Features @{'BypassDirSyncOverridesEnabled'=$true} -Confirm:$false"
    ),
}
GOLDEN: Final[dict[str, dict[str, str]]] = {
    "msonline": {
        "get_user": "Get-MsolUser -UserPrincipalName testLicense@domain.com",
        "get_user_by_id": f"Get-MsolUser -ObjectId {GUID}",
        "get_deleted_user": "Get-MsolUser -UserPrincipalName testLicense@domain.com -ReturnDeletedUsers",
        "get_deleted_user_by_id": f"Get-MsolUser -ObjectId {GUID} -ReturnDeletedUsers",
        "get_any_user": "Get-MsolUser -MaxResults 1",
        "get_users": "Get-MsolUser -All",
        "remove_user": "Remove-MsolUser -UserPrincipalName testLicense@domain.com -Force",
        "purge_user": "Remove-MsolUser -UserPrincipalName testLicense@domain.com -Force -RemoveFromRecycleBin",
        "restore_user": "Restore-MsolUser -UserPrincipalName testLicense@domain.com",
        "get_licenses": (
            f"Get-MsolUser -ObjectId {GUID} | Select-Object -ExpandProperty Licenses "
            "| Select-Object -Property @('AccountSkuId','GroupsAssigningLicense') -ExpandProperty ServiceStatus "
            "| Select-Object -Property @('AccountSkuId','GroupsAssigningLicense','ProvisioningStatus') "
            "-ExpandProperty ServicePlan"
        ),
        "get_validation_errors": (
            f"Get-MsolUser -ObjectId {GUID} | Select-Object -ExpandProperty Errors "
            f"| {NOTES} ErrorDetail | {NOTES} ObjectErrors | {NOTES} ErrorRecord"
        ),
        "disable_exchange_plans": (
            f"Set-MsolUserLicense -ObjectId {GUID} -LicenseOptions "
            f"(New-MsolLicenseOptions -AccountSkuId 'domain:ENTERPRISEPACK' -DisabledPlans {PLANS})"
        ),
        "set_first_name": "Set-MsolUser -UserPrincipalName testLicense@domain.com -FirstName Test",
        "set_mobile_phone": "Set-MsolUser -UserPrincipalName testLicense@domain.com -MobilePhone '8035551212'",
        "get_dir_sync_features": "Get-MsolDirSyncFeatures -Feature BypassDirSyncOverrides",
        "set_bypass_dir_sync_overrides": "Set-MsolDirSyncFeature -Feature BypassDirSyncOverrides -Enable:$true -Force",
    },
    "graph": {
        "get_user": f"Get-MgUser -UserId testLicense@domain.com {PROPERTY}",
        "get_user_by_id": f"Get-MgUser -UserId {OBJECT_ID} {PROPERTY}",
        "get_deleted_user": f"Get-MgDirectoryDeletedItemAsUser -DirectoryObjectId {OBJECT_ID} {PROPERTY}",
        "get_deleted_user_by_id": f"Get-MgDirectoryDeletedItemAsUser -DirectoryObjectId {OBJECT_ID} {PROPERTY}",
        "get_any_user": f"Get-MgUser -Top 1 {PROPERTY}",
        "get_users": f"Get-MgUser -All {PROPERTY}",
        "remove_user": f"Remove-MgUser -UserId {OBJECT_ID} -Confirm:$false",
        "purge_user": f"Remove-MgDirectoryDeletedItem -DirectoryObjectId {OBJECT_ID} -Confirm:$false",
        "restore_user": f"Restore-MgDirectoryDeletedItem -DirectoryObjectId {OBJECT_ID} -Confirm:$false",
        "get_licenses": (
            f"Get-MgUser -UserId '{OBJECT_ID}' -Property id,licenseAssignmentStates "
            f"| Select-Object -ExpandProperty LicenseAssignmentStates; Get-MgUserLicenseDetail -UserId '{OBJECT_ID}' "
            "| Select-Object -Property SkuId,SkuPartNumber,ServicePlans"
        ),
        "get_validation_errors": (
            f"Get-MgUser -UserId {OBJECT_ID} -Property @('id','serviceProvisioningErrors') "
            "| Select-Object -ExpandProperty ServiceProvisioningErrors"
        ),
        "disable_exchange_plans": (
            f"Set-MgUserLicense -UserId '{OBJECT_ID}' -AddLicenses @{{SkuId='{SKU_ID}';DisabledPlans={PLAN_IDS}}} "
            "-RemoveLicenses @() -Confirm:$false"
        ),
        "set_first_name": f"Update-MgUser -UserId {OBJECT_ID} -GivenName Test -Confirm:$false",
        "set_mobile_phone": f"Update-MgUser -UserId {OBJECT_ID} -MobilePhone '8035551212' -Confirm:$false",
        **GRAPH_FEATURES,
    },
    "entra": {
        "get_user": f"Get-EntraUser -UserId testLicense@domain.com {PROPERTY}",
        "get_user_by_id": f"Get-EntraUser -UserId {OBJECT_ID} {PROPERTY}",
        "get_deleted_user": f"Get-EntraDeletedUser -UserId {OBJECT_ID} {PROPERTY}",
        "get_deleted_user_by_id": f"Get-EntraDeletedUser -UserId {OBJECT_ID} {PROPERTY}",
        "get_any_user": f"Get-EntraUser -Top 1 {PROPERTY}",
        "get_users": f"Get-EntraUser -All {PROPERTY}",
        "remove_user": f"Remove-EntraUser -UserId {OBJECT_ID}",
        "purge_user": f"Remove-EntraDeletedDirectoryObject -DirectoryObjectId {OBJECT_ID}",
        "restore_user": f"Restore-EntraDeletedDirectoryObject -Id {OBJECT_ID}",
        "get_licenses": (
            f"Get-EntraUser -UserId '{OBJECT_ID}' -Property id,licenseAssignmentStates "
            "| Select-Object -ExpandProperty LicenseAssignmentStates; Get-EntraSubscribedSku "
            "| Select-Object -Property SkuId,SkuPartNumber,ServicePlans"
        ),
        "get_validation_errors": (
            f"Get-EntraUser -UserId {OBJECT_ID} -Property @('id','serviceProvisioningErrors') "
            "| Select-Object -ExpandProperty ServiceProvisioningErrors"
        ),
        "disable_exchange_plans": (
            f"Set-EntraUserLicense -UserId '{OBJECT_ID}' -AssignedLicenses "
            f"@{{AddLicenses=@(@{{SkuId='{SKU_ID}';DisabledPlans={PLAN_IDS}}});RemoveLicenses=@()}}"
        ),
        "set_first_name": f"Set-EntraUser -UserId {OBJECT_ID} -GivenName Test",
        "set_mobile_phone": f"Set-EntraUser -UserId {OBJECT_ID} -Mobile '8035551212'",
        **GRAPH_FEATURES,
    },
}
WRITES: Final = {
    *("remove_user", "purge_user", "restore_user", "disable_exchange_plans", "set_first_name", "set_mobile_phone"),
    "set_bypass_dir_sync_overrides",
}


def made(directory: Directory, method: str, account: Account = ACCOUNT) -> Call[Any]:
    """The call of this method, about the people of the golden lines."""
    sku_id = "domain:ENTERPRISEPACK" if directory.name == "msonline" else SKU_ID
    given: dict[str, tuple[Any, ...]] = {
        "get_user": (account.user_principal_name,),
        "get_user_by_id": (account.object_id,),
        "get_deleted_user_by_id": (account.object_id,),
        "get_any_user": (),
        "get_users": (),
        "disable_exchange_plans": (account, licence(sku_id)),
        "set_first_name": (account, "Test"),
        "set_mobile_phone": (account, "8035551212"),
        "get_dir_sync_features": (),
    }
    if method == "set_bypass_dir_sync_overrides":
        return directory.set_bypass_dir_sync_overrides(FEATURES, enabled=True)
    method_of: Callable[..., Call[Any]] = getattr(directory, method)
    return method_of(*given.get(method, (account,)))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_call_has_its_golden_line(dialect: str) -> None:
    directory = directory_of(dialect)
    assert {method: str(made(directory, method)) for method in GOLDEN[dialect]} == GOLDEN[dialect]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_call_of_the_interface_is_without_a_golden_line(dialect: str) -> None:
    assert set(GOLDEN[dialect]) == Directory.__abstractmethods__


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_write_is_one_command_and_says_that_it_writes(dialect: str) -> None:
    calls = {method: made(directory_of(dialect), method) for method in GOLDEN[dialect]}
    assert {method for method, call in calls.items() if call.writes} == WRITES
    assert all(len(calls[method].pipeline.commands) == 1 for method in WRITES)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("method", ["get_user", "remove_user", "purge_user", "disable_exchange_plans", "set_mobile_phone"])
def test_no_call_can_mean_nobody_or_everybody(dialect: str, method: str) -> None:
    for nobody in (
        Account(object_id=OBJECT_ID.__class__(int=0), user_principal_name=""),
        Account(object_id=OBJECT_ID.__class__(int=0), user_principal_name="*"),
    ):
        with pytest.raises(IdentityError):
            made(directory_of(dialect), method, nobody)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"groups": (OBJECT_ID,), "is_direct": False}, f"assigned by the group {OBJECT_ID}"),
        ({"groups": (OBJECT_ID,)}, f"assigned by the group {OBJECT_ID}"),
        ({"exchange_plans": ()}, "has no Exchange plan that is on"),
    ],
)
def test_a_licence_whose_plans_cannot_be_switched_off_here_is_refused(dialect: str, change: dict[str, Any], said: str) -> None:
    given: AccountLicense = licence(SKU_ID).model_copy(update=change)
    with pytest.raises(InputError, match=said):
        directory_of(dialect).disable_exchange_plans(ACCOUNT, given)


def test_another_dialect_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="there are: msonline, graph, entra"):
        directory_of("azuread")


@pytest.mark.tenant
def test_what_has_confirm_is_told_not_to_ask(exchange_like: str) -> None:
    lines = [str(made(directory_of(dialect), method)) for dialect in DIALECTS for method in WRITES]
    cmdlets = sorted({line.split()[0] for line in lines})
    script = "; ".join(f"'{name} ' + (Get-Command {name}).Parameters.ContainsKey('Confirm')" for name in cmdlets)
    asks = dict(line.split() for line in said(exchange_like, script).splitlines())
    assert set(asks.values()) == {"True", "False"}
    assert {line: "-Confirm:$false" in line for line in lines} == {line: asks[line.split()[0]] == "True" for line in lines}
