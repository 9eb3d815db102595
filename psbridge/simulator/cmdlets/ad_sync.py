"""The cmdlets of Entra Connect: the scheduler and its cycles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from psbridge.psobject import PSObject, TimeSpan, Value
from psbridge.simulator.dotnet import enum, utc
from psbridge.simulator.rules.synchronisation import is_busy, run_cycle, stop_cycle
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.runspace.error import CmdletError
from psbridge.simulator.shape import shape

__all__ = ["get_ad_sync_scheduler", "set_ad_sync_scheduler", "start_ad_sync_sync_cycle", "stop_ad_sync_sync_cycle"]

_SCHEDULER: Final = "Microsoft.MetadirectoryServices.Scheduler"
_POLICIES: Final = {"Delta": 0, "Initial": 1}


@cmdlet("Get-ADSyncScheduler", "sync", reads=True)
def get_ad_sync_scheduler(call: Call) -> Iterable[Value]:
    """The scheduler's settings: when the next cycle is due, and whether it is on (field-notes 1.7)."""
    sync, form = call.world.state.sync, shape("sync-scheduler")
    interval = TimeSpan.of(timedelta(minutes=sync.interval_minutes))
    values: dict[str, Value] = {
        "AllowedSyncCycleInterval": interval,
        "CurrentlyEffectiveSyncCycleInterval": interval,
        "NextSyncCyclePolicyType": enum(f"{_SCHEDULER}.SyncPolicyType", sync.next_policy, _POLICIES[sync.next_policy]),
        "NextSyncCycleStartTimeInUTC": utc(sync.next_cycle),
        "SyncCycleEnabled": sync.enabled,
        "StagingModeEnabled": sync.staging,
        "SyncCycleInProgress": is_busy(call.world),
    }
    return [form.make(form.types[0], values)]


@cmdlet("Set-ADSyncScheduler", "sync", uses=("SyncCycleEnabled", "NextSyncCyclePolicyType"))
def set_ad_sync_scheduler(call: Call) -> Iterable[Value]:
    """Pause the scheduler, or let it go on: a paused one runs no cycle by itself (field-notes 1.7)."""
    sync = call.world.state.sync
    enabled, policy = call.bound.get("SyncCycleEnabled"), call.bound.get("NextSyncCyclePolicyType")
    if isinstance(enabled, bool):
        if enabled and not sync.enabled and sync.next_cycle <= call.world.now:
            sync.next_cycle = call.world.now + timedelta(minutes=sync.interval_minutes)
        sync.enabled = enabled
    if policy in _POLICIES:
        sync.next_policy = "Initial" if policy == "Initial" else "Delta"
    return ()


@cmdlet("Start-ADSyncSyncCycle", "sync", uses=("PolicyType",))
def start_ad_sync_sync_cycle(call: Call) -> Iterable[Value]:
    """Run a cycle now, scheduler or not; a second one while the first is under way is refused."""
    sync = call.world.state.sync
    if is_busy(call.world):
        raise CmdletError(
            "System.InvalidOperationException: Connector Synchronization is busy. A sync cycle is already in progress.",
            "System.InvalidOperationException",
            "WriteError",
            ("System.InvalidOperationException", "System.SystemException"),
        )
    initial = call.text("PolicyType") == "Initial"
    sync.next_cycle = call.world.now + timedelta(minutes=sync.interval_minutes)
    run_cycle(call.world, "Initial" if initial else "Delta")
    result = enum(f"{_SCHEDULER}.StartResult", "Success", 0)
    types = (f"{_SCHEDULER}.SyncCycleResult", "System.Object")
    return [PSObject(types, to_string=types[0], props={"Result": result})]


@cmdlet("Stop-ADSyncSyncCycle", "sync")
def stop_ad_sync_sync_cycle(call: Call) -> Iterable[Value]:
    """End a cycle that is under way."""
    stop_cycle(call.world)
    return ()
