"""Get-RemoteMailbox."""

from __future__ import annotations

from uuid import UUID

from psbridge.cmdlets.call import Call, identity, reading
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import RemoteMailbox

__all__ = ["get_remote_mailbox"]


def get_remote_mailbox(mailbox: str | UUID) -> Call[RemoteMailbox]:
    """Look up one remote mailbox on-premises; raises IdentityError. Source: field-notes 1.6."""
    return reading("Get-RemoteMailbox", RemoteMailbox, {"Identity": identity(mailbox)}, absent=ABSENT)
