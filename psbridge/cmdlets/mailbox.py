"""Get-Mailbox, on-premises and in Exchange Online."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from psbridge.cmdlets.call import Call, identity, reading, selecting
from psbridge.models import Mailbox, MailboxGuids

__all__ = ["ABSENT", "get_mailbox", "get_mailbox_exchange_guid"]

# The documents print it for a name that is gone; others may appear by build (field-notes 2.5).
ABSENT: Final = frozenset({"ManagementObjectNotFoundException"})


def get_mailbox(mailbox: str | UUID, *, soft_deleted_mailbox: bool = False, inactive_mailbox_only: bool = False) -> Call[Mailbox]:
    """Look up one mailbox. `mailbox` is a name or, better, an immutable id; raises IdentityError.

    Source: the documents, OPTION #0; field-notes 1.7 for the switches.
    """
    parameters = {
        "Identity": identity(mailbox),
        "SoftDeletedMailbox": soft_deleted_mailbox,
        "InactiveMailboxOnly": inactive_mailbox_only,
    }
    return reading("Get-Mailbox", Mailbox, parameters, absent=ABSENT)


def get_mailbox_exchange_guid(mailbox: str | UUID) -> Call[MailboxGuids]:
    """`Get-Mailbox <id> | Select-Object ExchangeGuid`, as the documents capture it."""
    return selecting(get_mailbox(mailbox), MailboxGuids, "ExchangeGuid")
