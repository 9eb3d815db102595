"""From the directory to Exchange Online: later, never at once (field-notes 2.7: it took minutes)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from psbridge.simulator.world import World

__all__ = ["forward_later"]


def forward_later(world: World, object_id: UUID) -> None:
    """Let Exchange Online look at this account after the tenant's delay, and a fault's `late-replication` more.

    A change that is on its way already carries this one with it.
    """
    if world.is_scheduled("forward", object_id):
        return
    account = world.account(object_id)
    names = () if account is None else (account.user_principal_name, str(object_id))
    late = sum(fault.seconds for fault in world.strikes("late-replication", *names))
    world.schedule("forward", object_id, timedelta(seconds=world.state.settings.forward_sync_seconds + late))
