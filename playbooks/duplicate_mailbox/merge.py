"""A soft-deleted mailbox and the migrated one in; the restore requests that merge mailbox and archive, watched to their end, out.

A request that is there already for the same source is followed and not made twice: Exchange would make it without a word
(field-notes 5.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Final
from uuid import UUID

from playbooks.duplicate_mailbox.capture import Captured
from playbooks.duplicate_mailbox.deadline import Deadline
from playbooks.duplicate_mailbox.x500 import add_legacy_address, has_legacy_address
from psbridge.cmdlets import (
    Call,
    get_mailbox,
    get_mailbox_restore_request,
    get_mailbox_restore_request_statistics,
    new_mailbox_restore_request,
    what_if_restored,
)
from psbridge.engine import Look, Run
from psbridge.errors import Stopped
from psbridge.models import Mailbox, MailboxRestoreRequest, MailboxRestoreRequestStatistics, is_no_guid

__all__ = ["merge"]

# Exchange keeps no more for one mailbox (field-notes 5.5).
_MOST: Final = 10
_OVER: Final = frozenset({"Completed", "CompletedWithWarning", "Failed", "Suspended", "AutoSuspended"})
_REQUIRES: Final = ("exchange-guid", "target-guid")
_FOLDER: Final = "Archive of the cloud mailbox"
_THEIRS: Final = "Somebody was quicker. Begin no other; retry this run, and it follows that one."
_OURS: Final = "It is this run's own, seen late. Begin no other; cancel this run, and watch that request until it has completed."


@dataclass(frozen=True, slots=True)
class _Part:
    """The mailbox or its archive: the keys' prefix, the request's name, and where the content goes."""

    prefix: str
    name: str
    from_archive: bool = False
    to_archive: bool = False
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A restore request into the target that this run has not made."""

    identity: str
    statistics: MailboxRestoreRequestStatistics


def merge(run: Run, kept: Captured, target: Mailbox, deadline: Deadline) -> dict[str, object]:
    """Give what the run's result tells of the requests."""
    earlier = _earlier_requests(run, target)
    parts = [_Part("", f"psb-{run.id}")]
    if kept.has_archive:
        parts.append(_archive_part(run, f"psb-{run.id}-archive", target))
    found = {part.prefix: _same_source(earlier, kept, part) for part in parts}
    wanted = [part for part in parts if found[part.prefix] is None]
    _not_too_many(run, earlier, wanted)
    mismatch = _takes_the_switch(run, kept, target, wanted[0]) if wanted else True
    _request(run, kept, target, wanted, mismatch=mismatch)
    result: dict[str, object] = {}
    for part in parts:
        known = found[part.prefix]
        request = _followed(run, part, None if known is None else known.identity, deadline)
        names = ("archive", "archive_request") if part.from_archive else ("merge", "request")
        result |= dict(zip(names, (request.status, request.identity), strict=True))
    return result


def _earlier_requests(run: Run, target: Mailbox) -> list[_Earlier]:
    """Only the statistics name the source of a request."""
    requests = run.read("earlier-requests", "exo", get_mailbox_restore_request(target_mailbox=target.exchange_guid)).objects
    found = []
    for number, request in enumerate(requests, start=1):
        identity = str(request.identity)
        statistics = run.read(f"earlier-request-{number}", "exo", get_mailbox_restore_request_statistics(identity)).objects
        found += [_Earlier(identity, one) for one in statistics]
    return found


def _same_source(earlier: Sequence[_Earlier], kept: Captured, part: _Part) -> _Earlier | None:
    fitting = [
        one
        for one in earlier
        if one.statistics.source_exchange_guid == kept.source and bool(one.statistics.source_is_archive) == part.from_archive
    ]
    return fitting[0] if fitting else None


def _not_too_many(run: Run, earlier: Sequence[_Earlier], wanted: Sequence[_Part]) -> None:
    run.guard(
        "the mailbox has room for another restore request",
        not wanted or len(earlier) + len(wanted) <= _MOST,
        found=f"{len(earlier)} requests: {', '.join(one.identity for one in earlier) or 'none'}.",
        expected=f"at most {_MOST - len(wanted)}: a mailbox has {_MOST} at most.",
        remedy="Remove completed ones (Remove-MailboxRestoreRequest), and retry this run.",
    )


def _archive_part(run: Run, name: str, target: Mailbox) -> _Part:
    """Archive into archive; where there is none, into a folder that the user sees. Elsewhere it would be invisible (5.5)."""
    found = target
    for number in count(1):
        if found.archive_guid is not None and not is_no_guid(found.archive_guid):
            return _Part("archive-", name, from_archive=True, to_archive=True)
        answer = run.ask(
            f"archive-target-{number}",
            "The cloud mailbox has an archive, and the migrated mailbox has none that it could be merged into.",
            "Give the user an archive (Enable-RemoteMailbox -Archive on-premises, synchronise, and a licence that has archives), "
            f"and answer `archive`. Or answer `primary`: its content goes into the folder `{_FOLDER}` of the mailbox.",
        )
        if answer.strip().lower() == "primary":
            break
        found = run.read(f"target-archive-{number}", "exo", get_mailbox(target.exchange_guid)).one()
    return _Part("archive-", name, from_archive=True, folder=_FOLDER)


def _call(kept: Captured, target: Mailbox, part: _Part, *, mismatch: bool) -> Call[MailboxRestoreRequest]:
    return new_mailbox_restore_request(
        source_mailbox=kept.source,
        target_mailbox=target.exchange_guid,
        name=part.name,
        allow_legacy_dn_mismatch=mismatch,
        source_is_archive=part.from_archive,
        target_is_archive=part.to_archive,
        target_root_folder=part.folder,
    )


def _takes_the_switch(run: Run, kept: Captured, target: Mailbox, part: _Part) -> bool:
    """Ask with -WhatIf whether -AllowLegacyDNMismatch is still taken; else the X500 address stands for it (5.5)."""
    tried = run.read("restore-would-be-taken", "exo", what_if_restored(_call(kept, target, part, mismatch=True)))
    if tried.error is None:
        return True
    if not has_legacy_address(kept, target):
        add_legacy_address(run, kept, target, refusal=tried.error.message)
    return False


def _request(run: Run, kept: Captured, target: Mailbox, wanted: Sequence[_Part], *, mismatch: bool) -> None:
    calls = [(part, _call(kept, target, part, mismatch=mismatch)) for part in wanted]
    if not calls:
        run.note("requested-before", "A restore request for this mailbox was there already; it is followed.")
        return
    archive = " Its archive is merged by a request of its own." if any(part.from_archive for part in wanted) else ""
    run.approval(
        "merge-mailbox",
        [("exo", call) for _, call in calls],
        requires=_REQUIRES,
        says=(
            f"The content of the soft-deleted mailbox {kept.source} is merged into the mailbox {target.exchange_guid}.{archive} "
            "A retention policy may move or delete old items of it at once: think of a retention hold on the target."
        ),
    )
    for part, call in calls:
        _send(run, kept.source, target.exchange_guid, part, call)


def _send(run: Run, source: UUID, target: UUID, part: _Part, call: Call[MailboxRestoreRequest]) -> None:
    run.destroy(
        f"{part.prefix}restore-request",
        "exo",
        call,
        requires=_REQUIRES,
        approval="merge-mailbox",
        before=lambda look: _look_before(look, source, target, part),
        verify=lambda look: _is_requested(look, part.name, target),
    )


def _look_before(look: Look, source: UUID, target: UUID, part: _Part) -> None:
    """Both mailboxes are there, and nobody has made such a request meanwhile."""
    if not look.read("exo", get_mailbox(source, soft_deleted_mailbox=True)).objects:
        raise Stopped(
            "the soft-deleted mailbox is still there",
            found=f"none with the ExchangeGuid {source}.",
            expected="the mailbox that is to be merged: it lives 30 days.",
            remedy="If somebody has restored it, look for it with Get-Mailbox; if its time is over, ask Microsoft's support.",
            changed=True,
        )
    look.read("exo", get_mailbox(target)).one()
    for request in look.read("exo", get_mailbox_restore_request(target_mailbox=target)).objects:
        for statistics in look.read("exo", get_mailbox_restore_request_statistics(str(request.identity))).objects:
            if statistics.source_exchange_guid == source and bool(statistics.source_is_archive) == part.from_archive:
                raise Stopped(
                    "no other restore request merges the mailbox",
                    found=f"{request.identity} ({request.status}).",
                    expected="none: there was none when this run looked for it.",
                    remedy=_OURS if request.name == part.name else _THEIRS,
                    changed=True,
                )


def _is_requested(look: Look, name: str, target: UUID) -> bool | None:
    if look.read("exo", get_mailbox_restore_request(name=name)).objects:
        return True
    return False if look.read("exo", get_mailbox(target)).objects else None


def _followed(run: Run, part: _Part, identity: str | None, deadline: Deadline) -> MailboxRestoreRequest:
    """Get-MailboxRestoreRequest until it is over: Failed stops the run, CompletedWithWarning ends it with its statistics."""
    request = run.poll(
        f"{part.prefix}restore-is-over",
        "exo",
        get_mailbox_restore_request(name=part.name) if identity is None else get_mailbox_restore_request(request=identity),
        until=lambda answer: len(answer.objects) == 1 and answer.objects[0].status in _OVER,
        every=timedelta(minutes=1),
        timeout=timedelta(days=30),
        why=f"the restore request to complete; {deadline}",
        asking=deadline.asking,
    ).one()
    if request.status != "Completed":
        _report(run, part, request)
    return request


def _report(run: Run, part: _Part, request: MailboxRestoreRequest) -> None:
    call = get_mailbox_restore_request_statistics(str(request.identity), include_report=True)
    statistics = run.read(f"{part.prefix}restore-statistics", "exo", call).one()
    run.guard(
        f"the {part.prefix}restore request has not failed",
        request.status == "CompletedWithWarning",
        found=f"status {request.status}, {statistics.status_detail or 'no detail'}: {statistics.message or 'no message'}",
        expected="Completed.",
        remedy=(
            "The soft-deleted mailbox is kept for 30 days after the purge. Read the report of this request, see to the cause, "
            f"and let it go on (Resume-MailboxRestoreRequest -Identity '{request.identity}'); then retry this run."
        ),
    )
