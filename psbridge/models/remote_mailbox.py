"""The output of Get-RemoteMailbox in, a RemoteMailbox out."""

from __future__ import annotations

from psbridge.models.base import prop
from psbridge.models.mail_user import MailUser
from psbridge.models.shapes import Enum, Proxy, ShownText

__all__ = ["RemoteMailbox"]


class RemoteMailbox(MailUser):
    """Microsoft.Exchange.Data.Directory.Management.RemoteMailbox: the on-premises side of a mailbox in the cloud."""

    remote_routing_address: Proxy | None = prop("RemoteRoutingAddress")
    remote_recipient_type: Enum | None = prop("RemoteRecipientType")
    on_premises_organizational_unit: ShownText | None = prop("OnPremisesOrganizationalUnit")
    archive_state: Enum | None = prop("ArchiveState")
