"""A cloud recipient or a local user in, what Get-Mailbox gives out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from psbridge.psobject import PSObject, Value
from psbridge.simulator.dotnet import ad_object_id, local_time, smtp_address
from psbridge.simulator.shape import Shape, shape
from psbridge.simulator.state import LocalUser, Recipient
from psbridge.simulator.views import mail_enabled as common
from psbridge.simulator.world import World

__all__ = ["cloud_mailbox", "local_mailbox"]

_LONG_AGO: Final = datetime(2016, 7, 1, 12, tzinfo=UTC)


def cloud_mailbox(recipient: Recipient, world: World) -> PSObject:
    """A mailbox of Exchange Online: one in use, a soft-deleted or an inactive one."""
    form = shape("mailbox-exo")
    values: dict[str, Value] = {
        **common.cloud_identity(recipient, world),
        "OrganizationalUnit": common.organizational_unit(world),
        **_content(form, recipient, world),
        **common.quotas(recipient.prohibit_send_quota),
        **common.server_names(world.state.cloud_organization),
        **common.addresses(form, recipient.email_addresses),
        **_deletion(recipient),
        **_of_the_account(recipient, world),
        "Alias": recipient.alias,
        "DisplayName": recipient.display_name,
        "LegacyExchangeDN": recipient.legacy_exchange_dn,
        "UserPrincipalName": recipient.user_principal_name,
        "WindowsLiveID": smtp_address(recipient.user_principal_name),
        "MicrosoftOnlineServicesID": smtp_address(recipient.user_principal_name),
        "WindowsEmailAddress": smtp_address(common.primary_address(recipient.email_addresses)),
        "RecipientType": common.recipient_type(recipient.kind),
        "RecipientTypeDetails": common.type_details(recipient.kind),
        "IsShared": recipient.kind == "SharedMailbox",
        "SKUAssigned": recipient.sku_assigned,
    }
    return form.lay_over(form.make(recipient.name, values), recipient.properties)


def local_mailbox(user: LocalUser, world: World) -> PSObject:
    """A mailbox of the local organisation."""
    form = shape("mailbox-onprem")
    values: dict[str, Value] = {
        **common.local_identity(user, world),
        "OrganizationalUnit": world.state.on_premises_organization.container,
        **common.server_names(world.state.on_premises_organization),
        **common.addresses(form, user.email_addresses),
        "Database": ad_object_id(user.database or ""),
        "ExchangeGuid": user.exchange_guid,
        "ArchiveGuid": user.archive_guid,
        "MailboxLocations": common.mailbox_locations(form, user.exchange_guid, world.state.on_premises_organization.domain),
        "Alias": user.alias,
        "DisplayName": user.display_name,
        "LegacyExchangeDN": user.legacy_exchange_dn,
        "SamAccountName": user.sam_account_name,
        "UserPrincipalName": user.user_principal_name,
        "WindowsEmailAddress": smtp_address(common.primary_address(user.email_addresses)),
        "SKUAssigned": None,
        "UsageLocation": None,
        "WhenMailboxCreated": local_time(_LONG_AGO),
    }
    return form.lay_over(form.make(user.name, values), user.properties)


def _content(form: Shape, recipient: Recipient, world: World) -> dict[str, Value]:
    forest = world.state.cloud_organization.domain_controller.partition(".")[2]
    return {
        "Database": ad_object_id(recipient.database or ""),
        "ExchangeGuid": recipient.exchange_guid,
        "ArchiveGuid": recipient.archive_guid,
        "MailboxLocations": common.mailbox_locations(form, recipient.exchange_guid, forest),
        "WhenMailboxCreated": local_time(recipient.when_mailbox_created or recipient.when_created),
        "LitigationHoldEnabled": recipient.litigation_hold,
        "InPlaceHolds": form.listed("InPlaceHolds", recipient.holds),
    }


def _deletion(recipient: Recipient) -> dict[str, Value]:
    return {
        "IsSoftDeletedByRemove": recipient.soft_deleted is not None,
        "WhenSoftDeleted": local_time(recipient.soft_deleted),
        "IsInactiveMailbox": recipient.inactive,
    }


def _of_the_account(recipient: Recipient, world: World) -> dict[str, Value]:
    account = common.account_of(recipient, world)
    owner = recipient.external_directory_object_id
    digits = recipient.guid.hex.upper()
    return {
        "ExternalDirectoryObjectId": str(owner) if owner else "",
        "ImmutableId": (account.immutable_id or "") if account else "",
        "IsDirSynced": account is not None and account.last_dir_sync_time is not None,
        "SamAccountName": f"${digits[:6]}-{digits[6:18]}" if account else "",
        "UsageLocation": _country(account.usage_location) if account else None,
    }


def _country(code: str) -> PSObject:
    name = {"US": "United States"}.get(code, code)
    return PSObject(("Microsoft.Exchange.Data.CountryInfo", "System.Object"), to_string=name, props={"Name": name})
