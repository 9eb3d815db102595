"""What mailboxes, mail users and remote mailboxes have in common: the properties of a mail-enabled person."""

from __future__ import annotations

from psbridge.models.base import Model, many_properties, prop, required
from psbridge.models.holds import holds_of
from psbridge.models.shapes import (
    Bool,
    Directory,
    Enum,
    Guid,
    Guids,
    Moment,
    Proxies,
    Quota,
    ShownText,
    Smtp,
    Text,
    Texts,
)

__all__ = ["MailEnabledPerson"]


class MailEnabledPerson(Model):
    """Microsoft.Exchange.Data.Directory.Management.MailEnabledOrgPerson, on-premises and in Exchange Online."""

    recipient_type: Enum = required("RecipientType")
    recipient_type_details: Enum | None = prop("RecipientTypeDetails")

    identity: Directory | None = prop("Identity")
    guid: Guid | None = prop("Guid")
    name: Text | None = prop("Name")
    display_name: Text | None = prop("DisplayName")
    alias: Text | None = prop("Alias")
    sam_account_name: Text | None = prop("SamAccountName")
    user_principal_name: Text | None = prop("UserPrincipalName")
    distinguished_name: Text | None = prop("DistinguishedName")
    legacy_exchange_dn: Text | None = prop("LegacyExchangeDN")
    external_directory_object_id: Guid | None = prop("ExternalDirectoryObjectId")
    immutable_id: Text | None = prop("ImmutableId")
    organizational_unit: ShownText | None = prop("OrganizationalUnit")
    organization_id: ShownText | None = prop("OrganizationId")
    originating_server: Text | None = prop("OriginatingServer")

    primary_smtp_address: Smtp | None = prop("PrimarySmtpAddress")
    windows_email_address: Smtp | None = prop("WindowsEmailAddress")
    microsoft_online_services_id: Smtp | None = prop("MicrosoftOnlineServicesID")
    windows_live_id: Smtp | None = prop("WindowsLiveID")
    email_addresses: Proxies = many_properties("EmailAddresses")
    email_address_policy_enabled: Bool | None = prop("EmailAddressPolicyEnabled")
    hidden_from_address_lists_enabled: Bool | None = prop("HiddenFromAddressListsEnabled")
    forwarding_address: Directory | None = prop("ForwardingAddress")

    archive_guid: Guid | None = prop("ArchiveGuid")
    archive_name: Texts = many_properties("ArchiveName")
    archive_database: Directory | None = prop("ArchiveDatabase")
    archive_status: Enum | None = prop("ArchiveStatus")
    archive_quota: Quota | None = prop("ArchiveQuota")
    archive_warning_quota: Quota | None = prop("ArchiveWarningQuota")
    disabled_archive_guid: Guid | None = prop("DisabledArchiveGuid")
    aggregated_mailbox_guids: Guids = many_properties("AggregatedMailboxGuids")
    recoverable_items_quota: Quota | None = prop("RecoverableItemsQuota")
    recoverable_items_warning_quota: Quota | None = prop("RecoverableItemsWarningQuota")
    max_send_size: Quota | None = prop("MaxSendSize")
    max_receive_size: Quota | None = prop("MaxReceiveSize")

    litigation_hold_enabled: Bool | None = prop("LitigationHoldEnabled")
    litigation_hold_date: Moment | None = prop("LitigationHoldDate")
    litigation_hold_owner: Text | None = prop("LitigationHoldOwner")
    in_place_holds: Texts = many_properties("InPlaceHolds")
    retention_hold_enabled: Bool | None = prop("RetentionHoldEnabled")
    compliance_tag_hold_applied: Bool | None = prop("ComplianceTagHoldApplied")
    delay_hold_applied: Bool | None = prop("DelayHoldApplied")
    delay_release_hold_applied: Bool | None = prop("DelayReleaseHoldApplied")
    single_item_recovery_enabled: Bool | None = prop("SingleItemRecoveryEnabled")

    is_soft_deleted_by_remove: Bool | None = prop("IsSoftDeletedByRemove")
    is_soft_deleted_by_disable: Bool | None = prop("IsSoftDeletedByDisable")
    when_soft_deleted: Moment | None = prop("WhenSoftDeleted")
    when_mailbox_created: Moment | None = prop("WhenMailboxCreated")
    when_created: Moment | None = prop("WhenCreated")
    when_changed: Moment | None = prop("WhenChanged")
    when_created_utc: Moment | None = prop("WhenCreatedUTC")
    when_changed_utc: Moment | None = prop("WhenChangedUTC")

    sku_assigned: Bool | None = prop("SKUAssigned")
    is_dir_synced: Bool | None = prop("IsDirSynced")
    account_disabled: Bool | None = prop("AccountDisabled")
    usage_location: ShownText | None = prop("UsageLocation")
    mailbox_move_status: Enum | None = prop("MailboxMoveStatus")
    mailbox_move_batch_name: Text | None = prop("MailboxMoveBatchName")
    is_valid: Bool | None = prop("IsValid")

    @property
    def holds(self) -> tuple[str, ...]:
        """The names of the properties that put the mailbox on hold, and of each hold in InPlaceHolds that retains.

        Retention hold is not among them: it stops the processing of retention policies and keeps nothing. Holds of the whole
        organisation are not on the mailbox: see OrganizationConfig.holds_over.
        """
        return holds_of(self)
