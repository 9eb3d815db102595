"""A user's name in; both mailboxes and the account, kept as evidence before anything is deleted, out.

Where a mailbox is missing, somebody may have begun or ended this by hand or in an earlier run: that is found out and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from playbooks.duplicate_mailbox import guards
from playbooks.duplicate_mailbox.by_hand import merge_by_hand
from psbridge.cmdlets import (
    get_mail_user,
    get_mailbox,
    get_mailbox_exchange_guid,
    get_organization_config,
    get_remote_mailbox,
    get_user,
)
from psbridge.cmdlets.directory import Directory
from psbridge.engine import Input, Run
from psbridge.errors import Stopped
from psbridge.models import Account, Mailbox, MailUser, is_no_guid

__all__ = ["EVIDENCE", "IDS", "Captured", "capture"]

# How a line of the scan names a user: by ids that nothing else has.
IDS = (
    Input("cloud_id", default="", column="ObjectId", help="the id of the account, by which the cloud mailbox is found"),
    Input("on_premises_id", default="", column="OnPremisesGuid", help="the Guid by which the on-premises one is found"),
)
EVIDENCE = ("cloud-mailbox", "on-premises-mailbox", "account", "exchange-guid")


@dataclass(frozen=True, slots=True)
class Captured:
    """What the run knows of the user from before.

    - `group_licence_arranged`: the operator said that no group gives the new account its licence before the migration.
    - `unlicensed`: the user of OPTION #3.
    - `organisation_holds`: holds of the whole organisation that reach the cloud mailbox, and that the operator has accepted.
    """

    cloud: Mailbox
    local: Mailbox
    account: Account
    group_licence_arranged: bool = False
    unlicensed: bool = False
    organisation_holds: tuple[str, ...] = ()

    @property
    def source(self) -> UUID:
        """The ExchangeGuid of the cloud mailbox: what is merged later."""
        return self.cloud.exchange_guid

    @property
    def has_archive(self) -> bool:
        """Whether the cloud mailbox has an archive."""
        return self.cloud.archive_guid is not None and not is_no_guid(self.cloud.archive_guid)

    @property
    def auxiliary_archives(self) -> int:
        """How many mailboxes the archive has grown into beside its first one."""
        return sum("AuxArchive" in place for place in self.cloud.mailbox_locations)

    @property
    def expanding_archive(self) -> str:
        """What must be known of an archive that expands by itself, without a full stop (field-notes 5.5); empty for any other."""
        if not self.auxiliary_archives and not (self.has_archive and self.cloud.auto_expanding_archive_enabled):
            return ""
        return (
            f"the archive expands by itself (AutoExpandingArchiveEnabled {self.cloud.auto_expanding_archive_enabled}, "
            f"{self.auxiliary_archives} auxiliary archives seen). A restore request may not bring all of it: what must be kept "
            "for certain, export before it is lost"
        )

    @property
    def object_id(self) -> UUID:
        """The account's immutable id."""
        return UUID(str(self.account.object_id))

    @property
    def owner(self) -> UUID:
        """The id by which Exchange Online knows the owner."""
        return UUID(str(self.cloud.external_directory_object_id))


def capture(run: Run, directory: Directory, *, unlicensed: bool = False) -> Captured:
    """Look at both sides as the documents do, keep what was found, and hold every guard of the deletion.

    `unlicensed`: the user of OPTION #3.
    """
    name = run.inputs["identity"]
    cloud = _cloud_mailbox(run, run.inputs["cloud_id"] or name)
    local = _local_mailbox(run, run.inputs["on_premises_id"] or name, cloud)
    account = run.evidence(
        "account", "directory", directory.get_user(str(cloud.user_principal_name)), need=("object_id", "user_principal_name")
    )
    if run.inputs["cloud_id"] or run.inputs["on_premises_id"]:
        guards.refuse(guards.ids_are_the_named_users(name, cloud, local, account))
    guid = run.evidence("exchange-guid", "exo", get_mailbox_exchange_guid(_owner(cloud)), need=("exchange_guid",))
    run.guard(
        "the Exchange GUID is the mailbox's",
        guid.exchange_guid == cloud.exchange_guid,
        found=f"{guid.exchange_guid} and {cloud.exchange_guid} within one minute.",
        expected="the same ExchangeGuid twice.",
        remedy="Something is changing this user now. Wait until it is over, and begin a new run.",
    )
    licenses = run.read("licences", "directory", directory.get_licenses(account)).objects
    arranged = run.inputs.get("group_licence") == "arranged"
    for guard in guards.before_deletion(cloud, local, account, licenses, arranged=arranged, unlicensed=unlicensed):
        guards.hold(run, guard)
    holds = _organisation_holds(run, cloud)
    _no_inactive_mailbox(run, name)
    captured = Captured(cloud, local, account, arranged, unlicensed, holds)
    run.note("kept-besides", _kept_besides(captured))
    return captured


def _cloud_mailbox(run: Run, name: str) -> Mailbox:
    need = ("exchange_guid", "external_directory_object_id", "legacy_exchange_dn", "user_principal_name")
    try:
        return run.evidence("cloud-mailbox", "exo", get_mailbox(name), need=need)
    except Stopped:
        _explain_no_cloud_mailbox(run, name)
        raise


def _local_mailbox(run: Run, name: str, cloud: Mailbox) -> Mailbox:
    try:
        return run.evidence("on-premises-mailbox", "onprem", get_mailbox(name), need=("exchange_guid", "guid"))
    except Stopped:
        _explain_no_local_mailbox(run, name, cloud)
        raise


def _explain_no_cloud_mailbox(run: Run, name: str) -> None:
    deleted = run.read("soft-deleted-mailbox", "exo", get_mailbox(name, soft_deleted_mailbox=True)).objects
    back = run.read("mail-user-already", "exo", get_mail_user(name)).objects
    if not deleted:
        if len(back) == 1:
            _refuse_after_option_1(run, back[0])
        return
    left = ", ".join(f"{one.exchange_guid}, deleted {one.when_soft_deleted or 'at a time that is not told'}" for one in deleted)
    raise Stopped(
        "nothing of this was done before",
        found=f"no cloud mailbox, but a soft-deleted one ({left}){'; the user is a mail user' if back else ''}.",
        expected="a cloud mailbox and its account: the beginning.",
        remedy=(
            "Somebody has deleted the account, by hand or in another run (psbridge runs). If a run waits there, carry that on. "
            "Else go on by hand, within 30 days of the deletion: let the account come back, migrate the mailbox, and merge "
            f"{_merged_by_hand(run, deleted, _migrated_later(run, back))}"
        ),
    )


def _migrated_later(run: Run, back: Sequence[MailUser]) -> MailUser | Mailbox | None:
    """Who carries the GUIDs that the migrated mailbox will have: the mail user, else the mailbox on-premises."""
    if len(back) == 1 and not is_no_guid(back[0].exchange_guid):
        return back[0]
    name = run.inputs["on_premises_id"] or run.inputs["identity"]
    local = run.read("mailbox-to-be-migrated", "onprem", get_mailbox(name)).objects
    return local[0] if len(local) == 1 else None


def _merged_by_hand(run: Run, deleted: Sequence[Mailbox], target: MailUser | Mailbox | None) -> str:
    return " Or ".join(merge_by_hand(run.inputs["identity"], one, target) for one in deleted)


def _refuse_after_option_1(run: Run, user: MailUser) -> None:
    """Licence removed and then the account deleted: the purge would leave nothing to merge (field-notes 1.7)."""
    previous = run.read("previous-type", "exo", get_user(UUID(str(user.external_directory_object_id)))).objects
    if len(previous) != 1 or previous[0].previous_recipient_type_details != "UserMailbox":
        return
    raise Stopped(
        "OPTION #1 was not begun",
        found="a mail user whose PreviousRecipientTypeDetails is UserMailbox: its Exchange licence was taken away.",
        expected="a cloud mailbox with its licence: without one the purge leaves nothing that could be merged.",
        remedy=(
            "Carry OPTION #1 on (psbridge runs, or duplicate-mailbox-remove-license). To keep what the cloud mailbox held, "
            "give the licence back within 30 days, wait until Get-Mailbox shows the old ExchangeGuid, and begin a new run."
        ),
    )


def _explain_no_local_mailbox(run: Run, name: str, cloud: Mailbox) -> None:
    remote = run.read("remote-mailbox", "onprem", get_remote_mailbox(name)).objects
    if not remote:
        return
    left = run.read("soft-deleted-beside", "exo", get_mailbox(run.inputs["identity"], soft_deleted_mailbox=True)).objects
    by_hand = f" If none has merged it, do so {_merged_by_hand(run, left, cloud)}" if left else ""
    beside = "".join(f" In the cloud a soft-deleted mailbox {one.exchange_guid}." for one in left)
    raise Stopped(
        "the mailbox was not migrated before",
        found=(
            f"a remote mailbox on-premises ({remote[0].recipient_type_details}, ExchangeGuid {remote[0].exchange_guid}).{beside}"
        ),
        expected="a user mailbox: there are two mailboxes to merge.",
        remedy=(
            "This user was migrated: nothing is left to delete, and deleting the account would endanger the only mailbox. If a "
            f"merge is still missing, look for its restore request (Get-MailboxRestoreRequest) and soft-deleted mailbox.{by_hand}"
        ),
    )


def _organisation_holds(run: Run, cloud: Mailbox) -> tuple[str, ...]:
    """Those that reach the mailbox and are accepted; one that is not stops the run."""
    organisation = run.read("organization", "exo", get_organization_config()).one()
    guards.tell_untold_holds(run, organisation)
    reaching = organisation.holds_over(cloud.in_place_holds)
    accepted = reaching if run.inputs.get("organisation_hold") == "accepted" else ()
    guards.hold(run, guards.not_kept_by_the_organisation(cloud, organisation, accepted))
    return accepted


def _no_inactive_mailbox(run: Run, name: str) -> None:
    """A hold has made an earlier mailbox of this user inactive: then a name means more than one (field-notes 1.7, 5.5)."""
    found = run.read("inactive-mailbox", "exo", get_mailbox(name, inactive_mailbox_only=True)).objects
    run.guard(
        "no inactive mailbox has this name",
        not found,
        found=f"{', '.join(str(one.exchange_guid) for one in found) or 'none'}.",
        expected="none: the name must mean one mailbox, and a hold that keeps an earlier one may reach this one too.",
        remedy="Find out who keeps it and why (Get-Mailbox -InactiveMailboxOnly), and settle that first.",
    )


def _kept_besides(kept: Captured) -> str:
    holds = ", ".join(kept.cloud.holds) or "none"
    return (
        f"Kept with the evidence: ArchiveGuid {kept.cloud.archive_guid}, holds: {holds}, IsLicensed {kept.account.is_licensed}."
        f"{f' WARNING: {kept.expanding_archive}.' if kept.expanding_archive else ''}"
    )


def _owner(mailbox: Mailbox) -> UUID:
    return UUID(str(mailbox.external_directory_object_id))
