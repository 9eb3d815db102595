"""Time passes: whatever is due until a moment happens, in its order, each at its own time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from psbridge.simulator.rules.deletion import expire_account, expire_mailbox
from psbridge.simulator.rules.licensing import group_gives_back
from psbridge.simulator.rules.moving import advance_move, migrate_by_itself
from psbridge.simulator.rules.provisioning import delicense, forward
from psbridge.simulator.rules.restoring import advance_restore
from psbridge.simulator.rules.synchronisation import export, scheduled_cycle
from psbridge.simulator.world import World

__all__ = ["advance"]

_HAPPENINGS: Final[Mapping[str, Callable[[World, UUID], None]]] = {
    "forward": forward,
    "expire-account": expire_account,
    "expire-mailbox": expire_mailbox,
    "delicense": delicense,
    "restore": advance_restore,
    "move": advance_move,
    "migrate": migrate_by_itself,
    "group-licence": group_gives_back,
    "export": export,
}


def advance(world: World, until: datetime) -> None:
    """Let time pass until a moment; one that lies in the past changes nothing."""
    state = world.state
    while True:
        due = state.events[0].due if state.events else None
        cycle = state.sync.next_cycle if state.sync.enabled else None
        if cycle is not None and cycle <= until and (due is None or cycle < due):
            state.now = max(state.now, cycle)
            scheduled_cycle(world)
        elif due is not None and due <= until:
            state.now = max(state.now, due)
            event = world.next_event()
            _HAPPENINGS[event.kind](world, event.about)
        else:
            break
    state.now = max(state.now, until)
