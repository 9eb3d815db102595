"""New-MoveRequest, Get-MoveRequest, its statistics, and Resume-MoveRequest."""

from __future__ import annotations

from uuid import UUID

from psbridge.cmdlets.call import Call, ConfirmImpact, identity, reading, writing
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import MoveRequest, MoveRequestStatistics, Untyped

__all__ = ["get_move_request", "get_move_request_statistics", "new_move_request", "resume_move_request"]


def new_move_request(
    mailbox: str | UUID, *, remote_host_name: str, target_delivery_domain: str, batch_name: str
) -> Call[MoveRequest]:
    """Begin to copy one mailbox from on-premises; it is held when it is synced, until it is resumed. Raises IdentityError.

    No -RemoteCredential is sent: no password of a source travels with a run. Source: the documents, OPTION #0; field-notes 5.1.
    """
    parameters = {
        "Identity": identity(mailbox),
        "Remote": True,
        "RemoteHostName": identity(remote_host_name),
        "TargetDeliveryDomain": identity(target_delivery_domain),
        "BatchName": identity(batch_name),
        "SuspendWhenReadyToComplete": True,
    }
    return writing("New-MoveRequest", MoveRequest, ConfirmImpact.MEDIUM, parameters)


def resume_move_request(mailbox: str | UUID) -> Call[Untyped]:
    """Let a move that waits at its end complete; a second time does no harm. Raises IdentityError."""
    return writing("Resume-MoveRequest", Untyped, ConfirmImpact.MEDIUM, {"Identity": identity(mailbox)})


def get_move_request(mailbox: str | UUID) -> Call[MoveRequest]:
    """Look up the move of one mailbox; raises IdentityError. Source: field-notes 5.1."""
    return reading("Get-MoveRequest", MoveRequest, {"Identity": identity(mailbox)}, absent=ABSENT)


def get_move_request_statistics(mailbox: str | UUID, *, include_report: bool = False) -> Call[MoveRequestStatistics]:
    """Give the progress of one move, with its report where asked for; raises IdentityError. Source: field-notes 5.1."""
    parameters = {"Identity": identity(mailbox), "IncludeReport": include_report}
    return reading("Get-MoveRequestStatistics", MoveRequestStatistics, parameters, absent=ABSENT)
