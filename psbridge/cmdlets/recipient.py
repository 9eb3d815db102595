"""Get-Recipient."""

from __future__ import annotations

from uuid import UUID

from psbridge.cmdlets.call import Call, identity, reading
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import Recipient

__all__ = ["get_recipient"]


def get_recipient(recipient: str | UUID) -> Call[Recipient]:
    """Look up one recipient of any kind; raises IdentityError. Source: field-notes 1.2."""
    return reading("Get-Recipient", Recipient, {"Identity": identity(recipient)}, absent=ABSENT)
