"""New-MailboxRestoreRequest, Get-MailboxRestoreRequest and its statistics."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, writing
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.models import MailboxRestoreRequest, MailboxRestoreRequestStatistics, Untyped

__all__ = [
    "get_mailbox_restore_request",
    "get_mailbox_restore_request_statistics",
    "new_mailbox_restore_request",
    "what_if_restored",
]

# A task that refuses its arguments, names that do not match, and a parameter that is there no longer.
WOULD_BE_REFUSED: Final = frozenset({"RecipientTaskException", "LegacyDNMismatchPermanentException", "ParameterBindingException"})


def new_mailbox_restore_request(
    *,
    source_mailbox: UUID,
    target_mailbox: UUID | str,
    name: str | None,
    allow_legacy_dn_mismatch: bool = True,
    source_is_archive: bool = False,
    target_is_archive: bool = False,
    target_root_folder: str | None = None,
) -> Call[MailboxRestoreRequest]:
    """Merge a soft-deleted mailbox into another one; both are named by ExchangeGuid. Raises IdentityError.

    The documents send no -Name. psbridge does: by a name that holds the run's id a request is found again, and a
    second one for the same pair is never made unseen; None is for what a person types. An archive needs a request of its own
    (field-notes 5.5).
    """
    parameters = {
        "SourceMailbox": identity(source_mailbox),
        "TargetMailbox": identity(target_mailbox),
        "AllowLegacyDNMismatch": allow_legacy_dn_mismatch,
        "Name": identity(name) if name is not None else None,
        "SourceIsArchive": source_is_archive,
        "TargetIsArchive": target_is_archive,
        "TargetRootFolder": target_root_folder,
    }
    return writing("New-MailboxRestoreRequest", MailboxRestoreRequest, ConfirmImpact.MEDIUM, parameters)


def what_if_restored(request: Call[MailboxRestoreRequest]) -> Call[Untyped]:
    """Put `-WhatIf` behind a New-MailboxRestoreRequest: it makes nothing, and "absent" is an answer that it would be refused."""
    command = request.pipeline.commands[0]
    tried = Command(command.name, {**command.parameters, "WhatIf": SWITCH})
    return Call(Pipeline((tried,)), Untyped, absent=WOULD_BE_REFUSED)


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
