"""A soft-deleted mailbox and the migrated one in; the restore requests that merge mailbox and archive, watched to their end, out.

A request that is there already and merges the same whole is followed and not made twice: Exchange would make it without a word
(field-notes 5.5). Where one has completed and left items behind, the warning of the deadline stands on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Final

from playbooks.duplicate_mailbox import deadline
from playbooks.duplicate_mailbox.by_hand import ARCHIVE_FOLDER
from playbooks.duplicate_mailbox.capture import Captured
from playbooks.duplicate_mailbox.deadline import Deadline
from playbooks.duplicate_mailbox.restore_requests import Earlier, Part, best, earlier_requests, look_for_requests
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
# Without an end for this long a person looks at it: somebody may have removed the request.
_LONG: Final = timedelta(days=2)
# Scores of data consistency that need nobody (field-notes 5.3); an empty one is an older service's.
_GOOD: Final = frozenset({None, "", "Unknown", "Perfect", "Good"})
_THEIRS: Final = (
    "Somebody was quicker. Begin no other; retry this run, and it follows that one. Where it stops here again, cancel it, and "
    "watch that request until it has completed."
)
_OURS: Final = "It is this run's own, seen late. Begin no other; cancel this run, and watch that request until it has completed."


def merge(run: Run, kept: Captured, target: Mailbox, end: Deadline) -> dict[str, object]:
    """Give what the run's result tells of the requests: with `findings` where not everything has been merged for certain."""
    earlier = earlier_requests(run, target)
    parts = [Part("", f"psb-{run.id}", kept.cloud, target)]
    if kept.has_archive:
        parts.append(_archive_part(run, kept, target, end))
    found = {part.prefix: best(earlier, part) for part in parts}
    wanted = [part for part in parts if found[part.prefix] is None]
    _tell_of_others(run, earlier, wanted)
    _not_too_many(run, earlier, wanted)
    mismatch = _takes_the_switch(run, kept, target, wanted[0], end) if wanted else True
    _request(run, kept, wanted, end, mismatch=mismatch)
    result: dict[str, object] = {}
    left: list[str] = []
    for part in parts:
        request, short = _followed(run, part, found[part.prefix], end)
        names = ("archive", "archive_request") if part.from_archive else ("merge", "request")
        result |= dict(zip(names, (request.status, request.identity), strict=True))
        left += [short] if short else []
    left += [kept.expanding_archive] if kept.auxiliary_archives else []
    return {**_attention(run, end, left), **result}


def _attention(run: Run, end: Deadline, left: Sequence[str]) -> dict[str, object]:
    """What was left behind lies in the soft-deleted mailbox alone, until that is lost: then a person must look at it."""
    if not left:
        deadline.watched(run)
        return {}
    said = "; ".join(left)
    deadline.stands_on(run, end, f"Until then look at what may be in it alone. {said}.")
    return {"findings": len(left), "attention": said}


def _tell_of_others(run: Run, earlier: Sequence[Earlier], wanted: Sequence[Part]) -> None:
    told = [
        f"{one.identity} ({one.request.status}): {', '.join(one.falls_short(part))}"
        for part in wanted
        for one in earlier
        if one.may_concern(part)
    ]
    if told:
        run.note("other-requests", f"Not taken for the merge, which gets a request of its own: {'; '.join(told)}.")


def _not_too_many(run: Run, earlier: Sequence[Earlier], wanted: Sequence[Part]) -> None:
    run.guard(
        "the mailbox has room for another restore request",
        not wanted or len(earlier) + len(wanted) <= _MOST,
        found=f"{len(earlier)} requests: {', '.join(one.identity for one in earlier) or 'none'}.",
        expected=f"at most {_MOST - len(wanted)}: a mailbox has {_MOST} at most.",
        remedy="Remove completed ones (Remove-MailboxRestoreRequest), and retry this run.",
    )


def _archive_part(run: Run, kept: Captured, target: Mailbox, end: Deadline) -> Part:
    """Archive into archive; where there is none, into a folder that the user sees. Elsewhere it would be invisible (5.5)."""
    found, name = target, f"psb-{run.id}-archive"
    for number in count(1):
        if found.archive_guid is not None and not is_no_guid(found.archive_guid):
            return Part("archive-", name, kept.cloud, found, from_archive=True, to_archive=True)
        answer = run.ask(
            f"archive-target-{number}",
            "The cloud mailbox has an archive, and the migrated mailbox has none that it could be merged into."
            f"{deadline.told(end)}",
            "Give the user an archive (Enable-RemoteMailbox -Archive on-premises, synchronise, and a licence that has archives), "
            f"and answer `archive`. Or answer `primary`: its content goes into the folder `{ARCHIVE_FOLDER}` of the mailbox.",
        )
        if answer.strip().lower() == "primary":
            break
        found = run.read(f"target-archive-{number}", "exo", get_mailbox(target.exchange_guid)).one()
    return Part("archive-", name, kept.cloud, target, from_archive=True, folder=ARCHIVE_FOLDER)


def _call(part: Part, *, mismatch: bool) -> Call[MailboxRestoreRequest]:
    return new_mailbox_restore_request(
        source_mailbox=part.source.exchange_guid,
        target_mailbox=part.target.exchange_guid,
        name=part.name,
        allow_legacy_dn_mismatch=mismatch,
        source_is_archive=part.from_archive,
        target_is_archive=part.to_archive,
        target_root_folder=part.folder,
    )


def _takes_the_switch(run: Run, kept: Captured, target: Mailbox, part: Part, end: Deadline) -> bool:
    """Ask with -WhatIf whether -AllowLegacyDNMismatch is still taken; else the X500 address stands for it (5.5)."""
    tried = run.read("restore-would-be-taken", "exo", what_if_restored(_call(part, mismatch=True)))
    if tried.error is None:
        return True
    if not has_legacy_address(kept, target):
        add_legacy_address(run, kept, target, refusal=tried.error.message, end=end)
    return False


def _request(run: Run, kept: Captured, wanted: Sequence[Part], end: Deadline, *, mismatch: bool) -> None:
    calls = [(part, _call(part, mismatch=mismatch)) for part in wanted]
    if not calls:
        run.note("requested-before", "A restore request for this mailbox was there already; it is followed.")
        return
    is_whole, has_archive = not wanted[0].from_archive, any(part.from_archive for part in wanted)
    content = "content" if is_whole else "archive, and only that,"
    archive = " Its archive is merged by a request of its own." if is_whole and has_archive else ""
    beyond = f" WARNING: {kept.expanding_archive}." if kept.expanding_archive else ""
    target = wanted[0].target.exchange_guid
    run.approval(
        "merge-mailbox",
        [("exo", call) for _, call in calls],
        requires=_REQUIRES,
        says=(
            f"The {content} of the soft-deleted mailbox {kept.source} is merged into the mailbox {target}.{archive}{beyond} "
            "A retention policy may move or delete old items of it at once: think of a retention hold on the target."
            f"{deadline.told(end)}"
        ),
        asking=deadline.asked_at(end),
    )
    for part, call in calls:
        _send(run, part, call)


def _send(run: Run, part: Part, call: Call[MailboxRestoreRequest]) -> None:
    run.destroy(
        f"{part.prefix}restore-request",
        "exo",
        call,
        requires=_REQUIRES,
        approval="merge-mailbox",
        before=lambda look: _look_before(look, part),
        verify=lambda look: _is_requested(look, part),
    )


def _look_before(look: Look, part: Part) -> None:
    """Both mailboxes are there, and nobody has made such a request meanwhile."""
    source, target = part.source.exchange_guid, part.target.exchange_guid
    if not look.read("exo", get_mailbox(source, soft_deleted_mailbox=True)).objects:
        raise Stopped(
            "the soft-deleted mailbox is still there",
            found=f"none with the ExchangeGuid {source}.",
            expected="the mailbox that is to be merged: it lives 30 days.",
            remedy="If somebody has restored it, look for it with Get-Mailbox; if its time is over, ask Microsoft's support.",
            changed=True,
        )
    look.read("exo", get_mailbox(target)).one()
    found = look_for_requests(look, target)
    ours = [one for one in found if one.request.name == part.name]
    other = next(iter(ours), best(found, part))
    if other is not None:
        raise Stopped(
            "no other restore request merges the mailbox",
            found=f"{other.identity} ({other.request.status}).",
            expected="none: there was none when this run looked for it.",
            remedy=_OURS if ours else _THEIRS,
            changed=True,
        )


def _is_requested(look: Look, part: Part) -> bool | None:
    if look.read("exo", get_mailbox_restore_request(name=part.name)).objects:
        return True
    return False if look.read("exo", get_mailbox(part.target.exchange_guid)).objects else None


def _followed(run: Run, part: Part, known: Earlier | None, end: Deadline) -> tuple[MailboxRestoreRequest, str]:
    """Get-MailboxRestoreRequest until it is over; gives the request, and what it has left behind: "" for nothing.

    Failed stops the run. So does a request of somebody else that is gone: whether it had completed, nothing tells.
    """
    answer = run.poll(
        f"{part.prefix}restore-is-over",
        "exo",
        get_mailbox_restore_request(name=part.name) if known is None else get_mailbox_restore_request(request=known.identity),
        until=lambda answer: _is_over(answer.objects) or (known is not None and not answer.objects),
        every=timedelta(minutes=1),
        timeout=timedelta(days=30),
        why=f"the restore request to complete; {end}",
        asking=sorted((run.began("earlier-requests" if known else f"{part.prefix}restore-request") + _LONG, *end.asking)),
    )
    if known is not None:
        run.guard(
            f"the {part.prefix}restore request that is followed is still there",
            bool(answer.objects),
            found=f"{'it has ended' if answer.objects else 'it is gone'}: {known.identity}.",
            expected="a request that has ended: it was there when this run looked for it.",
            remedy="Somebody has removed it. Retry this run: it looks for requests once more, and makes one of its own.",
        )
    request = answer.one()
    return request, _left_behind(run, part, known, request)


def _is_over(requests: Sequence[MailboxRestoreRequest]) -> bool:
    return len(requests) == 1 and requests[0].status in _OVER


def _left_behind(run: Run, part: Part, known: Earlier | None, request: MailboxRestoreRequest) -> str:
    """What the statistics tell of skipped items; a request may be Completed and have skipped some (field-notes 5.3)."""
    is_whole = request.status == "Completed"
    call = get_mailbox_restore_request_statistics(str(request.identity), include_report=not is_whole)
    found = run.read(f"{part.prefix}restore-statistics", "exo", call).objects
    statistics = found[0] if len(found) == 1 else None
    detail = None if statistics is None else statistics.status_detail
    message = None if statistics is None else statistics.message
    run.guard(
        f"the {part.prefix}restore request has not failed",
        request.status in {"Completed", "CompletedWithWarning"},
        found=f"status {request.status}, {detail or 'no detail'}: {message or 'no message'}",
        expected="Completed.",
        remedy=(
            "The soft-deleted mailbox is kept for 30 days after the purge. Read the report of this request, see to the cause, "
            f"and let it go on (Resume-MailboxRestoreRequest -Identity '{request.identity}'); then retry this run."
            f"{' Or remove it, and retry: then this run makes one of its own.' if known is not None else ''}"
        ),
    )
    if statistics is None:
        return f"{request.identity} is {request.status}, and no statistics tell whether items were skipped"
    bad, large = statistics.bad_items_encountered or 0, statistics.large_items_encountered or 0
    if is_whole and not bad and not large and statistics.data_consistency_score in _GOOD:
        return ""
    return f"{request.identity} is {request.status}: {_told(statistics, bad, large)}"


def _told(statistics: MailboxRestoreRequestStatistics, bad: int, large: int) -> str:
    score = f", DataConsistencyScore {statistics.data_consistency_score}" if statistics.data_consistency_score else ""
    message = f" ({statistics.message})" if statistics.message else ""
    return (
        f"{bad + large} items skipped ({bad} bad, {large} too large){score}{message}; its report says which: "
        f"Get-MailboxRestoreRequestStatistics -Identity '{statistics.identity}' -IncludeReport -IncludeSkippedItems"
    )
