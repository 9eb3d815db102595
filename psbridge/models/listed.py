"""One object of a long list in, the few properties that a scan of a whole organisation needs out.

A list of 100,000 objects is asked for with `| Select-Object` and these properties, so that no others are sent.
"""

from __future__ import annotations

from psbridge.models.base import Model, many_properties, prop, required
from psbridge.models.holds import holds_of
from psbridge.models.shapes import Bool, Enum, Guid, Text, Texts

__all__ = ["ListedMailUser", "ListedMailbox", "ListedUser"]


class ListedMailbox(Model):
    """A mailbox of either side."""

    guid: Guid = required("Guid")
    exchange_guid: Guid = required("ExchangeGuid")
    archive_guid: Guid | None = prop("ArchiveGuid")
    external_directory_object_id: Guid | None = prop("ExternalDirectoryObjectId")
    user_principal_name: Text | None = prop("UserPrincipalName")
    display_name: Text | None = prop("DisplayName")
    recipient_type_details: Enum | None = prop("RecipientTypeDetails")
    sku_assigned: Bool | None = prop("SKUAssigned")
    litigation_hold_enabled: Bool | None = prop("LitigationHoldEnabled")
    in_place_holds: Texts = many_properties("InPlaceHolds")
    compliance_tag_hold_applied: Bool | None = prop("ComplianceTagHoldApplied")
    delay_hold_applied: Bool | None = prop("DelayHoldApplied")
    delay_release_hold_applied: Bool | None = prop("DelayReleaseHoldApplied")

    @property
    def holds(self) -> tuple[str, ...]:
        """What keeps the mailbox from being deleted; see `MailEnabledPerson.holds`."""
        return holds_of(self)


class ListedMailUser(Model):
    """A mail user in Exchange Online."""

    guid: Guid = required("Guid")
    exchange_guid: Guid | None = prop("ExchangeGuid")
    archive_guid: Guid | None = prop("ArchiveGuid")
    external_directory_object_id: Guid | None = prop("ExternalDirectoryObjectId")
    user_principal_name: Text | None = prop("UserPrincipalName")
    display_name: Text | None = prop("DisplayName")
    recipient_type_details: Enum | None = prop("RecipientTypeDetails")
    sku_assigned: Bool | None = prop("SKUAssigned")


class ListedUser(Model):
    """What Get-User alone tells: what the recipient was before. A licence makes a mailbox of a UserMailbox (field-notes 1.1)."""

    guid: Guid = required("Guid")
    previous_recipient_type_details: Enum | None = prop("PreviousRecipientTypeDetails")
