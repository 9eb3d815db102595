"""The local cmdlets that give a user a mailbox or take it away: Enable-, Disable- and Connect-Mailbox, and -RemoteMailbox.

They are the first steps where a user keeps the cloud mailbox (field-notes 1.6, scenario 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.exchange import exchange_error, not_found, one
from psbridge.simulator.rules.enabling import (
    connect_mailbox,
    disable_mailbox,
    disable_remote_mailbox,
    enable_mailbox,
    enable_remote_mailbox,
)
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.state import LocalUser
from psbridge.simulator.views.mail_user import remote_mailbox
from psbridge.simulator.views.mailbox import local_mailbox

__all__ = [
    "connect_mailbox_on_premises",
    "disable_mailbox_on_premises",
    "disable_remote_mailbox_on_premises",
    "enable_mailbox_on_premises",
    "enable_remote_mailbox_on_premises",
]

_TASK: Final = "Microsoft.Exchange.Configuration.Tasks.RecipientTaskException"
_REMOVES: Final = "will remove the Exchange properties from the Active Directory user object"
_SURE: Final = "Are you sure you want to perform this action?"


@cmdlet("Disable-Mailbox", "onprem", uses=("Identity",))
def disable_mailbox_on_premises(call: Call) -> Iterable[Value]:
    """Take a user's mailbox away; it stays in its database (field-notes 1.6, step 2)."""
    user = one(call, call.world.local, lambda known: known.kind == "UserMailbox")
    question = f'Disabling mailbox "{user.name}" {_REMOVES} and mark the mailbox in the database for removal. {_SURE}'
    if call.should_process(asks=True, whole=question):
        disable_mailbox(call.world, user)
    return ()


@cmdlet("Disable-RemoteMailbox", "onprem", uses=("Identity",))
def disable_remote_mailbox_on_premises(call: Call) -> Iterable[Value]:
    """Take the local side of a cloud mailbox away."""
    user = one(call, call.world.local, lambda known: known.kind == "RemoteUserMailbox")
    if call.should_process(asks=True, whole=f'Disabling remote mailbox "{user.name}" {_REMOVES}. {_SURE}'):
        disable_remote_mailbox(call.world, user)
    return ()


@cmdlet("Enable-Mailbox", "onprem", uses=("Identity", "Database", "Alias"))
def enable_mailbox_on_premises(call: Call) -> Iterable[Value]:
    """Give a user without one a new mailbox."""
    user = one(call, call.world.local, lambda known: known.kind == "User")
    if not call.should_process():
        return ()
    user.alias = call.text("Alias") or user.alias
    enable_mailbox(call.world, user, call.text("Database"))
    return [local_mailbox(user, call.world)]


@cmdlet("Enable-RemoteMailbox", "onprem", uses=("Identity", "RemoteRoutingAddress", "Alias"))
def enable_remote_mailbox_on_premises(call: Call) -> Iterable[Value]:
    """Make a user the local side of a cloud mailbox (field-notes 1.6, step 3)."""
    user = one(call, call.world.local, lambda _: True)
    if user.kind != "User":
        raise _other_kind(call, user)
    if not call.should_process():
        return ()
    user.alias = call.text("Alias") or user.alias
    own = f"{user.alias or user.sam_account_name}@{call.world.state.on_premises_organization.routing_domain}"
    enable_remote_mailbox(call.world, user, call.text("RemoteRoutingAddress") or own)
    return [remote_mailbox(user, call.world)]


@cmdlet("Connect-Mailbox", "onprem", uses=("Identity", "Database", "User", "AllowLegacyDNMismatch"))
def connect_mailbox_on_premises(call: Call) -> Iterable[Value]:
    """Give a mailbox that was left behind back to a user: the way back from Disable-Mailbox."""
    wanted, name = (call.text("Identity") or "").casefold(), call.text("User")
    mailboxes = [
        mailbox
        for mailbox in call.world.state.disconnected
        if wanted in (mailbox.display_name.casefold(), str(mailbox.exchange_guid), mailbox.legacy_exchange_dn.casefold())
    ]
    owner = name if name is not None else call.text("Identity") or ""
    users = [user for user in call.world.local.find(owner) if user.kind == "User"]
    if not mailboxes or not users:
        raise not_found(call, owner if mailboxes else call.text("Identity") or "")
    if call.should_process():
        connect_mailbox(call.world, users[0], mailboxes[0])
    return ()


def _other_kind(call: Call, user: LocalUser) -> Exception:
    name = f"{call.world.state.on_premises_organization.container}/{user.name}"
    text = (
        f"This task does not support recipients of this type. The specified recipient {name} is of type {user.kind}. "
        "Please make sure that this recipient matches the required recipient type for this task."
    )
    return exchange_error(call, text, _TASK, "InvalidArgument", target=user.name)
