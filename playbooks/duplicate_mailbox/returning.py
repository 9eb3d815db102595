"""A purged account in; the new account that synchronisation brought back, and the mail user that it is, out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from playbooks.asking import DONE, ask_until
from playbooks.duplicate_mailbox import deadline
from playbooks.duplicate_mailbox.capture import Captured
from playbooks.duplicate_mailbox.deadline import Deadline
from playbooks.duplicate_mailbox.exchange_guid import NOT_SYNCHRONISED, wait_for_exchange_guid
from playbooks.duplicate_mailbox.removal import PAUSED_BY_HAND
from psbridge.cmdlets import get_mail_user, get_mailbox, get_recipient, start_ad_sync_sync_cycle
from psbridge.cmdlets.directory import Directory
from psbridge.engine import Answer, Run
from psbridge.models import Account, AccountLicense, Mailbox, MailUser, Recipient

__all__ = ["Returned", "return_of_the_account", "synchronise"]

_SOON: Final = timedelta(seconds=30)
_A_DAY: Final = timedelta(days=1)


def synchronise(run: Run, key: str, says: str = "") -> None:
    """Start a cycle of directory synchronisation, or have the operator start one; `says`: what else they are told."""
    if run.inputs["sync"] == "cmdlet":
        run.change(key, "sync", start_ad_sync_sync_cycle())
        return
    ask_until(
        run,
        key,
        "Switch the scheduler on again if it is paused, and start a directory synchronisation cycle on the Entra Connect server."
        f"{says}",
        "Set-ADSyncScheduler -SyncCycleEnabled $true; Start-ADSyncSyncCycle -PolicyType Delta; then answer `done`.",
        DONE,
    )


Returned = tuple[Account, MailUser | Mailbox]


def return_of_the_account(run: Run, directory: Directory, kept: Captured, *, same_name: bool, end: Deadline | None) -> Returned:
    """Directory synchronisation brings the account back, new and unlicensed, as a mail user.

    `same_name`: whether its sign-in name is known beforehand (sign_in_name.py); else Exchange Online tells whose it is.
    `end`: each wait and question names it, and before it whoever is waited for is asked (deadline.py).
    """
    synchronise(run, "synchronise", deadline.told(end))
    run.lift(PAUSED_BY_HAND)
    account = _new_account(run, directory, kept, end, same_name=same_name)
    _without_licence(run, directory, account)
    return account, _recipient(run, UUID(str(account.object_id)), kept.local, end)


def _recipient(run: Run, object_id: UUID, local: Mailbox, end: Deadline | None) -> MailUser | Mailbox:
    """The mail user; or the migrated mailbox, where somebody has migrated it before the run saw the mail user."""

    def is_back(answer: Answer[Recipient]) -> bool:
        return len(answer.objects) == 1 and (
            answer.objects[0].recipient_type == "MailUser" or answer.objects[0].exchange_guid == local.exchange_guid
        )

    run.poll(
        "recipient-is-back",
        "exo",
        get_recipient(object_id),
        until=is_back,
        every=_SOON,
        timeout=_A_DAY,
        why=f"Exchange Online to show the mail user{deadline.named(end)}",
        asking=deadline.asked_at(end),
    )
    users = run.read("mail-user", "exo", get_mail_user(object_id)).objects
    if len(users) == 1 and users[0].exchange_guid != local.exchange_guid:
        wait_for_exchange_guid(run, object_id, local, NOT_SYNCHRONISED, end)
        users = run.read("mail-user-with-guid", "exo", get_mail_user(object_id)).objects
    if len(users) == 1:
        return users[0]
    migrated = run.read("migrated-already", "exo", get_mailbox(object_id)).one()
    run.guard(
        "the mailbox that is there already is the migrated one",
        migrated.exchange_guid == local.exchange_guid,
        found=f"no mail user, and a mailbox with the ExchangeGuid {migrated.exchange_guid}.",
        expected=f"a mail user, or the mailbox {local.exchange_guid} that was migrated meanwhile.",
        remedy="A licence has made a new, empty mailbox. Take it away, wait for the mail user, and retry this run.",
    )
    return migrated


def _new_account(run: Run, directory: Directory, kept: Captured, end: Deadline | None, *, same_name: bool) -> Account:
    before = kept.account

    def is_back(answer: Answer[Account]) -> bool:
        return len(answer.objects) == 1 and answer.objects[0].object_id != before.object_id

    name = before.user_principal_name
    new = run.poll(
        "account-is-back",
        "directory",
        directory.get_user(name) if same_name else directory.get_user_by_id(_new_owner(run, kept, end)),
        until=is_back,
        every=_SOON,
        timeout=_A_DAY,
        why=f"the synchronised account to come back{f' as {name}' if same_name else ''}{deadline.named(end)}",
        asking=deadline.asked_at(end),
    ).one()
    if not same_name:
        run.note("sign-in-name-now", f"The account {name} has come back as {new.user_principal_name}.")
    run.guard(
        "the new account is the synchronised one",
        new.immutable_id == before.immutable_id,
        found=f"ImmutableId {new.immutable_id or 'empty'} at ObjectId {new.object_id}.",
        expected=f"ImmutableId {before.immutable_id}, as the deleted account had.",
        remedy="Somebody has made another account of this name. Give it another name, synchronise, and retry this run.",
    )
    return new


def _new_owner(run: Run, kept: Captured, end: Deadline | None) -> UUID:
    """The id of the new account, by the recipient that it has made in Exchange Online."""
    address = str(kept.local.primary_smtp_address or kept.cloud.primary_smtp_address)

    def is_new(answer: Answer[Recipient]) -> bool:
        return len(answer.objects) == 1 and answer.objects[0].external_directory_object_id not in {None, kept.object_id}

    found = run.poll(
        "recipient-of-the-account",
        "exo",
        get_recipient(address),
        until=is_new,
        every=_SOON,
        timeout=_A_DAY,
        why=f"the synchronised account to come back, and Exchange Online to show its recipient {address}{deadline.named(end)}",
        asking=deadline.asked_at(end),
    ).one()
    return UUID(str(found.external_directory_object_id))


def _without_licence(run: Run, directory: Directory, new: Account) -> None:
    """An Exchange licence makes a new cloud mailbox; the group that gives it is named. Other licences do no harm."""
    licences: Sequence[AccountLicense] = ()
    if new.is_licensed is not False:
        licences = run.read("new-licences", "directory", directory.get_licenses(new)).objects
    giving = [one for one in licences if one.exchange_plans or one.waiting_plans]
    seen = "; ".join(map(_told, giving)) or ", ".join(one.sku_name for one in licences) or "no licence is seen"
    run.guard(
        "the new account has no Exchange licence",
        # An account that is licensed, with licences that could not be seen, is no answer.
        new.is_licensed is False or (bool(licences) and not giving),
        found=f"IsLicensed {new.is_licensed}{f' ({seen})' if new.is_licensed is not False else ''}.",
        expected="no licence with an Exchange plan: it makes a new cloud mailbox instead of a mail user.",
        remedy="Take the licence away (at the group, if it comes from one) until the mailbox is migrated, and retry this run.",
    )


def _told(licence: AccountLicense) -> str:
    plans = ", ".join((*licence.exchange_plans, *licence.waiting_plans))
    return f"{licence.sku_name}: {plans}{f', by group {_list(licence.groups)}' if licence.groups else ''}"


def _list(groups: Sequence[UUID]) -> str:
    return ", ".join(map(str, groups))
