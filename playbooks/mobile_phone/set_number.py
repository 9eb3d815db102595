"""`mobile-phone-set`: change the number on-premises, synchronise, and see whether the cloud takes it; say why if it does not.

The third document: Set-User -MobilePhone, Get-User, the account in the directory, Get-User in Exchange Online.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from playbooks.mobile_phone.look import ACCOUNT, IDENTITY
from playbooks.mobile_phone.numbers import same, shown, with_normal_form
from playbooks.mobile_phone.reading import EVIDENCE, Person, changed_at, moment, must_be_synchronised, person
from playbooks.mobile_phone.support_case import support_case
from playbooks.mobile_phone.synchronising import A_DAY, SOON, SYNC, must_export, synchronise
from psbridge.cmdlets import Call, get_user, set_user
from psbridge.cmdlets.directory import directory_of
from psbridge.engine import DIALECT, Answer, Input, Look, Playbook, Run
from psbridge.errors import Stopped
from psbridge.models import Account, User

__all__ = ["playbook"]

# The attribute `mobile` of Active Directory takes 64 characters (MS-ADA2, rangeUpper).
LONGEST: Final = 64


def body(run: Run) -> Mapping[str, object]:
    """Set the number on-premises and follow it; the result tells whether the cloud took it."""
    directory, number = directory_of(run.inputs["dialect"]), run.inputs["number"]
    _must_be_a_number(run, number)
    before = person(run, directory)
    must_be_synchronised(run, before.account)
    if same(before.local.mobile_phone, number) and same(before.account.mobile_phone, number):
        return {**before.told(), **_outcome(before, before, number, run.inputs["dialect"])}
    must_export(run)
    is_ours = not same(before.local.mobile_phone, number)
    if is_ours:
        _set(run, before, number)
    local = _on_premises(run, before, number)
    call = directory.get_user(before.account.user_principal_name)
    not_yet = run.read("account-before-synchronisation", "directory", call).one()
    # What this run wrote is still to be exported, unless the account was synchronised since it was captured.
    is_to_come = is_ours and moment(not_yet.last_dir_sync_time) == moment(before.account.last_dir_sync_time)
    synchronise(run)
    account = _directory(run, call, local, not_yet, number, is_to_come=is_to_come)
    after = replace(
        before,
        local=local,
        account=account,
        online=_online(run, before, account, number),
        is_carried=_is_later(account, moment(not_yet.last_dir_sync_time)),
        is_taken=same(account.mobile_phone, number) and not same(not_yet.mobile_phone, number),
    )
    run.note("what-is-seen-after", after.seen)
    return {**after.told(), **_outcome(after, before, number, run.inputs["dialect"])}


def _must_be_a_number(run: Run, number: str) -> None:
    run.guard(
        "the number can be written",
        number == number.strip() and number.isprintable() and len(number) <= LONGEST,
        found=f"{shown(number)}, {len(number)} characters.",
        expected=f"at most {LONGEST} printable characters, without a blank at either end.",
        remedy="Give the number as it is to show in the address book: --option number=...",
    )


def _set(run: Run, before: Person, number: str) -> None:
    """Set-User -MobilePhone behind an approval that shows the number before and the way back."""
    call = set_user(before.guid, mobile_phone=number)
    run.approval(
        "set-number",
        [("onprem", call)],
        requires=EVIDENCE,
        says=(
            f"The mobile phone of {before.local.user_principal_name} on-premises becomes {with_normal_form(number)}; it is "
            f"{with_normal_form(before.local.mobile_phone)} now, and {with_normal_form(before.account.mobile_phone)} in the "
            f"directory. Then a synchronisation cycle runs. Way back: {_way_back(before)}.{_warning(before)}"
        ),
    )
    run.destroy(
        "set-number-on-premises",
        "onprem",
        call,
        requires=EVIDENCE,
        approval="set-number",
        before=lambda look: _look_before(look, before),
        verify=lambda look: same(look.read("onprem", get_user(before.guid)).one().mobile_phone, number),
    )


def _way_back(before: Person) -> str:
    return str(set_user(before.guid, mobile_phone=before.local.mobile_phone or ""))


def _warning(before: Person) -> str:
    if not before.mobile_phone.is_overridden:
        return ""
    return " The cloud has overridden this user's number: it will most likely not take the new one either."


def _look_before(look: Look, before: Person) -> None:
    found = look.read("onprem", get_user(before.guid)).one()
    if not same(found.mobile_phone, before.local.mobile_phone):
        raise Stopped(
            "the number on-premises is the captured one",
            found=f"{shown(found.mobile_phone)}.",
            expected=f"{shown(before.local.mobile_phone)}, as captured.",
            remedy="Somebody has changed it in the meantime. Look whose number is right, and begin a new run.",
        )


def _on_premises(run: Run, before: Person, number: str) -> User:
    """Get-User again: one domain controller may lag behind another."""
    return run.poll(
        "on-premises-after",
        "onprem",
        get_user(before.guid),
        until=lambda answer: len(answer.objects) == 1 and same(answer.objects[0].mobile_phone, number),
        every=SOON,
        timeout=A_DAY,
        why="the on-premises directory to show the number",
    ).one()


def _directory(run: Run, call: Call[Account], local: User, not_yet: Account, number: str, *, is_to_come: bool) -> Account:
    """The account, once it holds the number or was synchronised after the change: then it has not taken it.

    Its own time before the cycle tells that for certain, by one clock. Where no export may follow any more, because the change
    was made earlier or another cycle has exported it already, only WhenChanged is left to compare with.
    """
    changed, earlier = changed_at(local), moment(not_yet.last_dir_sync_time)

    def is_synchronised(answer: Answer[Account]) -> bool:
        if len(answer.objects) != 1:
            return False
        account = answer.objects[0]
        if same(account.mobile_phone, number) or _is_later(account, earlier):
            return True
        if is_to_come and earlier is not None:
            return False
        synced = moment(account.last_dir_sync_time)
        # Without both times nobody can tell what to wait for; the diagnosis says so.
        return changed is None or synced is None or synced >= changed

    return run.poll(
        "directory-after",
        "directory",
        call,
        until=is_synchronised,
        every=SOON,
        timeout=A_DAY,
        why="the account to be synchronised",
    ).one()


def _is_later(account: Account, earlier: datetime | None) -> bool:
    synced = moment(account.last_dir_sync_time)
    return earlier is not None and synced is not None and synced > earlier


def _online(run: Run, before: Person, account: Account, number: str) -> Answer[User]:
    """Get-User in Exchange Online, once it shows what the directory holds, where the cloud took the number."""
    took = same(account.mobile_phone, number)
    is_there = before.online is not None and bool(before.online.objects)

    def shows(answer: Answer[User]) -> bool:
        return not is_there or (len(answer.objects) == 1 and same(answer.objects[0].mobile_phone, account.mobile_phone))

    call = get_user(account.object_id)
    if not took:
        return run.read("online-after", "exo", call)
    return run.poll(
        "online-after", "exo", call, until=shows, every=SOON, timeout=A_DAY, why="Exchange Online to show the directory's number"
    )


def _outcome(after: Person, before: Person, number: str, dialect: str) -> Mapping[str, object]:
    took = same(after.account.mobile_phone, number)
    told: dict[str, object] = {
        "taken_by_the_cloud": "yes" if took else "no",
        "before": with_normal_form(before.local.mobile_phone),
        "way_back": _way_back(before),
    }
    if after.mobile_phone.is_overridden:
        told["support_case"] = support_case(after, dialect)
    return told


playbook: Final = Playbook(
    name="mobile-phone-set",
    version="1",
    summary="Set a user's mobile phone on-premises, synchronise, and tell whether the cloud takes it.",
    inputs=(IDENTITY, Input("number", help="the new number, exactly as it is to show"), ACCOUNT, SYNC, DIALECT),
    endpoints=("onprem", "directory", "exo", "sync"),
    outline=(
        ("on-premises-user", "on-premises: Get-User; directory: the account; exo: Get-User (evidence)"),
        ("scheduler", "sync: Get-ADSyncScheduler: no staging server"),
        ("set-number", "on-premises: Set-User -MobilePhone, after an approval"),
        ("on-premises-after", "on-premises: Get-User"),
        ("account-before-synchronisation", "directory: the account, with the time of its last synchronisation"),
        ("synchronise", "sync: Start-ADSyncSyncCycle"),
        ("directory-after", "directory: the account, when it was synchronised"),
        ("online-after", "exo: Get-User"),
    ),
    body=body,
)
