"""Requests in, what the cmdlets of restores, moves and migrations give out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from psbridge.psobject import Int64, PSObject, TimeSpan, UInt64, Value
from psbridge.simulator.dotnet import (
    ad_object_id,
    byte_quantified_size,
    enhanced_time_span,
    local_time,
    organization_id,
    server_version,
    smtp_address,
    utc,
)
from psbridge.simulator.shape import Shape, shape
from psbridge.simulator.state import Batch, Move, Recipient, RestoreRequest
from psbridge.simulator.views import mail_enabled as common
from psbridge.simulator.views.report import report
from psbridge.simulator.world import NO_GUID, World

__all__ = [
    "migration_batch",
    "migration_user",
    "migration_user_statistics",
    "move_request",
    "move_statistics",
    "restore_request",
    "restore_statistics",
]

_REQUEST: Final = "Microsoft.Exchange.Data.Directory.Recipient.RequestStatus"
_STATUSES: Final[Mapping[str, int]] = {
    "None": 0,
    "Queued": 1,
    "InProgress": 2,
    "AutoSuspended": 3,
    "CompletionInProgress": 4,
    "Synced": 5,
    "Completed": 10,
    "CompletedWithWarning": 11,
    "Retrying": 12,
    "Suspended": 98,
    "Failed": 99,
}
_STAGES: Final[Mapping[str, int]] = {"None": 0, "CopyingMessages": 5, "IncrementalSync": 6, "SyncFinished": 8}
# MigrationUserStatus and its summary; a move's own words stand on the left.
_USER_STATUSES: Final[Mapping[str, tuple[str, int, str, int]]] = {
    "Queued": ("Queued", 9, "Active", 0),
    "Syncing": ("Syncing", 0, "Active", 0),
    "Synced": ("Synced", 2, "Synced", 2),
    "Completing": ("Completing", 4, "Active", 0),
    "Completed": ("Completed", 5, "Completed", 3),
    "Failed": ("Failed", 1, "Failed", 1),
    "Stopped": ("Stopped", 14, "Stopped", 4),
}
_BATCH_STATUSES: Final[Mapping[str, int]] = {
    "Created": 0,
    "Syncing": 1,
    "Completed": 4,
    "Failed": 5,
    "Synced": 7,
    "Completing": 9,
    "CompletedWithErrors": 10,
    "SyncedWithErrors": 11,
}


def restore_request(request: RestoreRequest, world: World) -> PSObject:
    """A request as Get-MailboxRestoreRequest lists it: it does not name its source (field-notes 5.5)."""
    form = shape("restore-request")
    source, target = _databases(request, world)
    values: dict[str, Value] = {
        "TargetMailbox": ad_object_id(request.target_alias),
        "SourceDatabase": ad_object_id(source) if source else None,
        "TargetDatabase": ad_object_id(target) if target else None,
        "RequestQueue": ad_object_id(target),
        "Name": request.name,
        "RequestGuid": request.request_guid,
        "BatchName": request.batch_name,
        "Status": form.enum("Status", request.status, _STATUSES[request.status]),
        "Suspend": request.status == "Suspended",
        "OrganizationId": organization_id(world.state.cloud_organization.organization_id),
        "WhenChanged": local_time(request.changed),
        "WhenCreated": local_time(request.created),
        "WhenChangedUTC": utc(request.changed),
        "WhenCreatedUTC": utc(request.created),
        "Identity": request.identity,
    }
    return form.make(request.identity, values)


def restore_statistics(request: RestoreRequest, world: World, *, with_report: bool) -> PSObject:
    """A request's statistics: they name the source, the progress, and why it failed (field-notes 5.2)."""
    form = shape("restore-statistics")
    _, target = _databases(request, world)
    started, ended = request.started, request.ended
    transferred = request.bytes * request.percent // 100 if request.status != "Queued" else 0
    moved = request.items * request.percent // 100 if request.status != "Queued" else 0
    values: dict[str, Value] = {
        "TargetMailboxIdentity": ad_object_id(request.target_alias),
        "TargetAlias": request.target_alias,
        "SourceExchangeGuid": request.source_exchange_guid,
        "TargetExchangeGuid": request.target_exchange_guid,
        "SourceRootFolder": request.source_root_folder,
        "TargetRootFolder": request.target_root_folder,
        "SourceIsArchive": request.source_is_archive,
        "TargetIsArchive": request.target_is_archive,
        "TargetDatabase": ad_object_id(target),
        "RequestQueue": ad_object_id(target),
        "AllowLegacyDNMismatch": request.allow_legacy_dn_mismatch,
        "Name": request.name,
        "Status": form.enum("Status", request.status, _STATUSES[request.status]),
        "StatusDetail": request.status_detail,
        "SyncStage": form.enum("SyncStage", *_stage(request.status)),
        "Suspend": request.status == "Suspended",
        "BatchName": request.batch_name,
        "QueuedTimestamp": local_time(request.created),
        "StartTimestamp": local_time(started),
        "LastUpdateTimestamp": local_time(world.now if request.status == "InProgress" else request.changed),
        "CompletionTimestamp": local_time(ended) if request.status.startswith("Completed") else None,
        "OverallDuration": enhanced_time_span((ended or world.now) - request.created),
        "TotalQueuedDuration": enhanced_time_span((started or world.now) - request.created),
        "TotalInProgressDuration": enhanced_time_span((ended or world.now) - started if started else timedelta(0)),
        "MRSServerName": _mrs_server(world),
        "EstimatedTransferItemCount": UInt64(request.items),
        "EstimatedTransferSize": byte_quantified_size(request.bytes),
        "BytesTransferred": byte_quantified_size(transferred),
        "ItemsTransferred": UInt64(moved),
        "PercentComplete": request.percent,
        "OrganizationId": organization_id(world.state.cloud_organization.organization_id),
        "RequestGuid": request.request_guid,
        "Identity": request.identity,
        "Report": report(request.entries, ending=request.outcome) if with_report else None,
        "BadItemsEncountered": request.outcome.bad_items if request.outcome is not None and request.ended is not None else 0,
        **_restore_failure(request, world),
    }
    return form.make(request.identity, values)


def move_request(move: Move, recipient: Recipient | None, world: World) -> PSObject:
    """A move as Get-MoveRequest lists it."""
    form = shape("move-request")
    name = move.identity if recipient is None else recipient.name
    kind = "UserMailbox" if recipient is not None and recipient.is_mailbox else "MailUser"
    status = _move_status(move)
    values: dict[str, Value] = {
        "ExchangeGuid": move.mailbox_guid,
        "TargetDatabase": ad_object_id(move.target_database) if move.target_database else None,
        "RemoteHostName": move.remote_host,
        "BatchName": f"MigrationService:{move.batch}" if move.batch else "",
        "Status": form.enum("Status", status, _STATUSES[status]),
        "Alias": "" if recipient is None else recipient.alias,
        "DisplayName": "" if recipient is None else recipient.display_name,
        "RecipientTypeDetails": common.type_details(kind),
        "Identity": ad_object_id(name),
        "Id": ad_object_id(name),
        "Name": name,
        "Guid": move.request_guid,
        "WhenCreated": local_time(move.created),
        "WhenCreatedUTC": utc(move.created),
        "OriginatingServer": world.state.cloud_organization.domain_controller,
    }
    return form.make(name, values)


def move_statistics(move: Move, recipient: Recipient | None, world: World, *, with_report: bool) -> PSObject:
    """A move's statistics (field-notes 5.2)."""
    form = shape("move-statistics")
    name = move.identity if recipient is None else recipient.name
    status = _move_status(move)
    stage = (
        "SyncFinished"
        if move.ended
        else "IncrementalSync"
        if move.percent >= 95
        else "CopyingMessages"
        if move.started
        else "None"
    )
    values: dict[str, Value] = {
        "MailboxIdentity": ad_object_id(name),
        "DistinguishedName": f"CN={name}",
        "DisplayName": "" if recipient is None else recipient.display_name,
        "Alias": "" if recipient is None else recipient.alias,
        "ExchangeGuid": move.mailbox_guid,
        "ArchiveGuid": move.archive_guid if move.archive_guid != NO_GUID else None,
        "SourceVersion": server_version(move.source_version),
        "TargetVersion": server_version(world.state.cloud_organization.admin_display_version),
        "TargetDatabase": ad_object_id(move.target_database or ""),
        "RequestQueue": ad_object_id(move.target_database or ""),
        "TargetDeliveryDomain": move.delivery_domain,
        "TotalMailboxSize": byte_quantified_size(move.estimated_bytes),
        "TotalMailboxItemCount": UInt64(move.estimated_items),
        "Name": name,
        "Status": form.enum("Status", status, _STATUSES[status]),
        "StatusDetail": move.status_detail,
        "SyncStage": form.enum("SyncStage", stage, _STAGES[stage]),
        "BatchName": f"MigrationService:{move.batch}" if move.batch else "",
        "RemoteHostName": move.remote_host,
        "DataConsistencyScore": move.data_consistency_score,
        "QueuedTimestamp": local_time(move.created),
        "StartTimestamp": local_time(move.started),
        "LastUpdateTimestamp": local_time(move.ended or world.now),
        "LastSuccessfulSyncTimestamp": local_time(move.last_successful_sync),
        "CompletionTimestamp": local_time(move.ended) if move.status == "Completed" else None,
        "OverallDuration": enhanced_time_span((move.ended or world.now) - move.created),
        "TotalQueuedDuration": _span(move, "queued"),
        "TotalInProgressDuration": _span(move, "in_progress"),
        "TotalStalledDueToWriteUnknown": _span(move, "stalled") if move.target_throttles else None,
        "MRSServerName": move.server,
        "EstimatedTransferItemCount": UInt64(move.estimated_items),
        "EstimatedTransferSize": byte_quantified_size(move.estimated_bytes),
        "BytesTransferred": byte_quantified_size(move.bytes_transferred),
        "ItemsTransferred": UInt64(move.items_transferred),
        "PercentComplete": move.percent,
        "Message": f"Error: {move.error}" if move.error else move.error,
        "OrganizationId": organization_id(world.state.cloud_organization.organization_id),
        "RequestGuid": move.request_guid,
        "Identity": str(move.mailbox_guid),
        "Report": _move_report(move) if with_report else None,
    }
    return form.make(str(move.mailbox_guid), values)


def migration_user(move: Move) -> PSObject:
    """A user of a migration batch as Get-MigrationUser lists it."""
    form = shape("migration-user")
    return form.make(move.identity, _migration_user(form, move))


def migration_user_statistics(move: Move, *, with_report: bool) -> PSObject:
    """What the portal's DATA MIGRATED comes from (the second document)."""
    form = shape("migration-user-statistics")
    values: dict[str, Value] = {
        **_migration_user(form, move),
        "TotalItemsInSourceMailboxCount": Int64(move.estimated_items),
        "TotalQueuedDuration": _span(move, "queued"),
        "TotalInProgressDuration": _span(move, "in_progress"),
        "TotalSyncedDuration": _span(move, "synced_duration"),
        "TotalStalledDuration": _span(move, "stalled"),
        "Error": move.error,
        "EstimatedTotalTransferSize": byte_quantified_size(move.estimated_bytes),
        "EstimatedTotalTransferCount": UInt64(move.estimated_items),
        "BytesTransferred": byte_quantified_size(move.bytes_transferred),
        "PercentageComplete": move.percent,
        "Report": _move_report(move) if with_report else None,
    }
    return form.make(move.identity, values)


def migration_batch(batch: Batch, moves: Iterable[Move]) -> PSObject:
    """A batch, with its users counted by what became of them."""
    form = shape("migration-batch")
    moves = list(moves)
    counts = {name: sum(move.status == name for move in moves) for name in _USER_STATUSES}
    status = _batch_status(batch, counts)
    syncs = [move.last_successful_sync for move in moves if move.last_successful_sync]
    values: dict[str, Value] = {
        "Identity": batch.name,
        "BatchGuid": batch.guid,
        "Status": form.enum("Status", status, _BATCH_STATUSES[status]),
        "TotalCount": len(batch.users),
        "ActiveCount": counts["Queued"] + counts["Syncing"] + counts["Completing"],
        "StoppedCount": counts["Stopped"],
        "SyncedCount": counts["Synced"],
        "FinalizedCount": counts["Completed"],
        "FailedCount": counts["Failed"],
        "CreationDateTime": local_time(batch.created),
        "StartDateTime": local_time(batch.started),
        "LastSyncedDateTime": local_time(max(syncs)) if syncs else None,
        "TargetDeliveryDomain": batch.delivery_domain,
        "SourceEndpoint": ad_object_id(batch.endpoint),
        "AutoStart": batch.auto_start,
        "AutoComplete": batch.auto_complete,
    }
    return form.make(batch.name, values)


def _migration_user(form: Shape, move: Move) -> dict[str, Value]:
    status, number, summary, summary_number = _USER_STATUSES[move.status]
    return {
        "Identity": move.identity,
        "Guid": str(move.request_guid),
        "Identifier": move.identity,
        "BatchId": move.batch or "",
        "EmailAddress": smtp_address(move.identity),
        "SkippedItemCount": Int64(move.skipped_items),
        "SyncedItemCount": Int64(move.items_transferred),
        "MailboxGuid": move.mailbox_guid,
        "RequestGuid": move.request_guid,
        "LastSuccessfulSyncTime": local_time(move.last_successful_sync),
        "Status": form.enum("Status", status, number),
        "StatusSummary": form.enum("StatusSummary", summary, summary_number),
        "LastSubscriptionCheckTime": local_time(move.last_successful_sync),
        "ErrorSummary": move.error,
        "DataConsistencyScore": move.data_consistency_score,
    }


def _move_report(move: Move) -> PSObject:
    return report(
        move.entries,
        verification=move.verification,
        mailbox=move.mailbox_guid,
        ending=move.outcome,
        throttles=move.target_throttles,
    )


def _span(move: Move, name: str) -> PSObject:
    span: TimeSpan = getattr(move, name)
    return enhanced_time_span(span)


def _move_status(move: Move) -> str:
    return {"Syncing": "InProgress", "Completing": "CompletionInProgress", "Stopped": "Suspended"}.get(move.status, move.status)


def _batch_status(batch: Batch, counts: Mapping[str, int]) -> str:
    if batch.started is None:
        return "Created"
    if counts["Queued"] or counts["Syncing"] or counts["Completing"]:
        return "Completing" if counts["Completing"] else "Syncing"
    if counts["Failed"]:
        if counts["Failed"] == sum(counts.values()):
            return "Failed"
        return "SyncedWithErrors" if counts["Synced"] else "CompletedWithErrors"
    return "Synced" if counts["Synced"] or not counts["Completed"] else "Completed"


def _stage(status: str) -> tuple[str, int]:
    name = {"InProgress": "CopyingMessages", "Failed": "CopyingMessages", "Queued": "None", "Suspended": "None"}.get(
        status, "SyncFinished"
    )
    return name, _STAGES[name]


def _restore_failure(request: RestoreRequest, world: World) -> dict[str, Value]:
    ending = request.outcome
    if ending is None or request.status != "Failed" or request.ended is None:
        return {}
    return {
        "TotalFailedDuration": enhanced_time_span(world.now - request.ended),
        "FailureCode": -2146233088,
        "FailureType": ending.failure_type,
        "FailureSide": ending.failure_side,
        "FailureTimestamp": local_time(request.ended),
        "Message": f"Error: {ending.message}",
    }


def _databases(request: RestoreRequest, world: World) -> tuple[str, str]:
    found = [
        next((one for one in world.cloud.find(guid) if one.guid == guid), None)
        for guid in (request.source_guid, request.target_guid)
    ]
    source, target = ((one.database or "") if one is not None else "" for one in found)
    return source, target


def _mrs_server(world: World) -> str:
    place = world.state.cloud_organization
    return f"{place.server}.{place.domain_controller.partition('.')[2]}"
