"""The output of Get-MsolUser in, the account with its licences and validation errors out."""

from __future__ import annotations

from typing import Annotated

from psbridge.models.base import Model, many, many_properties, prop, required
from psbridge.models.msol_error import MsolValidationError
from psbridge.models.msol_license import MsolLicense, MsolLicenseAssignmentDetail
from psbridge.models.read import Read
from psbridge.models.shapes import Bool, Enum, Guid, Moment, Proxies, Text, Texts
from psbridge.models.values import BeyondDepth

__all__ = ["MsolUser"]

Errors = Annotated[tuple[MsolValidationError | BeyondDepth, ...], Read(many(MsolValidationError))]
Licenses = Annotated[tuple[MsolLicense | BeyondDepth, ...], Read(many(MsolLicense))]
Assignments = Annotated[tuple[MsolLicenseAssignmentDetail | BeyondDepth, ...], Read(many(MsolLicenseAssignmentDetail))]


class MsolUser(Model):
    """Microsoft.Online.Administration.User.

    In a remote session `errors` and `licenses` arrive as BeyondDepth: their number is known, nothing else.
    """

    object_id: Guid = required("ObjectId")
    user_principal_name: Text = required("UserPrincipalName")

    display_name: Text | None = prop("DisplayName")
    first_name: Text | None = prop("FirstName")
    last_name: Text | None = prop("LastName")
    sign_in_name: Text | None = prop("SignInName")
    live_id: Text | None = prop("LiveId")
    user_type: Enum | None = prop("UserType")
    proxy_addresses: Proxies = many_properties("ProxyAddresses")

    immutable_id: Text | None = prop("ImmutableId")
    last_dir_sync_time: Moment | None = prop("LastDirSyncTime")
    dir_sync_provisioning_errors: Texts = many_properties("DirSyncProvisioningErrors")
    soft_deletion_timestamp: Moment | None = prop("SoftDeletionTimestamp")
    when_created: Moment | None = prop("WhenCreated")
    block_credential: Bool | None = prop("BlockCredential")

    is_licensed: Bool | None = prop("IsLicensed")
    licenses: Licenses = many_properties("Licenses")
    license_assignment_details: Assignments = many_properties("LicenseAssignmentDetails")
    license_reconciliation_needed: Bool | None = prop("LicenseReconciliationNeeded")
    overall_provisioning_status: Enum | None = prop("OverallProvisioningStatus")
    usage_location: Text | None = prop("UsageLocation")

    errors: Errors = many_properties("Errors")
    validation_status: Enum | None = prop("ValidationStatus")

    mobile_phone: Text | None = prop("MobilePhone")
    alternate_mobile_phones: Texts = many_properties("AlternateMobilePhones")
    phone_number: Text | None = prop("PhoneNumber")
    alternate_email_addresses: Texts = many_properties("AlternateEmailAddresses")

    cloud_exchange_recipient_display_type: Enum | None = prop("CloudExchangeRecipientDisplayType")
    msexch_recipient_type_details: Enum | None = prop("MSExchRecipientTypeDetails")
