"""A user whose licence was taken away in; the mail user that the cloud mailbox has become, out.

It may take seconds, or 30 days where the organisation delays it; a hold or a licence that came back keeps it from happening.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from playbooks.duplicate_mailbox import guards, licence_guards
from playbooks.duplicate_mailbox.exchange_guid import NOT_SYNCHRONISED, wait_for_exchange_guid
from playbooks.duplicate_mailbox.licence_capture import Licensed
from psbridge.cmdlets import (
    expedite_delicensing,
    get_mail_user,
    get_mailbox,
    get_organization_config,
    get_pending_delicense_user,
    get_user,
)
from psbridge.engine import Answer, Input, Look, Run
from psbridge.errors import Stopped
from psbridge.models import Mailbox, MailUser

__all__ = ["DELAYED", "become_mail_user"]

DELAYED: Final = Input(
    "delayed",
    default="ask",
    choices=("ask", "wait", "expedite"),
    help="where the organisation delays the loss of a mailbox by 30 days: ask the operator, wait, or end the delay (approved)",
)
_SOON: Final = timedelta(seconds=30)
_SLOWLY: Final = timedelta(hours=6)
_A_DAY: Final = timedelta(days=1)
# Field-notes 1.5. The clean-up of this playbook comes after the wait: until then a licence can bring the mailbox back.
_POINTERS: Final = (
    "or Exchange Online keeps the GUID of the old cloud mailbox until it is made to forget it, for ever "
    "(Set-User -PermanentlyClearPreviousMailboxInfo)"
)
_RELEASE: Final = (
    "Ask who placed the hold, or set the policy. Where the mailbox is released from it, wait until that has taken effect, and "
    "retry this run."
)


def become_mail_user(run: Run, kept: Licensed) -> MailUser | None:
    """Wait until Get-MailUser shows it with the on-premises ExchangeGuid; None if somebody has migrated it meanwhile.

    Raises Stopped where a hold, a licence or another mailbox is in the way.
    """
    if kept.cloud is not None and not _leaves_the_mailbox(run, kept):
        return None

    def is_mail_user(answer: Answer[MailUser]) -> bool:
        return len(answer.objects) == 1 and answer.objects[0].recipient_type == "MailUser"

    call = get_mail_user(kept.object_id)
    why = "Exchange Online to show the mail user"
    # No mail user may mean that it is still to come, or that somebody has migrated it since the last look.
    found = run.poll(
        "mail-user", "exo", call, until=lambda it: it.absent or is_mail_user(it), every=_SOON, timeout=_A_DAY, why=why
    )
    if found.absent:
        instead = run.read("mailbox-instead", "exo", get_mailbox(kept.object_id)).objects
        if any(one.exchange_guid == kept.local.exchange_guid for one in instead):
            return None
        found = run.poll("mail-user-at-last", "exo", call, until=is_mail_user, every=_SOON, timeout=_A_DAY, why=why)
    user = found.one()
    if user.exchange_guid == kept.local.exchange_guid:
        return user
    wait_for_exchange_guid(run, kept.object_id, kept.local, f"{NOT_SYNCHRONISED}; {_POINTERS}")
    return next(iter(run.read("mail-user-with-guid", "exo", call).objects), None)


def _leaves_the_mailbox(run: Run, kept: Licensed) -> bool:
    """Whether the mailbox is gone; False where the one that is there is the migrated one."""
    is_there = not kept.licenses or _stays_without_licence(run, kept)
    due = _delay(run, kept) if kept.is_delayed and is_there else None
    left = run.poll(
        "cloud-mailbox-is-gone",
        "exo",
        get_mailbox(kept.object_id),
        until=lambda answer: answer.absent or (len(answer.objects) == 1 and _is_decided(kept, answer.objects[0])),
        every=_SOON if due is None else _SLOWLY,
        timeout=_A_DAY if due is None else timedelta(days=32),
        why="the cloud mailbox to become a mail user"
        + (f"; the organisation delays it until {due:%Y-%m-%d %H:%M} UTC (Get-PendingDelicenseUser)" if due else ""),
    )
    if not left.objects:
        return True
    if left.objects[0].exchange_guid == kept.local.exchange_guid:
        return False
    raise _in_the_way(left.objects[0])


def _stays_without_licence(run: Run, kept: Licensed) -> bool:
    """Wait until the directory has passed the change on; gives whether the cloud mailbox is still there then."""
    answer = run.poll(
        "licence-is-gone",
        "exo",
        get_mailbox(kept.object_id),
        until=lambda answer: answer.absent or (len(answer.objects) == 1 and answer.objects[0].sku_assigned is not True),
        every=_SOON,
        timeout=_A_DAY,
        why="the removal of the licence to reach Exchange Online (SKUAssigned)",
    )
    return any(one.exchange_guid != kept.local.exchange_guid for one in answer.objects)


def _is_decided(kept: Licensed, mailbox: Mailbox) -> bool:
    return bool(mailbox.holds) or mailbox.sku_assigned is True or mailbox.exchange_guid == kept.local.exchange_guid


def _in_the_way(mailbox: Mailbox) -> Stopped:
    """Say which of the two it is; a retry looks again."""
    if mailbox.holds:
        guard = licence_guards.no_hold(mailbox)
        return Stopped(guard.name, found=guard.found, expected=guard.expected, remedy=_RELEASE, changed=True)
    return Stopped(
        "no Exchange licence has come back",
        found=f"SKUAssigned {mailbox.sku_assigned} at the mailbox {mailbox.exchange_guid}.",
        expected="no licence until the on-premises mailbox is migrated.",
        remedy="Somebody, or a group, has given it back. Take it away there, then retry this run: it looks again.",
        changed=True,
    )


def _delay(run: Run, kept: Licensed) -> datetime | None:
    """Until when the mailbox stays; None where the operator had the delay ended, or the mailbox is gone already."""
    due = kept.due or _told(run, kept)
    if due is None:
        return None
    how = run.inputs["delayed"]
    if how == "ask":
        how = run.ask(
            "delayed-delicensing",
            f"The organisation delays the loss of the mailbox (DelayedDelicensingEnabled): it stays until "
            f"{due:%Y-%m-%d %H:%M} UTC.",
            "Answer `expedite` to end the delay for this user (it is put before an approval), or `wait`.",
        )
    if how.strip().lower() != "expedite":
        return due
    _expedite(run, kept, due)
    return None


def _told(run: Run, kept: Licensed) -> datetime | None:
    found = run.poll(
        "pending-delicensing",
        "exo",
        get_pending_delicense_user(kept.object_id),
        until=lambda answer: bool(answer.objects),
        every=_SOON,
        timeout=timedelta(hours=1),
        why="Get-PendingDelicenseUser to show the user, as the organisation delays the loss of mailboxes",
    ).objects[0]
    told = found.when_due_for_delicensing_utc
    if told is None:
        return run.began("pending-delicensing") + timedelta(days=30)
    due = told.to_datetime()
    return due.replace(tzinfo=UTC) if due.tzinfo is None else due.astimezone(UTC)


def _expedite(run: Run, kept: Licensed, due: datetime) -> None:
    call = expedite_delicensing(kept.object_id)
    run.approval(
        "expedite-delicensing",
        [("exo", call)],
        requires=kept.requires,
        says=(
            f"DATA IS LOST: the cloud mailbox of {kept.account.user_principal_name} goes now (usually within 30 minutes, at most "
            f"a day) and not at {due:%Y-%m-%d %H:%M} UTC. Until then a licence would have kept it."
        ),
    )
    run.destroy(
        "expedite-delicensing-now",
        "exo",
        call,
        requires=kept.requires,
        approval="expedite-delicensing",
        before=lambda look: _still_unlicensed(look, kept),
        verify=lambda look: _is_expedited(look, kept),
    )


def _still_unlicensed(look: Look, kept: Licensed) -> None:
    mailbox = look.read("exo", get_mailbox(kept.object_id)).one()
    organisation = look.read("exo", get_organization_config()).one()
    for guard in (licence_guards.no_hold(mailbox), licence_guards.not_kept_by_the_organisation(mailbox, organisation)):
        guards.refuse(replace(guard, remedy=_RELEASE))
    if mailbox.exchange_guid == kept.local.exchange_guid or mailbox.sku_assigned is True:
        raise _in_the_way(mailbox)


def _is_expedited(look: Look, kept: Licensed) -> bool | None:
    """Whether the user is no longer due later; not to be found is an answer only where the same session sees the user."""
    if look.read("exo", get_pending_delicense_user(kept.object_id)).objects:
        return False
    return True if look.read("exo", get_user(kept.object_id)).objects else None
