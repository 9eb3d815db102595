"""The entries of a request in, its Report out: what -IncludeReport shows, and MailboxVerification of the second document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from psbridge.psobject import PSObject, TimeSpan, Value
from psbridge.simulator.dotnet import local_time, us_time
from psbridge.simulator.shape import shape
from psbridge.simulator.state import Ending, ReportEntry, VerifiedFolder
from psbridge.simulator.state.ids import NO_GUID
from psbridge.simulator.state.span import NO_TIME

__all__ = ["report"]

_TYPES: Final = {"Informational": 0, "Warning": 1, "Error": 2}
_FLAGS: Final = {"None": 0, "Failure, Fatal": 33}
# WellKnownFolderType; what the documents show, and Drafts and Sent Items beside them.
_FOLDERS: Final = {"Inbox": 10, "SentItems": 13, "DeletedItems": 14, "Drafts": 16}
_NO_THROTTLES: Final[Mapping[str, TimeSpan]] = {}
_CAUSES: Final = ("MdbThrottle", "CpuThrottle", "DiskLatencyThrottle")


def report(
    entries: Iterable[ReportEntry],
    *,
    verification: Iterable[VerifiedFolder] = (),
    mailbox: UUID = NO_GUID,
    ending: Ending | None = None,
    throttles: Mapping[str, TimeSpan] = _NO_THROTTLES,
) -> PSObject:
    """The report of one request. `throttles`: how long the target made the move wait, by cause."""
    form = shape("report")
    entries = list(entries)
    failure = None if ending is None or not ending.failure_type or not entries else _failure(entries[-1], ending)
    source, target = _throttles({}), _throttles(throttles)
    rows = [_entry(entry, failure, source, target) for entry in entries]
    statistics = shape("session-statistics")
    session = statistics.make(statistics.types[0], {})
    values: dict[str, Value] = {
        "Entries": form.listed("Entries", rows),
        "Warnings": form.listed("Warnings", _of_type("Warning", entries, rows)),
        "Errors": form.listed("Errors", _of_type("Error", entries, rows)),
        "Failures": form.listed("Failures", [failure] if failure else []),
        "SessionStatistics": session,
        "ArchiveSessionStatistics": statistics.make(statistics.types[0], {}),
        "SourceThrottles": _throttles({}),
        "TargetThrottles": _throttles(throttles),
        "MailboxVerification": form.listed("MailboxVerification", [_row(folder, mailbox) for folder in verification]),
    }
    return form.make("\n".join(_line(entry) for entry in entries), values)


def _of_type(kind: str, entries: list[ReportEntry], rows: list[PSObject]) -> list[PSObject]:
    return [row for entry, row in zip(entries, rows, strict=True) if entry.type == kind]


def _line(entry: ReportEntry) -> str:
    return f"{us_time(entry.time)} [{entry.server}] {entry.message}"


def _entry(entry: ReportEntry, failure: PSObject | None, source: PSObject, target: PSObject) -> PSObject:
    failed, waited = entry.type == "Error", "StalledDueTo" in entry.message
    values: dict[str, Value] = {
        "CreationTime": local_time(entry.time),
        "ServerName": entry.server,
        "Type": entry.type,
        "TypeInt": _TYPES.get(entry.type, 0),
        "Flags": entry.flags,
        "FlagsInt": _FLAGS.get(entry.flags, 0),
        "Message": entry.message,
        "MessageData": entry.message.encode("utf-16-le"),
        "LocalizedString": _line(entry),
        "Failure": failure if failed else None,
        "SourceThrottleDurations": source if waited else None,
        "TargetThrottleDurations": target if waited else None,
    }
    return shape("report-entry").make(entry.message, values)


def _failure(entry: ReportEntry, ending: Ending) -> PSObject:
    values: dict[str, Value] = {
        "Timestamp": local_time(entry.time),
        "FailureType": ending.failure_type,
        "FailureGuid": uuid5(NAMESPACE_OID, f"{entry.time} {ending.message}"),
        "FailureSide": ending.failure_side,
        "Message": ending.message,
    }
    return shape("failure").make(f"{ending.failure_type}: {ending.message}", values)


def _throttles(causes: Mapping[str, TimeSpan]) -> PSObject:
    form = shape("throttle-durations")
    values: dict[str, Value] = {name: str(span) for name, span in causes.items()}
    shown = "; ".join(f"{name}: {causes.get(name, NO_TIME)}" for name in _CAUSES)
    return form.make(shown, values)


def _row(folder: VerifiedFolder, mailbox: UUID) -> PSObject:
    values: dict[str, Value] = {
        "Source": folder.source,
        "SourceFAI": folder.source_fai,
        "Target": folder.target,
        "TargetFAI": folder.target_fai,
        "Corrupt": folder.corrupt,
        "Large": folder.large,
        "Skipped": folder.skipped,
        "FolderSourcePath": folder.path,
        "FolderTargetPath": folder.path,
        "WKFType": folder.type,
        "WKFTypeInt": _FOLDERS.get(folder.type, 0),
        "FolderIsMissing": folder.folder_is_missing,
        "FolderIsMisplaced": folder.folder_is_misplaced,
        "MismatchedFlagsCount": folder.mismatched_flags,
        "MissingItemsInTargetBucket": folder.missing,
        "MailboxGuid": mailbox,
    }
    return shape("verification-row").make(f"Folder: {folder.path}, {folder.source}", values)
