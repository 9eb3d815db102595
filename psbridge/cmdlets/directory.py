"""The directory in one dialect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, writing
from psbridge.cmdlets.msol_user import get_any_msol_user, get_msol_user, get_msol_user_by_id, remove_msol_user
from psbridge.models import Account, AccountLicense, Untyped

__all__ = ["Directory", "directory_of"]


class Directory:
    name = "msonline"

    def get_user(self, name: str) -> Call[Account]:
        return _as(get_msol_user(name))

    def get_user_by_id(self, object_id: UUID) -> Call[Account]:
        return _as(get_msol_user_by_id(object_id))

    def get_deleted_user(self, account: Account) -> Call[Account]:
        return _as(get_msol_user(account.user_principal_name, return_deleted_users=True))

    def get_deleted_user_by_id(self, object_id: UUID) -> Call[Account]:
        return _as(get_msol_user_by_id(object_id, return_deleted_users=True))

    def get_any_user(self) -> Call[Account]:
        return _as(get_any_msol_user())

    def remove_user(self, account: Account) -> Call[Untyped]:
        return remove_msol_user(account.user_principal_name)

    def purge_user(self, account: Account) -> Call[Untyped]:
        return remove_msol_user(account.user_principal_name, remove_from_recycle_bin=True)

    def restore_user(self, account: Account) -> Call[Untyped]:
        return writing(
            "Restore-MsolUser", Untyped, ConfirmImpact.MEDIUM, {"UserPrincipalName": identity(account.user_principal_name)}
        )

    def get_licenses(self, account: Account) -> Call[AccountLicense]:
        return replace(get_msol_user_by_id(account.object_id), model=AccountLicense)  # type: ignore[arg-type,return-value]


def _as(call: Call[Any]) -> Call[Account]:
    return replace(call, model=Account)


_DIALECTS: Final = {"msonline": Directory()}


def directory_of(name: str) -> Directory:
    return _DIALECTS[name]
