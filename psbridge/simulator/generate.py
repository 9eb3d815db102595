"""A number of users in, a large tenant out: some with two mailboxes, some unclean mail users, some with a cloud mobile phone.

The same numbers give the same tenant. `python -m psbridge.simulator.generate 100000 tenant.json` writes its state.
"""

from __future__ import annotations

import argparse
import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_DNS, UUID, uuid5

from psbridge.errors import InputError
from psbridge.simulator.collector import collector_held
from psbridge.simulator.seed import load_seed, state_to_json
from psbridge.simulator.state import Account, Licence, LocalUser, PreviousMailbox, Recipient, Tenant

__all__ = ["Makeup", "generate"]

_NOW: Final = datetime(2026, 1, 12, 8, tzinfo=UTC)
_FIRST: Final = ("North", "East", "South", "West", "Upper", "Lower", "Inner", "Outer", "First", "Second", "Third", "Fourth")
_LAST: Final = ("Sales", "Finance", "Legal", "Support", "Design", "Store", "Plant", "Office", "Kitchen", "Desk", "Lab", "Hall")


@dataclass(frozen=True, slots=True)
class Makeup:
    """How many users of each special kind; everybody else has a healthy mailbox on-premises and a mail user in the cloud.

    - `duplicates`: a mailbox on-premises and another one in the cloud, with a licence (OPTION #0).
    - `unclean`: a mail user whose cloud mailbox a licence would bring back (field-notes 1.5).
    - `mobile_overrides`: the mobile phone was written in the cloud and differs (the third document).
    """

    duplicates: int = 0
    unclean: int = 0
    mobile_overrides: int = 0

    @property
    def total(self) -> int:
        """The users that are special."""
        return self.duplicates + self.unclean + self.mobile_overrides


def generate(users: int, makeup: Makeup = Makeup(), *, domain: str = "contoso.com") -> Tenant:
    """Make a tenant with so many users. Raises InputError for more special ones than there are users."""
    if makeup.total > users:
        raise InputError(f"{makeup.total} special users do not fit into {users}")
    with collector_held():
        return _generated(users, makeup, domain)


def _generated(users: int, makeup: Makeup, domain: str) -> Tenant:
    state = _empty(domain)
    unclean_from = makeup.duplicates
    mobile_from = unclean_from + makeup.unclean
    for number in range(users):
        user, account, recipient = _healthy(number, domain)
        if number < unclean_from:
            _duplicate(account, recipient)
        elif number < mobile_from:
            _unclean(recipient)
        elif number < makeup.total:
            account.mobile_phone, account.mobile_authority = f"+1 425 666 {number:06}", "cloud"
            recipient.mobile_phone = account.mobile_phone
        state.on_premises.append(user)
        state.directory.append(account)
        state.cloud.append(recipient)
    return state


def _empty(domain: str) -> Tenant:
    """The organisations, licences and settings of the documents' tenant, under another domain and without people."""
    state = load_seed("option-0")
    state.description, state.now = f"A generated tenant of {domain}.", _NOW
    state.sync.next_cycle = _NOW + timedelta(minutes=30)
    for people in (state.on_premises, state.directory, state.cloud, state.migrations, state.next_object_ids):
        people.clear()
    local, cloud = state.on_premises_organization, state.cloud_organization
    name = domain.partition(".")[0]
    local.domain = cloud.domain = domain
    local.container = f"{domain}/Users"
    local.domain_controller, cloud.tenant_name = f"dc01.{domain}", f"{name}.onmicrosoft.com"
    local.routing_domain = cloud.routing_domain = f"{name}.mail.onmicrosoft.com"
    cloud.organization_id = cloud.organization_id.replace("domain.onmicrosoft.com", cloud.tenant_name)
    return state


def _healthy(number: int, domain: str) -> tuple[LocalUser, Account, Recipient]:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST) % len(_LAST)]
    alias = f"{first}.{last}{number}".lower()
    upn, display = f"{alias}@{domain}", f"{first} {last} {number}"
    routing = f"{alias}@{domain.partition('.')[0]}.mail.onmicrosoft.com"
    proxies = [f"SMTP:{upn}", f"smtp:{routing}"]
    guid, mailbox = _id(number, "user"), _id(number, "mailbox")
    dn = f"/o=First Organization/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn={guid.hex}-{alias}"
    mobile = f"+1 425 555 {number:06}"
    user = LocalUser(
        object_guid=guid,
        sam_account_name=alias[:20],
        user_principal_name=upn,
        name=display,
        kind="UserMailbox",
        display_name=display,
        first_name=first,
        last_name=last,
        mobile=mobile,
        alias=alias,
        email_addresses=proxies,
        exchange_guid=mailbox,
        legacy_exchange_dn=dn,
        database=f"DB{number % 12 + 1:02}",
    )
    account = Account(
        object_id=_id(number, "account"),
        user_principal_name=upn,
        display_name=display,
        first_name=first,
        last_name=last,
        alias=alias,
        immutable_id=base64.b64encode(guid.bytes_le).decode(),
        last_dir_sync_time=_NOW - timedelta(minutes=20),
        mobile_phone=mobile,
        proxy_addresses=list(proxies),
        synced_kind="UserMailbox",
        synced_exchange_guid=mailbox,
        synced_legacy_exchange_dn=dn,
    )
    recipient = Recipient(
        guid=_id(number, "recipient"),
        user_principal_name=upn,
        external_directory_object_id=account.object_id,
        name=display,
        display_name=display,
        alias=alias,
        exchange_guid=mailbox,
        legacy_exchange_dn=f"/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn={alias}",
        email_addresses=[*proxies, f"x500:{dn}"],
        external_email_address=f"SMTP:{upn}",
        mobile_phone=mobile,
        items=0,
        bytes=0,
    )
    return user, account, recipient


def _duplicate(account: Account, recipient: Recipient) -> None:
    account.licenses.append(Licence("ENTERPRISEPACK"))
    recipient.kind, recipient.name, recipient.sku_assigned = "UserMailbox", recipient.alias, True
    recipient.exchange_guid = uuid5(NAMESPACE_DNS, f"{recipient.guid} cloud")
    recipient.database, recipient.external_email_address = "NAMPR06DG282-db128", None
    recipient.items, recipient.bytes = 37, 4_812_003


def _unclean(recipient: Recipient) -> None:
    guid = uuid5(NAMESPACE_DNS, f"{recipient.guid} previous")
    recipient.previous_recipient_type_details = "UserMailbox"
    recipient.previous = PreviousMailbox(guid, "NAMPR06DG282-db128", _NOW + timedelta(days=20), items=5, bytes=90_000)


def _id(number: int, kind: str) -> UUID:
    return uuid5(NAMESPACE_DNS, f"{kind} {number}")


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m psbridge.simulator.generate", description=__doc__)
    parser.add_argument("users", type=int)
    parser.add_argument("file", type=Path, help="the state is written here, for --state")
    for option in ("duplicates", "unclean", "mobile-overrides"):
        parser.add_argument(f"--{option}", type=int, default=0)
    asked = parser.parse_args()
    makeup = Makeup(asked.duplicates, asked.unclean, asked.mobile_overrides)
    asked.file.write_bytes(state_to_json(generate(asked.users, makeup)))


if __name__ == "__main__":
    _main()
