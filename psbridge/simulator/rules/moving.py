"""A move of a mailbox into the cloud from its creation to its end: queued, copied, held at Synced or completed and verified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from uuid import UUID

from psbridge.psobject import TimeSpan
from psbridge.simulator.dotnet import size_text, us_time
from psbridge.simulator.rules.replication import forward_later
from psbridge.simulator.rules.synchronisation import changed_locally, source_anchor
from psbridge.simulator.state import Batch, DisconnectedMailbox, Ending, LocalUser, Move, Recipient, ReportEntry, VerifiedFolder
from psbridge.simulator.world import NO_GUID, World

__all__ = [
    "advance_move",
    "complete_move",
    "local_source",
    "migrate_by_itself",
    "move_of",
    "remove_move",
    "request_move",
    "resume_move",
    "start_batch",
    "suspend_move",
]

# What a stalled move says (the second document), and how much a rescan after a stall transfers again.
_STALLED: Final = (
    "The job has been paused temporarily due to unfavorable server health, with request throttling state: "
    "'{reason}'. It will automatically resume after '{resume}'."
)
_STALL: Final = "StalledDueToTarget_DiskLatency"
_OVERHEAD_PERCENT: Final = 5


def local_source(world: World, recipient: Recipient) -> LocalUser | None:
    """The local user whose mailbox a mail user waits for: the ExchangeGuid is the same on both sides (field-notes 1.2)."""
    if recipient.exchange_guid == NO_GUID:
        return None
    found = world.local.find(recipient.exchange_guid)
    return next((user for user in found if user.exchange_guid == recipient.exchange_guid and user.kind == "UserMailbox"), None)


def move_of(world: World, recipient: Recipient) -> Move | None:
    """The last move of a recipient, whatever became of it. That of an earlier one with this sign-in name is no move of it."""
    return next((move for move in _moves_of(world, recipient) if move.recipient in {NO_GUID, recipient.guid}), None)


def _moves_of(world: World, recipient: Recipient) -> Iterator[Move]:
    """The last one first; a migration user is known by its sign-in name alone."""
    wanted = recipient.user_principal_name.casefold()
    return (move for move in reversed(world.state.moves) if move.identity.casefold() == wanted)


def request_move(world: World, recipient: Recipient, source: LocalUser, *, remote_host: str, delivery_domain: str) -> Move:
    """New-MoveRequest: a move that completes by itself as soon as it is synced (the documents, OPTION #0)."""
    move = Move(
        identity=recipient.user_principal_name,
        request_guid=world.new_guid(),
        mailbox_guid=recipient.exchange_guid,
        recipient=recipient.guid,
        archive_guid=recipient.archive_guid,
        created=world.now,
        remote_host=remote_host,
        delivery_domain=delivery_domain,
        source_database=source.database,
        target_database=world.new_database(),
        source_version=world.state.on_premises_organization.admin_display_version,
        server=world.state.cloud_organization.server,
        estimated_bytes=source.bytes,
        estimated_items=source.items,
    )
    world.state.moves.append(move)
    move.entries.append(_entry(world, move, f"'{recipient.alias}' created move request."))
    for fault in world.strikes("stalled-migration", recipient.user_principal_name):
        move.stalls.append(fault.message or _STALL)
        move.stalled = TimeSpan.of(move.stalled.to_timedelta() + timedelta(seconds=fault.seconds))
        move.target_throttles = {"DiskLatencyThrottle": move.stalled}
    world.schedule("move", move.request_guid, timedelta(seconds=world.state.settings.move_queued_seconds))
    return move


def start_batch(world: World, batch: Batch) -> None:
    """A batch makes a migration user of each user; who is no mail user with a local mailbox fails (the second document)."""
    batch.started = world.now
    for user in batch.users:
        recipient = next((known for known in world.cloud.find(user) if known.soft_deleted is None), None)
        known = None if recipient is None else next(_moves_of(world, recipient), None)
        if known is not None and known.status != "Failed":
            if known.status == "Stopped":
                resume_move(world, known)
            continue
        source = None if recipient is None else local_source(world, recipient)
        if recipient is None or source is None or recipient.is_mailbox:
            world.state.moves.append(_failed(world, user, batch))
            continue
        move = request_move(world, recipient, source, remote_host=batch.endpoint, delivery_domain=batch.delivery_domain)
        move.batch, move.complete_when_synced = batch.name, batch.auto_complete


def complete_move(world: World, move: Move) -> None:
    """Complete-MigrationBatch, Resume-MoveRequest: a synced move goes on to its end (field-notes 5.1), if it may (5.3)."""
    move.complete_when_synced = True
    if move.status == "Stopped":
        resume_move(world, move)
    elif move.status == "Synced" and _may_complete(move):
        _finalize(world, move)


def suspend_move(world: World, move: Move) -> None:
    """Suspend-MoveRequest, Stop-MigrationBatch: what was due does not happen until somebody resumes it (field-notes 5.1)."""
    world.forget("move", move.request_guid)
    move.status, move.status_detail = "Stopped", "Suspended"


def resume_move(world: World, move: Move) -> None:
    """A suspended move is queued again; what was copied is copied again."""
    move.status = move.status_detail = "Queued"
    move.created, move.started = world.now, None
    world.schedule("move", move.request_guid, timedelta(seconds=world.state.settings.move_queued_seconds))


def remove_move(world: World, move: Move) -> None:
    """A migration user or a move request that is removed: nothing more happens for it."""
    world.forget("move", move.request_guid)
    world.state.moves.remove(move)


def _may_complete(move: Move) -> bool:
    """A score of Investigate needs an approval; Poor cannot be forced (field-notes 5.3)."""
    score = move.data_consistency_score
    return score != "Poor" and (score != "Investigate" or move.skipped_items_approved is not None)


def migrate_by_itself(world: World, object_id: UUID) -> None:
    """Another administrator's part in a rehearsal: the mailbox of a mail user is moved (OPTION #0, `can now be migrated`)."""
    recipient = world.recipient_of(object_id)
    if recipient is None or recipient.is_mailbox:
        return
    known = move_of(world, recipient)
    if known is not None and known.mailbox_guid == recipient.exchange_guid:
        return
    source = local_source(world, recipient)
    if source is not None:
        host = f"mail.{world.state.on_premises_organization.domain}"
        request_move(world, recipient, source, remote_host=host, delivery_domain=world.state.cloud_organization.routing_domain)


def advance_move(world: World, request_guid: UUID) -> None:
    """The next step of a move whose time has come: Queued, Syncing, Synced or Completing, Completed (field-notes 5.1)."""
    move = next((known for known in world.state.moves if known.request_guid == request_guid), None)
    if move is None:
        return
    if move.status == "Queued":
        _begin(world, move)
    elif move.status == "Syncing":
        _synced(world, move)
    elif move.status == "Completing":
        _end(world, move)


def _begin(world: World, move: Move) -> None:
    move.status, move.status_detail, move.started = "Syncing", "CopyingMessages", world.now
    move.queued, move.percent = TimeSpan.of(world.now - move.created), 20
    move.entries.append(_entry(world, move, "Stage: CopyingMessages. Percent complete: 20."))
    seconds, stalled = timedelta(seconds=world.state.settings.move_sync_seconds), move.stalled.to_timedelta()
    moment = world.now
    for reason in move.stalls:
        moment += seconds / (len(move.stalls) + 1)
        resume = moment + timedelta(minutes=1)
        text = _STALLED.format(reason=reason, resume=us_time(resume))
        move.entries.append(ReportEntry(moment, move.server, text))
        moment += stalled / len(move.stalls)
    world.schedule("move", move.request_guid, seconds + stalled)


def _synced(world: World, move: Move) -> None:
    """The first copy is done. Each stall made it read the mailbox again: more is migrated than it holds (2nd document)."""
    move.in_progress = TimeSpan.of(world.now - (move.started or world.now) - move.stalled.to_timedelta())
    move.items_transferred = move.estimated_items
    again = move.estimated_bytes // 3 * len(move.stalls)
    move.bytes_transferred = move.estimated_bytes * (100 + _OVERHEAD_PERCENT) // 100 + again
    move.last_successful_sync, move.percent = world.now, 95
    items, size = move.estimated_items, size_text(move.estimated_bytes)
    move.entries.append(_entry(world, move, f"Copy progress: {items}/{items} messages, {size}/{size}, 24/24 folders completed."))
    if move.complete_when_synced and _may_complete(move):
        _finalize(world, move)
    else:
        move.status = move.status_detail = "Synced"


def _finalize(world: World, move: Move) -> None:
    move.status, move.status_detail, move.completing_since = "Completing", "Finalization", world.now
    if move.last_successful_sync is not None:
        move.synced_duration = TimeSpan.of(world.now - move.last_successful_sync)
    world.schedule("move", move.request_guid, timedelta(seconds=world.state.settings.move_complete_seconds))


def _end(world: World, move: Move) -> None:
    """The mailbox is in the cloud, the local user a remote mailbox, the old mailbox disconnected (OPTION #0)."""
    recipient = next((found for found in world.cloud.find(move.identity) if found.soft_deleted is None), None)
    source = None if recipient is None else local_source(world, recipient)
    if move.outcome is None and (recipient is None or source is None or recipient.is_mailbox):
        move.outcome = Ending(message=f"The mail user '{move.identity}' is no longer there.", failure_type="MailboxMoveException")
    move.ended = world.now
    if move.outcome is not None or recipient is None or source is None:
        _fail(world, move)
        return
    move.verification = move.verification or [_verified(move)]
    _arrive(world, move, recipient, source)
    _leave(world, source)
    move.status = move.status_detail = "Completed"
    move.percent, move.last_successful_sync = 100, world.now
    move.entries.append(_entry(world, move, "Request is complete."))


def _fail(world: World, move: Move) -> None:
    message = move.outcome.message if move.outcome is not None else ""
    move.status, move.status_detail, move.error = "Failed", "FailedOther", message
    entry = _entry(world, move, f"Fatal error has occurred. {message}")
    entry.type, entry.flags = "Error", "Failure, Fatal"
    move.entries.append(entry)


def _arrive(world: World, move: Move, recipient: Recipient, source: LocalUser) -> None:
    """A migration keeps the ExchangeGuid and the LegacyExchangeDN of the local mailbox (OPTION #0)."""
    recipient.kind, recipient.migrated, recipient.when_mailbox_created = "UserMailbox", world.now, world.now
    recipient.database, recipient.prohibit_send_quota = move.target_database, "99 GB"
    recipient.legacy_exchange_dn = source.legacy_exchange_dn
    recipient.items, recipient.bytes = source.items, source.bytes
    recipient.external_email_address, recipient.previous = None, None
    recipient.previous_recipient_type_details = "None"
    world.cloud.renamed(recipient)


def _leave(world: World, source: LocalUser) -> None:
    world.state.disconnected.append(
        DisconnectedMailbox(
            source.exchange_guid,
            source.display_name,
            source.legacy_exchange_dn,
            source.database,
            "SoftDeleted",
            world.now,
            source.items,
            source.bytes,
        )
    )
    source.kind, source.database = "RemoteUserMailbox", None
    source.remote_routing_address = f"{source.alias}@{world.state.cloud_organization.routing_domain}"
    changed_locally(world, source)
    account = next(iter(world.accounts.find(source_anchor(source))), None)
    if account is not None:
        forward_later(world, account.object_id)


def _verified(move: Move) -> VerifiedFolder:
    """The mailbox verification compares every folder; only the counts must agree (the second document, field-notes 0)."""
    source = f"{move.estimated_items} [{size_text(move.estimated_bytes)}]"
    target = f"{move.estimated_items} [{size_text(move.estimated_bytes * 127 // 100)}]"
    return VerifiedFolder("/Top of Information Store/Inbox", "Inbox", source, target)


def _failed(world: World, user: str, batch: Batch) -> Move:
    reason = (
        f"The subscription for the migration user '{user}' couldn't be found. No mail user with a local mailbox has this address."
    )
    return Move(
        identity=user,
        request_guid=world.new_guid(),
        mailbox_guid=NO_GUID,
        created=world.now,
        batch=batch.name,
        status="Failed",
        status_detail="Failed",
        ended=world.now,
        error=reason,
    )


def _entry(world: World, move: Move, message: str) -> ReportEntry:
    return ReportEntry(world.now, move.server, message)
