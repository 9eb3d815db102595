"""The output of Get-MigrationBatch in, a batch with its counts out."""

from __future__ import annotations

from psbridge.models.base import Model, many_properties, prop, required
from psbridge.models.shapes import Bool, Enum, Guid, Int, Moment, ShownText, Smtps

__all__ = ["MigrationBatch"]


class MigrationBatch(Model):
    """Microsoft.Exchange.Data.Storage.Management.MigrationBatch."""

    identity: ShownText = required("Identity")
    status: Enum = required("Status")
    state: Enum | None = prop("State")
    batch_guid: Guid | None = prop("BatchGuid")
    migration_type: Enum | None = prop("MigrationType")
    batch_direction: Enum | None = prop("BatchDirection")
    total_count: Int | None = prop("TotalCount")
    active_count: Int | None = prop("ActiveCount")
    stopped_count: Int | None = prop("StoppedCount")
    synced_count: Int | None = prop("SyncedCount")
    finalized_count: Int | None = prop("FinalizedCount")
    failed_count: Int | None = prop("FailedCount")
    pending_count: Int | None = prop("PendingCount")
    creation_date_time: Moment | None = prop("CreationDateTime")
    start_date_time: Moment | None = prop("StartDateTime")
    initial_sync_date_time: Moment | None = prop("InitialSyncDateTime")
    last_synced_date_time: Moment | None = prop("LastSyncedDateTime")
    finalized_date_time: Moment | None = prop("FinalizedDateTime")
    submitted_by_user: ShownText | None = prop("SubmittedByUser")
    notification_emails: Smtps = many_properties("NotificationEmails")
    target_delivery_domain: ShownText | None = prop("TargetDeliveryDomain")
    source_endpoint: ShownText | None = prop("SourceEndpoint")
    auto_start: Bool | None = prop("AutoStart")
    auto_complete: Bool | None = prop("AutoComplete")
    data_consistency_score: Enum | None = prop("DataConsistencyScore")
    is_valid: Bool | None = prop("IsValid")
