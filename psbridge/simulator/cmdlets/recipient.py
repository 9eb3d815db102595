"""Get-Recipient and Get-MailUser at both organisations."""

from __future__ import annotations

from collections.abc import Iterable

from psbridge.psobject import Value
from psbridge.simulator.cmdlets.listing import CHOOSING, Listing, listed
from psbridge.simulator.cmdlets.mailbox import local_names, recipient_names
from psbridge.simulator.runspace.cmdlet import Call, cmdlet
from psbridge.simulator.state import Recipient
from psbridge.simulator.views.mail_user import cloud_mail_user, local_mail_user
from psbridge.simulator.views.recipient import cloud_recipient, local_recipient

__all__ = ["get_mail_user", "get_recipient"]


@cmdlet("Get-MailUser", "exo", "onprem", uses=("SoftDeletedMailUser",), shared=CHOOSING, reads=True)
def get_mail_user(call: Call) -> Iterable[Value]:
    """Mail users: in the cloud what a healthy on-premises mailbox is (field-notes 1.2).

    With -SoftDeletedMailUser nobody: a mail user of a deleted account is gone at once (OPTION #0).
    """
    world = call.world
    if call.endpoint == "onprem":
        local = Listing(world.local, lambda user: user.kind == "MailUser", local_names, local_mail_user, "mail-user")
        return listed(call, local)
    deleted = call.switch("SoftDeletedMailUser")

    def fits(recipient: Recipient) -> bool:
        return not recipient.is_mailbox and (recipient.soft_deleted is not None) == deleted

    return listed(call, Listing(world.cloud, fits, recipient_names, cloud_mail_user, "mail-user"))


@cmdlet("Get-Recipient", "exo", "onprem", uses=("IncludeSoftDeletedRecipients",), shared=CHOOSING, reads=True)
def get_recipient(call: Call) -> Iterable[Value]:
    """Recipients of every kind (field-notes 1.2)."""
    world = call.world
    if call.endpoint == "onprem":
        local = Listing(world.local, lambda user: user.kind != "User", local_names, local_recipient, "recipient-onprem")
        return listed(call, local)
    deleted_too = call.switch("IncludeSoftDeletedRecipients")

    def fits(recipient: Recipient) -> bool:
        return deleted_too or recipient.soft_deleted is None

    return listed(call, Listing(world.cloud, fits, recipient_names, cloud_recipient, "recipient-exo"))
