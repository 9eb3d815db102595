"""A recipient of either organisation in, what Get-Recipient gives out."""

from __future__ import annotations

from psbridge.psobject import PSObject, Value
from psbridge.simulator.dotnet import ad_object_id, local_time, proxy_address, smtp_address
from psbridge.simulator.shape import shape
from psbridge.simulator.state import LocalUser, Recipient
from psbridge.simulator.views import mail_enabled as common
from psbridge.simulator.world import World

__all__ = ["cloud_recipient", "local_recipient"]


def cloud_recipient(recipient: Recipient, world: World) -> PSObject:
    """A recipient of Exchange Online."""
    form = shape("recipient-exo")
    account = common.account_of(recipient, world)
    owner = recipient.external_directory_object_id
    external = recipient.external_email_address
    values: dict[str, Value] = {
        **common.cloud_identity(recipient, world),
        **common.addresses(form, recipient.email_addresses),
        "Alias": recipient.alias,
        "DisplayName": recipient.display_name,
        "ExchangeGuid": recipient.exchange_guid,
        "ArchiveGuid": recipient.archive_guid,
        "Database": ad_object_id(recipient.database) if recipient.database else None,
        "ExternalDirectoryObjectId": str(owner) if owner else "",
        "ExternalEmailAddress": proxy_address(external if ":" in external else f"SMTP:{external}") if external else None,
        "FirstName": account.first_name if account else "",
        "LastName": account.last_name if account else "",
        "WhenMailboxCreated": local_time(recipient.when_mailbox_created or recipient.when_created)
        if recipient.is_mailbox
        else None,
        "WindowsLiveID": smtp_address(recipient.user_principal_name),
        "SKUAssigned": recipient.sku_assigned,
        "RecipientType": common.recipient_type(recipient.kind),
        "RecipientTypeDetails": common.type_details(recipient.kind),
    }
    return form.lay_over(form.make(recipient.name, values), recipient.properties)


def local_recipient(user: LocalUser, world: World) -> PSObject:
    """A recipient of the local organisation."""
    form = shape("recipient-onprem")
    values: dict[str, Value] = {
        **common.local_identity(user, world),
        **common.addresses(form, user.email_addresses),
        "Alias": user.alias,
        "DisplayName": user.display_name,
        "ExchangeGuid": user.exchange_guid,
        "ArchiveGuid": user.archive_guid,
        "Database": ad_object_id(user.database) if user.database else None,
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "SamAccountName": user.sam_account_name,
        "RecipientType": common.recipient_type(user.kind),
        "RecipientTypeDetails": common.type_details(user.kind),
    }
    return form.lay_over(form.make(user.name, values), user.properties)
