"""Requests that take time: mailbox restores, moves, and the batches of a migration, each with its report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from psbridge.simulator.state.ids import NO_GUID
from psbridge.simulator.state.span import NO_TIME, Span
from psbridge.simulator.state.strict import STRICT

__all__ = ["Batch", "Ending", "Move", "ReportEntry", "RestoreRequest", "VerifiedFolder"]

RestoreStatus = Literal["Queued", "InProgress", "Completed", "CompletedWithWarning", "Failed", "Suspended"]
MoveStatus = Literal["Queued", "Syncing", "Synced", "Completing", "Completed", "Failed", "Stopped"]


@dataclass(slots=True, eq=False)
class ReportEntry:
    """One line of a report: `M/d/yyyy h:mm:ss AM/PM [SERVER] text`."""

    __pydantic_config__ = STRICT

    time: datetime
    server: str
    message: str
    type: str = "Informational"
    flags: str = "None"


@dataclass(slots=True, eq=False)
class VerifiedFolder:
    """One folder of the mailbox verification; counts as `10188 [1.152 GB (1,237,342,091 bytes)]`."""

    __pydantic_config__ = STRICT

    path: str
    type: str
    source: str
    target: str
    source_fai: str = "0 [0 B (0 bytes)]"
    target_fai: str = "0 [0 B (0 bytes)]"
    missing: str = "0 [0 B (0 bytes)]"
    corrupt: str = "0 [0 B (0 bytes)]"
    large: str = "0 [0 B (0 bytes)]"
    skipped: str = "0 [0 B (0 bytes)]"
    folder_is_missing: bool = False
    folder_is_misplaced: bool = False
    mismatched_flags: int = 0


@dataclass(slots=True, eq=False)
class Ending:
    """How a request is going to end, where that is not well, or not with every item (`bad_items`)."""

    __pydantic_config__ = STRICT

    status: Literal["Failed", "CompletedWithWarning", "Completed"] = "Failed"
    status_detail: str = "FailedOther"
    message: str = ""
    failure_type: str = ""
    failure_side: str = ""
    percent: int = 100
    bad_items: int = 0


@dataclass(slots=True, eq=False)
class RestoreRequest:
    """A mailbox restore request; its identity is the target's alias and its name."""

    __pydantic_config__ = STRICT

    request_guid: UUID
    name: str
    source_guid: UUID
    target_guid: UUID
    target_alias: str
    source_exchange_guid: UUID
    target_exchange_guid: UUID
    created: datetime
    batch_name: str = ""
    source_is_archive: bool = False
    target_is_archive: bool = False
    source_root_folder: str = ""
    target_root_folder: str = ""
    allow_legacy_dn_mismatch: bool = False
    status: RestoreStatus = "Queued"
    status_detail: str = "Queued"
    started: datetime | None = None
    changed: datetime | None = None
    ended: datetime | None = None
    percent: int = 0
    items: int = 0
    bytes: int = 0
    outcome: Ending | None = None
    entries: list[ReportEntry] = field(default_factory=list)

    @property
    def identity(self) -> str:
        """The name under which its cmdlets find it (field-notes 5.5)."""
        return f"{self.target_alias}\\{self.name}"


@dataclass(slots=True, eq=False)
class Move:
    """A move of a mailbox into the cloud: a migration user, a move request, or both."""

    __pydantic_config__ = STRICT

    identity: str
    request_guid: UUID
    mailbox_guid: UUID
    created: datetime
    recipient: UUID = NO_GUID
    batch: str | None = None
    status: MoveStatus = "Queued"
    status_detail: str = "Queued"
    complete_when_synced: bool = True
    started: datetime | None = None
    completing_since: datetime | None = None
    ended: datetime | None = None
    last_successful_sync: datetime | None = None
    archive_guid: UUID = NO_GUID
    remote_host: str = ""
    delivery_domain: str = ""
    source_database: str | None = None
    target_database: str | None = None
    source_version: str = ""
    server: str = ""
    estimated_bytes: int = 0
    estimated_items: int = 0
    bytes_transferred: int = 0
    items_transferred: int = 0
    skipped_items: int = 0
    percent: int = 0
    queued: Span = NO_TIME
    in_progress: Span = NO_TIME
    synced_duration: Span = NO_TIME
    stalled: Span = NO_TIME
    data_consistency_score: str = "Perfect"
    skipped_items_approved: datetime | None = None
    error: str = ""
    outcome: Ending | None = None
    stalls: list[str] = field(default_factory=list)
    target_throttles: dict[str, Span] = field(default_factory=dict)
    entries: list[ReportEntry] = field(default_factory=list)
    verification: list[VerifiedFolder] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Batch:
    """A migration batch: its migration users are the moves that name it."""

    __pydantic_config__ = STRICT

    name: str
    guid: UUID
    users: list[str]
    created: datetime
    started: datetime | None = None
    auto_start: bool = False
    auto_complete: bool = False
    endpoint: str = ""
    delivery_domain: str = ""
