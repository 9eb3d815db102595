"""New-MailboxRestoreRequest, Get-MailboxRestoreRequest and its statistics."""

from __future__ import annotations

from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, writing
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import MailboxRestoreRequest, MailboxRestoreRequestStatistics

__all__ = ["get_mailbox_restore_request", "get_mailbox_restore_request_statistics", "new_mailbox_restore_request"]


def new_mailbox_restore_request(
    *, source_mailbox: UUID, target_mailbox: UUID, name: str, allow_legacy_dn_mismatch: bool = True
) -> Call[MailboxRestoreRequest]:
    """Merge a soft-deleted mailbox into another one; both are named by ExchangeGuid. Raises IdentityError.

    The documents send no -Name. psbridge does: by a name that holds the run's id a request is found again, and a
    second one for the same pair is never made unseen (field-notes 5.5).
    """
    parameters = {
        "SourceMailbox": identity(source_mailbox),
        "TargetMailbox": identity(target_mailbox),
        "AllowLegacyDNMismatch": allow_legacy_dn_mismatch,
        "Name": identity(name),
    }
    return writing("New-MailboxRestoreRequest", MailboxRestoreRequest, ConfirmImpact.MEDIUM, parameters)


def get_mailbox_restore_request(
    *, name: str | None = None, target_mailbox: UUID | None = None, request: str | None = None
) -> Call[MailboxRestoreRequest]:
    """List restore requests, by name, by target or by identity. Source: the documents, OPTION #0."""
    parameters = {
        "Identity": identity(request) if request is not None else None,
        "Name": identity(name) if name is not None else None,
        "TargetMailbox": identity(target_mailbox) if target_mailbox is not None else None,
    }
    return reading("Get-MailboxRestoreRequest", MailboxRestoreRequest, parameters, absent=ABSENT)


def get_mailbox_restore_request_statistics(
    request: str | UUID, *, include_report: bool = False
) -> Call[MailboxRestoreRequestStatistics]:
    """Give the progress of one restore request, with its report where asked for. Source: field-notes 5.5."""
    parameters = {"Identity": identity(request), "IncludeReport": include_report}
    return reading("Get-MailboxRestoreRequestStatistics", MailboxRestoreRequestStatistics, parameters, absent=ABSENT)
