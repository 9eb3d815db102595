"""A simulated tenant in, the mailboxes whose content is still there for somebody out: what no run may lose."""

from __future__ import annotations

from psbridge.simulator.state import Tenant
from psbridge.simulator.state.ids import NO_GUID

__all__ = ["contents_of"]


def contents_of(tenant: Tenant) -> frozenset[str]:
    """The GUIDs of mailboxes and archives whose content is in use, soft-deleted, inactive, disconnected, comes back with a
    licence, or was merged into another mailbox.
    """
    boxes: list[object] = []
    for local in tenant.on_premises:
        boxes += [local.exchange_guid, local.archive_guid] if local.kind == "UserMailbox" else []
    for one in tenant.cloud:
        boxes += [one.exchange_guid, one.archive_guid] if one.is_mailbox else []
        if one.previous is not None and one.previous.lost_after > tenant.now:
            boxes += [one.previous.exchange_guid, one.previous.archive_guid]
    # What a migration left on-premises is the old copy of a mailbox that must be elsewhere.
    boxes += [mailbox.exchange_guid for mailbox in tenant.disconnected if mailbox.reason == "Disabled"]
    whole = [one for one in tenant.restore_requests if one.status.startswith("Completed") and not one.source_root_folder]
    boxes += [one.source_exchange_guid for one in whole]
    return frozenset(str(guid) for guid in boxes if guid is not None and guid != NO_GUID)
