"""One hybrid organisation as plain data: what a seed says, what every cmdlet reads and changes, and what is under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from psbridge.simulator.state.cloud import Recipient
from psbridge.simulator.state.directory import Account, Sku
from psbridge.simulator.state.fault import Fault
from psbridge.simulator.state.ids import NO_GUID
from psbridge.simulator.state.on_premises import DisconnectedMailbox, LocalUser
from psbridge.simulator.state.requests import Batch, Move, RestoreRequest
from psbridge.simulator.state.strict import STRICT

__all__ = ["Event", "EventKind", "Migration", "Organization", "Settings", "SyncEngine", "Tenant"]

_NOW = datetime(2018, 7, 15, 15, 45, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class Organization:
    """One of the two Exchange organisations: the names that stand in its objects and errors."""

    __pydantic_config__ = STRICT

    domain: str = "domain.com"
    routing_domain: str = "domain.mail.onmicrosoft.com"
    organization_id: str = ""
    domain_controller: str = ""
    server: str = ""
    admin_display_version: str = ""
    legacy_prefix: str = ""
    container: str = ""
    tenant_name: str = ""
    tenant_id: UUID = NO_GUID
    databases: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Settings:
    """How long things take (seconds, or days), and what the service does where the sources know two answers.

    - `quotes`: error texts with straight quotes, or with the curly ones that the documents print (field-notes 0).
    - `allow_legacy_dn_mismatch`: the switch is being deprecated in the cloud (5.5): `refused` is that day.
    - `unlicensed_purge`: what becomes of the mailbox of an account that is purged without a licence (1.7).
    - `organization_holds`: InPlaceHolds of Get-OrganizationConfig (1.7); None: it does not show the property.
    """

    __pydantic_config__ = STRICT

    forward_sync_seconds: int = 10
    soft_deleted_days: int = 30
    recycle_bin_days: int = 30
    delayed_delicensing: bool = False
    delayed_delicensing_days: int = 30
    bypass_dir_sync_overrides: bool = False
    allow_legacy_dn_mismatch: Literal["accepted", "refused"] = "accepted"
    unlicensed_purge: Literal["lost", "softDeleted"] = "lost"
    organization_holds: list[str] | None = None
    restore_queued_seconds: int = 20
    restore_in_progress_seconds: int = 60
    move_queued_seconds: int = 10
    move_sync_seconds: int = 300
    move_complete_seconds: int = 120
    max_restore_requests_per_mailbox: int = 10
    quotes: Literal["straight", "documents"] = "straight"
    seconds_per_command: float = 0.0


@dataclass(slots=True, eq=False)
class SyncEngine:
    """Entra Connect: its scheduler, and the local users that have changed since its last cycle."""

    __pydantic_config__ = STRICT

    enabled: bool = True
    staging: bool = False
    interval_minutes: int = 30
    next_cycle: datetime = _NOW + timedelta(minutes=30)
    next_policy: Literal["Delta", "Initial"] = "Delta"
    cycle_seconds: int = 0
    busy_until: datetime | None = None
    changed: set[UUID] = field(default_factory=set)
    cycles: int = 0


EventKind = Literal[
    "forward", "expire-account", "expire-mailbox", "delicense", "restore", "move", "migrate", "group-licence", "export"
]


@dataclass(slots=True, eq=False)
class Event:
    """Something that is due: the kind, and the id of the account, mailbox or request that it is about.

    Of two that are due at once the one that was scheduled first happens first.
    """

    __pydantic_config__ = STRICT

    due: datetime
    kind: EventKind
    about: UUID
    order: int = 0

    def __lt__(self, other: Event) -> bool:
        return (self.due, self.order) < (other.due, other.order)


@dataclass(slots=True, eq=False)
class Migration:
    """Another administrator's part: this user's mailbox is moved so long after the user has become a mail user."""

    __pydantic_config__ = STRICT

    user: str
    after_minutes: int = 60


@dataclass(slots=True, eq=False)
class Tenant:
    """The whole state. Times are UTC; `serial` numbers what the simulator makes, so that a run repeats exactly.

    `events` is a heap: what is due next comes first.
    """

    __pydantic_config__ = STRICT

    description: str = ""
    now: datetime = _NOW
    serial: int = 0
    settings: Settings = field(default_factory=Settings)
    on_premises_organization: Organization = field(default_factory=Organization)
    cloud_organization: Organization = field(default_factory=Organization)
    sync: SyncEngine = field(default_factory=SyncEngine)
    skus: list[Sku] = field(default_factory=list)
    on_premises: list[LocalUser] = field(default_factory=list)
    disconnected: list[DisconnectedMailbox] = field(default_factory=list)
    directory: list[Account] = field(default_factory=list)
    cloud: list[Recipient] = field(default_factory=list)
    restore_requests: list[RestoreRequest] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    migrations: list[Migration] = field(default_factory=list)
    next_object_ids: list[UUID] = field(default_factory=list)
    next_databases: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
