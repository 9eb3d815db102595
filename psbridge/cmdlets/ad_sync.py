"""Entra Connect's scheduler: Get- and Set-ADSyncScheduler, and Start-ADSyncSyncCycle."""

from __future__ import annotations

from psbridge.cmdlets.call import Call, ConfirmImpact, reading, writing
from psbridge.command import Command, Pipeline
from psbridge.models import ADSyncScheduler, Untyped

__all__ = ["get_ad_sync_scheduler", "set_ad_sync_scheduler", "start_ad_sync_sync_cycle"]


def get_ad_sync_scheduler() -> Call[ADSyncScheduler]:
    """Read the scheduler: enabled, staging, the next cycle."""
    return reading("Get-ADSyncScheduler", ADSyncScheduler, {})


def set_ad_sync_scheduler(*, sync_cycle_enabled: bool) -> Call[Untyped]:
    """Pause the scheduler of synchronisation, or let it go on; a second time does no harm. Source: field-notes 1.7.

    A cycle that is under way goes on, and one that somebody starts still runs.
    """
    value = Command("Set-ADSyncScheduler", {"SyncCycleEnabled": sync_cycle_enabled})
    return Call(Pipeline((value,)), Untyped, impact=ConfirmImpact.MEDIUM)


def start_ad_sync_sync_cycle(*, policy_type: str = "Delta") -> Call[Untyped]:
    """Start a synchronisation cycle; a second one does no harm. Source: the documents, OPTION #0; field-notes 4."""
    return writing("Start-ADSyncSyncCycle", Untyped, ConfirmImpact.LOW, {"PolicyType": policy_type})
