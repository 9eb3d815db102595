"""OPTION #0 of the documents: delete the account, let it come back, and merge the cloud mailbox into the migrated one.

The steps, their order and their parameters are the documents' own; the phases lie beside this file, in the order of its body.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from playbooks.duplicate_mailbox import deadline, migration, sign_in_name
from playbooks.duplicate_mailbox.capture import IDS, Captured, capture
from playbooks.duplicate_mailbox.merge import merge
from playbooks.duplicate_mailbox.removal import look_for_soft_deleted, remove_account
from playbooks.duplicate_mailbox.returning import return_of_the_account
from playbooks.duplicate_mailbox.version_1.delete_account import playbook as version_1
from psbridge.cmdlets.directory import Directory, directory_of
from psbridge.engine import DIALECT, Input, Playbook, Run
from psbridge.models import Mailbox

__all__ = ["carry_out", "playbook"]

# A person must know of it: as where items were skipped, the run is done with findings.
_LOST: Final[Mapping[str, object]] = {
    "merge": "impossible: the purge left no soft-deleted mailbox; what the cloud mailbox held is lost",
    "findings": 1,
}


def body(run: Run) -> Mapping[str, object]:
    """Run OPTION #0 for one user; the result names both mailboxes and what became of the merge."""
    directory = directory_of(run.inputs["dialect"])
    if run.inputs["merge"] == "yes":
        migration.check_inputs(run)
    return carry_out(run, directory, capture(run, directory))


def carry_out(run: Run, directory: Directory, kept: Captured) -> Mapping[str, object]:
    """Delete the captured user's account, let it come back, migrate and merge. OPTION #3 comes here too, `kept.unlicensed`."""
    same_name = sign_in_name.is_kept(run, kept)
    deleted = remove_account(run, directory, kept)
    end = None if deleted is None else deadline.watch(run, deleted)
    account, user = return_of_the_account(run, directory, kept, same_name=same_name, end=end)
    if deleted is None:
        deleted, end = _after_all(run, kept, "soft-deleted-after-all")
    if run.inputs["merge"] != "yes":
        if deleted is None:
            deadline.watched(run)
        merged = {"merge": "not done", "soft_deleted_mailbox": str(kept.source)} if deleted else _LOST
        return {**merged, "account": str(account.object_id)}
    moved = migration.migrate(
        run,
        user,
        kept.local,
        requires=("exchange-guid",),
        why=deadline.named(end),
        within=timedelta(days=30),
        end=end,
    )
    if end is None:
        _, end = _after_all(run, kept, "soft-deleted-at-last")
    if end is None:
        deadline.watched(run)
    requests = _LOST if end is None else merge(run, kept, moved.mailbox, end)
    return {
        **requests,
        "source_mailbox": str(kept.source),
        "target_mailbox": str(moved.mailbox.exchange_guid),
        "account": str(account.object_id),
        "migration": moved.verdict,
    }


def _after_all(run: Run, kept: Captured, key: str) -> tuple[Mailbox | None, deadline.Deadline | None]:
    """Look once more, now that Exchange Online has had its time; and say plainly what is lost, where nothing is left."""
    found = look_for_soft_deleted(run, kept, key)
    if found is not None:
        return found, deadline.watch(run, found)
    archive = f" and its archive {kept.cloud.archive_guid}" if kept.has_archive else ""
    run.note(
        f"{key}-not",
        f"No soft-deleted mailbox {kept.source} is there: what the cloud mailbox{archive} held is lost, and nothing can be "
        "merged. The on-premises mailbox is not touched by that.",
    )
    return None, None


playbook: Final = Playbook(
    name="duplicate-mailbox-delete-account",
    version="2",
    summary="A user has a mailbox both on-premises and in the cloud: delete the account, let it come back, merge the mailbox.",
    inputs=(
        Input("identity", help="the user's name or address, the same in both organisations"),
        Input("merge", default="yes", choices=("yes", "no"), help="no: end when the mail user is back, without the merge"),
        Input(
            "sync",
            default="cmdlet",
            choices=("cmdlet", "manual"),
            help="manual: the operator pauses and synchronises",
            replaces=("sync",),
            replaces_at="manual",
        ),
        Input(
            "group_licence",
            default="refused",
            choices=("refused", "arranged"),
            help="arranged: no group will license the new account before the migration",
        ),
        Input(
            "organisation_hold",
            default="refused",
            choices=("refused", "accepted"),
            help="accepted: a retention policy of the whole organisation may keep the old mailbox as an inactive one",
        ),
        sign_in_name.SIGN_IN_NAME,
        *migration.INPUTS,
        *IDS,
        DIALECT,
    ),
    endpoints=("exo", "onprem", "directory", "sync"),
    outline=(
        ("cloud-mailbox", "exo: Get-Mailbox; on-premises: Get-Mailbox; directory: the account, its licences"),
        ("exchange-guid", "exo: Get-Mailbox | Select-Object ExchangeGuid (evidence)"),
        ("pause-scheduler", "sync: Set-ADSyncScheduler -SyncCycleEnabled $false, where it was on"),
        ("delete-account", "directory: the account is deleted (Remove-MsolUser -Force)"),
        ("purge-account", "directory: it is purged (Remove-MsolUser -Force -RemoveFromRecycleBin)"),
        ("account-is-gone", "directory: neither the accounts nor the recycle bin holds it"),
        ("resume-scheduler", "sync: Set-ADSyncScheduler -SyncCycleEnabled $true, where it was on"),
        ("cloud-mailbox-is-gone", "exo: Get-Mailbox finds nothing, with -SoftDeletedMailbox the captured GUID"),
        ("synchronise", "sync: Start-ADSyncSyncCycle"),
        ("account-is-back", "directory: the new account, without an Exchange licence; exo: Get-MailUser the mail user"),
        *migration.OUTLINE,
        ("restore-request", "exo: New-MailboxRestoreRequest -AllowLegacyDNMismatch, after an approval; one more for an archive"),
        ("restore-is-over", "exo: Get-MailboxRestoreRequest until it has ended"),
    ),
    body=body,
    earlier=(version_1,),
)
