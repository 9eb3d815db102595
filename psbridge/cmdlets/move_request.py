"""Get-MoveRequest and Get-MoveRequestStatistics."""

from __future__ import annotations

from uuid import UUID

from psbridge.cmdlets.call import Call, identity, reading
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import MoveRequest, MoveRequestStatistics

__all__ = ["get_move_request", "get_move_request_statistics"]


def get_move_request(mailbox: str | UUID) -> Call[MoveRequest]:
    """Look up the move of one mailbox; raises IdentityError. Source: field-notes 5.1."""
    return reading("Get-MoveRequest", MoveRequest, {"Identity": identity(mailbox)}, absent=ABSENT)


def get_move_request_statistics(mailbox: str | UUID, *, include_report: bool = False) -> Call[MoveRequestStatistics]:
    """Give the progress of one move, with its report where asked for; raises IdentityError. Source: field-notes 5.1."""
    parameters = {"Identity": identity(mailbox), "IncludeReport": include_report}
    return reading("Get-MoveRequestStatistics", MoveRequestStatistics, parameters, absent=ABSENT)
