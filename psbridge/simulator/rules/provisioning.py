"""What an account is in Exchange Online: the provisioning logic of the service, run whenever a change has been replicated."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from psbridge.simulator.rules.deletion import reconnect, remove_recipient, soft_delete
from psbridge.simulator.rules.holding import is_held
from psbridge.simulator.rules.licensing import gives_mailbox
from psbridge.simulator.state import Account, PreviousMailbox, Recipient
from psbridge.simulator.world import NO_GUID, World, address_of

__all__ = ["clear_previous_mailbox", "delicense", "forward", "take_mailbox_away", "waits_for_migration"]


def forward(world: World, object_id: UUID) -> None:
    """Bring Exchange Online into line with one account of the directory."""
    account, recipient = world.account(object_id), world.recipient_of(object_id)
    if account is None:
        return
    if account.deleted is not None:
        _account_is_deleted(world, recipient)
        return
    if recipient is None:
        recipient = _new_recipient(world, account)
        if recipient is None:
            return
    elif recipient.soft_deleted is not None:
        reconnect(world, recipient)
    _copy_attributes(account, recipient)
    _settle(world, account, recipient)
    world.cloud.renamed(recipient)


def waits_for_migration(account: Account) -> bool:
    """A replicated ExchangeGuid keeps a licence from making a mailbox: the service thinks a migration is pending (1.1, 1.4)."""
    return account.synced_exchange_guid != NO_GUID


def clear_previous_mailbox(world: World, recipient: Recipient) -> None:
    """Set-User -PermanentlyClearPreviousMailboxInfo: nothing to reconnect to any more, for ever (field-notes 1.5)."""
    recipient.previous, recipient.previous_recipient_type_details = None, "None"
    recipient.when_changed = world.now


def delicense(world: World, object_id: UUID) -> None:
    """The end of delayed delicensing: now the licence is really gone for Exchange Online (field-notes 1.8)."""
    account, recipient = world.account(object_id), world.recipient_of(object_id)
    if account is not None and recipient is not None and not gives_mailbox(world, account):
        take_mailbox_away(world, account, recipient)


def _account_is_deleted(world: World, recipient: Recipient | None) -> None:
    """A deleted account has no recipient: a mailbox becomes soft-deleted, a mail user goes (OPTION #0)."""
    if recipient is None or recipient.soft_deleted is not None:
        return
    if recipient.is_mailbox:
        soft_delete(world, recipient)
    else:
        remove_recipient(world, recipient)


def _new_recipient(world: World, account: Account) -> Recipient | None:
    """A recipient for an account without one: a mail user for what has mail on-premises, a mailbox for a licence."""
    mailed = account.synced_kind in {"UserMailbox", "RemoteUserMailbox", "MailUser"}
    if not mailed and not gives_mailbox(world, account):
        return None
    guid = world.new_guid()
    recipient = Recipient(
        guid=guid,
        user_principal_name=account.user_principal_name,
        external_directory_object_id=account.object_id,
        name=account.display_name,
        exchange_guid=account.synced_exchange_guid,
        archive_guid=account.synced_archive_guid,
        alias=account.alias,
        legacy_exchange_dn=f"{world.state.cloud_organization.legacy_prefix}{guid.hex}-{account.alias}",
        when_created=world.now,
        when_changed=world.now,
        items=0,
        bytes=0,
    )
    world.cloud.add(recipient)
    _hard_delete_the_twin(world, account, recipient)
    _migrate_later(world, account)
    return recipient


def _migrate_later(world: World, account: Account) -> None:
    """Another administrator's part begins when there is a mail user."""
    for migration in world.state.migrations:
        if migration.user.casefold() == account.user_principal_name.casefold():
            world.schedule("migrate", account.object_id, timedelta(minutes=migration.after_minutes))


def _hard_delete_the_twin(world: World, account: Account, recipient: Recipient) -> None:
    """The same ExchangeGuid as a soft-deleted mailbox, and a licence: the old mailbox is hard-deleted (field-notes 1.7)."""
    if not gives_mailbox(world, account):
        return
    ours = {guid for guid in (account.synced_exchange_guid, account.synced_archive_guid) if guid != NO_GUID}
    for guid in ours:
        for other in world.cloud.find(guid):
            if other is not recipient and other.soft_deleted is not None and ours & {other.exchange_guid, other.archive_guid}:
                remove_recipient(world, other)


def _copy_attributes(account: Account, recipient: Recipient) -> None:
    """Exchange Online takes all information as the directory gives it, whoever its source is (the third document)."""
    recipient.display_name = account.display_name
    recipient.user_principal_name = account.user_principal_name
    recipient.mobile_phone = account.mobile_phone


def _settle(world: World, account: Account, recipient: Recipient) -> None:
    licensed = gives_mailbox(world, account)
    recipient.sku_assigned = True if licensed else None
    if recipient.stuck:
        return  # OPTION #3: the mailbox and the licence are out of step, and licence changes have no effect
    if not recipient.is_mailbox:
        if licensed and _gets_mailbox(account, recipient):
            _make_mailbox(world, account, recipient)
        else:
            _make_mail_user(world, account, recipient)
        return
    _new_addresses(account, recipient)
    if not licensed and recipient.migrated is None and recipient.kind == "UserMailbox":
        _licence_is_gone(world, account, recipient)
    elif licensed:
        world.forget("delicense", account.object_id)


def _new_addresses(account: Account, recipient: Recipient) -> None:
    """A mailbox gets the X500 addresses that the local user has got: a merge's are written on-premises (field-notes 5.5)."""
    known = {address.casefold() for address in recipient.email_addresses}
    own = [address for address in account.proxy_addresses if address.casefold().startswith("x500:")]
    recipient.email_addresses += [address for address in own if address.casefold() not in known]


def _gets_mailbox(account: Account, recipient: Recipient) -> bool:
    """A licence makes a mailbox where no GUID waits for a migration, and always where there was one before (field-notes 1.1)."""
    return recipient.previous_recipient_type_details == "UserMailbox" or not waits_for_migration(account)


def _make_mailbox(world: World, account: Account, recipient: Recipient) -> None:
    """A licence provisions a mailbox: the previous one if there is one (field-notes 1.5), else a new and empty one (1.3)."""
    previous = recipient.previous
    recipient.kind, recipient.name = "UserMailbox", account.alias or recipient.name
    recipient.previous, recipient.previous_recipient_type_details = None, "None"
    recipient.external_email_address = None
    recipient.when_changed = world.now
    _mailbox_addresses(world, account, recipient)
    if previous is not None and previous.lost_after > world.now:
        recipient.exchange_guid, recipient.archive_guid = previous.exchange_guid, previous.archive_guid
        recipient.database, recipient.items, recipient.bytes = previous.database, previous.items, previous.bytes
    else:
        recipient.exchange_guid, recipient.archive_guid = world.new_guid(), NO_GUID
        recipient.database, recipient.items, recipient.bytes = world.new_database(), 0, 0
        recipient.when_mailbox_created = world.now


def _make_mail_user(world: World, account: Account, recipient: Recipient) -> None:
    """A mail user with the GUID and the addresses of the local user: what a healthy on-premises mailbox is in the cloud (1.2)."""
    recipient.kind, recipient.name = "MailUser", account.display_name or recipient.name
    recipient.exchange_guid, recipient.archive_guid = account.synced_exchange_guid, account.synced_archive_guid
    primary = next((address_of(proxy) for proxy in account.proxy_addresses if proxy.startswith("SMTP:")), "")
    recipient.external_email_address = account.synced_external_address or (f"SMTP:{primary}" if primary else None)
    _mailbox_addresses(world, account, recipient)
    recipient.database = None


def _mailbox_addresses(world: World, account: Account, recipient: Recipient) -> None:
    recipient.alias = account.alias or recipient.alias
    tenant = world.state.cloud_organization.tenant_name
    own = [f"smtp:{account.alias}@{tenant}"] if account.alias and tenant else []
    local_dn = [f"x500:{account.synced_legacy_exchange_dn}"] if account.synced_legacy_exchange_dn else []
    recipient.email_addresses = list(dict.fromkeys((*account.proxy_addresses, *own, *local_dn)))


def _licence_is_gone(world: World, account: Account, recipient: Recipient) -> None:
    """Without a licence the mailbox becomes a mail user (OPTION #1): not under a hold, and 30 days later if so set (1.8)."""
    if is_held(world, recipient):
        return
    settings = world.state.settings
    if settings.delayed_delicensing:
        if not world.is_scheduled("delicense", account.object_id):
            world.schedule("delicense", account.object_id, timedelta(days=settings.delayed_delicensing_days))
        return
    take_mailbox_away(world, account, recipient)


def take_mailbox_away(world: World, account: Account, recipient: Recipient) -> None:
    """The mailbox is unavailable, and comes back with a licence within 30 days (1.5, 1.8): the mail user is `unclean`."""
    days = timedelta(days=world.state.settings.soft_deleted_days)
    recipient.previous = PreviousMailbox(
        recipient.exchange_guid,
        recipient.database or "",
        world.now + days,
        recipient.archive_guid,
        recipient.items,
        recipient.bytes,
    )
    recipient.previous_recipient_type_details = "UserMailbox"
    recipient.when_changed = world.now
    recipient.items = recipient.bytes = 0
    _make_mail_user(world, account, recipient)
    _migrate_later(world, account)
    world.cloud.renamed(recipient)
