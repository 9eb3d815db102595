"""The directory through the cmdlets of Microsoft Graph: one of the two dialects that work today (field-notes 2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final
from uuid import UUID

from psbridge.cmdlets.call import BEFORE_ANY_EFFECT, Call, ConfirmImpact, expanding, identity, reading, selecting
from psbridge.cmdlets.directory.directory import Directory, refuse_what_cannot_be_disabled
from psbridge.command import Command, Pipeline, ScriptCommand
from psbridge.models import Account, AccountError, AccountLicense, DirSyncFeatures, Untyped

__all__ = ["ABSENT", "REFUSED", "GraphDirectory", "disabling", "errors_of", "lifted"]

# HTTP 404 and its code (field-notes 2.2 b); HTTP 400 and 403: nothing was done.
ABSENT: Final = frozenset({"Request_ResourceNotFound"})
REFUSED: Final = BEFORE_ANY_EFFECT | {"Request_BadRequest", "Authorization_RequestDenied"}
# What $select must name, and Select-Object then: that lifts what lies inside one level, and depth 1 lets it through.
PROPERTIES: Final = (
    *("id", "displayName", "givenName", "userPrincipalName", "assignedLicenses", "licenseAssignmentStates"),
    *("onPremisesImmutableId", "onPremisesSyncEnabled", "onPremisesLastSyncDateTime", "onPremisesProvisioningErrors"),
    *("serviceProvisioningErrors", "mobilePhone", "deletedDateTime"),
)


class GraphDirectory(Directory):
    """Get-MgUser and its kind. Those that write have -Confirm, so -Confirm:$false goes along (remoting-notes 9.6)."""

    name: ClassVar[str] = "graph"

    def get_user(self, user_principal_name: str) -> Call[Account]:
        return lifted("Get-MgUser", {"UserId": identity(user_principal_name)})

    def get_user_by_id(self, object_id: UUID) -> Call[Account]:
        return lifted("Get-MgUser", {"UserId": identity(object_id)})

    def get_deleted_user(self, account: Account) -> Call[Account]:
        """By the object id: the sign-in name begins with the id in the recycle bin (field-notes 2.2 a)."""
        return self.get_deleted_user_by_id(account.object_id)

    def get_deleted_user_by_id(self, object_id: UUID) -> Call[Account]:
        return lifted("Get-MgDirectoryDeletedItemAsUser", {"DirectoryObjectId": identity(object_id)})

    def get_any_user(self) -> Call[Account]:
        return lifted("Get-MgUser", {"Top": 1})

    def get_users(self) -> Call[Account]:
        return lifted("Get-MgUser", {"All": True})

    def remove_user(self, account: Account) -> Call[Untyped]:
        return _changing("Remove-MgUser", ConfirmImpact.HIGH, UserId=identity(account.object_id))

    def purge_user(self, account: Account) -> Call[Untyped]:
        return _changing("Remove-MgDirectoryDeletedItem", ConfirmImpact.HIGH, DirectoryObjectId=identity(account.object_id))

    def restore_user(self, account: Account) -> Call[Untyped]:
        return _changing("Restore-MgDirectoryDeletedItem", ConfirmImpact.MEDIUM, DirectoryObjectId=identity(account.object_id))

    def get_licenses(self, account: Account) -> Call[AccountLicense]:
        script = ScriptCommand("Get-MgLicense", {"UserId": identity(account.object_id)})
        return Call(Pipeline((script,)), AccountLicense, absent=ABSENT, gather=AccountLicense.of_graph)

    def get_validation_errors(self, account: Account) -> Call[AccountError]:
        parameters = {"UserId": identity(account.object_id), "Property": ["id", "serviceProvisioningErrors"]}
        return errors_of("Get-MgUser", parameters)

    def disable_exchange_plans(self, account: Account, license: AccountLicense) -> Call[Untyped]:
        return disabling("Disable-MgServicePlan", account, license)

    def set_first_name(self, account: Account, name: str) -> Call[Untyped]:
        return _changing("Update-MgUser", ConfirmImpact.MEDIUM, UserId=identity(account.object_id), GivenName=name)

    def set_mobile_phone(self, account: Account, number: str) -> Call[Untyped]:
        return _changing("Update-MgUser", ConfirmImpact.MEDIUM, UserId=identity(account.object_id), MobilePhone=number)

    def get_dir_sync_features(self) -> Call[DirSyncFeatures]:
        return selecting(
            reading("Get-MgDirectoryOnPremiseSynchronization", DirSyncFeatures, {}), DirSyncFeatures, "Id", "Features"
        )

    def set_bypass_dir_sync_overrides(self, features: DirSyncFeatures, *, enabled: bool) -> Call[Untyped]:
        return _changing(
            "Update-MgDirectoryOnPremiseSynchronization",
            ConfirmImpact.HIGH,
            OnPremisesDirectorySynchronizationId=identity(features.id),
            Features={"BypassDirSyncOverridesEnabled": enabled},
        )


def lifted(cmdlet: str, parameters: Mapping[str, object]) -> Call[Account]:
    """A look at accounts with everything that an Account is made of. Only one that names an account can be absent."""
    call = reading(cmdlet, Account, {**parameters, "Property": list(PROPERTIES)}, absent=ABSENT)
    return selecting(call, Account, *(name[0].upper() + name[1:] for name in PROPERTIES))


def _changing(cmdlet: str, impact: ConfirmImpact, **parameters: object) -> Call[Untyped]:
    """A change by a cmdlet that has -Confirm."""
    command = Command(cmdlet, {**parameters, "Confirm": False})
    return Call(Pipeline((command,)), Untyped, impact=impact, refused=REFUSED)


def errors_of(cmdlet: str, parameters: Mapping[str, object]) -> Call[AccountError]:
    """A look at the errors of one account."""
    call = expanding(reading(cmdlet, AccountError, parameters, absent=ABSENT), "ServiceProvisioningErrors")
    return replace(call, gather=AccountError.of_graph)


def disabling(script: str, account: Account, license: AccountLicense) -> Call[Untyped]:
    """The change that switches the Exchange plans of one licence off. Raises InputError."""
    refuse_what_cannot_be_disabled(license)
    plans = [*license.disabled_plan_ids, *license.exchange_plan_ids]
    parameters = {
        "UserId": identity(account.object_id),
        "SkuId": identity(license.sku_id),
        "DisabledPlans": [identity(plan) for plan in plans],
    }
    return Call(Pipeline((ScriptCommand(script, parameters),)), Untyped, impact=ConfirmImpact.HIGH, refused=REFUSED)
