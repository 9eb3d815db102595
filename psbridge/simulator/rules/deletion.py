"""What becomes of an account that is deleted, purged or restored, and of the mailbox that belongs to it."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from uuid import UUID

from psbridge.simulator.rules.holding import is_held
from psbridge.simulator.rules.licensing import gives_mailbox
from psbridge.simulator.rules.replication import forward_later
from psbridge.simulator.state import Account, Recipient
from psbridge.simulator.world import World

__all__ = [
    "delete_account",
    "expire_account",
    "expire_mailbox",
    "local_id_of",
    "purge_account",
    "reconnect",
    "remove_recipient",
    "restore_account",
    "soft_delete",
]


def delete_account(world: World, account: Account) -> None:
    """Remove-MsolUser -Force: the account lies in the recycle bin for 30 days; Exchange hears of it later (OPTION #0)."""
    account.deleted = world.now
    world.schedule("expire-account", account.object_id, timedelta(days=world.state.settings.recycle_bin_days))
    _tell_sync(world, account)
    forward_later(world, account.object_id)


def purge_account(world: World, account: Account) -> None:
    """-RemoveFromRecycleBin: the account is gone, its mailbox soft-deleted (OPTION #0), or lost without a licence (1.7)."""
    licensed = gives_mailbox(world, account)
    world.accounts.remove(account)
    world.forget("expire-account", account.object_id)
    world.forget("delicense", account.object_id)
    _tell_sync(world, account)
    recipient = world.recipient_of(account.object_id)
    if recipient is None:
        return
    if not recipient.is_mailbox or not (licensed or _is_kept_without_licence(world, recipient)):
        remove_recipient(world, recipient)
        return
    if recipient.soft_deleted is None:
        soft_delete(world, recipient)
    recipient.external_directory_object_id = None
    world.cloud.renamed(recipient)


def restore_account(world: World, account: Account) -> None:
    """Restore-MsolUser, or a synchronisation cycle that finds its user in the recycle bin (field-notes 1.7)."""
    account.deleted = None
    world.forget("expire-account", account.object_id)
    forward_later(world, account.object_id)


def soft_delete(world: World, recipient: Recipient) -> None:
    """A mailbox becomes soft-deleted for 30 days, and takes its display name (OPTION #0); a held one inactive (1.7)."""
    recipient.soft_deleted = recipient.when_changed = world.now
    recipient.name = recipient.display_name or recipient.name
    recipient.inactive = is_held(world, recipient)
    world.cloud.renamed(recipient)
    world.schedule("expire-mailbox", recipient.guid, timedelta(days=world.state.settings.soft_deleted_days))


def reconnect(world: World, recipient: Recipient) -> None:
    """A soft-deleted mailbox whose account was restored is a mailbox again (field-notes 1.7)."""
    recipient.soft_deleted, recipient.inactive = None, False
    world.forget("expire-mailbox", recipient.guid)


def remove_recipient(world: World, recipient: Recipient) -> None:
    """Nothing is left of a recipient."""
    world.cloud.remove(recipient)
    world.forget("expire-mailbox", recipient.guid)


def expire_account(world: World, object_id: UUID) -> None:
    """After 30 days in the recycle bin an account is purged by itself (field-notes 1.7)."""
    account = world.account(object_id)
    if account is not None and account.deleted is not None:
        purge_account(world, account)


def expire_mailbox(world: World, guid: UUID) -> None:
    """A soft-deleted mailbox lives 30 days, then it is unrecoverable; a held one stays inactive (field-notes 1.7)."""
    recipient = next((found for found in world.cloud.find(guid) if found.guid == guid), None)
    if recipient is not None and recipient.soft_deleted is not None and not is_held(world, recipient):
        remove_recipient(world, recipient)


def _is_kept_without_licence(world: World, recipient: Recipient) -> bool:
    """The sources know two answers (field-notes 1.7); the seed says which. A hold always keeps the content."""
    return is_held(world, recipient) or (recipient.unlicensed_purge or world.state.settings.unlicensed_purge) == "softDeleted"


def _tell_sync(world: World, account: Account) -> None:
    local = local_id_of(account)
    if local is not None:
        world.state.sync.changed.add(local)


def local_id_of(account: Account) -> UUID | None:
    """The objectGUID of the local user: ImmutableId is its base64 (field-notes 2.3)."""
    if not account.immutable_id:
        return None
    try:
        return UUID(bytes_le=base64.b64decode(account.immutable_id, validate=True))
    except (binascii.Error, ValueError):
        return None
