"""The report of a move or a restore in; its entries, failures, statistics and verification out."""

from __future__ import annotations

from typing import Annotated

from psbridge.models.base import Model, many, many_properties, one, prop
from psbridge.models.mailbox_verification import MailboxVerification
from psbridge.models.read import Read
from psbridge.models.report_entry import BadItem, FailureRecord, ReportEntry, ThrottleDurations
from psbridge.models.session_statistics import SessionStatistics
from psbridge.models.values import BeyondDepth

__all__ = ["Report"]

Entries = Annotated[tuple[ReportEntry | BeyondDepth, ...], Read(many(ReportEntry))]
Failures = Annotated[tuple[FailureRecord | BeyondDepth, ...], Read(many(FailureRecord))]
BadItems = Annotated[tuple[BadItem | BeyondDepth, ...], Read(many(BadItem))]
Sessions = Annotated[SessionStatistics | BeyondDepth, Read(one(SessionStatistics))]
Throttles = Annotated[ThrottleDurations | BeyondDepth, Read(one(ThrottleDurations))]
Folders = Annotated[tuple[MailboxVerification | BeyondDepth, ...], Read(many(MailboxVerification))]


class Report(Model):
    """Microsoft.Exchange.MailboxReplicationService.Report; it comes with -IncludeReport only."""

    entries: Entries = many_properties("Entries")
    debug_entries: Entries = many_properties("DebugEntries")
    warnings: Entries = many_properties("Warnings")
    errors: Entries = many_properties("Errors")
    failures: Failures = many_properties("Failures")
    bad_items: BadItems = many_properties("BadItems")
    large_items: BadItems = many_properties("LargeItems")
    session_statistics: Sessions | None = prop("SessionStatistics")
    archive_session_statistics: Sessions | None = prop("ArchiveSessionStatistics")
    source_throttles: Throttles | None = prop("SourceThrottles")
    target_throttles: Throttles | None = prop("TargetThrottles")
    mailbox_verification: Folders = many_properties("MailboxVerification")
