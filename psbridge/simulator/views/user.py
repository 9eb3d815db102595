"""A recipient or a local user in, what Get-User gives out; its MobilePhone is the third document's."""

from __future__ import annotations

from psbridge.psobject import PSObject, Value
from psbridge.simulator.dotnet import smtp_address
from psbridge.simulator.shape import shape
from psbridge.simulator.state import LocalUser, Recipient
from psbridge.simulator.views import mail_enabled as common
from psbridge.simulator.world import World

__all__ = ["cloud_user", "local_user"]


def cloud_user(recipient: Recipient, world: World) -> PSObject:
    """A user of Exchange Online: it shows what the directory holds, and what the recipient was before."""
    form = shape("user-exo")
    account = common.account_of(recipient, world)
    owner = recipient.external_directory_object_id
    values: dict[str, Value] = {
        **common.cloud_identity(recipient, world),
        "DisplayName": recipient.display_name,
        "FirstName": account.first_name if account else "",
        "LastName": account.last_name if account else "",
        "MobilePhone": recipient.mobile_phone or "",
        "ExternalDirectoryObjectId": str(owner) if owner else "",
        "IsDirSynced": account is not None and account.last_dir_sync_time is not None,
        "LegacyExchangeDN": recipient.legacy_exchange_dn,
        "UserPrincipalName": recipient.user_principal_name,
        "WindowsLiveID": smtp_address(recipient.user_principal_name),
        "MicrosoftOnlineServicesID": smtp_address(recipient.user_principal_name),
        "WindowsEmailAddress": smtp_address(common.primary_address(recipient.email_addresses)),
        "SKUAssigned": recipient.sku_assigned,
        "RecipientType": common.recipient_type(recipient.kind),
        "RecipientTypeDetails": common.type_details(recipient.kind),
        "PreviousRecipientTypeDetails": common.type_details(recipient.previous_recipient_type_details),
    }
    return form.lay_over(form.make(recipient.name, values), recipient.properties)


def local_user(user: LocalUser, world: World) -> PSObject:
    """A user of the local directory."""
    form = shape("user-onprem")
    values: dict[str, Value] = {
        **common.local_identity(user, world),
        "DisplayName": user.display_name,
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "MobilePhone": user.mobile or "",
        "LegacyExchangeDN": user.legacy_exchange_dn,
        "SamAccountName": user.sam_account_name,
        "Sid": f"S-1-5-21-3623811015-3361044348-30300820-{user.object_guid.int % 90_000 + 1000}",
        "UserPrincipalName": user.user_principal_name,
        "WindowsEmailAddress": smtp_address(common.primary_address(user.email_addresses)),
        "SKUAssigned": None,
        "RecipientType": common.recipient_type(user.kind),
        "RecipientTypeDetails": common.type_details(user.kind),
    }
    return form.lay_over(form.make(user.name, values), user.properties)
