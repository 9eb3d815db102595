"""Get-OrganizationConfig, Get-PendingDelicenseUser and Expedite-Delicensing: when a licence that was taken away takes effect."""

from __future__ import annotations

from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, writing
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import OrganizationConfig, PendingDelicenseUser, Untyped

__all__ = ["expedite_delicensing", "get_organization_config", "get_pending_delicense_user"]


def get_organization_config() -> Call[OrganizationConfig]:
    """Look up the organisation: whether it delays the loss of a mailbox by 30 days, and what it holds.

    Source: field-notes 1.7 and 1.8.
    """
    return reading("Get-OrganizationConfig", OrganizationConfig, {})


def get_pending_delicense_user(user: str | UUID) -> Call[PendingDelicenseUser]:
    """Look up one user among those whose licence is gone and whose mailbox is still there; raises IdentityError.

    Source: field-notes 1.8.
    """
    return reading("Get-PendingDelicenseUser", PendingDelicenseUser, {"Identity": identity(user)}, absent=ABSENT)


def expedite_delicensing(user: str | UUID) -> Call[Untyped]:
    """End the delay for one user, usually within 30 minutes; raises IdentityError. Source: field-notes 1.8."""
    return writing("Expedite-Delicensing", Untyped, ConfirmImpact.HIGH, {"Identity": identity(user)})
