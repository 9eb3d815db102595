"""A number in, a tenant file for the module ExchangeLike out: an on-premises organisation with that many mailboxes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final
from uuid import UUID

__all__ = ["environment", "write_tenant"]

_LEGACY: Final = "/o=First Organization/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn="
_ORGANIZATION: Final = {
    "domain": "contoso.com",
    "routingDomain": "contoso.mail.onmicrosoft.com",
    "domainController": "dc01.contoso.com",
    "server": "mbx01",
    "adminDisplayVersion": "Version 15.1 (Build 2507.6)",
    "legacyPrefix": _LEGACY,
    "container": "contoso.com/Users",
    "databases": [{"name": "DB01", "guid": str(UUID(int=1)), "server": "mbx01"}],
}


def write_tenant(path: Path, mailboxes: int) -> None:
    """Write the file; its clock stands still, so every call gives the same objects."""
    clock = {"now": "2024-01-01T00:00:00Z", "mode": "manual"}
    people = [_person(number) for number in range(mailboxes)]
    path.write_text(json.dumps({"clock": clock, "onPremisesOrganization": _ORGANIZATION, "onPremises": people}), encoding="utf-8")


def environment(tenant: Path) -> dict[str, str]:
    """The variables with which a PowerShell serves this tenant's on-premises Exchange."""
    return {"REALPS_TENANT": str(tenant), "REALPS_ENDPOINT": "onprem"}


def _person(number: int) -> dict[str, object]:
    alias = f"user{number:06}"
    return {
        "objectGuid": str(UUID(int=0x10_0000 + number)),
        "exchangeGuid": str(UUID(int=0x20_0000 + number)),
        "kind": "UserMailbox",
        "samAccountName": alias,
        "alias": alias,
        "userPrincipalName": f"{alias}@contoso.com",
        "name": f"User {number}",
        "displayName": f"User {number}",
        "legacyExchangeDN": f"{_LEGACY}{alias}",
        "emailAddresses": [f"SMTP:{alias}@contoso.com", f"smtp:{alias}@contoso.mail.onmicrosoft.com"],
        "database": "DB01",
    }
