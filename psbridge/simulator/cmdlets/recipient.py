"""Get-Recipient and Get-MailUser at both organisations."""

from __future__ import annotations

from collections.abc import Iterable

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.exchange import found, limited
from psbridge.simulator.cmdlets.mailbox import local_names, recipient_names
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.views.mail_user import cloud_mail_user, local_mail_user
from psbridge.simulator.views.recipient import cloud_recipient, local_recipient

__all__ = ["get_mail_user", "get_recipient"]


@cmdlet("Get-MailUser", "exo", "onprem", uses=("Identity", "ResultSize"), reads=True)
def get_mail_user(call: Call) -> Iterable[Value]:
    """Mail users: in the cloud what a healthy on-premises mailbox is (field-notes 1.2)."""
    world = call.world
    if call.endpoint == "onprem":
        users = found(call, world.local, lambda user: user.kind == "MailUser", local_names)
        return limited(call, (local_mail_user(user, world) for user in users))
    people = found(call, world.cloud, lambda one: not one.is_mailbox and one.soft_deleted is None, recipient_names)
    return limited(call, (cloud_mail_user(recipient, world) for recipient in people))


@cmdlet("Get-Recipient", "exo", "onprem", uses=("Identity", "ResultSize"), reads=True)
def get_recipient(call: Call) -> Iterable[Value]:
    """Recipients of every kind (field-notes 1.2)."""
    world = call.world
    if call.endpoint == "onprem":
        users = found(call, world.local, lambda user: user.kind != "User", local_names)
        return limited(call, (local_recipient(user, world) for user in users))
    people = found(call, world.cloud, lambda one: one.soft_deleted is None, recipient_names)
    return limited(call, (cloud_recipient(recipient, world) for recipient in people))
