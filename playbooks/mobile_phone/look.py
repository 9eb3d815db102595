"""`mobile-phone`: who has the authority over one user's mobile phone, and why the places differ. It only reads.

The order is the third document's: Get-User on-premises, the account in the directory, Get-User in Exchange Online.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from playbooks.mobile_phone.both_sides import in_ad, in_entra
from playbooks.mobile_phone.reading import person
from playbooks.mobile_phone.support_case import support_case
from psbridge.cmdlets.directory import directory_of
from psbridge.engine import DIALECT, Input, Playbook, Run

__all__ = ["ACCOUNT", "IDENTITY", "playbook"]

IDENTITY: Final = Input("identity", help="the user's name, address or id on-premises")
ACCOUNT: Final = Input("account", default="", help="the account's sign-in name, where it is not the on-premises one")


def body(run: Run) -> Mapping[str, object]:
    """Read the three places, and the further numbers where they are asked for; decide; have a support case ready."""
    found = person(run, directory_of(run.inputs["dialect"]))
    if run.inputs["alternates"] == "yes":
        name = str(found.local.user_principal_name)
        ad, entra = (
            run.read("numbers-in-ad", "sync", in_ad(name)).one(),
            run.read("numbers-in-entra", "sync", in_entra(name)).one(),
        )
        found = replace(found, other_mobile=ad.further, alternates=entra.further)
    told = dict(found.told())
    if found.mobile_phone.is_overridden or found.alternate_mobile_phones.is_overridden:
        told["support_case"] = support_case(found, run.inputs["dialect"])
    return told


playbook: Final = Playbook(
    name="mobile-phone",
    version="1",
    summary="Who has the authority over a user's mobile phone, and why the places differ (reads only).",
    inputs=(
        IDENTITY,
        ACCOUNT,
        Input("alternates", default="no", choices=("no", "yes"), help="yes: read otherMobile too (endpoint sync, ADSyncTools)"),
        DIALECT,
    ),
    endpoints=("onprem", "directory", "exo"),
    outline=(
        ("on-premises-user", "on-premises: Get-User"),
        ("account", "directory: the account"),
        ("online-user", "exo: Get-User"),
        ("numbers-in-ad", "sync: Get-ADSyncToolsDirSyncOverridesUser of both sides, with --option alternates=yes"),
    ),
    body=body,
)
