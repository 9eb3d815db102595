"""One part of a merge in; its restore request, made unless somebody is quicker and watched to its end, out.

A request ends as its statistics tell; one that somebody removes before that is put before a person, for nothing tells any more
whether it had completed. To copy once more copies no item twice (KeepSourceItem; field-notes 5.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from playbooks.asking import ask_until
from playbooks.duplicate_mailbox import deadline
from playbooks.duplicate_mailbox.deadline import Deadline
from playbooks.duplicate_mailbox.restore_requests import Earlier, Part, best, earlier_requests, look_for_requests
from psbridge.cmdlets import Call, get_mailbox, get_mailbox_restore_request, get_mailbox_restore_request_statistics
from psbridge.engine import Answer, Look, Overtaken, Run
from psbridge.errors import Stopped
from psbridge.models import MailboxRestoreRequest, MailboxRestoreRequestStatistics

__all__ = ["APPROVAL", "REQUIRES", "Ended", "Restoring", "follow"]

# The approval of all requests of a run, and the evidence that it is given on.
APPROVAL: Final = "merge-mailbox"
REQUIRES: Final = ("exchange-guid", "target-guid")

_OVER: Final = frozenset({"Completed", "CompletedWithWarning", "Failed", "Suspended", "AutoSuspended"})
_EVERY: Final = timedelta(minutes=1)
# So long a request may be made and not be shown yet.
_SHOWN: Final = timedelta(minutes=10)
# Without an end for this long a person looks at it.
_LONG: Final = timedelta(days=2)
# Scores of data consistency that need nobody (field-notes 5.3); an empty one is an older service's.
_GOOD: Final = frozenset({None, "", "Unknown", "Perfect", "Good"})


@dataclass(frozen=True, slots=True)
class Ended:
    """How a part was merged: the status and the identity of the request, and what it has left behind ("" for nothing)."""

    status: str
    identity: str
    left: str


class Restoring:
    """The request that a run makes for one part. It is made again under other keys where the first one came to nothing."""

    def __init__(self, run: Run, part: Part, call: Call[MailboxRestoreRequest], end: Deadline) -> None:
        self.part, self.call = part, call
        self._run, self._end = run, end
        self._numbers = count(1)
        self._nth = ""
        self._since = ""

    def send(self) -> Ended | None:
        """New-MailboxRestoreRequest; where somebody has made one that merges the part meanwhile, how that one has ended.

        Raises Stopped where theirs is gone: then a retry looks for requests once more.
        """
        run, part = self._run, self.part
        for number in self._numbers:
            self._nth = "" if number == 1 else f"-{number}"
            if self._nth:
                key = f"{part.prefix}requests{self._nth}"
                there = earlier_requests(run, part.target, key)
                self._since = key
                if any(one.request.name == part.name for one in there):
                    return None
                if (theirs := best(there, part)) is not None:
                    return follow(run, part, theirs, self._end, key, self._nth)
            self._since = f"{part.prefix}restore-request{self._nth}"
            is_sent = run.destroy(
                self._since,
                "exo",
                self.call,
                requires=REQUIRES,
                approval=APPROVAL,
                before=lambda look: _look_before(look, part),
                verify=lambda look: _is_requested(look, part),
            )
            if is_sent:
                return None
        raise AssertionError  # count() does not end

    def ended(self) -> Ended:
        """Watch what `send` has made to its end; where it is removed before, as the operator answers."""
        while True:
            request = self._watched()
            if request is not None:
                return _ended(self._run, self.part, request, self._nth)
            if self._was_merged():
                told = f"the restore request {self.part.name} was removed before its end was seen: what it skipped, nothing tells"
                return Ended("Removed", self.part.name, told)
            theirs = self.send()
            if theirs is not None:
                return theirs

    def _watched(self) -> MailboxRestoreRequest | None:
        """The request when it is over; None if it is there no longer. One that was made just now may not be shown yet."""
        prefix, nth = self.part.prefix, self._nth
        call = get_mailbox_restore_request(name=self.part.name)
        found = self._poll(f"{prefix}restore-is-over{nth}", call)
        if found.objects:
            return found.one()
        shown = self._run.poll(
            f"{prefix}restore-is-there{nth}",
            "exo",
            call,
            until=lambda answer: bool(answer.objects),
            every=_EVERY,
            timeout=_SHOWN,
            why=f"the restore request to be shown, which is not there{deadline.named(self._end)}",
            in_vain="gives",
        )
        if not shown.objects:
            return None
        found = self._poll(f"{prefix}restore-is-over-at-last{nth}", call)
        return found.one() if found.objects else None

    def _poll(self, key: str, call: Call[MailboxRestoreRequest]) -> Answer[MailboxRestoreRequest]:
        return _until_over(self._run, key, call, self._end, self._since)

    def _was_merged(self) -> bool:
        answer = ask_until(
            self._run,
            f"{self.part.prefix}restore-request{self._nth}-gone",
            f"The restore request {self.part.name} of this run is no longer there: somebody has removed it, and whether it had "
            f"completed, nothing tells any more.{deadline.told(self._end)}",
            "If it had completed, answer `merged`. Otherwise answer `request`: the run makes it once more (after "
            "another approval, where the one that was given is over), and what has been copied is not copied twice; or it "
            "follows somebody else's that is there by then. Or cancel the run.",
            ("merged", "request"),
        )
        return answer == "merged"


def follow(run: Run, part: Part, theirs: Earlier, end: Deadline, since: str, nth: str = "") -> Ended:
    """Watch somebody else's request to its end. `since`: the key of the look that found it.

    Raises Stopped where it fails, and where it is gone: whether it had completed, nothing tells.
    """
    key, call = f"{part.prefix}restore-is-over{nth}", get_mailbox_restore_request(request=theirs.identity)
    answer = _until_over(run, key, call, end, since, theirs.request.request_guid)
    is_there = bool(answer.objects) and _is_the_same(answer.objects[0], theirs.request.request_guid)
    told = "it has ended" if is_there else "another one has its name" if answer.objects else "it is gone"
    run.guard(
        f"the {part.prefix}restore request that is followed is still there",
        is_there,
        found=f"{told}: {theirs.identity}.",
        expected="a request that has ended: it was there when this run looked for it.",
        remedy="Somebody has removed it. Retry this run: it looks for requests once more, and makes one of its own.",
    )
    return _ended(run, part, answer.one(), nth, or_else=" Or remove it, and retry: then this run makes one of its own.")


def _until_over(
    run: Run, key: str, call: Call[MailboxRestoreRequest], end: Deadline, since: str, request: UUID | None = None
) -> Answer[MailboxRestoreRequest]:
    """Get-MailboxRestoreRequest until it is over, or there no longer; another one may have its name."""

    def is_over(answer: Answer[MailboxRestoreRequest]) -> bool:
        if not answer.objects:
            return True
        found = answer.objects[0]
        return len(answer.objects) == 1 and (found.status in _OVER or not _is_the_same(found, request))

    return run.poll(
        key,
        "exo",
        call,
        until=is_over,
        every=_EVERY,
        timeout=timedelta(days=30),
        why=f"the restore request to complete{deadline.named(end)}",
        asking=sorted((run.began(since) + _LONG, *end.asking)),
    )


def _is_the_same(found: MailboxRestoreRequest, request: UUID | None) -> bool:
    """By the GUID: default names come back."""
    return request is None or found.request_guid == request


def _look_before(look: Look, part: Part) -> None:
    """Both mailboxes are there; and nobody has made such a request meanwhile, or it is this run's own that is seen only now."""
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
    ours = next((one for one in found if one.request.name == part.name), None)
    other = ours or best(found, part)
    if other is not None:
        raise Overtaken(f"the restore request {other.identity} ({other.request.status}) merges it.", by_us=ours is not None)


def _is_requested(look: Look, part: Part) -> bool | None:
    if look.read("exo", get_mailbox_restore_request(name=part.name)).objects:
        return True
    return False if look.read("exo", get_mailbox(part.target.exchange_guid)).objects else None


def _ended(run: Run, part: Part, request: MailboxRestoreRequest, nth: str, or_else: str = "") -> Ended:
    """What the statistics tell of skipped items; a request may be Completed and have skipped some (field-notes 5.3)."""
    is_whole = request.status == "Completed"
    call: Call[Any] = get_mailbox_restore_request_statistics(str(request.identity), include_report=not is_whole)
    found: Sequence[MailboxRestoreRequestStatistics] = run.read(f"{part.prefix}restore-statistics{nth}", "exo", call).objects
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
            f"and let it go on (Resume-MailboxRestoreRequest -Identity '{request.identity}'); then retry this run.{or_else}"
        ),
    )
    return Ended(str(request.status), str(request.identity), _left_behind(request, statistics, is_whole=is_whole))


def _left_behind(request: MailboxRestoreRequest, statistics: MailboxRestoreRequestStatistics | None, *, is_whole: bool) -> str:
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
