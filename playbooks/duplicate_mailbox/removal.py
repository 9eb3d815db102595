"""A captured user in; the account deleted and purged, its mailbox proved to be soft-deleted, out.

Between the two the scheduler of synchronisation is paused: a cycle would restore the account (field-notes 1.7). The pause is held
by the run (Run.hold), so that it is ended on every way out, and stands as a warning until then.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from playbooks.asking import DONE, ask_until
from playbooks.duplicate_mailbox import deadline, guards
from playbooks.duplicate_mailbox.capture import EVIDENCE, Captured
from psbridge.cmdlets import Call, get_ad_sync_scheduler, get_mailbox, get_organization_config, set_ad_sync_scheduler
from psbridge.cmdlets.directory import Directory
from psbridge.engine import Answer, Look, Run
from psbridge.errors import Stopped
from psbridge.models import Account, ADSyncScheduler, Mailbox

__all__ = ["PAUSED_BY_HAND", "look_for_soft_deleted", "remove_account"]

PAUSED_BY_HAND: Final = "scheduler-paused-by-hand"

# Exchange Online and the directory replicate within minutes; an object may be missing that long (field-notes 2.7).
REPLICATION: Final = timedelta(minutes=30)
SOON: Final = timedelta(seconds=30)


def remove_account(run: Run, directory: Directory, kept: Captured) -> Mailbox | None:
    """Give the soft-deleted mailbox; the account is in neither list of the directory any more.

    Without a licence there may be none (field-notes 1.7): then None, which a later look may still prove wrong.
    """
    removal, purge = directory.remove_user(kept.account), directory.purge_user(kept.account)
    by_cmdlet = run.inputs["sync"] == "cmdlet"
    if by_cmdlet:
        guards.hold(run, guards.can_synchronise(run.read("sync-server", "sync", get_ad_sync_scheduler()).one()))
    pauses = [("sync", _PAUSE), ("sync", _RESUME)] if by_cmdlet else []
    actions = [*pauses[:1], ("directory", removal), ("directory", purge), *pauses[1:]]
    run.approval("remove-account", actions, requires=EVIDENCE, says=_says(kept, by_cmdlet=by_cmdlet))
    is_held = _pause(run) if by_cmdlet else _pause_by_hand(run)
    run.destroy(
        "delete-account",
        "directory",
        removal,
        requires=EVIDENCE,
        approval="remove-account",
        before=lambda look: _look_before_deletion(look, directory, kept, by_cmdlet=by_cmdlet),
        verify=lambda look: _is_deleted(look, directory, kept.object_id),
    )
    run.destroy(
        "purge-account",
        "directory",
        purge,
        requires=EVIDENCE,
        approval="remove-account",
        before=lambda look: _about_to_purge(run, look, directory, kept, by_cmdlet=by_cmdlet),
        verify=lambda look: _is_purged(look, directory, kept.object_id),
    )
    _confirm_purge(run, directory, kept)
    if is_held:
        run.release("resume-scheduler", "pause-scheduler")
    return _soft_deleted(run, kept)


_PAUSE: Final[Call[Any]] = set_ad_sync_scheduler(sync_cycle_enabled=False)
_RESUME: Final[Call[Any]] = set_ad_sync_scheduler(sync_cycle_enabled=True)


def _says(kept: Captured, *, by_cmdlet: bool) -> str:
    archive = (
        f" Its archive {kept.cloud.archive_guid} goes with it, and is merged by a request of its own." if kept.has_archive else ""
    )
    archive += f" WARNING: {kept.expanding_archive}." if kept.expanding_archive else ""
    pause = " The scheduler of synchronisation is paused for all users meanwhile, if it is on." if by_cmdlet else ""
    return (
        f"The account {kept.account.user_principal_name} ({kept.object_id}) is deleted and purged. Its permissions, licences and "
        "cloud-only memberships are lost, and what it owns or may open in SharePoint, OneDrive and other services. Its mail flow "
        f"may be interrupted for a short time. {_says_of_the_mailbox(kept)}{archive}{pause}"
    )


def _says_of_the_mailbox(kept: Captured) -> str:
    held = ", ".join(kept.organisation_holds)
    if kept.unlicensed:
        stays = f" A hold of the whole organisation ({held}) may make it inactive instead: then it stays until that ends."
        return (
            f"WARNING: the account has no licence, so the purge may leave no soft-deleted mailbox (field-notes 1.7): then the "
            f"merge is impossible, and all that the cloud mailbox {kept.source} holds is LOST FOR GOOD. What must be "
            f"kept for certain, export before you approve. If it is left, it can be merged for 30 days.{stays if held else ''}"
        )
    if held:
        return (
            f"A hold of the whole organisation ({held}) reaches the cloud mailbox {kept.source}: it becomes inactive instead of "
            "soft-deleted. It can be merged, and is still there afterwards, until the hold ends."
        )
    return f"The cloud mailbox {kept.source} becomes soft-deleted and can be merged for 30 days."


def _pause(run: Run) -> bool:
    """Let a cycle end and pause the scheduler; gives whether it was on. One that somebody else has paused stays as it was.

    A cycle that begins just between the two is seen by the look before the deletion, which stops the run.
    """
    run.poll(
        "no-cycle-is-under-way",
        "sync",
        get_ad_sync_scheduler(),
        until=lambda answer: len(answer.objects) == 1 and answer.objects[0].sync_cycle_in_progress is not True,
        every=SOON,
        timeout=timedelta(hours=2),
        why="the cycle of synchronisation that is under way to end",
    )
    before = run.evidence("scheduler", "sync", get_ad_sync_scheduler(), need=("sync_cycle_enabled",))
    # The approval may have taken days: another server may be the active one now.
    guards.refuse(guards.can_synchronise(before))
    if before.sync_cycle_enabled:
        run.hold(
            "pause-scheduler",
            "sync",
            _PAUSE,
            back=_RESUME,
            says="The scheduler of directory synchronisation is paused by this run: no change reaches the cloud by itself.",
        )
    return before.sync_cycle_enabled


def _pause_by_hand(run: Run) -> bool:
    """Without a session to the sync server the operator pauses; the warning stands until they are asked for a cycle."""
    run.warn(PAUSED_BY_HAND, f"The scheduler of directory synchronisation was to be paused by hand. To end it: {_RESUME}")
    ask_until(
        run,
        "pause-scheduler",
        "Pause the scheduler on the Entra Connect server, and let a cycle that is under way end: one between the deletion and "
        "the purge restores the account.",
        f"{_PAUSE}; then answer `done`. The run tells you when to switch it on again.",
        DONE,
    )
    return False


def _is_quiet(scheduler: ADSyncScheduler) -> bool:
    return not scheduler.sync_cycle_enabled and scheduler.sync_cycle_in_progress is not True


def _look_before_deletion(look: Look, directory: Directory, kept: Captured, *, by_cmdlet: bool) -> None:
    mailbox = look.read("exo", get_mailbox(kept.owner)).one()
    organisation = look.read("exo", get_organization_config()).one()
    on_premises = look.read("onprem", get_mailbox(UUID(str(kept.local.guid)))).one()
    # A server that cannot be reached must show now, and not when the account is gone.
    if by_cmdlet:
        scheduler = look.read("sync", get_ad_sync_scheduler()).one()
        guards.refuse(guards.can_synchronise(scheduler))
        guards.refuse(_still_paused(scheduler))
    found = look.read("directory", directory.get_user(kept.account.user_principal_name)).one()
    # A group may have been given the account since: its licence would reach the new one at once.
    licenses = look.read("directory", directory.get_licenses(kept.account)).objects
    known, arranged = (kept.cloud, kept.local), kept.group_licence_arranged
    for guard in guards.still_fits(known, mailbox, on_premises, found, licenses, arranged=arranged, unlicensed=kept.unlicensed):
        guards.refuse(guard)
    guards.refuse(guards.not_kept_by_the_organisation(mailbox, organisation, kept.organisation_holds))


def _about_to_purge(run: Run, look: Look, directory: Directory, kept: Captured, *, by_cmdlet: bool) -> None:
    """Look, and let the warning stand before the purge: its answer may be lost, and the run cancelled."""
    _look_before_purge(look, directory, kept, by_cmdlet=by_cmdlet)
    deadline.announce(run, kept)


def _look_before_purge(look: Look, directory: Directory, kept: Captured, *, by_cmdlet: bool) -> None:
    """The name must lead to the deleted account, and to no active one: a sync cycle restores it (field-notes 1.7)."""
    active = look.read("directory", directory.get_user(kept.account.user_principal_name))
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
    deleted = look.read("directory", directory.get_deleted_user(kept.account)).objects
    if [user.object_id for user in deleted] != [kept.account.object_id]:
        raise Stopped(
            "the recycle bin holds the captured account",
            found=f"ObjectId {', '.join(str(user.object_id) for user in deleted) or 'none'}.",
            expected=f"ObjectId {kept.account.object_id}, as captured, and no other.",
            remedy=(
                "If it does not show yet, retry this run after some minutes. If another account of this name is there, purge "
                "nothing by name: look at them by their ids, and retry this run when only the captured one is left."
            ),
            changed=True,
        )
    if by_cmdlet:
        guards.refuse(_still_paused(look.read("sync", get_ad_sync_scheduler()).one()))


def _still_paused(scheduler: ADSyncScheduler) -> guards.Guard:
    return guards.Guard(
        "no cycle of synchronisation can come between",
        _is_quiet(scheduler),
        f"SyncCycleEnabled {scheduler.sync_cycle_enabled}, SyncCycleInProgress {scheduler.sync_cycle_in_progress}.",
        "the scheduler paused, as this run has left it, and no cycle under way.",
        "Somebody has let it go on. Agree with them, and retry this run: it pauses the scheduler again.",
    )


def _is_deleted(look: Look, directory: Directory, object_id: UUID) -> bool | None:
    if look.read("directory", directory.get_user_by_id(object_id)).objects:
        return False
    if look.read("directory", directory.get_deleted_user_by_id(object_id)).objects:
        return True
    return _sees_the_directory(look, directory)


def _is_purged(look: Look, directory: Directory, object_id: UUID) -> bool | None:
    if look.read("directory", directory.get_deleted_user_by_id(object_id)).objects:
        return False
    if look.read("directory", directory.get_user_by_id(object_id)).objects:
        return False  # restored, so not purged: the look before another purge says so, and stops
    return _sees_the_directory(look, directory)


def _sees_the_directory(look: Look, directory: Directory) -> bool | None:
    """Not to find one account is an answer only where another is found."""
    return True if look.read("directory", directory.get_any_user()).objects else None


def _confirm_purge(run: Run, directory: Directory, kept: Captured) -> None:
    """Neither list of the directory holds the account."""

    def is_gone(answer: Answer[Account]) -> bool:
        # A new account of the same name may be back already: only the captured id counts. An empty answer is no "not found".
        others = [user for user in answer.objects if user.object_id != kept.account.object_id]
        return answer.absent or (bool(others) and len(others) == len(answer.objects))

    for key, call in (
        ("account-is-gone", directory.get_user(kept.account.user_principal_name)),
        ("recycle-bin-is-empty", directory.get_deleted_user(kept.account)),
    ):
        run.poll(
            key, "directory", call, until=is_gone, every=SOON, timeout=REPLICATION, why="the directory to forget the account"
        )


def _soft_deleted(run: Run, kept: Captured) -> Mailbox | None:
    """The mailbox is gone, and stands among the soft-deleted ones: that is given. Of an unlicensed user there may be none."""
    guid = kept.source
    run.poll(
        "cloud-mailbox-is-gone",
        "exo",
        get_mailbox(guid),
        until=lambda answer: answer.absent,
        every=SOON,
        timeout=REPLICATION,
        why="Exchange Online to let go of the mailbox",
    )
    if kept.unlicensed:
        return look_for_soft_deleted(run, kept, "mailbox-is-soft-deleted")
    deleted = run.poll(
        "mailbox-is-soft-deleted",
        "exo",
        get_mailbox(guid, soft_deleted_mailbox=True),
        until=lambda answer: any(mailbox.exchange_guid == guid for mailbox in answer.objects),
        every=SOON,
        timeout=REPLICATION,
        why=f"the soft-deleted mailbox {guid} to show (Get-Mailbox -InactiveMailboxOnly shows one that a hold keeps)",
    )
    mailbox = next(mailbox for mailbox in deleted.objects if mailbox.exchange_guid == guid)
    _tell_inactive(run, mailbox, "mailbox-is-soft-deleted")
    return mailbox


def look_for_soft_deleted(run: Run, kept: Captured, key: str) -> Mailbox | None:
    """The soft-deleted mailbox, if Exchange Online shows it now."""
    found = run.read(key, "exo", get_mailbox(kept.source, soft_deleted_mailbox=True)).objects
    mailbox = next((mailbox for mailbox in found if mailbox.exchange_guid == kept.source), None)
    _tell_inactive(run, mailbox, key)
    return mailbox


def _tell_inactive(run: Run, mailbox: Mailbox | None, key: str) -> None:
    if mailbox is not None and mailbox.is_inactive_mailbox is True:
        run.note(
            f"{key}-inactive",
            f"The mailbox {mailbox.exchange_guid} is inactive: a hold keeps it. It can be merged all the same, and stays until "
            "the hold ends.",
        )
