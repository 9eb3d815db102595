"""Which licences an account has, and what they mean for Exchange Online."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import NAMESPACE_DNS, UUID, uuid5

from psbridge.simulator.rules.replication import forward_later
from psbridge.simulator.state import Account, Licence, Sku
from psbridge.simulator.world import World

__all__ = [
    "LICENSING_GROUP",
    "add_licence",
    "gives_mailbox",
    "group_gives_back",
    "is_licensed",
    "remove_licence",
    "sku_of",
    "watched_by_group",
]

# The group of group-based licensing: one for the whole tenant.
LICENSING_GROUP: Final = uuid5(NAMESPACE_DNS, "licensing-group.psbridge")


def is_licensed(account: Account) -> bool:
    """IsLicensed is true for any licence (field-notes 2.3); whether Exchange is in it, it does not say."""
    return bool(account.licenses)


def gives_mailbox(world: World, account: Account) -> bool:
    """Whether one of the account's licences has an Exchange Online plan that is not switched off (the documents, OPTION #1)."""
    return any(
        plan.service == "exchange" and plan.name.startswith("EXCHANGE_S_") and plan.name not in licence.disabled_plans
        for licence in account.licenses
        if (sku := sku_of(world, licence.sku)) is not None
        for plan in sku.plans
    )


def sku_of(world: World, name: str) -> Sku | None:
    """The licence of this name: `ENTERPRISEPACK`, `tenant:ENTERPRISEPACK`, or its SkuId."""
    prefix = world.state.cloud_organization.tenant_name.partition(".")[0].casefold()
    wanted = name.casefold().removeprefix(f"{prefix}:")
    return next((sku for sku in world.state.skus if wanted in (sku.part_number.casefold(), str(sku.sku_id))), None)


def add_licence(
    world: World, account: Account, sku: str, disabled_plans: list[str] | None = None, *, group: UUID | None = None
) -> None:
    """Assign a licence; one of the same kind and origin is replaced. Exchange Online hears of it later (the documents)."""
    account.licenses[:] = [held for held in account.licenses if (held.sku, held.assigned_by_group) != (sku, group)]
    account.licenses.append(Licence(sku, list(disabled_plans or ()), group))
    forward_later(world, account.object_id)


def remove_licence(world: World, account: Account, sku: str) -> bool:
    """Take a directly assigned licence away; False where a group gives it, which only the group can end (field-notes 1.3)."""
    held = [licence for licence in account.licenses if licence.sku == sku]
    if held and all(licence.assigned_by_group is not None for licence in held):
        return False
    account.licenses[:] = [licence for licence in account.licenses if licence.sku != sku or licence.assigned_by_group]
    watched_by_group(world, account)
    forward_later(world, account.object_id)
    return True


def watched_by_group(world: World, account: Account) -> None:
    """Where a fault says so, a group is going to give this account a licence that it has not, or no more (field-notes 1.3)."""
    for fault in world.strikes("group-licence", account.user_principal_name, str(account.object_id)):
        world.schedule("group-licence", account.object_id, timedelta(seconds=fault.seconds))


def group_gives_back(world: World, object_id: UUID) -> None:
    """Group-based licensing reaches the account again: the licence is back, and only the group can end it (field-notes 1.3)."""
    account = world.account(object_id)
    if account is None or account.deleted is not None:
        return
    wanted = next((fault.sku for fault in world.state.faults if fault.name == "group-licence" and fault.sku), "")
    sku = sku_of(world, wanted) if wanted else next(iter(world.state.skus), None)
    if sku is not None:
        add_licence(world, account, sku.part_number, group=LICENSING_GROUP)
