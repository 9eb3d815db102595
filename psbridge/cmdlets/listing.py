"""The cmdlets that list a whole organisation, with the properties that their models name and no others."""

from __future__ import annotations

from typing import TypeVar

from psbridge.cmdlets.call import Call, reading, selecting
from psbridge.errors import InputError
from psbridge.models import ListedGraphUser, ListedMailbox, ListedMailUser, ListedMsolUser, ListedUser, Model

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


def get_all_accounts(dialect: str) -> Call[ListedMsolUser] | Call[ListedGraphUser]:
    """Every account of the directory, in the cmdlets of a dialect. Raises InputError for one that is none.

    Graph and Entra give only what is asked for (field-notes 2.2). Source: the cmdlets' references.
    """
    if dialect == "msonline":
        return selecting(reading("Get-MsolUser", ListedMsolUser, {"All": True}), ListedMsolUser, *ListedMsolUser.properties())
    wanted = list(ListedGraphUser.properties())
    if dialect == "graph":
        listed = reading("Get-MgUser", ListedGraphUser, {"All": True, "Property": wanted})
    elif dialect == "entra":
        listed = reading("Get-EntraUser", ListedGraphUser, {"All": True})
    else:
        raise InputError(f"There is no dialect {dialect!r} of the directory; there are: msonline, graph, entra")
    return selecting(listed, ListedGraphUser, *wanted)
