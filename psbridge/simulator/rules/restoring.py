"""A mailbox restore request from its creation to its end: it is queued, it copies, and the target holds what the source held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from psbridge.simulator.dotnet import size_text
from psbridge.simulator.state import Ending, Recipient, ReportEntry, RestoreRequest
from psbridge.simulator.world import World

__all__ = [
    "LEGACY_DN_MISMATCH",
    "NOT_FOUND",
    "advance_restore",
    "legacy_dn_matches",
    "request_restore",
    "resume_restore",
    "suspend_restore",
]

LEGACY_DN_MISMATCH = "LegacyExchangeDN"
NOT_FOUND = "Cannot find a recipient that has mailbox GUID '{guid}'."


def legacy_dn_matches(source: Recipient, target: Recipient) -> bool:
    """Whether the target has the source's LegacyExchangeDN as an X500 address: what -AllowLegacyDNMismatch overlooks (5.5)."""
    wanted = f"x500:{source.legacy_exchange_dn}".casefold()
    return source.legacy_exchange_dn.casefold() == target.legacy_exchange_dn.casefold() or any(
        address.casefold() == wanted for address in target.email_addresses
    )


def request_restore(world: World, request: RestoreRequest) -> None:
    """A new request is queued; the source's content is what it will copy (the documents, OPTION #0)."""
    for fault in world.strikes("failed-restore", request.target_alias, str(request.source_exchange_guid)):
        request.outcome = Ending(
            message=fault.message or NOT_FOUND.format(guid=request.source_exchange_guid),
            failure_type="RecipientNotFoundPermanentException",
            failure_side="Source",
            percent=20,
        )
    request.changed = world.now
    world.state.restore_requests.append(request)
    _enter(world, request, f"'{request.identity}' created restore request.")
    world.schedule("restore", request.request_guid, timedelta(seconds=world.state.settings.restore_queued_seconds))


def suspend_restore(world: World, request: RestoreRequest) -> None:
    """Suspend-MailboxRestoreRequest: nothing goes on until it is resumed (field-notes 5.5)."""
    request.status = request.status_detail = "Suspended"
    request.changed = world.now
    world.forget("restore", request.request_guid)


def resume_restore(world: World, request: RestoreRequest) -> None:
    """Resume-MailboxRestoreRequest: back into the queue, also after a failure (field-notes 5.5)."""
    request.status = request.status_detail = "Queued"
    request.changed, request.ended, request.outcome = world.now, None, None
    world.schedule("restore", request.request_guid, timedelta(seconds=world.state.settings.restore_queued_seconds))


def advance_restore(world: World, request_guid: UUID) -> None:
    """The next step of a request whose time has come: Queued, InProgress, then Completed or its bad end (the documents, 5.5)."""
    request = next((known for known in world.state.restore_requests if known.request_guid == request_guid), None)
    if request is None:
        return
    if request.status == "Queued":
        _begin(world, request)
    elif request.status == "InProgress":
        _end(world, request)


def _begin(world: World, request: RestoreRequest) -> None:
    request.status, request.status_detail = "InProgress", "CopyingMessages"
    request.started = request.changed = world.now
    request.percent = 20
    server = world.state.cloud_organization.server
    host = f"{server}.{world.state.cloud_organization.domain_controller.partition('.')[2]}"
    _enter(world, request, f"The Microsoft Exchange Mailbox Replication service '{host}' is examining the request.")
    _enter(world, request, "Stage: CopyingMessages. Percent complete: 20.")
    world.schedule("restore", request.request_guid, timedelta(seconds=world.state.settings.restore_in_progress_seconds))


def _end(world: World, request: RestoreRequest) -> None:
    source, target = (_mailbox(world, guid) for guid in (request.source_guid, request.target_guid))
    ending = request.outcome
    if ending is None and (source is None or target is None):
        lost = request.source_exchange_guid if source is None else request.target_exchange_guid
        side = "Source" if source is None else "Target"
        ending = request.outcome = Ending(
            message=NOT_FOUND.format(guid=lost), failure_type="RecipientNotFoundPermanentException", failure_side=side, percent=20
        )
    request.ended = request.changed = world.now
    if ending is not None and ending.status == "Failed":
        request.status, request.status_detail, request.percent = "Failed", ending.status_detail, ending.percent
        _enter(world, request, f"Fatal error {ending.failure_type} has occurred.", failed=True)
        return
    if target is not None:
        target.items += request.items
        target.bytes += request.bytes
    size = size_text(request.bytes)
    _enter(world, request, f"Copy progress: {request.items}/{request.items} messages, {size}/{size}, 24/24 folders completed.")
    _enter(world, request, "Request is complete.")
    request.percent = 100
    request.status = request.status_detail = "Completed" if ending is None else ending.status


def _mailbox(world: World, guid: UUID) -> Recipient | None:
    return next((found for found in world.cloud.find(guid) if found.guid == guid and found.is_mailbox), None)


def _enter(world: World, request: RestoreRequest, message: str, *, failed: bool = False) -> None:
    entry = ReportEntry(world.now, world.state.cloud_organization.server, message)
    request.entries.append(replace(entry, type="Error", flags="Failure, Fatal") if failed else entry)
