"""The output of the ADSync cmdlets in, the scheduler's settings and the answer to a started cycle out."""

from __future__ import annotations

from psbridge.models.base import Model, prop, required
from psbridge.models.shapes import Bool, Duration, Enum, Moment

__all__ = ["ADSyncCycleResult", "ADSyncScheduler"]


class ADSyncScheduler(Model):
    """Get-ADSyncScheduler. A cycle that runs between delete and purge restores the account (field-notes 1.7)."""

    sync_cycle_enabled: Bool = required("SyncCycleEnabled")
    sync_cycle_in_progress: Bool | None = prop("SyncCycleInProgress")
    scheduler_suspended: Bool | None = prop("SchedulerSuspended")
    staging_mode_enabled: Bool | None = prop("StagingModeEnabled")
    maintenance_enabled: Bool | None = prop("MaintenanceEnabled")
    next_sync_cycle_policy_type: Enum | None = prop("NextSyncCyclePolicyType")
    next_sync_cycle_start_time_in_utc: Moment | None = prop("NextSyncCycleStartTimeInUTC")
    allowed_sync_cycle_interval: Duration | None = prop("AllowedSyncCycleInterval")
    currently_effective_sync_cycle_interval: Duration | None = prop("CurrentlyEffectiveSyncCycleInterval")
    customized_sync_cycle_interval: Duration | None = prop("CustomizedSyncCycleInterval")
    purge_run_history_interval: Duration | None = prop("PurgeRunHistoryInterval")


class ADSyncCycleResult(Model):
    """Start-ADSyncSyncCycle: the cycle was started, not that it is done."""

    result: Enum = required("Result")
