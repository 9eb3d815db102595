"""The directory in the documents' own words: the MSOnline cmdlets, retired in 2025, for replays and rehearsals."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar, Final
from uuid import UUID

from psbridge.cmdlets.call import BEFORE_ANY_EFFECT, Call, ConfirmImpact, expanding, identity, reading, writing
from psbridge.cmdlets.directory.directory import Directory, refuse_what_cannot_be_disabled
from psbridge.cmdlets.msol_user import get_any_msol_user, get_msol_user, get_msol_user_by_id, remove_msol_user
from psbridge.command import SWITCH, Command, Pipeline, ScriptCommand
from psbridge.models import Account, AccountError, AccountLicense, DirSyncFeatures, MsolUser, Untyped

__all__ = ["MsonlineDirectory"]

_BYPASS: Final = "BypassDirSyncOverrides"
# The local directory masters the property; the licence is no licence of the tenant, or a group's.
_REFUSED: Final = BEFORE_ANY_EFFECT | {"PropertyNotSettableException", "InvalidLicenseException"}
_OF_THE_ERROR: Final = ("ServiceInstance", "Timestamp", "Resolved")
_OF_THE_LICENCE: Final = ("AccountSkuId", "GroupsAssigningLicense")


class MsonlineDirectory(Directory):
    """Get-MsolUser and its kind. They have neither -Confirm nor -WhatIf (remoting-notes 9.6)."""

    name: ClassVar[str] = "msonline"

    def get_user(self, user_principal_name: str) -> Call[Account]:
        return _as_account(get_msol_user(user_principal_name))

    def get_user_by_id(self, object_id: UUID) -> Call[Account]:
        return _as_account(get_msol_user_by_id(object_id))

    def get_deleted_user(self, account: Account) -> Call[Account]:
        return _as_account(get_msol_user(account.user_principal_name, return_deleted_users=True))

    def get_deleted_user_by_id(self, object_id: UUID) -> Call[Account]:
        return _as_account(get_msol_user_by_id(object_id, return_deleted_users=True))

    def get_any_user(self) -> Call[Account]:
        return _as_account(get_any_msol_user())

    def get_users(self) -> Call[Account]:
        return reading("Get-MsolUser", Account, {"All": True})

    def remove_user(self, account: Account) -> Call[Untyped]:
        return remove_msol_user(account.user_principal_name)

    def purge_user(self, account: Account) -> Call[Untyped]:
        return remove_msol_user(account.user_principal_name, remove_from_recycle_bin=True)

    def restore_user(self, account: Account) -> Call[Untyped]:
        parameters = {"UserPrincipalName": identity(account.user_principal_name)}
        return writing("Restore-MsolUser", Untyped, ConfirmImpact.MEDIUM, parameters)

    def get_licenses(self, account: Account) -> Call[AccountLicense]:
        """Two levels up: one object for each plan, with its licence beside it. A licence without any plan is not seen."""
        licences = expanding(_by_id(account), "Licenses")
        plans = expanding(licences, "ServiceStatus", *_OF_THE_LICENCE)
        named = expanding(plans, "ServicePlan", *_OF_THE_LICENCE, "ProvisioningStatus")
        return replace(named, model=AccountLicense, gather=partial(AccountLicense.of_msol, object_id=account.object_id))  # type: ignore[arg-type,return-value]  # the model changes with the pipeline

    def get_validation_errors(self, account: Account) -> Call[AccountError]:
        """Four levels up (remoting-notes 9.3)."""
        errors = expanding(_by_id(account), "Errors")
        for level in ("ErrorDetail", "ObjectErrors", "ErrorRecord"):
            errors = expanding(errors, level, *_OF_THE_ERROR)
        return replace(errors, model=AccountError, gather=AccountError.of_msol)  # type: ignore[arg-type,return-value]  # as above

    def disable_exchange_plans(self, account: Account, license: AccountLicense) -> Call[Untyped]:
        refuse_what_cannot_be_disabled(license)
        parameters = {
            "ObjectId": UUID(identity(account.object_id)),
            "AccountSkuId": identity(license.sku_id),
            "DisabledPlans": [*license.disabled_plans, *license.exchange_plans],
        }
        script = ScriptCommand("Disable-MsolServicePlan", parameters)
        return Call(Pipeline((script,)), Untyped, impact=ConfirmImpact.HIGH, refused=_REFUSED)

    def set_first_name(self, account: Account, name: str) -> Call[Untyped]:
        return _set_user(account, FirstName=name)

    def set_mobile_phone(self, account: Account, number: str) -> Call[Untyped]:
        return _set_user(account, MobilePhone=number)

    def get_dir_sync_features(self) -> Call[DirSyncFeatures]:
        return reading("Get-MsolDirSyncFeatures", DirSyncFeatures, {"Feature": _BYPASS})

    def set_bypass_dir_sync_overrides(self, features: DirSyncFeatures, *, enabled: bool) -> Call[Untyped]:  # noqa: ARG002 - for the others
        command = Command("Set-MsolDirSyncFeature", {"Feature": _BYPASS, "Enable": enabled, "Force": SWITCH})
        return Call(Pipeline((command,)), Untyped, impact=ConfirmImpact.HIGH)


def _by_id(account: Account) -> Call[MsolUser]:
    return get_msol_user_by_id(account.object_id)


def _as_account(call: Call[MsolUser]) -> Call[Account]:
    return replace(call, model=Account)  # type: ignore[arg-type,return-value]  # as above


def _set_user(account: Account, **values: str) -> Call[Untyped]:
    parameters = {"UserPrincipalName": identity(account.user_principal_name), **values}
    return replace(writing("Set-MsolUser", Untyped, ConfirmImpact.MEDIUM, parameters), refused=_REFUSED)
