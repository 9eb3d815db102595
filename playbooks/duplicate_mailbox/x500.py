"""A mailbox whose requests no longer take -AllowLegacyDNMismatch in; the old LegacyExchangeDN as its X500 address out.

The address of a synchronised user is written on-premises and synchronised (field-notes 1.6 step 5, and 5.5).
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from playbooks.duplicate_mailbox import deadline
from playbooks.duplicate_mailbox.capture import Captured
from playbooks.duplicate_mailbox.deadline import Deadline
from playbooks.duplicate_mailbox.returning import synchronise
from psbridge.cmdlets import add_remote_mailbox_address, get_mailbox, get_remote_mailbox
from psbridge.engine import Look, Run
from psbridge.models import Mailbox, ProxyAddress

__all__ = ["add_legacy_address", "has_legacy_address"]


def has_legacy_address(kept: Captured, target: Mailbox) -> bool:
    """Whether the target answers to the LegacyExchangeDN of the source: then no switch is needed."""
    return _is_among(kept, target.email_addresses) or _same(target.legacy_exchange_dn, kept.cloud.legacy_exchange_dn)


def add_legacy_address(run: Run, kept: Captured, target: Mailbox, *, refusal: str, end: Deadline) -> None:
    """Write the address behind an approval, synchronise, and wait until Exchange Online has it."""
    user = UUID(str(kept.local.guid))
    write = add_remote_mailbox_address(user, f"X500:{kept.cloud.legacy_exchange_dn}")
    requires = ("cloud-mailbox", "target-guid")
    run.approval(
        "x500-address",
        [("onprem", write)],
        requires=requires,
        says=(
            f"Exchange Online would refuse the request ({refusal}). So the LegacyExchangeDN of the soft-deleted mailbox is added "
            "to the user on-premises as an X500 address and synchronised; it also lets replies to old messages arrive."
            f"{deadline.told(end)}"
        ),
        asking=deadline.asked_at(end),
    )
    run.destroy(
        "x500-address-now",
        "onprem",
        write,
        requires=requires,
        approval="x500-address",
        before=lambda look: _one_remote_mailbox(look, user),
        verify=lambda look: _is_written(look, user, kept),
    )
    synchronise(run, "synchronise-address", deadline.told(end))
    run.poll(
        "x500-address-is-there",
        "exo",
        get_mailbox(target.exchange_guid),
        until=lambda answer: len(answer.objects) == 1 and has_legacy_address(kept, answer.objects[0]),
        every=timedelta(seconds=30),
        timeout=timedelta(days=1),
        why=f"Exchange Online to show the X500 address{deadline.named(end)}",
        asking=deadline.asked_at(end),
    )


def _one_remote_mailbox(look: Look, user: UUID) -> None:
    look.read("onprem", get_remote_mailbox(user)).one()


def _is_written(look: Look, user: UUID, kept: Captured) -> bool | None:
    found = look.read("onprem", get_remote_mailbox(user)).objects
    return _is_among(kept, found[0].email_addresses) if len(found) == 1 else None


def _is_among(kept: Captured, addresses: tuple[ProxyAddress, ...]) -> bool:
    return any(one.kind == "X500" and _same(one.address, kept.cloud.legacy_exchange_dn) for one in addresses)


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.casefold() == other.casefold()
