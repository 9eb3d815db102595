"""A cloud mail user or a local one in, what Get-MailUser and Get-RemoteMailbox give out."""

from __future__ import annotations

from psbridge.psobject import PSObject, Value
from psbridge.simulator.dotnet import proxy_address, smtp_address
from psbridge.simulator.shape import shape
from psbridge.simulator.state import LocalUser, Recipient
from psbridge.simulator.views import mail_enabled as common
from psbridge.simulator.world import World

__all__ = ["cloud_mail_user", "local_mail_user", "remote_mailbox"]


def cloud_mail_user(recipient: Recipient, world: World) -> PSObject:
    """A mail user of Exchange Online."""
    form = shape("mail-user")
    account = common.account_of(recipient, world)
    owner = recipient.external_directory_object_id
    values: dict[str, Value] = {
        **common.cloud_identity(recipient, world),
        "OrganizationalUnit": common.organizational_unit(world),
        **common.addresses(form, recipient.email_addresses),
        "Alias": recipient.alias,
        "DisplayName": recipient.display_name,
        "ExchangeGuid": recipient.exchange_guid,
        "ArchiveGuid": recipient.archive_guid,
        "ExternalDirectoryObjectId": str(owner) if owner else "",
        "ExternalEmailAddress": _external(recipient.external_email_address),
        "ImmutableId": (account.immutable_id or "") if account else "",
        "IsDirSynced": account is not None and account.last_dir_sync_time is not None,
        "LegacyExchangeDN": recipient.legacy_exchange_dn,
        "UserPrincipalName": recipient.user_principal_name,
        "WindowsLiveID": smtp_address(recipient.user_principal_name),
        "MicrosoftOnlineServicesID": smtp_address(recipient.user_principal_name),
        "WindowsEmailAddress": smtp_address(common.primary_address(recipient.email_addresses)),
        "SKUAssigned": recipient.sku_assigned,
    }
    return form.lay_over(form.make(recipient.name, values), recipient.properties)


def local_mail_user(user: LocalUser, world: World) -> PSObject:
    """A mail user of the local organisation."""
    form = shape("mail-user")
    values = {**_local(user, world), **common.addresses(form, user.email_addresses)}
    values["ExternalEmailAddress"] = _external(user.external_email_address)
    return form.lay_over(form.make(user.name, values), user.properties)


def remote_mailbox(user: LocalUser, world: World) -> PSObject:
    """A remote mailbox: the local side of a mailbox in the cloud."""
    form = shape("remote-mailbox")
    routing = _external(user.remote_routing_address)
    values = {
        **_local(user, world),
        **common.addresses(form, user.email_addresses),
        "OnPremisesOrganizationalUnit": world.state.on_premises_organization.container,
        "RemoteRoutingAddress": routing,
        "ExternalEmailAddress": routing,
    }
    return form.lay_over(form.make(user.name, values), user.properties)


def _local(user: LocalUser, world: World) -> dict[str, Value]:
    return {
        **common.local_identity(user, world),
        "OrganizationalUnit": world.state.on_premises_organization.container,
        "Alias": user.alias,
        "DisplayName": user.display_name,
        "ExchangeGuid": user.exchange_guid,
        "ArchiveGuid": user.archive_guid,
        "LegacyExchangeDN": user.legacy_exchange_dn,
        "SamAccountName": user.sam_account_name,
        "UserPrincipalName": user.user_principal_name,
        "WindowsEmailAddress": smtp_address(common.primary_address(user.email_addresses)),
    }


def _external(address: str | None) -> PSObject | None:
    if not address:
        return None
    return proxy_address(address if ":" in address else f"SMTP:{address}")
