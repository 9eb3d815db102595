"""A soft-deleted mailbox and what it belongs into in; the commands with which a person merges it out.

For a user whose account was purged by somebody, or by a run that is there no longer.
"""

from __future__ import annotations

from typing import Final

from psbridge.cmdlets import add_remote_mailbox_address, new_mailbox_restore_request
from psbridge.models import Mailbox, MailUser, is_no_guid

__all__ = ["ARCHIVE_FOLDER", "merge_by_hand"]

# Where an archive's content goes in a mailbox that has none.
ARCHIVE_FOLDER: Final = "Archive of the cloud mailbox"
_UNKNOWN: Final = "<ExchangeGuid of the migrated mailbox>"


def merge_by_hand(user: str, source: Mailbox, target: Mailbox | MailUser | None) -> str:
    """Give the commands, each in parentheses, in the rest of a sentence and one more.

    `target` carries the GUIDs of the migrated mailbox; where they are not known, a text that no cmdlet takes stands for them.
    The mailbox and its archive need a request each (field-notes 5.5).
    """
    known = None if target is None or is_no_guid(target.exchange_guid) else target.exchange_guid
    into = known or _UNKNOWN
    source_guid = source.exchange_guid
    commands = [new_mailbox_restore_request(source_mailbox=source_guid, target_mailbox=into, name=None)]
    if _has_archive(source):
        is_there = target is not None and _has_archive(target)
        commands.append(
            new_mailbox_restore_request(
                source_mailbox=source_guid,
                target_mailbox=into,
                name=None,
                source_is_archive=True,
                target_is_archive=is_there,
                target_root_folder=None if is_there else ARCHIVE_FOLDER,
            )
        )
    legacy = source.legacy_exchange_dn
    address = str(add_remote_mailbox_address(user, f"X500:{legacy}")) if legacy else "the X500 address of the soft-deleted one"
    return (
        f"in Exchange Online ({'), and for its archive ('.join(map(str, commands))}). Where -AllowLegacyDNMismatch is refused, "
        f"leave it out after this on-premises ({address}) and a synchronisation."
    )


def _has_archive(one: Mailbox | MailUser) -> bool:
    return not is_no_guid(one.archive_guid)
