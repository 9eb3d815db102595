"""What a scan reads: five lists, and of each object the few cells by which it is joined and judged.

Nothing here, and no missing id: what is empty, or Guid.Empty, becomes None, so that it never matches anything. GUIDs are compared
as GUIDs: a valid one can contain 00000 (field-notes 1.1).
"""

from __future__ import annotations

import base64
from typing import Final
from uuid import UUID

from psbridge.cmdlets import get_all_accounts, get_all_mail_users, get_all_mailboxes, get_all_users
from psbridge.engine import Gathered, Row, Run
from psbridge.models import ListedAccount, ListedMailbox, ListedMailUser, ListedUser, is_no_guid

__all__ = ["UNSEEN", "read_everything"]

# A hold, or a group, that could not be seen is no missing one.
UNSEEN: Final = "?"

_MAILBOX: Final = ("guid", "object_id", "exchange_guid", "archive_guid", "upn", "name", "kind", "holds", "sku", "anchor")
_MAIL_USER: Final = ("guid", "object_id", "exchange_guid", "archive_guid", "upn", "name", "kind")
_ACCOUNT: Final = ("object_id", "anchor", "upn", "name", "licensed", "groups", "synchronised", "failing")


def read_everything(run: Run) -> tuple[Gathered, ...]:
    """Read both sides and the directory; each list is a table of the same name with `_` for `-`."""
    joined = ("object_id", "exchange_guid")
    accounts = get_all_accounts(run.inputs["dialect"])
    return (
        run.gather("cloud-mailboxes", "exo", get_all_mailboxes(), columns=_MAILBOX, row=_mailbox, index=joined),
        run.gather("mail-users", "exo", get_all_mail_users(), columns=_MAIL_USER, row=_mail_user, index=joined),
        run.gather("users", "exo", get_all_users(), columns=("guid", "previous"), row=_user, index=("guid",)),
        run.gather("local-mailboxes", "onprem", get_all_mailboxes(), columns=_MAILBOX, row=_mailbox, index=(*joined, "anchor")),
        run.gather("accounts", "directory", accounts, columns=_ACCOUNT, row=_account, index=("object_id", "anchor")),
    )


def _mailbox(one: ListedMailbox) -> Row:
    return (
        str(one.guid),
        _id(one.external_directory_object_id),
        _id(one.exchange_guid),
        _id(one.archive_guid),
        one.user_principal_name,
        one.display_name,
        _text(one.recipient_type_details),
        _holds(one),
        _flag(one.sku_assigned),
        base64.b64encode(one.guid.bytes_le).decode(),
    )


def _mail_user(one: ListedMailUser) -> Row | None:
    """A guest is a mail user too, but of somebody else's organisation."""
    if one.recipient_type_details == "GuestMailUser":
        return None
    return (
        str(one.guid),
        _id(one.external_directory_object_id),
        _id(one.exchange_guid),
        _id(one.archive_guid),
        one.user_principal_name,
        one.display_name,
        _text(one.recipient_type_details),
    )


def _user(one: ListedUser) -> Row | None:
    """Only what was something before."""
    previous = _text(one.previous_recipient_type_details)
    return None if previous in {None, "None"} else (str(one.guid), previous)


def _account(one: ListedAccount) -> Row:
    return (
        str(one.account_id),
        one.source_anchor or None,
        one.name,
        one.shown,
        _flag(one.licensed),
        UNSEEN if one.groups is None else ", ".join(map(str, one.groups)),
        _flag(one.synchronised),
        _flag(one.failing),
    )


def _holds(one: ListedMailbox) -> str:
    # What the far end does not have comes as null from Select-Object; no hold is False, and an empty list.
    unseen = one.litigation_hold_enabled is None or one.raw.get("InPlaceHolds") is None
    return UNSEEN if unseen else ", ".join(one.holds)


def _id(guid: UUID | None) -> str | None:
    return None if guid is None or is_no_guid(guid) else str(guid)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _flag(value: bool | None) -> int | None:  # noqa: FBT001 - a cell
    return None if value is None else int(value)
