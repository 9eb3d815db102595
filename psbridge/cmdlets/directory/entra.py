"""The directory through the cmdlets of Microsoft Entra: the other dialect that works today (field-notes 2.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar
from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, writing
from psbridge.cmdlets.directory.graph import ABSENT, REFUSED, GraphDirectory, disabling, errors_of, lifted
from psbridge.command import Pipeline, ScriptCommand
from psbridge.models import Account, AccountError, AccountLicense, Untyped

__all__ = ["EntraDirectory"]


class EntraDirectory(GraphDirectory):
    """Get-EntraUser and its kind; none of them has -Confirm (field-notes 2.2).

    Every error of theirs has the id InvokeGraphHttpResponseException; which one it is says the code in the answer's JSON
    (ErrorRecord.service_code). Set-EntraDirSyncFeature does not know BypassDirSyncOverrides, so that is Graph's (field-notes 4).
    """

    name: ClassVar[str] = "entra"

    def get_user(self, user_principal_name: str) -> Call[Account]:
        return lifted("Get-EntraUser", {"UserId": identity(user_principal_name)})

    def get_user_by_id(self, object_id: UUID) -> Call[Account]:
        return lifted("Get-EntraUser", {"UserId": identity(object_id)})

    def get_deleted_user_by_id(self, object_id: UUID) -> Call[Account]:
        return lifted("Get-EntraDeletedUser", {"UserId": identity(object_id)})

    def get_any_user(self) -> Call[Account]:
        return lifted("Get-EntraUser", {"Top": 1})

    def get_users(self) -> Call[Account]:
        return lifted("Get-EntraUser", {"All": True})

    def remove_user(self, account: Account) -> Call[Untyped]:
        return _changing("Remove-EntraUser", ConfirmImpact.HIGH, UserId=identity(account.object_id))

    def purge_user(self, account: Account) -> Call[Untyped]:
        object_id = identity(account.object_id)
        return _changing("Remove-EntraDeletedDirectoryObject", ConfirmImpact.HIGH, DirectoryObjectId=object_id)

    def restore_user(self, account: Account) -> Call[Untyped]:
        return _changing("Restore-EntraDeletedDirectoryObject", ConfirmImpact.MEDIUM, Id=identity(account.object_id))

    def get_licenses(self, account: Account) -> Call[AccountLicense]:
        script = ScriptCommand("Get-EntraLicense", {"UserId": identity(account.object_id)})
        return Call(Pipeline((script,)), AccountLicense, absent=ABSENT, gather=AccountLicense.of_graph)

    def get_validation_errors(self, account: Account) -> Call[AccountError]:
        parameters = {"UserId": identity(account.object_id), "Property": ["id", "serviceProvisioningErrors"]}
        return errors_of("Get-EntraUser", parameters)

    def disable_exchange_plans(self, account: Account, license: AccountLicense) -> Call[Untyped]:
        return disabling("Disable-EntraServicePlan", account, license)

    def set_first_name(self, account: Account, name: str) -> Call[Untyped]:
        return _changing("Set-EntraUser", ConfirmImpact.MEDIUM, UserId=identity(account.object_id), GivenName=name)

    def set_mobile_phone(self, account: Account, number: str) -> Call[Untyped]:
        return _changing("Set-EntraUser", ConfirmImpact.MEDIUM, UserId=identity(account.object_id), Mobile=number)


def _changing(cmdlet: str, impact: ConfirmImpact, **parameters: object) -> Call[Untyped]:
    return replace(writing(cmdlet, Untyped, impact, parameters), refused=REFUSED)
