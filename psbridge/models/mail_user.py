"""The output of Get-MailUser in, a MailUser out."""

from __future__ import annotations

from psbridge.models.base import prop
from psbridge.models.mail_enabled import MailEnabledPerson
from psbridge.models.shapes import Guid, Proxy

__all__ = ["MailUser"]


class MailUser(MailEnabledPerson):
    """Microsoft.Exchange.Data.Directory.Management.MailUser: what an on-premises mailbox is in Exchange Online."""

    exchange_guid: Guid | None = prop("ExchangeGuid")
    external_email_address: Proxy | None = prop("ExternalEmailAddress")
