"""The output of New- and Get-MoveRequest(Statistics) in, moves with their state out."""

from __future__ import annotations

from psbridge.models.base import Model, prop, required
from psbridge.models.request_statistics import RequestStatistics
from psbridge.models.shapes import Bool, Directory, Enum, Guid, Int, Moment, ShownText, Size, Text

__all__ = ["MoveRequest", "MoveRequestStatistics"]


class MoveRequest(Model):
    """Microsoft.Exchange.Management.RecipientTasks.MoveRequest."""

    status: Enum = required("Status")
    exchange_guid: Guid = required("ExchangeGuid")
    identity: Directory | None = prop("Identity")
    guid: Guid | None = prop("Guid")
    name: Text | None = prop("Name")
    alias: Text | None = prop("Alias")
    display_name: Text | None = prop("DisplayName")
    distinguished_name: Text | None = prop("DistinguishedName")
    recipient_type_details: Enum | None = prop("RecipientTypeDetails")
    source_database: Directory | None = prop("SourceDatabase")
    target_database: Directory | None = prop("TargetDatabase")
    source_archive_database: Directory | None = prop("SourceArchiveDatabase")
    target_archive_database: Directory | None = prop("TargetArchiveDatabase")
    remote_host_name: Text | None = prop("RemoteHostName")
    batch_name: Text | None = prop("BatchName")
    flags: Enum | None = prop("Flags")
    direction: Enum | None = prop("Direction")
    request_style: Enum | None = prop("RequestStyle")
    suspend: Bool | None = prop("Suspend")
    when_created: Moment | None = prop("WhenCreated")
    when_changed: Moment | None = prop("WhenChanged")
    is_valid: Bool | None = prop("IsValid")


class MoveRequestStatistics(RequestStatistics):
    """Microsoft.Exchange.MailboxReplicationService.MoveRequestStatistics."""

    mailbox_identity: Directory | None = prop("MailboxIdentity")
    exchange_guid: Guid | None = prop("ExchangeGuid")
    archive_guid: Guid | None = prop("ArchiveGuid")
    alias: Text | None = prop("Alias")
    display_name: Text | None = prop("DisplayName")
    distinguished_name: Text | None = prop("DistinguishedName")
    recipient_type_details: Enum | None = prop("RecipientTypeDetails")
    source_version: ShownText | None = prop("SourceVersion")
    target_version: ShownText | None = prop("TargetVersion")
    target_delivery_domain: Text | None = prop("TargetDeliveryDomain")
    total_mailbox_size: Size | None = prop("TotalMailboxSize")
    total_mailbox_item_count: Int | None = prop("TotalMailboxItemCount")
    total_archive_size: Size | None = prop("TotalArchiveSize")
    total_archive_item_count: Int | None = prop("TotalArchiveItemCount")
    skipped_item_approval_time: Moment | None = prop("SkippedItemApprovalTime")
