"""Get-MailUser."""

from __future__ import annotations

from uuid import UUID

from psbridge.cmdlets.call import Call, identity, reading
from psbridge.cmdlets.mailbox import ABSENT
from psbridge.models import MailUser

__all__ = ["get_mail_user"]


def get_mail_user(user: str | UUID) -> Call[MailUser]:
    """Look up one mail user; raises IdentityError. Source: the documents, OPTION #0 and #1."""
    return reading("Get-MailUser", MailUser, {"Identity": identity(user)}, absent=ABSENT)
