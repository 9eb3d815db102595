"""The output of Get-Recipient in, a Recipient out."""

from __future__ import annotations

from psbridge.models.base import Model, many_properties, prop, required
from psbridge.models.shapes import Bool, Directory, Enum, Guid, Moment, Proxies, Proxy, ShownText, Smtp, Text, Texts

__all__ = ["Recipient"]


class Recipient(Model):
    """Microsoft.Exchange.Data.Directory.Management.ReducedRecipient."""

    recipient_type: Enum = required("RecipientType")
    recipient_type_details: Enum | None = prop("RecipientTypeDetails")

    identity: Directory | None = prop("Identity")
    guid: Guid | None = prop("Guid")
    exchange_guid: Guid | None = prop("ExchangeGuid")
    archive_guid: Guid | None = prop("ArchiveGuid")
    external_directory_object_id: Guid | None = prop("ExternalDirectoryObjectId")
    name: Text | None = prop("Name")
    display_name: Text | None = prop("DisplayName")
    alias: Text | None = prop("Alias")
    sam_account_name: Text | None = prop("SamAccountName")
    distinguished_name: Text | None = prop("DistinguishedName")
    primary_smtp_address: Smtp | None = prop("PrimarySmtpAddress")
    windows_live_id: Smtp | None = prop("WindowsLiveID")
    email_addresses: Proxies = many_properties("EmailAddresses")
    external_email_address: Proxy | None = prop("ExternalEmailAddress")
    database: Directory | None = prop("Database")
    server_name: Text | None = prop("ServerName")
    organizational_unit: ShownText | None = prop("OrganizationalUnit")
    organization_id: ShownText | None = prop("OrganizationId")

    sku_assigned: Bool | None = prop("SKUAssigned")
    hidden_from_address_lists_enabled: Bool | None = prop("HiddenFromAddressListsEnabled")
    in_place_holds: Texts = many_properties("InPlaceHolds")
    archive_status: Enum | None = prop("ArchiveStatus")
    archive_state: Enum | None = prop("ArchiveState")
    when_mailbox_created: Moment | None = prop("WhenMailboxCreated")
    when_soft_deleted: Moment | None = prop("WhenSoftDeleted")
    when_created: Moment | None = prop("WhenCreated")
    when_changed: Moment | None = prop("WhenChanged")
    when_created_utc: Moment | None = prop("WhenCreatedUTC")
    when_changed_utc: Moment | None = prop("WhenChangedUTC")
