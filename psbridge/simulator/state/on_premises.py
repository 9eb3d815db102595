"""What the local Active Directory and its Exchange hold: users with or without a mailbox, and disconnected mailboxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from psbridge.simulator.state.ids import NO_GUID
from psbridge.simulator.state.strict import STRICT

__all__ = ["DisconnectedMailbox", "LocalKind", "LocalUser"]

LocalKind = Literal["User", "UserMailbox", "RemoteUserMailbox", "MailUser"]
_LONG_AGO = datetime(2018, 7, 1, 12, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class LocalUser:
    """A user of the local directory. `mobile` is the attribute that directory synchronisation carries to the cloud.

    `exports_exchange_guid`: False where the GUIDs do not reach the cloud, a cause of duplicates (field-notes 1.5).
    `group_licenses`: what group-based licensing gives the account whenever it comes into being (1.3).
    """

    __pydantic_config__ = STRICT

    object_guid: UUID
    sam_account_name: str
    user_principal_name: str
    name: str
    kind: LocalKind = "User"
    display_name: str = ""
    first_name: str = ""
    last_name: str = ""
    mobile: str | None = None
    other_mobile: list[str] = field(default_factory=list)
    alias: str = ""
    email_addresses: list[str] = field(default_factory=list)
    exchange_guid: UUID = NO_GUID
    archive_guid: UUID = NO_GUID
    legacy_exchange_dn: str = ""
    database: str | None = None
    external_email_address: str | None = None
    remote_routing_address: str | None = None
    in_scope: bool = True
    exports_exchange_guid: bool = True
    group_licenses: list[str] = field(default_factory=list)
    when_changed: datetime = _LONG_AGO
    items: int = 1200
    bytes: int = 150_000_000
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class DisconnectedMailbox:
    """A mailbox that a migration or Disable-Mailbox left behind in its database."""

    __pydantic_config__ = STRICT

    exchange_guid: UUID
    display_name: str
    legacy_exchange_dn: str
    database: str | None
    reason: Literal["Disabled", "SoftDeleted"]
    when: datetime
    items: int = 0
    bytes: int = 0
