"""Get-RemoteMailbox and Set-RemoteMailbox, on-premises."""

from __future__ import annotations

from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, writing
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import RemoteMailbox, Untyped

__all__ = ["add_remote_mailbox_address", "get_remote_mailbox"]


def get_remote_mailbox(mailbox: str | UUID) -> Call[RemoteMailbox]:
    """Look up one remote mailbox on-premises; raises IdentityError. Source: field-notes 1.6."""
    return reading("Get-RemoteMailbox", RemoteMailbox, {"Identity": identity(mailbox)}, absent=ABSENT)


def add_remote_mailbox_address(mailbox: str | UUID, address: str) -> Call[Untyped]:
    """`Set-RemoteMailbox <id> -EmailAddresses @{add="x500:..."}`; a second time does no harm. Raises IdentityError.

    Source: field-notes 1.6 (step 5) and 5.5.
    """
    parameters = {"Identity": identity(mailbox), "EmailAddresses": {"add": identity(address)}}
    return writing("Set-RemoteMailbox", Untyped, ConfirmImpact.MEDIUM, parameters)
