"""Get-MsolUser and Remove-MsolUser: the directory in the documents' own words (the `msonline` dialect)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, writing
from psbridge.models import MsolUser, Untyped

__all__ = ["get_any_msol_user", "get_msol_user", "get_msol_user_by_id", "remove_msol_user"]

ABSENT: Final = frozenset({"UserNotFoundException"})


def get_msol_user(user_principal_name: str, *, return_deleted_users: bool = False) -> Call[MsolUser]:
    """Look up one account by its sign-in name, or in the recycle bin; raises IdentityError. Source: the documents, OPTION #0."""
    parameters = {"UserPrincipalName": identity(user_principal_name), "ReturnDeletedUsers": return_deleted_users}
    return reading("Get-MsolUser", MsolUser, parameters, absent=ABSENT)


def get_msol_user_by_id(object_id: UUID, *, return_deleted_users: bool = False) -> Call[MsolUser]:
    """Look up one account by its immutable id, or in the recycle bin; raises IdentityError."""
    parameters = {"ObjectId": UUID(identity(object_id)), "ReturnDeletedUsers": return_deleted_users}
    return reading("Get-MsolUser", MsolUser, parameters, absent=ABSENT)


def get_any_msol_user() -> Call[MsolUser]:
    """Look up any one account: where this finds nothing, "not found" proves nothing (engine-notes section 3)."""
    return reading("Get-MsolUser", MsolUser, {"MaxResults": 1})


def remove_msol_user(user_principal_name: str, *, remove_from_recycle_bin: bool = False) -> Call[Untyped]:
    """Delete one account, or purge it from the recycle bin; raises IdentityError.

    The cmdlet has neither -Confirm nor -WhatIf (remoting-notes 9.6), so -Force stands here as in the documents.
    Source: the documents, OPTION #0.
    """
    parameters = {
        "UserPrincipalName": identity(user_principal_name),
        "Force": True,
        "RemoveFromRecycleBin": remove_from_recycle_bin,
    }
    return writing("Remove-MsolUser", Untyped, ConfirmImpact.HIGH, parameters)
