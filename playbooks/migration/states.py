"""The statuses of migration users, moves and restores in, what each means for the data out.

Sources: field-notes 5.1 (migration users), 5.2 (the states of a request), 5.5 (restore requests).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["Phase", "phase_of"]


class Phase(StrEnum):
    """How far a move is."""

    COMPLETED = "completed"
    COMPLETED_WITH_WARNINGS = "completed with warnings"
    SYNCED = "synced"
    UNDER_WAY = "under way"
    HELD = "held"
    FAILED = "failed"
    REMOVED = "removed"
    UNKNOWN = "unknown"


def phase_of(status: str | None) -> Phase:
    """Say what a status means; a name that no source knows is UNKNOWN, and proves nothing."""
    name = (status or "").strip().lower()
    if name.startswith(("stalled", "relinquished")):
        return Phase.UNDER_WAY
    if name.startswith("failed"):
        return Phase.FAILED
    return next((phase for phase, names in _PHASES.items() if name in names), Phase.UNKNOWN)


_PHASES: Final = {
    Phase.COMPLETED: {"completed"},
    Phase.COMPLETED_WITH_WARNINGS: {"completedwithwarnings", "completedwithwarning"},
    Phase.SYNCED: {"synced", "incrementalsynced", "completionsynced", "autosuspended", "initialseedingcomplete"},
    Phase.UNDER_WAY: {
        "completing",
        "provisioning",
        "provisionupdating",
        "queued",
        "starting",
        "syncing",
        "incrementalsyncing",
        "validating",
        "inprogress",
        "completioninprogress",
        "retrying",
        "initializingmove",
        "initialseeding",
        "creatingmailbox",
        "creatingfolderhierarchy",
        "creatinginitialsynccheckpoint",
        "loadingmessages",
        "copyingmessages",
        "completion",
        "incrementalsync",
        "finalization",
        "datareplicationwait",
        "adupdate",
        "cleanup",
        "transientfailure",
        "networkfailure",
        "mdboffline",
        "proxybackoff",
        "serverbusybackoff",
        "idle",
        "waitingforjobpickup",
        "waitjob",
    },
    Phase.HELD: {"suspended", "stopped", "stopping", "incrementalstopped"},
    Phase.FAILED: {"completionfailed", "incrementalfailed", "corrupted", "canceled"},
    # Completed moves are removed, too (Remove-MigrationBatch): it does not say on which side the mailbox is.
    Phase.REMOVED: {"removing", "removed"},
}
