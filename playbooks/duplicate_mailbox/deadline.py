"""A soft-deleted mailbox in; until when it can be merged, shown and watched, out. It lives 30 days (field-notes 1.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from playbooks.duplicate_mailbox.capture import Captured
from psbridge.engine import Run
from psbridge.models import Mailbox

__all__ = ["Deadline", "announce", "asked_at", "named", "stands_on", "told", "watch", "watched"]

_LIFE: Final = timedelta(days=30)
# When the operator is asked, counted from the end; a week is enough to get a migration done.
_ASKING: Final = (timedelta(days=7), timedelta(days=3), timedelta(days=1), timedelta())
_KEY: Final = "merge-deadline"
_MERGE: Final = "Until then it must be merged."


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the mailbox is lost for good; `is_held`: it is an inactive one, and stays as long as a hold keeps it."""

    mailbox: UUID
    end: datetime
    is_held: bool = False

    @property
    def asking(self) -> tuple[datetime, ...]:
        """The moments at which a run that still waits, for the far end or a person, asks its operator, also once more."""
        return tuple(self.end - before for before in _ASKING)

    def __str__(self) -> str:
        if self.is_held:
            return (
                f"the inactive mailbox {self.mailbox} stays as long as a hold keeps it, and without one is lost for good at "
                f"{self.end:%Y-%m-%d %H:%M} UTC"
            )
        return f"the soft-deleted mailbox {self.mailbox} is lost for good at {self.end:%Y-%m-%d %H:%M} UTC"


def watch(run: Run, kept: Mailbox) -> Deadline:
    """Count from WhenSoftDeleted, else from before the purge; it stands as a warning until the merge is done."""
    told = kept.when_soft_deleted
    since = run.began("purge-account") if told is None else told.to_datetime()
    # A time without a zone is taken for UTC; the week before the end is more than any zone.
    since = since.replace(tzinfo=UTC) if since.tzinfo is None else since.astimezone(UTC)
    deadline = Deadline(kept.exchange_guid, since + _LIFE, kept.is_inactive_mailbox is True)
    stands_on(run, deadline, _MERGE)
    return deadline


def stands_on(run: Run, deadline: Deadline, what: str) -> None:
    """Let the warning stand, with what must be done until then."""
    run.warn(_KEY, _sentences(deadline, what), asking=deadline.asking)


def told(end: Deadline | None) -> str:
    """What each approval and question after the purge tells at its end; empty where there is nothing to merge."""
    return "" if end is None else f" {_sentences(end, _MERGE)}"


def named(end: Deadline | None) -> str:
    """What each waiting line after the purge tells at its end; empty where there is nothing to merge."""
    return "" if end is None else f"; {end}"


def asked_at(end: Deadline | None) -> tuple[datetime, ...]:
    """When the operator is asked though nobody has answered yet; see Run.approval and Run.poll."""
    return () if end is None else end.asking


def _sentences(deadline: Deadline, what: str) -> str:
    return f"T{str(deadline)[1:]}. {what}"


def announce(run: Run, kept: Captured) -> None:
    """Say before the purge what is at stake from it on; `watch` puts the date in its place."""
    run.warn(
        _KEY,
        f"The account {kept.account.user_principal_name} was about to be purged. Once it is, what its cloud mailbox "
        f"{kept.source} holds is lost for good 30 days later, unless it is merged before"
        f"{' or a hold keeps it' if kept.organisation_holds else ''} "
        "(Get-Mailbox -SoftDeletedMailbox shows it).",
    )


def watched(run: Run) -> None:
    """The merge is done: nothing has to be watched any more."""
    run.lift(_KEY)
