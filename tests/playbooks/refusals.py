"""The tenants that OPTION #0 must refuse: what is changed in the documents' tenant, and the guard that stops the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.playbooks.option_zero import CAPTURED, TARGET, USER

__all__ = ["REFUSALS", "Refusal"]

Tenant = dict[str, Any]
ARCHIVE = "5b000000-0000-4000-8000-0000000000aa"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A tenant that differs from the documents' in one thing."""

    name: str
    guard: str
    change: Callable[[Tenant], None]


def _person(people: list[Tenant]) -> Tenant:
    return next(person for person in people if person["userPrincipalName"] == USER)


def _cloud(**values: Any) -> Callable[[Tenant], None]:
    return lambda tenant: _person(tenant["cloud"]).update(values)


def _local(**values: Any) -> Callable[[Tenant], None]:
    return lambda tenant: _person(tenant["onPremises"]).update(values)


def _account(**values: Any) -> Callable[[Tenant], None]:
    return lambda tenant: _person(tenant["directory"]).update(values)


def _no_cloud_mailbox(tenant: Tenant) -> None:
    tenant["cloud"] = [person for person in tenant["cloud"] if person["userPrincipalName"] != USER]


def _unlicensed(tenant: Tenant) -> None:
    _account(licenses=[])(tenant)
    _cloud(stuck=True, skuAssigned=False)(tenant)


def _same_archive(tenant: Tenant) -> None:
    _cloud(archiveGuid=ARCHIVE)(tenant)
    _local(archiveGuid=ARCHIVE)(tenant)


REFUSALS = (
    Refusal("no-cloud-mailbox", "cloud-mailbox", _no_cloud_mailbox),
    Refusal("no-on-premises-mailbox", "on-premises-mailbox", _local(kind="User")),
    Refusal("shared-mailbox", "both sides hold a user mailbox", _cloud(properties={"RecipientTypeDetails": "SharedMailbox"})),
    Refusal("another-owner", "the account owns the cloud mailbox", _account(objectId="5b000000-0000-4000-8000-0000000000bb")),
    Refusal("not-synchronised", "the account is synchronised", _account(immutableId=None, lastDirSyncTime=None)),
    Refusal("another-person", "both mailboxes are the same user's", _account(immutableId="AAAAWwAAAECAAAAAAAAADA==")),
    Refusal("same-exchange-guid", "the cloud GUIDs differ from the on-premises ones", _cloud(exchangeGuid=TARGET)),
    Refusal("same-archive-guid", "the cloud GUIDs differ from the on-premises ones", _same_archive),
    Refusal("swapped-archive-guid", "the cloud GUIDs differ from the on-premises ones", _local(archiveGuid=CAPTURED)),
    Refusal("litigation-hold", "no hold is on the cloud mailbox", _cloud(litigationHold=True)),
    Refusal("in-place-hold", "no hold is on the cloud mailbox", _cloud(holds=["UniH5b000000"])),
    Refusal("no-licence", "the Exchange licence is still there", _unlicensed),
)
