"""A mailbox of either organisation, or one that was left behind in, what Get-MailboxStatistics gives out."""

from __future__ import annotations

from uuid import UUID

from psbridge.psobject import PSObject, UInt32, Value
from psbridge.simulator.dotnet import enum, unlimited, utc
from psbridge.simulator.shape import shape
from psbridge.simulator.state import DisconnectedMailbox, LocalUser, Recipient

__all__ = ["disconnected_statistics", "mailbox_statistics"]

_REASONS = {"Disabled": 1, "SoftDeleted": 2}


def mailbox_statistics(mailbox: LocalUser | Recipient) -> PSObject:
    """How much a mailbox in use holds."""
    return _statistics(mailbox.exchange_guid, mailbox.display_name, mailbox.legacy_exchange_dn, mailbox.database, mailbox)


def disconnected_statistics(mailbox: DisconnectedMailbox) -> PSObject:
    """How much a mailbox holds that was left behind, and since when and why."""
    made = _statistics(mailbox.exchange_guid, mailbox.display_name, mailbox.legacy_exchange_dn, mailbox.database, mailbox)
    name = "Microsoft.Exchange.Data.Mapi.DisconnectReason"
    reason = {"DisconnectReason": enum(name, mailbox.reason, _REASONS[mailbox.reason]), "DisconnectDate": utc(mailbox.when)}
    return PSObject(made.types, to_string=made.to_string, props={**made.props, **reason})


def _statistics(
    guid: UUID, name: str, legacy_dn: str, database: str | None, content: LocalUser | Recipient | DisconnectedMailbox
) -> PSObject:
    form = shape("mailbox-statistics")
    values: dict[str, Value] = {
        "DisplayName": name,
        "ItemCount": UInt32(content.items),
        "LegacyDN": legacy_dn,
        "MailboxGuid": guid,
        "TotalItemSize": unlimited("size", content.bytes),
        "Database": database or "",
        "Identity": str(guid),
    }
    return form.make(form.types[0], values)
