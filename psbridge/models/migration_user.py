"""The output of Get-MigrationUser and Get-MigrationUserStatistics in; a migrating mailbox, its amounts and its report out."""

from __future__ import annotations

from typing import Annotated

from psbridge.models.base import Model, many, many_properties, one, prop, required
from psbridge.models.read import Read
from psbridge.models.report import Report
from psbridge.models.report_entry import BadItem
from psbridge.models.shapes import Bool, Duration, Enum, Guid, Int, Moment, ShownText, Size, Smtp, Text
from psbridge.models.values import BeyondDepth

__all__ = ["MigrationUser", "MigrationUserStatistics"]

AReport = Annotated[Report | BeyondDepth, Read(one(Report))]
SkippedItems = Annotated[tuple[BadItem | BeyondDepth, ...], Read(many(BadItem))]


class MigrationUser(Model):
    """Microsoft.Exchange.Data.Storage.Management.MigrationUser. The statuses: field-notes 5.1."""

    identity: ShownText = required("Identity")
    status: Enum = required("Status")
    status_summary: Enum | None = prop("StatusSummary")
    guid: Guid | None = prop("Guid")
    identifier: ShownText | None = prop("Identifier")
    batch_id: ShownText | None = prop("BatchId")
    email_address: Smtp | None = prop("EmailAddress")
    recipient_type: Enum | None = prop("RecipientType")
    skipped_item_count: Int | None = prop("SkippedItemCount")
    synced_item_count: Int | None = prop("SyncedItemCount")
    mailbox_guid: Guid | None = prop("MailboxGuid")
    mailbox_legacy_dn: Text | None = prop("MailboxLegacyDN")
    request_guid: Guid | None = prop("RequestGuid")
    last_successful_sync_time: Moment | None = prop("LastSuccessfulSyncTime")
    last_subscription_check_time: Moment | None = prop("LastSubscriptionCheckTime")
    error_summary: ShownText | None = prop("ErrorSummary")
    data_consistency_score: Enum | None = prop("DataConsistencyScore")
    has_unapproved_skipped_items: Bool | None = prop("HasUnapprovedSkippedItems")
    is_valid: Bool | None = prop("IsValid")
    object_state: Enum | None = prop("ObjectState")


class MigrationUserStatistics(MigrationUser):
    """Microsoft.Exchange.Data.Storage.Management.MigrationUserStatistics: what the portal shows as DATA MIGRATED and durations.

    `bytes_transferred` counts everything that was sent, again after each interruption; it is no measure of success.
    """

    estimated_total_transfer_size: Size | None = prop("EstimatedTotalTransferSize")
    estimated_total_transfer_count: Int | None = prop("EstimatedTotalTransferCount")
    total_items_in_source_mailbox_count: Int | None = prop("TotalItemsInSourceMailboxCount")
    bytes_transferred: Size | None = prop("BytesTransferred")
    average_bytes_transferred_per_hour: Size | None = prop("AverageBytesTransferredPerHour")
    current_bytes_transferred_per_minute: Size | None = prop("CurrentBytesTransferredPerMinute")
    percentage_complete: Int | None = prop("PercentageComplete")
    total_queued_duration: Duration | None = prop("TotalQueuedDuration")
    total_in_progress_duration: Duration | None = prop("TotalInProgressDuration")
    total_synced_duration: Duration | None = prop("TotalSyncedDuration")
    total_stalled_duration: Duration | None = prop("TotalStalledDuration")
    migration_type: Enum | None = prop("MigrationType")
    error: ShownText | None = prop("Error")
    skipped_items: SkippedItems = many_properties("SkippedItems")
    diagnostic_info: ShownText | None = prop("DiagnosticInfo")
    report: AReport | None = prop("Report")
