"""What a local user gets and loses when an administrator enables, disables or connects a mailbox (field-notes 1.6)."""

from __future__ import annotations

from collections.abc import Iterable

from psbridge.simulator.rules.synchronisation import changed_locally
from psbridge.simulator.state import DisconnectedMailbox, LocalUser
from psbridge.simulator.world import NO_GUID, World

__all__ = [
    "change_addresses",
    "connect_mailbox",
    "disable_mailbox",
    "disable_remote_mailbox",
    "enable_mailbox",
    "enable_remote_mailbox",
]


def disable_mailbox(world: World, user: LocalUser) -> None:
    """Disable-Mailbox: the user loses every Exchange property, the mailbox stays behind in its database (field-notes 1.6)."""
    world.state.disconnected.append(
        DisconnectedMailbox(
            user.exchange_guid,
            user.display_name,
            user.legacy_exchange_dn,
            user.database,
            "Disabled",
            world.now,
            user.items,
            user.bytes,
        )
    )
    _strip(world, user)


def disable_remote_mailbox(world: World, user: LocalUser) -> None:
    """Disable-RemoteMailbox: the user loses every Exchange property; the mailbox in the cloud follows with the next cycles."""
    _strip(world, user)


def enable_mailbox(world: World, user: LocalUser, database: str | None) -> None:
    """Enable-Mailbox: a new and empty mailbox; where there is one in the cloud, that makes two (field-notes 1.6, cause b)."""
    databases = world.state.on_premises_organization.databases
    user.exchange_guid, user.database = world.new_guid(), database or next(iter(databases), None)
    user.items = user.bytes = 0
    _dress(world, user, "UserMailbox")


def enable_remote_mailbox(world: World, user: LocalUser, routing_address: str) -> None:
    """Enable-RemoteMailbox: the local side of a mailbox in the cloud, without its GUID until somebody sets it (1.6, step 7)."""
    user.remote_routing_address = routing_address if ":" in routing_address else f"smtp:{routing_address}"
    _dress(world, user, "RemoteUserMailbox")


def connect_mailbox(world: World, user: LocalUser, mailbox: DisconnectedMailbox) -> None:
    """Connect-Mailbox: a mailbox that was left behind belongs to this user again."""
    world.state.disconnected.remove(mailbox)
    user.exchange_guid, user.database = mailbox.exchange_guid, mailbox.database
    user.items, user.bytes = mailbox.items, mailbox.bytes
    user.legacy_exchange_dn = mailbox.legacy_exchange_dn
    _dress(world, user, "UserMailbox")


def change_addresses(known: list[str], given: object) -> list[str]:
    """-EmailAddresses: a list replaces the addresses, a table adds to them and removes from them (field-notes 1.6, step 5)."""
    if not isinstance(given, dict):
        return [str(address) for address in _several(given)]
    table = {str(name).casefold(): value for name, value in given.items()}
    gone = {str(address).casefold() for address in _several(table.get("remove"))}
    kept = [address for address in known if address.casefold() not in gone]
    added = [str(address) for address in _several(table.get("add"))]
    return kept + [address for address in added if address.casefold() not in {one.casefold() for one in kept}]


def _several(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else () if value is None else (value,)


def _dress(world: World, user: LocalUser, kind: str) -> None:
    user.kind = "UserMailbox" if kind == "UserMailbox" else "RemoteUserMailbox"
    user.alias = user.alias or user.sam_account_name
    user.email_addresses = user.email_addresses or [f"SMTP:{user.user_principal_name}"]
    prefix = world.state.on_premises_organization.legacy_prefix
    user.legacy_exchange_dn = user.legacy_exchange_dn or f"{prefix}{world.new_guid().hex}-{user.alias}"
    _changed(world, user)


def _strip(world: World, user: LocalUser) -> None:
    user.kind, user.database, user.remote_routing_address, user.external_email_address = "User", None, None, None
    user.exchange_guid = user.archive_guid = NO_GUID
    user.legacy_exchange_dn, user.email_addresses = "", []
    _changed(world, user)


def _changed(world: World, user: LocalUser) -> None:
    world.local.renamed(user)
    changed_locally(world, user)
