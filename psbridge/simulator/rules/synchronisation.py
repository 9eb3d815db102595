"""The sync engine: what a cycle carries to Entra, when it runs, and what it does with a deleted account."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Literal
from uuid import UUID

from psbridge.simulator.rules.deletion import delete_account, restore_account
from psbridge.simulator.rules.licensing import LICENSING_GROUP, watched_by_group
from psbridge.simulator.rules.mobile_phone import take_from_local
from psbridge.simulator.rules.replication import forward_later
from psbridge.simulator.state import Account, Licence, LocalUser
from psbridge.simulator.world import NO_GUID, World

__all__ = ["changed_locally", "export", "is_busy", "run_cycle", "scheduled_cycle", "source_anchor", "stop_cycle"]


def source_anchor(user: LocalUser) -> str:
    """ImmutableId: base64 of the objectGUID (field-notes 2.3)."""
    return base64.b64encode(user.object_guid.bytes_le).decode()


def changed_locally(world: World, user: LocalUser) -> None:
    """Remember a local change for the next delta cycle."""
    user.when_changed = world.now
    world.state.sync.changed.add(user.object_guid)


def is_busy(world: World) -> bool:
    """Whether a cycle is under way."""
    busy_until = world.state.sync.busy_until
    return busy_until is not None and busy_until > world.now


def scheduled_cycle(world: World) -> None:
    """The scheduler's own cycle, every 30 minutes; then the next one is a delta cycle (Get-ADSyncScheduler)."""
    sync = world.state.sync
    policy, sync.next_policy = sync.next_policy, "Delta"
    sync.next_cycle = world.now + timedelta(minutes=sync.interval_minutes)
    run_cycle(world, policy)


def run_cycle(world: World, policy: Literal["Delta", "Initial"] = "Delta") -> None:
    """One cycle: a delta one exports what has changed, an initial one looks at every user. A staging server exports nothing.

    The export comes at the end of the cycle: what the cloud shows until then is from before.
    """
    sync = world.state.sync
    sync.cycles += 1
    sync.busy_until = world.now + timedelta(seconds=sync.cycle_seconds)
    if sync.staging:
        return
    # Sorted, so that a run repeats exactly.
    changed = [user.object_guid for user in world.local] if policy == "Initial" else sorted(sync.changed)
    sync.changed.clear()
    for object_guid in changed:
        if sync.cycle_seconds:
            world.schedule("export", object_guid, timedelta(seconds=sync.cycle_seconds))
        else:
            export(world, object_guid)


def stop_cycle(world: World) -> None:
    """End a cycle that is under way: what it has not exported yet is left to the next one."""
    sync = world.state.sync
    sync.busy_until = None
    for object_guid in [event.about for event in world.state.events if event.kind == "export"]:
        world.forget("export", object_guid)
        sync.changed.add(object_guid)


def export(world: World, object_guid: UUID) -> None:
    """Bring one local user to the directory, if there still is one."""
    user = world.local_user(object_guid)
    if user is not None:
        _export(world, user)


def _export(world: World, user: LocalUser) -> None:
    account = next(iter(world.accounts.find(source_anchor(user))), None)
    if not user.in_scope:
        if account is not None and account.deleted is None:
            delete_account(world, account)  # out of scope is deleted (field-notes 2.4)
        return
    if account is not None and account.cloud_managed:
        return  # its source of authority has moved to the cloud: the engine ignores it (field-notes 1.9)
    if account is None:
        account = _new_account(world, user)
    elif account.deleted is not None:
        restore_account(world, account)  # field-notes 1.7, the re-sync trap
    _carry(world, user, account)
    world.accounts.renamed(account)
    forward_later(world, account.object_id)


def _new_account(world: World, user: LocalUser) -> Account:
    """A local user without an account gets a new one: another ObjectId, no licence but the groups' (OPTION #0; 1.3)."""
    account = Account(
        object_id=world.new_object_id(),
        user_principal_name=user.user_principal_name,
        immutable_id=source_anchor(user),
        when_created=world.now,
        licenses=[Licence(sku, [], LICENSING_GROUP) for sku in user.group_licenses],
    )
    world.accounts.add(account)
    watched_by_group(world, account)
    return account


def _carry(world: World, user: LocalUser, account: Account) -> None:
    """The attributes whose source of authority is the local directory; the GUIDs only where they are exported (1.5)."""
    account.user_principal_name = user.user_principal_name
    account.display_name, account.alias = user.display_name, user.alias
    account.first_name, account.last_name = user.first_name, user.last_name
    account.proxy_addresses = list(user.email_addresses)
    account.synced_kind = user.kind
    account.synced_exchange_guid = user.exchange_guid if user.exports_exchange_guid else NO_GUID
    account.synced_archive_guid = user.archive_guid if user.exports_exchange_guid else NO_GUID
    account.synced_legacy_exchange_dn = user.legacy_exchange_dn
    external = user.external_email_address or user.remote_routing_address
    account.synced_external_address = f"SMTP:{external.partition(':')[2] or external}" if external else None
    account.last_dir_sync_time = world.now
    take_from_local(world, user, account)
