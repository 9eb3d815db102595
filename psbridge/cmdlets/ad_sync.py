"""Entra Connect's scheduler: Get-ADSyncScheduler and Start-ADSyncSyncCycle."""

from __future__ import annotations

from psbridge.cmdlets.call import Call, ConfirmImpact, reading, writing
from psbridge.models import ADSyncScheduler, Untyped

__all__ = ["get_ad_sync_scheduler", "start_ad_sync_sync_cycle"]


def get_ad_sync_scheduler() -> Call[ADSyncScheduler]:
    """Read the scheduler: enabled, staging, the next cycle."""
    return reading("Get-ADSyncScheduler", ADSyncScheduler, {})


def start_ad_sync_sync_cycle(*, policy_type: str = "Delta") -> Call[Untyped]:
    """Start a synchronisation cycle; a second one does no harm. Source: the documents, OPTION #0; field-notes 4."""
    return writing("Start-ADSyncSyncCycle", Untyped, ConfirmImpact.LOW, {"PolicyType": policy_type})
