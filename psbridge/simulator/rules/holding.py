"""Whether a hold keeps what a mailbox holds: one of its own, or one of the whole organisation (field-notes 1.7)."""

from __future__ import annotations

from psbridge.simulator.state import Recipient
from psbridge.simulator.world import World

__all__ = ["is_held"]


def is_held(world: World, recipient: Recipient) -> bool:
    """Whether any hold retains: a policy that ends with `:1` deletes only, and `-mbx...` excludes from the organisation's."""
    organisation = [hold for hold in world.state.settings.organization_holds or () if hold.startswith(("mbx", "skp"))]
    reaching = [hold for hold in organisation if f"-{hold.partition(':')[0]}" not in recipient.holds]
    own = [hold for hold in recipient.holds if not hold.startswith("-")]
    return recipient.litigation_hold or any(not hold.endswith(":1") for hold in (*own, *reaching))
