"""A simulated tenant in, the mailboxes whose content is still there for somebody out: what no run may lose."""

from __future__ import annotations

from psbridge.simulator.state import RestoreRequest, Tenant
from psbridge.simulator.state.ids import NO_GUID

__all__ = ["contents_of"]


def contents_of(tenant: Tenant) -> frozenset[str]:
    """The GUIDs of mailboxes and archives whose content is in use, soft-deleted, inactive, disconnected, comes back with a
    licence, or was merged as a whole into one of these.

    A request that left items behind has not kept them. One that copied the archive does not tell its GUID: an archive whose
    mailbox is gone counts as lost.
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
    boxes += [one.source_exchange_guid for one in tenant.restore_requests if _whole(one) and one.target_exchange_guid in boxes]
    return frozenset(str(guid) for guid in boxes if guid is not None and guid != NO_GUID)


def _whole(request: RestoreRequest) -> bool:
    """Whether everything of the source mailbox was copied."""
    part = bool(request.source_root_folder) or request.source_is_archive
    left_behind = request.outcome is not None and request.outcome.bad_items > 0
    return request.status == "Completed" and not part and not left_behind
