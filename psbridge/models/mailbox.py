"""The output of Get-Mailbox in, on-premises and in Exchange Online; a Mailbox out."""

from __future__ import annotations

from psbridge.models.base import Model, many_properties, prop, required
from psbridge.models.mail_enabled import MailEnabledPerson
from psbridge.models.shapes import (
    Bool,
    Directory,
    Duration,
    DurationLimit,
    Enum,
    Guid,
    Limit,
    Moment,
    Proxy,
    Quota,
    ShownText,
    ShownTexts,
    Text,
)

__all__ = ["Mailbox", "MailboxGuids"]


class Mailbox(MailEnabledPerson):
    """Microsoft.Exchange.Data.Directory.Management.Mailbox. Cloud and on-premises differ in values, not in names."""

    exchange_guid: Guid = required("ExchangeGuid")

    database: Directory | None = prop("Database")
    server_name: Text | None = prop("ServerName")
    server_legacy_dn: Text | None = prop("ServerLegacyDN")
    admin_display_version: ShownText | None = prop("AdminDisplayVersion")
    mailbox_locations: ShownTexts = many_properties("MailboxLocations")

    prohibit_send_quota: Quota | None = prop("ProhibitSendQuota")
    prohibit_send_receive_quota: Quota | None = prop("ProhibitSendReceiveQuota")
    issue_warning_quota: Quota | None = prop("IssueWarningQuota")
    use_database_quota_defaults: Bool | None = prop("UseDatabaseQuotaDefaults")
    recipient_limits: Limit | None = prop("RecipientLimits")

    litigation_hold_duration: DurationLimit | None = prop("LitigationHoldDuration")
    retain_deleted_items_for: Duration | None = prop("RetainDeletedItemsFor")
    retention_policy: Directory | None = prop("RetentionPolicy")

    is_mailbox_enabled: Bool | None = prop("IsMailboxEnabled")
    is_inactive_mailbox: Bool | None = prop("IsInactiveMailbox")
    was_inactive_mailbox: Bool | None = prop("WasInactiveMailbox")
    inactive_mailbox_retire_time: Moment | None = prop("InactiveMailboxRetireTime")
    orphan_soft_delete_tracking_time: Moment | None = prop("OrphanSoftDeleteTrackingTime")

    is_shared: Bool | None = prop("IsShared")
    is_resource: Bool | None = prop("IsResource")
    is_linked: Bool | None = prop("IsLinked")
    remote_recipient_type: Enum | None = prop("RemoteRecipientType")
    source_anchor: Text | None = prop("SourceAnchor")
    archive_state: Enum | None = prop("ArchiveState")
    auto_expanding_archive_enabled: Bool | None = prop("AutoExpandingArchiveEnabled")
    deliver_to_mailbox_and_forward: Bool | None = prop("DeliverToMailboxAndForward")
    forwarding_smtp_address: Proxy | None = prop("ForwardingSmtpAddress")
    mailbox_release: Text | None = prop("MailboxRelease")


class MailboxGuids(Model):
    """`Get-Mailbox X | Select-Object ExchangeGuid`, and the other names of a mailbox where they are selected too."""

    exchange_guid: Guid = required("ExchangeGuid")
    archive_guid: Guid | None = prop("ArchiveGuid")
    guid: Guid | None = prop("Guid")
    external_directory_object_id: Guid | None = prop("ExternalDirectoryObjectId")
    legacy_exchange_dn: Text | None = prop("LegacyExchangeDN")
