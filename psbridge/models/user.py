"""The output of Get-User in, on-premises and in Exchange Online; a User out."""

from __future__ import annotations

from psbridge.models.base import Model, many_properties, prop, required
from psbridge.models.shapes import Bool, Directory, Enum, Guid, Moment, ShownText, Smtp, Text, Texts

__all__ = ["User"]


class User(Model):
    """Microsoft.Exchange.Data.Directory.Management.User."""

    recipient_type: Enum = required("RecipientType")
    recipient_type_details: Enum | None = prop("RecipientTypeDetails")
    previous_recipient_type_details: Enum | None = prop("PreviousRecipientTypeDetails")

    identity: Directory | None = prop("Identity")
    guid: Guid | None = prop("Guid")
    name: Text | None = prop("Name")
    display_name: Text | None = prop("DisplayName")
    first_name: Text | None = prop("FirstName")
    last_name: Text | None = prop("LastName")
    sam_account_name: Text | None = prop("SamAccountName")
    user_principal_name: Text | None = prop("UserPrincipalName")
    distinguished_name: Text | None = prop("DistinguishedName")
    legacy_exchange_dn: Text | None = prop("LegacyExchangeDN")
    external_directory_object_id: Guid | None = prop("ExternalDirectoryObjectId")
    windows_email_address: Smtp | None = prop("WindowsEmailAddress")
    organizational_unit: ShownText | None = prop("OrganizationalUnit")
    user_account_control: Enum | None = prop("UserAccountControl")
    sid: ShownText | None = prop("Sid")

    mobile_phone: Text | None = prop("MobilePhone")
    phone: Text | None = prop("Phone")
    home_phone: Text | None = prop("HomePhone")
    other_telephone: Texts = many_properties("OtherTelephone")
    title: Text | None = prop("Title")
    department: Text | None = prop("Department")
    company: Text | None = prop("Company")
    office: Text | None = prop("Office")
    manager: Directory | None = prop("Manager")

    sku_assigned: Bool | None = prop("SKUAssigned")
    is_dir_synced: Bool | None = prop("IsDirSynced")
    account_disabled: Bool | None = prop("AccountDisabled")
    in_place_holds_raw: Texts = many_properties("InPlaceHoldsRaw")
    is_soft_deleted_by_remove: Bool | None = prop("IsSoftDeletedByRemove")
    is_soft_deleted_by_disable: Bool | None = prop("IsSoftDeletedByDisable")
    when_soft_deleted: Moment | None = prop("WhenSoftDeleted")
    when_created: Moment | None = prop("WhenCreated")
    when_changed: Moment | None = prop("WhenChanged")
    when_created_utc: Moment | None = prop("WhenCreatedUTC")
    when_changed_utc: Moment | None = prop("WhenChangedUTC")

    @property
    def shown_mobile_phone(self) -> str:
        """MobilePhone as a text that is never empty: "no number" is a value too, and an approval must cover it."""
        return f"'{self.mobile_phone}'" if self.mobile_phone else "(none)"
