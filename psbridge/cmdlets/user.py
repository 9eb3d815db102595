"""Get-User and Set-User."""

from __future__ import annotations

from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, writing
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import Untyped, User

__all__ = ["get_user", "set_user"]


def get_user(user: str | UUID) -> Call[User]:
    """Look up one user; raises IdentityError. Source: the documents, the mobile phone."""
    return reading("Get-User", User, {"Identity": identity(user)}, absent=ABSENT)


def set_user(user: str | UUID, *, mobile_phone: str) -> Call[Untyped]:
    """Set the mobile phone of one user on-premises; raises IdentityError. Source: the documents, the mobile phone."""
    parameters = {"Identity": identity(user), "MobilePhone": mobile_phone}
    return writing("Set-User", Untyped, ConfirmImpact.MEDIUM, parameters)
