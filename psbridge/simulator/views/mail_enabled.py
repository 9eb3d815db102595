"""What mailboxes, mail users, users and recipients have in common: names, addresses, times and the organisation's own values."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from psbridge.psobject import PSObject, Value
from psbridge.simulator.dotnet import (
    ad_object_id,
    directory_id,
    enum,
    local_time,
    organization_id,
    proxy_address,
    server_version,
    smtp_address,
    unlimited,
    utc,
)
from psbridge.simulator.shape import Shape
from psbridge.simulator.state import Account, LocalUser, Organization, Recipient
from psbridge.simulator.world import World, address_of

__all__ = [
    "RECIPIENT_TYPE_DETAILS",
    "account_of",
    "addresses",
    "cloud_identity",
    "immutable_id",
    "local_identity",
    "mailbox_locations",
    "organizational_unit",
    "primary_address",
    "quotas",
    "recipient_type",
    "server_names",
    "type_details",
]

_TYPES: Final = "Microsoft.Exchange.Data.Directory.Recipient"
# Microsoft.Exchange.Data.Directory.Recipient.RecipientType and RecipientTypeDetails.
_RECIPIENT_TYPES: Final = {"User": 1, "UserMailbox": 2, "MailUser": 3}
RECIPIENT_TYPE_DETAILS: Final = {
    "None": 0,
    "UserMailbox": 1,
    "SharedMailbox": 4,
    "MailUser": 128,
    "User": 65536,
    "RemoteUserMailbox": 2147483648,
}
_HIRED: Final = datetime(2015, 7, 1, 12, tzinfo=UTC)
_UNITS: Final = {"B": 0, "KB": 10, "MB": 20, "GB": 30, "TB": 40}


def cloud_identity(recipient: Recipient, world: World) -> dict[str, Value]:
    """Name, Identity, Guid and the rest of what every object of Exchange Online carries."""
    place = world.state.cloud_organization
    forest = place.domain_controller.partition(".")[2]
    units = f"OU={place.tenant_name},OU=Microsoft Exchange Hosted Organizations"
    dn = f"CN={recipient.name},{units},{_components(forest)}"
    identity = directory_id(recipient.name, recipient.name, dn, recipient.guid, domain=forest, parent=forest, depth=4)
    return {
        "Identity": identity,
        "Id": identity,
        "Name": recipient.name,
        "DistinguishedName": dn,
        "Guid": recipient.guid,
        "ObjectCategory": ad_object_id(f"{forest}/Configuration/Schema/Person"),
        "OrganizationId": organization_id(place.organization_id),
        "OriginatingServer": place.domain_controller,
        **_times(recipient.when_changed, recipient.when_created),
    }


def local_identity(user: LocalUser, world: World) -> dict[str, Value]:
    """The same for an object of the local directory."""
    place = world.state.on_premises_organization
    domain, _, container = place.container.partition("/")
    dn = f"CN={user.name},CN={container},{_components(domain)}"
    text = f"{place.container}/{user.name}"
    identity = directory_id(text, user.name, dn, user.object_guid, domain=domain, parent=place.container, depth=3)
    return {
        "Identity": identity,
        "Id": identity,
        "Name": user.name,
        "DistinguishedName": dn,
        "Guid": user.object_guid,
        "ObjectCategory": ad_object_id(f"{place.domain}/Configuration/Schema/Person"),
        "OriginatingServer": place.domain_controller,
        **_times(user.when_changed, _HIRED),
    }


def organizational_unit(world: World) -> str:
    """Where the recipients of the cloud lie."""
    place = world.state.cloud_organization
    return f"{place.domain_controller.partition('.')[2]}/Microsoft Exchange Hosted Organizations/{place.tenant_name}"


def _components(domain: str) -> str:
    return ",".join(f"DC={part}" for part in domain.split("."))


def _times(changed: datetime, created: datetime) -> dict[str, Value]:
    return {
        "WhenChanged": local_time(changed),
        "WhenCreated": local_time(created),
        "WhenChangedUTC": utc(changed),
        "WhenCreatedUTC": utc(created),
    }


def recipient_type(kind: str) -> PSObject:
    """RecipientType: coarse, so a shared mailbox is a UserMailbox and a remote mailbox a MailUser."""
    name = {"SharedMailbox": "UserMailbox", "RemoteUserMailbox": "MailUser"}.get(kind, kind)
    return enum(f"{_TYPES}.RecipientType", name, _RECIPIENT_TYPES[name])


def type_details(kind: str) -> PSObject:
    """RecipientTypeDetails."""
    return enum(f"{_TYPES}.RecipientTypeDetails", kind, RECIPIENT_TYPE_DETAILS[kind])


def primary_address(proxies: list[str]) -> str:
    """The address of `SMTP:`."""
    return next((address_of(proxy) for proxy in proxies if proxy.startswith("SMTP:")), "")


def addresses(shape: Shape, proxies: list[str]) -> dict[str, Value]:
    """EmailAddresses, and what follows from the primary one."""
    primary = primary_address(proxies)
    return {
        "EmailAddresses": shape.listed("EmailAddresses", [proxy_address(proxy) for proxy in proxies]),
        "PrimarySmtpAddress": smtp_address(primary),
    }


def account_of(recipient: Recipient, world: World) -> Account | None:
    """The account that a recipient belongs to."""
    return None if recipient.external_directory_object_id is None else world.account(recipient.external_directory_object_id)


def immutable_id(user: LocalUser) -> str:
    """Base64 of the objectGUID (field-notes 2.3)."""
    return base64.b64encode(user.object_guid.bytes_le).decode()


def mailbox_locations(shape: Shape, guid: UUID, forest: str) -> PSObject:
    """Where a mailbox lies: `1;GUID;Primary;forest;database guid`."""
    text = f"1;{guid};Primary;{forest};{uuid5(NAMESPACE_OID, f'{guid} {forest}')}"
    types = ("Microsoft.Exchange.Data.Directory.MailboxLocationInfo", "System.Object")
    return shape.listed("MailboxLocations", [PSObject(types, to_string=text)])


def quotas(prohibit_send: str) -> dict[str, Value]:
    """The three quotas of a plan from one: warning 0.5 or 1 GB below, receiving as far above (the documents: 49.5 and 99 GB)."""
    size = _bytes(prohibit_send)
    step = (1 << 29) if size < 60 << 30 else 1 << 30
    return {
        "ProhibitSendQuota": unlimited("size", size),
        "ProhibitSendReceiveQuota": unlimited("size", size + step),
        "IssueWarningQuota": unlimited("size", size - step),
    }


def server_names(place: Organization) -> dict[str, Value]:
    """The server that a mailbox lies on."""
    servers = place.legacy_prefix.partition("/cn=Recipients")[0]
    upper = place.server.upper()
    return {
        "ServerName": place.server.lower(),
        "ServerLegacyDN": f"{servers}/cn=Configuration/cn=Servers/cn={upper}",
        "AdminDisplayVersion": server_version(place.admin_display_version),
    }


def _bytes(text: str) -> int:
    found = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]?B)\s*", text, re.IGNORECASE)
    if found is None:
        raise ValueError(f"{text!r} is no size such as '49.5 GB'")
    return int(float(found[1]) * (1 << _UNITS[found[2].upper()]))
