"""The five lists in, one person after another out: joined by immutable ids, on the disk.

ExternalDirectoryObjectId = ObjectId, ImmutableId = base64 of objectGUID, and the ExchangeGuid, which a migration keeps. Never an
alias or a name: `get-user $_.alias` is ambiguous (field-notes 1.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from psbridge.engine import Cell, Query

__all__ = ["Person", "accounts_in_error", "mail_users", "on_both_sides"]

# Which cloud mailbox and which on-premises one are of one person, by whichever id says so.
_PAIRS: Final = """
WITH pair AS (
    SELECT c.rowid AS c, l.rowid AS l FROM cloud_mailboxes c
        JOIN accounts a ON a.object_id = c.object_id JOIN local_mailboxes l ON l.anchor = a.anchor
    UNION SELECT c.rowid, l.rowid FROM cloud_mailboxes c JOIN local_mailboxes l ON l.object_id = c.object_id
    UNION SELECT c.rowid, l.rowid FROM cloud_mailboxes c JOIN local_mailboxes l ON l.exchange_guid = c.exchange_guid
), matched AS (
    SELECT c, l, max(count(*) OVER (PARTITION BY c), count(*) OVER (PARTITION BY l)) AS matches FROM pair
)
"""
_ACCOUNT: Final = "a.object_id, a.upn, a.name, a.anchor, a.licensed, a.groups, a.synchronised, a.failing"
_CLOUD: Final = "c.object_id, c.upn, c.name, c.kind, c.exchange_guid, c.archive_guid, c.holds, c.sku"
_LOCAL: Final = "l.guid, l.upn, l.anchor, l.kind, l.exchange_guid, l.archive_guid"
_NO_CLOUD: Final = ", ".join(["NULL"] * 8)
_NO_MAIL_USER: Final = ", ".join(["NULL"] * 5)

_BOTH: Final = f"""{_PAIRS}
SELECT {_ACCOUNT}, {_CLOUD}, {_LOCAL}, {_NO_MAIL_USER}, matched.matches FROM matched
    JOIN cloud_mailboxes c ON c.rowid = matched.c JOIN local_mailboxes l ON l.rowid = matched.l
    LEFT JOIN accounts a ON a.object_id = c.object_id
ORDER BY c.rowid, l.rowid"""  # noqa: S608 - constants of this file only

_MAIL_USERS: Final = f"""
SELECT {_ACCOUNT}, {_NO_CLOUD}, {_LOCAL}, m.object_id, m.upn, m.name, m.exchange_guid, u.previous, 1 FROM mail_users m
    LEFT JOIN users u ON u.guid = m.guid
    LEFT JOIN accounts a ON a.object_id = m.object_id
    LEFT JOIN local_mailboxes l ON l.anchor = a.anchor
WHERE m.exchange_guid IS NULL OR u.previous = 'UserMailbox'
ORDER BY m.rowid"""  # noqa: S608 - constants of this file only

_IN_ERROR: Final = f"""{_PAIRS}
SELECT {_ACCOUNT}, {_CLOUD}, {_LOCAL}, m.object_id, m.upn, m.name, m.exchange_guid, NULL, coalesce(matched.matches, 0)
FROM accounts a
    LEFT JOIN cloud_mailboxes c ON c.object_id = a.object_id
    LEFT JOIN matched ON matched.c = c.rowid
    LEFT JOIN local_mailboxes l ON l.rowid = matched.l
    LEFT JOIN mail_users m ON m.object_id = a.object_id
WHERE a.failing = 1
ORDER BY a.rowid"""  # noqa: S608 - constants of this file only


@dataclass(frozen=True, slots=True)
class Person:
    """What the lists say of one person. None: there is no such object, or it does not tell."""

    account_id: str | None
    account_upn: str | None
    account_name: str | None
    account_anchor: str | None
    licensed: int | None
    groups: str | None
    synchronised: int | None
    failing: int | None

    cloud_id: str | None
    cloud_upn: str | None
    cloud_name: str | None
    cloud_kind: str | None
    cloud_guid: str | None
    cloud_archive: str | None
    holds: str | None
    sku: int | None

    local_id: str | None
    local_upn: str | None
    local_anchor: str | None
    local_kind: str | None
    local_guid: str | None
    local_archive: str | None

    mail_user_id: str | None
    mail_user_upn: str | None
    mail_user_name: str | None
    mail_user_guid: str | None
    previous: str | None

    matches: int

    @property
    def object_id(self) -> str:
        """The account's id, also where only Exchange Online knows it."""
        return self.account_id or self.cloud_id or self.mail_user_id or ""

    @property
    def upn(self) -> str:
        """The sign-in name, for people."""
        return self.account_upn or self.cloud_upn or self.mail_user_upn or self.local_upn or ""

    @property
    def name(self) -> str:
        """The display name, for people."""
        return self.account_name or self.cloud_name or self.mail_user_name or ""

    @property
    def shared_guids(self) -> set[str]:
        """The mailbox and archive GUIDs that stand on both sides."""
        cloud, local = {self.cloud_guid, self.cloud_archive}, {self.local_guid, self.local_archive}
        return {guid for guid in cloud & local if guid is not None}


def on_both_sides(query: Query) -> Iterator[Person]:
    """Everybody with a mailbox on both sides, once for each pair of mailboxes."""
    return map(_person, query(_BOTH))


def mail_users(query: Query) -> Iterator[Person]:
    """Mail users without an ExchangeGuid, and those that were a UserMailbox before."""
    return map(_person, query(_MAIL_USERS))


def accounts_in_error(query: Query) -> Iterator[Person]:
    """Accounts with a validation error, with the mailboxes that they have."""
    return map(_person, query(_IN_ERROR))


def _person(cells: tuple[Cell, ...]) -> Person:
    return Person(*cells)  # type: ignore[arg-type]  # the columns of the SELECTs above, in this order
