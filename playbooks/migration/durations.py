"""Statistics in, how long a move was in which state out; both generations of the property names are known (field-notes 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from psbridge.models import EnhancedTimeSpan, Reading

__all__ = ["Durations", "durations_of"]


@dataclass(frozen=True, slots=True)
class Durations:
    """What the statistics say; None is not said. `stalls`: the parts that a move request tells apart, by their names today.

    `stalled` is what a migration user's statistics say, or the sum of `stalls`.
    """

    overall: EnhancedTimeSpan | None = None
    queued: EnhancedTimeSpan | None = None
    in_progress: EnhancedTimeSpan | None = None
    synced: EnhancedTimeSpan | None = None
    stalled: EnhancedTimeSpan | None = None
    suspended: EnhancedTimeSpan | None = None
    failed: EnhancedTimeSpan | None = None
    idle: EnhancedTimeSpan | None = None
    transient_failure: EnhancedTimeSpan | None = None
    finalization: EnhancedTimeSpan | None = None
    proxy_backoff: EnhancedTimeSpan | None = None
    stalls: Mapping[str, EnhancedTimeSpan] = field(default_factory=dict)

    @property
    def stalled_share(self) -> float | None:
        """Stalled time for each unit of time in progress; above 1 it waited for longer than it worked."""
        if self.stalled is None or self.in_progress is None or not self.in_progress.ticks:
            return None
        return self.stalled.ticks / self.in_progress.ticks


def durations_of(statistics: Reading) -> Durations:
    """Read the durations of a migration user or of a move request."""
    told = {name: statistics.duration(*names) for name, names in _DURATIONS.items()}
    stalls = {name: found for name, names in STALLS.items() if (found := statistics.duration(*names)) is not None}
    if told["stalled"] is None and stalls:
        told["stalled"] = EnhancedTimeSpan(sum(stall.ticks for stall in stalls.values()))
    return Durations(**told, stalls=stalls)


_DURATIONS: Final = {
    "overall": ("OverallDuration",),
    "queued": ("TotalQueuedDuration",),
    "in_progress": ("TotalInProgressDuration",),
    "synced": ("TotalSyncedDuration",),
    "stalled": ("TotalStalledDuration",),
    "suspended": ("TotalSuspendedDuration",),
    "failed": ("TotalFailedDuration",),
    "idle": ("TotalIdleDuration",),
    "transient_failure": ("TotalTransientFailureDuration",),
    "finalization": ("TotalFinalizationDuration",),
    "proxy_backoff": ("TotalProxyBackoffDuration",),
}
# The name of today first, then the older one. Read is the source's side, write the target's.
STALLS: Final = {
    "ContentIndexing": ("TotalStalledDueToContentIndexingDuration", "TotalStalledDueToCIDuration"),
    "MdbReplication": ("TotalStalledDueToMdbReplicationDuration", "TotalStalledDueToHADuration"),
    "MailboxLocked": ("TotalStalledDueToMailboxLockedDuration",),
    "ReadThrottle": ("TotalStalledDueToReadThrottle",),
    "WriteThrottle": ("TotalStalledDueToWriteThrottle",),
    "ReadCpu": ("TotalStalledDueToReadCpu",),
    "WriteCpu": ("TotalStalledDueToWriteCpu",),
    "ReadUnknown": ("TotalStalledDueToReadUnknown",),
    "WriteUnknown": ("TotalStalledDueToWriteUnknown",),
}
