"""Whose value MobilePhone is: the local directory's until somebody writes it in the cloud (the third document; field-notes 4)."""

from __future__ import annotations

from psbridge.simulator.rules.replication import forward_later
from psbridge.simulator.state import Account, LocalUser
from psbridge.simulator.world import World

__all__ = ["set_alternates_in_cloud", "set_in_cloud", "take_from_local"]


def set_in_cloud(world: World, account: Account, mobile: str | None) -> None:
    """A write through any cloud interface moves the source of authority to the cloud (the third document)."""
    account.mobile_phone, account.mobile_authority = mobile, "cloud"
    forward_later(world, account.object_id)


def set_alternates_in_cloud(world: World, account: Account, numbers: list[str]) -> None:
    """The same for AlternateMobilePhones, which is `otherMobile` on-premises (4)."""
    account.alternate_mobile_phones, account.alternate_mobile_authority = list(numbers), "cloud"
    forward_later(world, account.object_id)


def take_from_local(world: World, user: LocalUser, account: Account) -> None:
    """A cycle pushes `mobile`; a value that the cloud owns ignores it, unless BypassDirSyncOverrides is on (4)."""
    bypass = world.state.settings.bypass_dir_sync_overrides
    if account.mobile_authority == "onPremises" or bypass:
        account.mobile_phone, account.mobile_authority = user.mobile, "onPremises"
    if account.alternate_mobile_authority == "onPremises" or bypass:
        account.alternate_mobile_phones, account.alternate_mobile_authority = list(user.other_mobile), "onPremises"
