"""The output of Get-PendingDelicenseUser in, who loses a mailbox at what time out."""

from __future__ import annotations

from psbridge.models.base import Model, prop, required
from psbridge.models.shapes import Moment, Text

__all__ = ["PendingDelicenseUser"]


class PendingDelicenseUser(Model):
    """A user whose licence is gone, and whose mailbox goes at `when_due_for_delicensing_utc` (field-notes 1.8)."""

    user_principal_name: Text = required("UserPrincipalName")
    display_name: Text | None = prop("DisplayName")
    when_due_for_delicensing_utc: Moment | None = prop("WhenDueForDelicensingUTC")
