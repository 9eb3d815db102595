"""A tenant's state in, a living organisation out: its clock, its registers, the events that are due, and new ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from uuid import NAMESPACE_OID, UUID, uuid5

from psbridge.simulator.register import Register
from psbridge.simulator.state import Account, Event, Fault, LocalUser, Recipient, Tenant
from psbridge.simulator.state.fault import FaultName
from psbridge.simulator.state.ids import NO_GUID
from psbridge.simulator.state.tenant import EventKind

__all__ = ["NO_GUID", "World", "address_of"]


class World:
    """The organisation that the rules act upon. All that lasts is in `state`."""

    def __init__(self, state: Tenant) -> None:
        self.state = state
        self.local: Register[LocalUser] = Register(state.on_premises, _local_names)
        self.accounts: Register[Account] = Register(state.directory, _account_names)
        self.cloud: Register[Recipient] = Register(state.cloud, _recipient_names)
        heapify(state.events)
        self._scheduled = Counter((event.kind, event.about) for event in state.events)

    @property
    def now(self) -> datetime:
        """The tenant's time."""
        return self.state.now

    def new_guid(self) -> UUID:
        """A new id; the same in every run of the same commands."""
        self.state.serial += 1
        return uuid5(NAMESPACE_OID, f"psbridge {self.state.serial}")

    def new_object_id(self) -> UUID:
        """The id of a new account: the next one that the seed names, else a new one."""
        return self.state.next_object_ids.pop(0) if self.state.next_object_ids else self.new_guid()

    def new_database(self) -> str:
        """The cloud database for a new mailbox; the seed's names are taken in turn."""
        names = self.state.next_databases
        if not names:
            return "NAMPR06DG000-db001"
        names.append(names.pop(0))
        return names[-1]

    def schedule(self, kind: EventKind, about: UUID, delay: timedelta) -> None:
        """Let something become due."""
        self.state.serial += 1
        heappush(self.state.events, Event(self.now + delay, kind, about, self.state.serial))
        self._scheduled[kind, about] += 1

    def is_scheduled(self, kind: EventKind, about: UUID) -> bool:
        """Whether something of this kind is due for this one."""
        return self._scheduled[kind, about] > 0

    def forget(self, kind: EventKind, about: UUID) -> None:
        """Call off what was due."""
        if self.is_scheduled(kind, about):
            self.state.events[:] = [event for event in self.state.events if (event.kind, event.about) != (kind, about)]
            heapify(self.state.events)
            del self._scheduled[kind, about]

    def next_event(self) -> Event:
        """Take what is due next."""
        event = heappop(self.state.events)
        self._scheduled[event.kind, event.about] -= 1
        return event

    def account(self, object_id: UUID | None) -> Account | None:
        """The account with this id, deleted or not."""
        return next((account for account in self.accounts.find(object_id) if account.object_id == object_id), None)

    def recipient_of(self, object_id: UUID) -> Recipient | None:
        """The recipient that belongs to an account, soft-deleted or not."""
        return next((found for found in self.cloud.find(object_id) if found.external_directory_object_id == object_id), None)

    def local_user(self, object_guid: UUID) -> LocalUser | None:
        """The local user with this objectGUID."""
        return next((user for user in self.local.find(object_guid) if user.object_guid == object_guid), None)

    def strikes(self, name: FaultName, *users: str) -> Iterator[Fault]:
        """Every fault of the tenant that holds now for one of these users; each is counted."""
        if not self.state.faults:
            return
        wanted = {user.casefold() for user in users}
        for fault in self.state.faults:
            begun = fault.begins is None or fault.begins <= self.now
            if fault.name == name and begun and (not fault.user or fault.user.casefold() in wanted) and fault.strike():
                yield fault


def address_of(proxy: str) -> str:
    """The address of `smtp:user@contoso.com`."""
    return proxy.partition(":")[2] if ":" in proxy else proxy


def _local_names(user: LocalUser) -> Iterator[object]:
    yield from (user.object_guid, user.sam_account_name, user.user_principal_name, user.name, user.alias)
    yield from (user.legacy_exchange_dn, *user.email_addresses, *map(address_of, user.email_addresses))
    yield from (guid for guid in (user.exchange_guid, user.archive_guid) if guid != NO_GUID)


def _account_names(account: Account) -> Iterator[object]:
    yield from (account.object_id, account.user_principal_name, account.immutable_id, *account.also_known_as)


def _recipient_names(recipient: Recipient) -> Iterator[object]:
    yield from (recipient.guid, recipient.external_directory_object_id, recipient.name, recipient.alias)
    yield from (recipient.user_principal_name, recipient.legacy_exchange_dn)
    yield from (*recipient.email_addresses, *map(address_of, recipient.email_addresses))
    yield from (guid for guid in (recipient.exchange_guid, recipient.archive_guid) if guid != NO_GUID)
