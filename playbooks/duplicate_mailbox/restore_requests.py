"""The restore requests that are there already in; the one that merges a part whole, and why the others do not, out.

Only the statistics of a request name its source, and what narrows it. One that does not copy everything to where it belongs is
not taken for the merge: another one beside it copies no item twice (KeepSourceItem, the default; field-notes 5.5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psbridge.cmdlets import get_mailbox_restore_request, get_mailbox_restore_request_statistics
from psbridge.engine import Look, Run
from psbridge.models import Mailbox, MailboxRestoreRequest, MailboxRestoreRequestStatistics, is_no_guid
from psbridge.psobject import DateTime

__all__ = ["Earlier", "Part", "best", "earlier_requests", "look_for_requests"]

# What is followed rather than another; a status that is not named here is that of a request under way.
_RANK: Final = {"Completed": 0, "CompletedWithWarning": 2, "AutoSuspended": 3, "Suspended": 3, "Failed": 4}
_UNDER_WAY: Final = 1
# These take every item of the source; what KeepLatestItem, KeepTargetItem and UpdateFromSource leave out is not published.
_TAKES_ALL: Final = frozenset({None, "", "KeepSourceItem", "KeepAll", "ForceCopy"})


@dataclass(frozen=True, slots=True)
class Part:
    """The mailbox or its archive: where the content lies and where it goes, the keys' prefix, and its own request's name."""

    prefix: str
    name: str
    source: Mailbox
    target: Mailbox
    from_archive: bool = False
    to_archive: bool = False
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A restore request into the target that this run has not made; its statistics may be missing."""

    request: MailboxRestoreRequest
    statistics: MailboxRestoreRequestStatistics | None

    @property
    def identity(self) -> str:
        r"""How it is found: `Alias\Name`."""
        return str(self.request.identity)

    def may_concern(self, part: Part) -> bool:
        """Whether its source is the part's; True where that is not told."""
        known = self.statistics
        if known is None:
            return True
        return bool(known.source_is_archive) == part.from_archive and known.source_exchange_guid in _guids(
            part.source, archive=part.from_archive
        )

    def falls_short(self, part: Part) -> tuple[str, ...]:
        """Why it would not bring the whole of the part to where it belongs; empty where it does."""
        if self.statistics is None:
            return ("no statistics",)
        made, since = self.request.when_created, part.target.when_mailbox_created
        early = made is not None and since is not None and _is_before(made, since)
        return (*([f"made at {made}, before the mailbox was there"] if early else []), *_narrowed(self.statistics, part))


def earlier_requests(run: Run, target: Mailbox, key: str) -> list[Earlier]:
    """Every request into the mailbox that is there at the step `key`."""
    requests = run.read(key, "exo", get_mailbox_restore_request(target_mailbox=target.exchange_guid)).objects
    found = []
    for number, request in enumerate(requests, start=1):
        statistics = get_mailbox_restore_request_statistics(str(request.identity))
        found.append(_earlier(request, run.read(f"{key}-{number}", "exo", statistics).objects))
    return found


def look_for_requests(look: Look, target: UUID) -> list[Earlier]:
    """Every request into the mailbox that is there now, directly before one is made."""
    requests = look.read("exo", get_mailbox_restore_request(target_mailbox=target)).objects
    return [
        _earlier(request, look.read("exo", get_mailbox_restore_request_statistics(str(request.identity))).objects)
        for request in requests
    ]


def best(earlier: Sequence[Earlier], part: Part) -> Earlier | None:
    """The request that merges the part whole: a completed one before one under way, and that before one that has stopped."""
    fitting = [one for one in earlier if one.may_concern(part) and not one.falls_short(part)]
    return min(fitting, key=lambda one: _RANK.get(str(one.request.status), _UNDER_WAY), default=None)


def _earlier(request: MailboxRestoreRequest, statistics: Sequence[MailboxRestoreRequestStatistics]) -> Earlier:
    return Earlier(request, statistics[0] if len(statistics) == 1 else None)


def _narrowed(request: MailboxRestoreRequestStatistics, part: Part) -> Iterator[str]:
    """Every parameter of New-MailboxRestoreRequest that its statistics show and that leaves out or leads astray."""
    if request.target_exchange_guid not in _guids(part.target, archive=part.to_archive):
        yield f"TargetExchangeGuid {request.target_exchange_guid}"
    if bool(request.target_is_archive) != part.to_archive:
        yield f"TargetIsArchive {bool(request.target_is_archive)}"
    if _folder(request.target_root_folder) != _folder(part.folder):
        yield f"TargetRootFolder {request.target_root_folder or 'none'}"
    if _folder(request.source_root_folder):
        yield f"SourceRootFolder {request.source_root_folder}"
    if request.include_folders:
        yield f"IncludeFolders {', '.join(request.include_folders)}"
    if request.exclude_folders:
        yield f"ExcludeFolders {', '.join(request.exclude_folders)}"
    if (request.content_filter or "").strip():
        yield f"ContentFilter {request.content_filter}"
    if request.exclude_dumpster:
        yield "ExcludeDumpster"
    if request.associated_messages_copy_option == "DoNotCopy":
        yield "AssociatedMessagesCopyOption DoNotCopy"
    if request.conflict_resolution_option not in _TAKES_ALL:
        yield f"ConflictResolutionOption {request.conflict_resolution_option}"


def _is_before(one: DateTime, other: DateTime) -> bool:
    """What went to the mail user is not in the mailbox that its migration made. Both times are of one session's zone."""
    first, second = one.to_datetime(), other.to_datetime()
    if first.tzinfo is None or second.tzinfo is None:
        first, second = first.replace(tzinfo=None), second.replace(tzinfo=None)
    return first < second


def _guids(mailbox: Mailbox, *, archive: bool) -> frozenset[UUID]:
    """By which a request may name a mailbox, or its archive."""
    own = mailbox.archive_guid if archive else None
    return frozenset({mailbox.exchange_guid, *([] if own is None or is_no_guid(own) else [own])})


def _folder(path: str | None) -> str:
    return (path or "").strip("/\\ ").casefold()
