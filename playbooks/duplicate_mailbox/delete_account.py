"""OPTION #0 of the documents: delete the account, let it come back, and merge the cloud mailbox into the migrated one.

The steps, their order and their parameters are the documents' own; each phase below names the lines it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from playbooks.duplicate_mailbox import guards
from psbridge.cmdlets import (
    Call,
    get_ad_sync_scheduler,
    get_any_msol_user,
    get_mail_user,
    get_mailbox,
    get_mailbox_exchange_guid,
    get_mailbox_restore_request,
    get_mailbox_restore_request_statistics,
    get_msol_user,
    get_msol_user_by_id,
    new_mailbox_restore_request,
    remove_msol_user,
    start_ad_sync_sync_cycle,
)
from psbridge.engine import Answer, Input, Look, Playbook, Run
from psbridge.errors import Stopped
from psbridge.models import Mailbox, MailboxRestoreRequest, MailUser, MsolUser, is_no_guid

__all__ = ["playbook"]

# Exchange Online and the directory replicate within minutes; an object may be missing that long (field-notes 2.7).
REPLICATION: Final = timedelta(minutes=30)
# A soft-deleted mailbox lives 30 days (field-notes 1.7); the wait for the migration ends one day before.
MERGE_WINDOW: Final = timedelta(days=29)
EVIDENCE: Final = ("cloud-mailbox", "on-premises-mailbox", "account", "exchange-guid")


def body(run: Run) -> Mapping[str, object]:
    """Run OPTION #0 for one user; the result names both mailboxes and what became of the merge."""
    cloud, local, account = _capture(run)
    _remove(run, cloud, local, account)
    kept = _confirm_removal(run, cloud, account)
    returned = _return_of_the_account(run, account)
    if run.inputs["merge"] == "no":
        return {"merge": "not done", "soft_deleted_mailbox": str(cloud.exchange_guid), "account": str(returned.object_id)}
    target = _migrated_mailbox(run, local, returned, kept)
    request = _merge(run, cloud, target)
    return {
        "merge": request.status,
        "request": request.identity,
        "source_mailbox": str(cloud.exchange_guid),
        "target_mailbox": str(target),
        "account": str(returned.object_id),
        **({"archive": _about_the_archive(cloud).strip()} if _about_the_archive(cloud) else {}),
    }


def _capture(run: Run) -> tuple[Mailbox, Mailbox, MsolUser]:
    """Both mailboxes, the synchronised account, and the Exchange GUID, kept before anything is deleted."""
    name = run.inputs["identity"]
    cloud = run.evidence(
        "cloud-mailbox",
        "exo",
        get_mailbox(run.inputs.get("cloud-id") or name),
        need=("exchange_guid", "external_directory_object_id", "legacy_exchange_dn", "user_principal_name"),
    )
    local = run.evidence(
        "on-premises-mailbox", "onprem", get_mailbox(run.inputs.get("on-premises-id") or name), need=("exchange_guid", "guid")
    )
    account = run.evidence(
        "account", "directory", get_msol_user(str(cloud.user_principal_name)), need=("object_id", "user_principal_name")
    )
    captured = run.evidence("exchange-guid", "exo", get_mailbox_exchange_guid(_owner(cloud)), need=("exchange_guid",))
    run.note("kept-besides", _kept_besides(cloud, account))
    run.guard(
        "the Exchange GUID is the mailbox's",
        captured.exchange_guid == cloud.exchange_guid,
        found=f"{captured.exchange_guid} and {cloud.exchange_guid} within one minute.",
        expected="the same ExchangeGuid twice.",
        remedy="Something is changing this user now. Wait until it is over, and begin a new run.",
    )
    for guard in guards.before_deletion(cloud, local, account):
        run.guard(guard.name, guard.holds, found=guard.found, expected=guard.expected, remedy=guard.remedy)
    return cloud, local, account


def _kept_besides(cloud: Mailbox, account: MsolUser) -> str:
    holds = ", ".join(cloud.holds) or "none"
    return f"Kept with the evidence: ArchiveGuid {cloud.archive_guid}, holds: {holds}, IsLicensed {account.is_licensed}."


def _remove(run: Run, cloud: Mailbox, local: Mailbox, account: MsolUser) -> None:
    """Remove-MsolUser -Force, then -RemoveFromRecycleBin; a look before each proves that the name still means this account."""
    name, object_id = _name(account), _id(account)
    removal, purge = remove_msol_user(name), remove_msol_user(name, remove_from_recycle_bin=True)
    run.approval(
        "remove-account",
        [("directory", removal), ("directory", purge)],
        requires=EVIDENCE,
        says=(
            f"The account {name} ({object_id}) is deleted and purged. Its permissions, licences and cloud-only memberships "
            f"are lost. The cloud mailbox {cloud.exchange_guid} becomes soft-deleted and can be merged for 30 days."
            f"{_about_the_archive(cloud)}"
        ),
    )
    run.destroy(
        "delete-account",
        "directory",
        removal,
        requires=EVIDENCE,
        approval="remove-account",
        before=lambda look: _look_before_deletion(look, cloud, local, account, by_cmdlet=run.inputs["sync"] == "cmdlet"),
        verify=lambda look: _is_deleted(look, object_id),
    )
    run.destroy(
        "purge-account",
        "directory",
        purge,
        requires=EVIDENCE,
        approval="remove-account",
        before=lambda look: _look_before_purge(look, account),
        verify=lambda look: _is_purged(look, object_id),
    )


def _about_the_archive(cloud: Mailbox) -> str:
    """What a restore request leaves behind: it carries the primary mailbox only (field-notes 5.5). Empty without an archive."""
    if cloud.archive_guid is None or is_no_guid(cloud.archive_guid):
        return ""
    return (
        f" Its archive {cloud.archive_guid} is not merged by this run: it needs a restore request of its own "
        "(-SourceIsArchive) within these 30 days, or it is lost."
    )


def _look_before_deletion(look: Look, cloud: Mailbox, local: Mailbox, account: MsolUser, *, by_cmdlet: bool) -> None:
    mailbox = look.read("exo", get_mailbox(_owner(cloud))).one()
    on_premises = look.read("onprem", get_mailbox(UUID(str(local.guid)))).one()
    # A server that cannot be reached must show now, and not when the account is gone.
    ready = [guards.can_synchronise(look.read("sync", get_ad_sync_scheduler()).one())] if by_cmdlet else []
    found = look.read("directory", get_msol_user(_name(account))).one()
    for guard in (*ready, *guards.still_fits(cloud, mailbox, on_premises, found)):
        if not guard.holds:
            raise Stopped(guard.name, found=guard.found, expected=guard.expected, remedy=guard.remedy)


def _look_before_purge(look: Look, account: MsolUser) -> None:
    """The name must lead to the deleted account, and to no active one: a sync cycle restores it (field-notes 1.7)."""
    active = look.read("directory", get_msol_user(_name(account)))
    if active.objects:
        raise Stopped(
            "the account is deleted and not back",
            found=f"an active account {active.objects[0].object_id} with this name.",
            expected="none: the account was deleted a moment ago.",
            remedy=(
                "A synchronisation cycle has restored it. Pause the scheduler, and begin a new run; if the directory only lags "
                "behind, retry this one after some minutes."
            ),
            changed=True,
        )
    deleted = look.read("directory", get_msol_user(_name(account), return_deleted_users=True)).objects
    if [user.object_id for user in deleted] != [account.object_id]:
        raise Stopped(
            "the recycle bin holds the captured account",
            found=f"ObjectId {', '.join(str(user.object_id) for user in deleted) or 'none'}.",
            expected=f"ObjectId {account.object_id}, as captured, and no other.",
            remedy=(
                "If it does not show yet, retry this run after some minutes. If another account of this name is there, purge "
                "nothing by name: look at them by their ids, and retry this run when only the captured one is left."
            ),
            changed=True,
        )


def _is_deleted(look: Look, object_id: UUID) -> bool | None:
    if look.read("directory", get_msol_user_by_id(object_id)).objects:
        return False
    if look.read("directory", get_msol_user_by_id(object_id, return_deleted_users=True)).objects:
        return True
    return _sees_the_directory(look)


def _is_purged(look: Look, object_id: UUID) -> bool | None:
    if look.read("directory", get_msol_user_by_id(object_id, return_deleted_users=True)).objects:
        return False
    if look.read("directory", get_msol_user_by_id(object_id)).objects:
        return False  # restored, so not purged: the look before another purge says so, and stops
    return _sees_the_directory(look)


def _sees_the_directory(look: Look) -> bool | None:
    """Not to find one account is an answer only where another is found."""
    return True if look.read("directory", get_any_msol_user()).objects else None


def _confirm_removal(run: Run, cloud: Mailbox, account: MsolUser) -> Mailbox:
    """Neither list holds the account; the mailbox is gone, and stands among the soft-deleted ones: that is given."""

    def is_gone(answer: Answer[MsolUser]) -> bool:
        # A new account of the same name may be back already: only the captured id counts. An empty answer is no "not found".
        others = [user for user in answer.objects if user.object_id != account.object_id]
        return answer.absent or (bool(others) and len(others) == len(answer.objects))

    name, guid = _name(account), cloud.exchange_guid
    for key, call in (
        ("account-is-gone", get_msol_user(name)),
        ("recycle-bin-is-empty", get_msol_user(name, return_deleted_users=True)),
    ):
        run.poll(
            key, "directory", call, until=is_gone, every=_SOON, timeout=REPLICATION, why="the directory to forget the account"
        )
    run.poll(
        "cloud-mailbox-is-gone",
        "exo",
        get_mailbox(guid),
        until=lambda answer: answer.absent,
        every=_SOON,
        timeout=REPLICATION,
        why="Exchange Online to let go of the mailbox",
    )
    deleted = run.poll(
        "mailbox-is-soft-deleted",
        "exo",
        get_mailbox(guid, soft_deleted_mailbox=True),
        until=lambda answer: any(mailbox.exchange_guid == guid for mailbox in answer.objects),
        every=_SOON,
        timeout=REPLICATION,
        why=f"the soft-deleted mailbox {guid} to show",
    )
    return next(mailbox for mailbox in deleted.objects if mailbox.exchange_guid == guid)


def _return_of_the_account(run: Run, account: MsolUser) -> MsolUser:
    """Directory synchronisation brings the account back, new and unlicensed, as a mail user."""
    if run.inputs["sync"] == "manual":
        run.ask(
            "synchronise",
            "Start a directory synchronisation cycle on the Entra Connect server.",
            "Start-ADSyncSyncCycle -PolicyType Delta",
        )
    else:
        run.change("synchronise", "sync", start_ad_sync_sync_cycle())

    def is_back(answer: Answer[MsolUser]) -> bool:
        return len(answer.objects) == 1 and answer.objects[0].object_id != account.object_id

    call = get_msol_user(_name(account))
    new = run.poll(
        "account-is-back",
        "directory",
        call,
        until=is_back,
        every=_SOON,
        timeout=_A_DAY,
        why="the synchronised account to come back",
    ).one()
    run.guard(
        "the new account is the synchronised one",
        new.immutable_id == account.immutable_id,
        found=f"ImmutableId {new.immutable_id or 'empty'} at ObjectId {new.object_id}.",
        expected=f"ImmutableId {account.immutable_id}, as the deleted account had.",
        remedy="Somebody has made another account of this name. Give it another name, synchronise, and retry this run.",
    )
    run.guard(
        "the new account has no licence",
        new.is_licensed is False,
        found=f"IsLicensed {new.is_licensed}.",
        expected="False: a licence makes a new cloud mailbox instead of a mail user.",
        remedy="Take the licence away (at the group, if it comes from one) until the mailbox is migrated, and begin a new run.",
    )

    def is_mail_user(answer: Answer[MailUser]) -> bool:
        return len(answer.objects) == 1 and answer.objects[0].recipient_type == "MailUser"

    mail_user = get_mail_user(_id(new))
    run.poll(
        "mail-user",
        "exo",
        mail_user,
        until=is_mail_user,
        every=_SOON,
        timeout=_A_DAY,
        why="Exchange Online to show the mail user",
    )
    return new


def _migrated_mailbox(run: Run, local: Mailbox, account: MsolUser, kept: Mailbox) -> UUID:
    """Wait for the migration, which keeps the on-premises ExchangeGuid; give the GUID of the migrated mailbox."""
    migrated = run.poll(
        "migrated-mailbox",
        "exo",
        get_mailbox(_id(account)),
        until=lambda answer: len(answer.objects) == 1,
        every=timedelta(minutes=5),
        timeout=MERGE_WINDOW,
        why=f"the on-premises mailbox to be migrated (New-MigrationBatch or New-MoveRequest){_time_left(kept)}",
    ).one()
    target = run.evidence("target-guid", "exo", get_mailbox_exchange_guid(_id(account)), need=("exchange_guid",))
    run.guard(
        "the new mailbox is the migrated one",
        migrated.exchange_guid == target.exchange_guid == local.exchange_guid,
        found=f"ExchangeGuid {target.exchange_guid}.",
        expected=f"{local.exchange_guid}, which the mailbox had on-premises: a migration keeps it.",
        remedy="A licence has made a new, empty mailbox. Take it away, migrate the on-premises mailbox, and retry this run.",
    )
    return target.exchange_guid


def _time_left(kept: Mailbox) -> str:
    if kept.when_soft_deleted is None:
        return ""
    # The day is enough: what counts is that the merge begins well before it.
    return f"; the cloud mailbox was soft-deleted on {str(kept.when_soft_deleted)[:10]} and is lost 30 days after it"


def _merge(run: Run, cloud: Mailbox, target: UUID) -> MailboxRestoreRequest:
    """New-MailboxRestoreRequest from the soft-deleted mailbox into the migrated one; watched until it has ended."""
    source, name = cloud.exchange_guid, f"psb-{run.id}"
    restore = new_mailbox_restore_request(source_mailbox=source, target_mailbox=target, name=name)
    run.approval(
        "merge-mailbox",
        [("exo", restore)],
        requires=("exchange-guid", "target-guid"),
        says=f"The content of the soft-deleted mailbox {source} is merged into the mailbox {target}.",
    )
    run.destroy(
        "restore-request",
        "exo",
        restore,
        requires=("exchange-guid", "target-guid"),
        approval="merge-mailbox",
        before=lambda look: _look_before_merge(look, source, target, name),
        verify=lambda look: _is_requested(look, name, target),
    )
    request = run.poll(
        "restore-is-over",
        "exo",
        get_mailbox_restore_request(name=name),
        until=lambda answer: len(answer.objects) == 1 and answer.objects[0].status in _FINAL,
        every=timedelta(minutes=1),
        timeout=MERGE_WINDOW,
        why="the restore request to complete",
    ).one()
    if request.status != "Completed":
        _report(run, request)
    return request


def _look_before_merge(look: Look, source: UUID, target: UUID, name: str) -> None:
    """Both mailboxes are there, and nobody has a restore request into the target: a second one is made without a word (5.5)."""
    look.read("exo", get_mailbox(source, soft_deleted_mailbox=True)).one()
    look.read("exo", get_mailbox(target)).one()
    others = [
        f"{request.identity} ({request.status})"
        for request in look.read("exo", _requests_into(target)).objects
        if request.name != name
    ]
    if others:
        raise Stopped(
            "no other restore request goes into the mailbox",
            found=f"{', '.join(others)}.",
            expected="none.",
            remedy="Look at its statistics. If it merges the same mailbox, it is the merge; else remove it and retry this run.",
            changed=True,
        )


def _requests_into(target: UUID) -> Call[MailboxRestoreRequest]:
    return get_mailbox_restore_request(target_mailbox=target)


def _is_requested(look: Look, name: str, target: UUID) -> bool | None:
    if look.read("exo", get_mailbox_restore_request(name=name)).objects:
        return True
    return False if look.read("exo", get_mailbox(target)).objects else None


def _report(run: Run, request: MailboxRestoreRequest) -> None:
    """Failed stops the run; CompletedWithWarning is an end whose skipped items the report names."""
    call = get_mailbox_restore_request_statistics(str(request.identity), include_report=True)
    statistics = run.read("restore-statistics", "exo", call).one()
    run.guard(
        "the restore request has not failed",
        request.status != "Failed",
        found=f"status Failed, {statistics.status_detail or 'no detail'}: {statistics.message or 'no message'}",
        expected="Completed.",
        remedy=(
            "The soft-deleted mailbox is kept for 30 days after the purge. Read the report of this request; then resume it "
            "(Resume-MailboxRestoreRequest) or make another one."
        ),
    )


def _owner(mailbox: Mailbox) -> UUID:
    return UUID(str(mailbox.external_directory_object_id))


def _id(account: MsolUser) -> UUID:
    return UUID(str(account.object_id))


def _name(account: MsolUser) -> str:
    return str(account.user_principal_name)


_SOON: Final = timedelta(seconds=30)
_A_DAY: Final = timedelta(days=1)
_FINAL: Final = frozenset({"Completed", "CompletedWithWarning", "Failed"})

playbook: Final = Playbook(
    name="duplicate-mailbox-delete-account",
    version="1",
    summary="A user has a mailbox both on-premises and in the cloud: delete the account, let it come back, merge the mailbox.",
    inputs=(
        Input("identity", help="the user's name or address, the same in both organisations"),
        Input("cloud-id", default="", column="ObjectId", help="the id of the account, by which the cloud mailbox is found"),
        Input("on-premises-id", default="", column="OnPremisesGuid", help="the Guid by which the on-premises one is found"),
        Input("merge", default="yes", choices=("yes", "no"), help="no: end when the mail user is back, without the merge"),
        Input("sync", default="cmdlet", choices=("cmdlet", "manual"), help="manual: the operator starts the synchronisation"),
    ),
    endpoints=("exo", "onprem", "directory", "sync"),
    outline=(
        ("cloud-mailbox", "exo: Get-Mailbox; on-premises: Get-Mailbox; directory: Get-MsolUser (the account is synchronised)"),
        ("exchange-guid", "exo: Get-Mailbox | Select-Object ExchangeGuid (evidence)"),
        ("delete-account", "directory: Remove-MsolUser -Force"),
        ("purge-account", "directory: Remove-MsolUser -Force -RemoveFromRecycleBin"),
        ("account-is-gone", "directory: Get-MsolUser, then with -ReturnDeletedUsers: both find nothing"),
        ("cloud-mailbox-is-gone", "exo: Get-Mailbox finds nothing, with -SoftDeletedMailbox the captured GUID"),
        ("synchronise", "sync: Start-ADSyncSyncCycle"),
        ("account-is-back", "directory: Get-MsolUser finds the new account without a licence; exo: Get-MailUser the mail user"),
        ("migrated-mailbox", "wait until the on-premises mailbox is migrated; exo: Get-Mailbox"),
        ("target-guid", "exo: Get-Mailbox | Select-Object ExchangeGuid (evidence)"),
        ("restore-request", "exo: New-MailboxRestoreRequest -AllowLegacyDNMismatch, after an approval"),
        ("restore-is-over", "exo: Get-MailboxRestoreRequest until it has ended"),
    ),
    body=body,
)
