"""What Exchange Online holds: mailboxes, mail users, and what is left of mailboxes that are gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from psbridge.simulator.state.ids import NO_GUID
from psbridge.simulator.state.strict import STRICT

__all__ = ["CloudKind", "PreviousMailbox", "Recipient"]

CloudKind = Literal["UserMailbox", "SharedMailbox", "MailUser"]
_LONG_AGO = datetime(2018, 6, 1, 12, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class PreviousMailbox:
    """The mailbox that a licence brings back to a mail user (field-notes 1.5)."""

    __pydantic_config__ = STRICT

    exchange_guid: UUID
    database: str
    lost_after: datetime
    archive_guid: UUID = NO_GUID
    items: int = 0
    bytes: int = 0


@dataclass(slots=True, eq=False)
class Recipient:
    """A recipient of Exchange Online. `soft_deleted` is the time since which the mailbox can be restored only.

    `stuck`: licence changes have no effect on it (OPTION #3). `unlicensed_purge`: what becomes of this mailbox if its account is
    purged while it has no licence; None: what the settings say (field-notes 1.7).
    """

    __pydantic_config__ = STRICT

    guid: UUID
    user_principal_name: str
    kind: CloudKind = "MailUser"
    external_directory_object_id: UUID | None = None
    name: str = ""
    display_name: str = ""
    alias: str = ""
    exchange_guid: UUID = NO_GUID
    archive_guid: UUID = NO_GUID
    database: str | None = None
    prohibit_send_quota: str = "49.5 GB"
    legacy_exchange_dn: str = ""
    email_addresses: list[str] = field(default_factory=list)
    external_email_address: str | None = None
    mobile_phone: str | None = None
    sku_assigned: bool | None = None
    previous_recipient_type_details: Literal["None", "UserMailbox"] = "None"
    previous: PreviousMailbox | None = None
    soft_deleted: datetime | None = None
    inactive: bool = False
    holds: list[str] = field(default_factory=list)
    litigation_hold: bool = False
    stuck: bool = False
    unlicensed_purge: Literal["lost", "softDeleted"] | None = None
    migrated: datetime | None = None
    when_created: datetime = _LONG_AGO
    when_mailbox_created: datetime | None = None
    when_changed: datetime = datetime(2018, 7, 1, 12, tzinfo=UTC)
    items: int = 120
    bytes: int = 25_000_000
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def is_mailbox(self) -> bool:
        """Whether it is a mailbox of any kind."""
        return self.kind != "MailUser"
