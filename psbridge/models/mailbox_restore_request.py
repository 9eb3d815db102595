"""The output of New- and Get-MailboxRestoreRequest(Statistics) in, requests with their state out."""

from __future__ import annotations

from psbridge.models.base import Model, many_properties, prop, required
from psbridge.models.request_statistics import RequestStatistics
from psbridge.models.shapes import Bool, Directory, Enum, Guid, Moment, ShownText, ShownTexts, Text

__all__ = ["MailboxRestoreRequest", "MailboxRestoreRequestStatistics"]


class MailboxRestoreRequest(Model):
    r"""Microsoft.Exchange.Management.RecipientTasks.MailboxRestoreRequest.

    It does not name the source; the statistics do. `identity` is `Alias\Name`.
    Statuses: Queued, InProgress, Synced, CompletionInProgress, Completed, CompletedWithWarning, AutoSuspended, Suspended,
    Retrying, Failed.
    """

    status: Enum = required("Status")
    identity: ShownText = required("Identity")
    name: Text | None = prop("Name")
    request_guid: Guid | None = prop("RequestGuid")
    target_mailbox: Directory | None = prop("TargetMailbox")
    source_database: Directory | None = prop("SourceDatabase")
    target_database: Directory | None = prop("TargetDatabase")
    request_queue: Directory | None = prop("RequestQueue")
    batch_name: Text | None = prop("BatchName")
    flags: Enum | None = prop("Flags")
    direction: Enum | None = prop("Direction")
    request_style: Enum | None = prop("RequestStyle")
    protect: Bool | None = prop("Protect")
    suspend: Bool | None = prop("Suspend")
    organization_id: ShownText | None = prop("OrganizationId")
    when_created: Moment | None = prop("WhenCreated")
    when_changed: Moment | None = prop("WhenChanged")
    when_created_utc: Moment | None = prop("WhenCreatedUTC")
    when_changed_utc: Moment | None = prop("WhenChangedUTC")
    is_valid: Bool | None = prop("IsValid")


class MailboxRestoreRequestStatistics(RequestStatistics):
    """Microsoft.Exchange.MailboxReplicationService.MailboxRestoreRequestStatistics: names source and target."""

    source_exchange_guid: Guid | None = prop("SourceExchangeGuid")
    target_exchange_guid: Guid | None = prop("TargetExchangeGuid")
    target_alias: Text | None = prop("TargetAlias")
    target_mailbox_identity: Directory | None = prop("TargetMailboxIdentity")
    source_mailbox_dn: Text | None = prop("SourceMailboxDN")
    target_mailbox_dn: Text | None = prop("TargetMailboxDN")
    source_root_folder: Text | None = prop("SourceRootFolder")
    target_root_folder: Text | None = prop("TargetRootFolder")
    source_is_archive: Bool | None = prop("SourceIsArchive")
    target_is_archive: Bool | None = prop("TargetIsArchive")
    allow_legacy_dn_mismatch: Bool | None = prop("AllowLegacyDNMismatch")
    conflict_resolution_option: Enum | None = prop("ConflictResolutionOption")
    associated_messages_copy_option: Enum | None = prop("AssociatedMessagesCopyOption")
    content_filter: ShownText | None = prop("ContentFilter")
    exclude_dumpster: Bool | None = prop("ExcludeDumpster")
    include_folders: ShownTexts = many_properties("IncludeFolders")
    exclude_folders: ShownTexts = many_properties("ExcludeFolders")
