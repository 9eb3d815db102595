"""What the statistics of moves and restores have in common: state, times, durations, sizes, failure, report."""

from __future__ import annotations

from typing import Annotated

from psbridge.models.base import Model, one, prop, required
from psbridge.models.read import Read
from psbridge.models.report import Report
from psbridge.models.shapes import Bool, Directory, Duration, DurationLimit, Enum, Guid, Int, Limit, Moment, ShownText, Size, Text
from psbridge.models.values import BeyondDepth

__all__ = ["RequestStatistics"]

AReport = Annotated[Report | BeyondDepth, Read(one(Report))]


class RequestStatistics(Model):
    """Microsoft.Exchange.MailboxReplicationService.RequestStatisticsBase, of both generations of names (field-notes 5.2).

    `status_detail` says more than `status` (CopyingMessages, StalledDueToTarget_DiskLatency, FailedOther).
    """

    status: Enum = required("Status")
    status_detail: Enum | None = prop("StatusDetail")
    sync_stage: Enum | None = prop("SyncStage")
    identity: ShownText | None = prop("Identity")
    name: Text | None = prop("Name")
    request_guid: Guid | None = prop("RequestGuid")
    request_queue: Directory | None = prop("RequestQueue")
    batch_name: Text | None = prop("BatchName")
    remote_host_name: Text | None = prop("RemoteHostName")
    source_database: Directory | None = prop("SourceDatabase")
    target_database: Directory | None = prop("TargetDatabase")
    mrs_server_name: Text | None = prop("MRSServerName")
    position_in_queue: ShownText | None = prop("PositionInQueue")
    organization_id: ShownText | None = prop("OrganizationId")

    flags: Enum | None = prop("Flags")
    request_style: Enum | None = prop("RequestStyle")
    direction: Enum | None = prop("Direction")
    priority: Enum | None = prop("Priority")
    workload_type: Enum | None = prop("WorkloadType")
    protect: Bool | None = prop("Protect")
    suspend: Bool | None = prop("Suspend")

    percent_complete: Int | None = prop("PercentComplete")
    estimated_transfer_size: Size | None = prop("EstimatedTransferSize")
    estimated_transfer_item_count: Int | None = prop("EstimatedTransferItemCount")
    bytes_transferred: Size | None = prop("BytesTransferred")
    bytes_transferred_per_minute: Size | None = prop("BytesTransferredPerMinute")
    items_transferred: Int | None = prop("ItemsTransferred")
    bad_item_limit: Limit | None = prop("BadItemLimit")
    bad_items_encountered: Int | None = prop("BadItemsEncountered")
    large_item_limit: Limit | None = prop("LargeItemLimit")
    large_items_encountered: Int | None = prop("LargeItemsEncountered")
    data_consistency_score: Enum | None = prop("DataConsistencyScore")

    queued_timestamp: Moment | None = prop("QueuedTimestamp")
    start_timestamp: Moment | None = prop("StartTimestamp")
    last_update_timestamp: Moment | None = prop("LastUpdateTimestamp")
    last_successful_sync_timestamp: Moment | None = prop("LastSuccessfulSyncTimestamp")
    initial_seeding_completed_timestamp: Moment | None = prop("InitialSeedingCompletedTimestamp")
    final_sync_timestamp: Moment | None = prop("FinalSyncTimestamp")
    completion_timestamp: Moment | None = prop("CompletionTimestamp")
    suspended_timestamp: Moment | None = prop("SuspendedTimestamp")
    completed_request_age_limit: DurationLimit | None = prop("CompletedRequestAgeLimit")

    overall_duration: Duration | None = prop("OverallDuration")
    total_queued_duration: Duration | None = prop("TotalQueuedDuration")
    total_in_progress_duration: Duration | None = prop("TotalInProgressDuration")
    total_suspended_duration: Duration | None = prop("TotalSuspendedDuration")
    total_failed_duration: Duration | None = prop("TotalFailedDuration")
    total_idle_duration: Duration | None = prop("TotalIdleDuration")
    total_transient_failure_duration: Duration | None = prop("TotalTransientFailureDuration")
    total_finalization_duration: Duration | None = prop("TotalFinalizationDuration")
    total_data_replication_wait_duration: Duration | None = prop("TotalDataReplicationWaitDuration")
    total_proxy_backoff_duration: Duration | None = prop("TotalProxyBackoffDuration")
    total_stalled_due_to_content_indexing_duration: Duration | None = prop(
        "TotalStalledDueToContentIndexingDuration", "TotalStalledDueToCIDuration"
    )
    total_stalled_due_to_mdb_replication_duration: Duration | None = prop(
        "TotalStalledDueToMdbReplicationDuration", "TotalStalledDueToHADuration"
    )
    total_stalled_due_to_mailbox_locked_duration: Duration | None = prop("TotalStalledDueToMailboxLockedDuration")
    total_stalled_due_to_read_throttle: Duration | None = prop("TotalStalledDueToReadThrottle")
    total_stalled_due_to_write_throttle: Duration | None = prop("TotalStalledDueToWriteThrottle")
    total_stalled_due_to_read_cpu: Duration | None = prop("TotalStalledDueToReadCpu")
    total_stalled_due_to_write_cpu: Duration | None = prop("TotalStalledDueToWriteCpu")
    total_stalled_due_to_read_unknown: Duration | None = prop("TotalStalledDueToReadUnknown")
    total_stalled_due_to_write_unknown: Duration | None = prop("TotalStalledDueToWriteUnknown")

    failure_code: Int | None = prop("FailureCode")
    failure_type: Text | None = prop("FailureType")
    failure_side: Enum | None = prop("FailureSide")
    failure_timestamp: Moment | None = prop("FailureTimestamp")
    message: ShownText | None = prop("Message")
    is_valid: Bool | None = prop("IsValid")
    validation_message: ShownText | None = prop("ValidationMessage")
    diagnostic_info: ShownText | None = prop("DiagnosticInfo")
    report: AReport | None = prop("Report")
