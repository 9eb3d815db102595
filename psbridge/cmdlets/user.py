"""Get-User and Set-User."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, selecting, writing
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import Untyped, User

__all__ = ["clear_previous_mailbox_info", "get_user", "get_users", "set_user"]

# What is needed of each of many users; whole objects of a large organisation would not fit into a journal.
OF_MANY: Final = ("Guid", "UserPrincipalName", "ExternalDirectoryObjectId", "RecipientType", "MobilePhone", "WhenChangedUTC")


def get_user(user: str | UUID) -> Call[User]:
    """Look up one user; raises IdentityError. Source: the documents, the mobile phone."""
    return reading("Get-User", User, {"Identity": identity(user)}, absent=ABSENT)


def get_users() -> Call[User]:
    """All users: `Get-User -ResultSize Unlimited | Select-Object` of what tells whose number is whose (field-notes 4)."""
    return selecting(reading("Get-User", User, {"ResultSize": "Unlimited"}), User, *OF_MANY)


def set_user(user: str | UUID, *, mobile_phone: str) -> Call[Untyped]:
    """Set the mobile phone of one user on-premises; raises IdentityError. Source: the documents, the mobile phone."""
    parameters = {"Identity": identity(user), "MobilePhone": mobile_phone}
    return writing("Set-User", Untyped, ConfirmImpact.MEDIUM, parameters)


def clear_previous_mailbox_info(user: str | UUID) -> Call[Untyped]:
    """Let Exchange Online forget the mailbox that a user had: it can never be reconnected. It asks by itself.

    Raises IdentityError. Source: field-notes 1.5.
    """
    parameters = {"Identity": identity(user), "PermanentlyClearPreviousMailboxInfo": True}
    return writing("Set-User", Untyped, ConfirmImpact.HIGH, parameters, asks=True)
