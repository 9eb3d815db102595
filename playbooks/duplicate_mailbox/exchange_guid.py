"""A recipient in the cloud and its on-premises mailbox in; the wait until both have the same ExchangeGuid, out.

Without it nobody can migrate the mailbox, and a licence makes a second one: the usual cause (field-notes 1.5 and 1.6, a).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from playbooks.duplicate_mailbox import deadline
from playbooks.duplicate_mailbox.deadline import Deadline
from psbridge.cmdlets import get_recipient
from psbridge.engine import Run
from psbridge.models import Mailbox

__all__ = ["NOT_SYNCHRONISED", "wait_for_exchange_guid"]

NOT_SYNCHRONISED: Final = (
    "where it does not come, synchronise msExchMailboxGuid (Entra Connect: Exchange hybrid deployment, and its attributes)"
)
# It comes with a cycle of synchronisation, which is there each half hour.
_EVERY: Final = timedelta(minutes=5)
_A_DAY: Final = timedelta(days=1)


def wait_for_exchange_guid(run: Run, object_id: UUID, local: Mailbox, causes: str, end: Deadline | None = None) -> None:
    """Wait for a mail user, or for the mailbox that it has been migrated to.

    `causes`: why it may not come, and what to do. `end`: until when what was purged can be merged (deadline.py).
    """
    run.poll(
        "mail-user-guid",
        "exo",
        get_recipient(object_id),
        until=lambda answer: len(answer.objects) == 1 and answer.objects[0].exchange_guid == local.exchange_guid,
        every=_EVERY,
        timeout=_A_DAY,
        why=(
            f"the mail user to get the on-premises ExchangeGuid {local.exchange_guid} by synchronisation; {causes}"
            f"{deadline.named(end)}"
        ),
        asking=deadline.asked_at(end),
    )
