"""The cmdlets that list a whole organisation, with the properties that their models name and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar, cast

from psbridge.cmdlets.call import Call, reading, selecting
from psbridge.errors import InputError
from psbridge.models import ListedAccount, ListedGraphUser, ListedMailbox, ListedMailUser, ListedMsolUser, ListedUser, Model

__all__ = ["get_all_accounts", "get_all_mail_users", "get_all_mailboxes", "get_all_users"]

M = TypeVar("M", bound=Model)


def get_all_mailboxes() -> Call[ListedMailbox]:
    """`Get-Mailbox -ResultSize Unlimited`: without it Exchange ends after 1,000. Source: field-notes 1.1."""
    return _all("Get-Mailbox", ListedMailbox)


def get_all_mail_users() -> Call[ListedMailUser]:
    """`Get-MailUser -ResultSize Unlimited`. Source: field-notes 1.1."""
    return _all("Get-MailUser", ListedMailUser)


def get_all_users() -> Call[ListedUser]:
    """`Get-User -ResultSize Unlimited`, of mail users only. Source: field-notes 1.1, which asks for each by its alias."""
    return _all("Get-User", ListedUser, RecipientTypeDetails=["MailUser"])


def _all(cmdlet: str, model: type[M], **more: object) -> Call[M]:
    return selecting(reading(cmdlet, model, {"ResultSize": "Unlimited", **more}), model, *model.properties())


def get_all_accounts(dialect: str) -> Call[ListedAccount]:
    """Every account of the directory, in the cmdlets of a dialect. Raises InputError for one that is none.

    Graph and Entra give only what is asked for (field-notes 2.2). Source: the cmdlets' references.
    """
    if dialect not in _ACCOUNTS:
        raise InputError(f"There is no dialect {dialect!r} of the directory; there are: {', '.join(_ACCOUNTS)}")
    cmdlet, model, selects = _ACCOUNTS[dialect]
    wanted = list(model.properties())
    listed = reading(cmdlet, model, {"All": True, "Property": wanted if selects else None})
    return cast("Call[ListedAccount]", selecting(listed, model, *wanted))


# The cmdlet, what it gives, and whether it is told the properties.
_ACCOUNTS: Final[Mapping[str, tuple[str, type[ListedMsolUser | ListedGraphUser], bool]]] = {
    "msonline": ("Get-MsolUser", ListedMsolUser, False),
    "graph": ("Get-MgUser", ListedGraphUser, True),
    "entra": ("Get-EntraUser", ListedGraphUser, True),
}
