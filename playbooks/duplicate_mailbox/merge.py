"""A soft-deleted mailbox and the migrated one in; the restore requests that merge mailbox and archive, watched to their end, out.

A request that is there already and merges the same whole is followed and not made twice: Exchange would make it without a word
(field-notes 5.5). Where one has completed and left items behind, the warning of the deadline stands on.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Final

from playbooks.duplicate_mailbox import deadline
from playbooks.duplicate_mailbox.by_hand import ARCHIVE_FOLDER
from playbooks.duplicate_mailbox.capture import Captured
from playbooks.duplicate_mailbox.deadline import Deadline
from playbooks.duplicate_mailbox.restore_requests import Earlier, Part, best, earlier_requests
from playbooks.duplicate_mailbox.restoring import APPROVAL, REQUIRES, Ended, Restoring, follow
from playbooks.duplicate_mailbox.x500 import add_legacy_address, has_legacy_address
from psbridge.cmdlets import Call, get_mailbox, new_mailbox_restore_request, what_if_restored
from psbridge.engine import Run
from psbridge.models import Mailbox, MailboxRestoreRequest, is_no_guid

__all__ = ["merge"]

# Exchange keeps no more for one mailbox (field-notes 5.5).
_MOST: Final = 10
# The look for requests that are there before the run makes any.
_EARLIER: Final = "earlier-requests"


def merge(run: Run, kept: Captured, target: Mailbox, end: Deadline) -> dict[str, object]:
    """Give what the run's result tells of the requests: with `findings` where not everything has been merged for certain."""
    earlier = earlier_requests(run, target, _EARLIER)
    parts = [Part("", f"psb-{run.id}", kept.cloud, target)]
    if kept.has_archive:
        parts.append(_archive_part(run, kept, target, end))
    found = {part.prefix: best(earlier, part) for part in parts}
    wanted = [part for part in parts if found[part.prefix] is None]
    _tell_of_others(run, earlier, wanted)
    _not_too_many(run, earlier, wanted)
    if not wanted:
        run.note("requested-before", "A restore request for this mailbox was there already; it is followed.")
    ended: dict[str, Ended] = {}
    # Theirs first: before this run's first write here, a retry after one that is gone looks for all of them again.
    for part in parts:
        theirs = found[part.prefix]
        if theirs is not None:
            ended[part.prefix] = follow(run, part, theirs, end, _EARLIER)
    if wanted:
        mismatch = _takes_the_switch(run, kept, target, wanted[0], end)
        requests = _requests(run, kept, wanted, end, mismatch=mismatch)
        sent = [(request, request.send()) for request in requests]
        ended |= {request.part.prefix: by_others or request.ended() for request, by_others in sent}
    return _result(run, kept, [(part, ended[part.prefix]) for part in parts], end)


def _result(run: Run, kept: Captured, merged: Sequence[tuple[Part, Ended]], end: Deadline) -> dict[str, object]:
    result: dict[str, object] = {}
    for part, how in merged:
        names = ("archive", "archive_request") if part.from_archive else ("merge", "request")
        result |= dict(zip(names, (how.status, how.identity), strict=True))
    left = [how.left for _, how in merged if how.left]
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


def _requests(run: Run, kept: Captured, wanted: Sequence[Part], end: Deadline, *, mismatch: bool) -> list[Restoring]:
    """The requests of this run, approved."""
    requests = [Restoring(run, part, _call(part, mismatch=mismatch), end) for part in wanted]
    is_whole, has_archive = not wanted[0].from_archive, any(part.from_archive for part in wanted)
    content = "content" if is_whole else "archive, and only that,"
    archive = " Its archive is merged by a request of its own." if is_whole and has_archive else ""
    beyond = f" WARNING: {kept.expanding_archive}." if kept.expanding_archive else ""
    target = wanted[0].target.exchange_guid
    run.approval(
        APPROVAL,
        [("exo", request.call) for request in requests],
        requires=REQUIRES,
        says=(
            f"The {content} of the soft-deleted mailbox {kept.source} is merged into the mailbox {target}.{archive}{beyond} "
            "A retention policy may move or delete old items of it at once: think of a retention hold on the target."
            f"{deadline.told(end)}"
        ),
        asking=deadline.asked_at(end),
    )
    return requests
