"""Get-Mailbox at both organisations, and Get-RemoteMailbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from psbridge.psobject import PSObject, Value
from psbridge.simulator.cmdlets.listing import CHOOSING, Listing, listed
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.state import LocalUser, Recipient
from psbridge.simulator.views.mail_user import remote_mailbox
from psbridge.simulator.views.mailbox import cloud_mailbox, local_mailbox
from psbridge.simulator.world import World

__all__ = ["get_mailbox_in_cloud", "get_mailbox_on_premises", "get_remote_mailbox", "local_names", "recipient_names"]

_SCOPES: Final = ("SoftDeletedMailbox", "InactiveMailboxOnly", "IncludeInactiveMailbox")


@cmdlet("Get-Mailbox", "exo", uses=_SCOPES, shared=CHOOSING, reads=True)
def get_mailbox_in_cloud(call: Call) -> Iterable[Value]:
    """Mailboxes in use; with -SoftDeletedMailbox those of purged accounts, with -InactiveMailboxOnly the held ones (1.7)."""
    return listed(call, Listing(call.world.cloud, _scope(call), recipient_names, cloud_mailbox, "mailbox-exo"))


@cmdlet("Get-Mailbox", "onprem", shared=CHOOSING, reads=True)
def get_mailbox_on_premises(call: Call) -> Iterable[Value]:
    """Mailboxes of the local organisation."""
    return _local(call, "UserMailbox", local_mailbox, "mailbox-onprem")


@cmdlet("Get-RemoteMailbox", "onprem", shared=CHOOSING, reads=True)
def get_remote_mailbox(call: Call) -> Iterable[Value]:
    """Local users whose mailbox is in the cloud (the third document; field-notes 1.2)."""
    return _local(call, "RemoteUserMailbox", remote_mailbox, "remote-mailbox")


def recipient_names(recipient: Recipient) -> Iterable[object]:
    """What a pattern is compared with."""
    return (recipient.name, recipient.alias, recipient.user_principal_name)


def local_names(user: LocalUser) -> Iterable[object]:
    """What a pattern is compared with."""
    return (user.name, user.alias, user.user_principal_name)


def _local(call: Call, kind: str, view: Callable[[LocalUser, World], PSObject], form: str) -> Iterable[Value]:
    return listed(call, Listing(call.world.local, lambda user: user.kind == kind, local_names, view, form))


def _scope(call: Call) -> Callable[[Recipient], bool]:
    if call.switch("SoftDeletedMailbox"):
        return lambda recipient: recipient.is_mailbox and recipient.soft_deleted is not None
    if call.switch("InactiveMailboxOnly"):
        return lambda recipient: recipient.is_mailbox and recipient.inactive
    if call.switch("IncludeInactiveMailbox"):
        return lambda recipient: recipient.is_mailbox and (recipient.soft_deleted is None or recipient.inactive)
    return lambda recipient: recipient.is_mailbox and recipient.soft_deleted is None
