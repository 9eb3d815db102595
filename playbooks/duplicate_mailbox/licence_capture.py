"""A user's name in; both mailboxes, the account and its licences, kept as evidence before a licence is taken away, out.

Where the cloud mailbox has become a mail user, an earlier run or somebody by hand began this: the run goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from playbooks.duplicate_mailbox import guards, licence_guards
from psbridge.cmdlets import (
    get_mail_user,
    get_mailbox,
    get_organization_config,
    get_pending_delicense_user,
    get_remote_mailbox,
    get_user,
)
from psbridge.cmdlets.directory import Directory
from psbridge.engine import Run
from psbridge.errors import Stopped
from psbridge.models import Account, AccountLicense, Mailbox, MailUser

__all__ = ["EVIDENCE", "Licensed", "capture"]

EVIDENCE = ("cloud-mailbox", "on-premises-mailbox", "account")


@dataclass(frozen=True, slots=True)
class Licensed:
    """What the run knows of the user from before.

    - `cloud`: None where it is a mail user already. `licenses`: those that give a mailbox.
    - `is_delayed`: the organisation lets the mailbox live 30 days; `due`: until when, where the licence is gone already.
    """

    cloud: Mailbox | None
    local: Mailbox
    account: Account
    licenses: tuple[AccountLicense, ...]
    is_delayed: bool
    due: datetime | None

    @property
    def object_id(self) -> UUID:
        """The account's immutable id, by which Exchange Online knows the recipient."""
        return UUID(str(self.account.object_id))

    @property
    def requires(self) -> tuple[str, ...]:
        """The evidence that there is."""
        return EVIDENCE if self.cloud is not None else EVIDENCE[1:]


def capture(run: Run, directory: Directory) -> Licensed:
    """Look at both sides as the documents do, keep what was found, and hold every guard of the removal."""
    name = run.inputs["identity"]
    cloud, user = _cloud_side(run, run.inputs["cloud_id"] or name)
    local = _local_mailbox(run, run.inputs["on_premises_id"] or name)
    found = cloud or user
    account = run.evidence(
        "account",
        "directory",
        directory.get_user(str(found.user_principal_name if found else name)),
        need=("object_id", "user_principal_name"),
    )
    if run.inputs["cloud_id"] or run.inputs["on_premises_id"]:
        guards.refuse(guards.ids_are_the_named_users(name, cloud, user, local, account))
    licenses = run.read("licences", "directory", directory.get_licenses(account)).objects
    giving = tuple(one for one in licenses if one.exchange_plans)
    if cloud is None:
        _hold_without_mailbox(run, user, local, account, giving)
        return Licensed(None, local, account, (), is_delayed=False, due=None)
    for guard in licence_guards.before_removal(cloud, local, account, giving):
        guards.hold(run, guard)
    is_delayed, due = _delay(run, cloud, account, giving)
    return Licensed(cloud, local, account, giving, is_delayed, due)


def _cloud_side(run: Run, name: str) -> tuple[Mailbox | None, MailUser | None]:
    need = ("exchange_guid", "external_directory_object_id", "user_principal_name")
    try:
        return run.evidence("cloud-mailbox", "exo", get_mailbox(name), need=need), None
    except Stopped:
        users = run.read("mail-user-already", "exo", get_mail_user(name)).objects
        if len(users) != 1:
            raise
        return None, users[0]


def _local_mailbox(run: Run, name: str) -> Mailbox:
    try:
        return run.evidence("on-premises-mailbox", "onprem", get_mailbox(name), need=("exchange_guid", "guid"))
    except Stopped:
        remote = run.read("remote-mailbox", "onprem", get_remote_mailbox(name)).objects
        if not remote:
            raise
        raise Stopped(
            "the mailbox was not migrated before",
            found=f"a remote mailbox on-premises ({remote[0].recipient_type_details}, ExchangeGuid {remote[0].exchange_guid}).",
            expected="a user mailbox: there are two mailboxes, and the one on-premises is kept.",
            remedy="This user was migrated: the cloud mailbox is the only one, and it needs its licence. Take nothing away.",
        ) from None


def _hold_without_mailbox(
    run: Run, user: MailUser | None, local: Mailbox, account: Account, giving: tuple[AccountLicense, ...]
) -> None:
    """The mail user must be what a removed licence leaves behind, and no licence may be there again."""
    for guard in licence_guards.of_the_account(local, account):
        guards.hold(run, guard)
    owner = None if user is None else user.external_directory_object_id
    run.guard(
        "the account is the mail user's",
        owner == account.object_id,
        found=f"the account's ObjectId is {account.object_id}, the mail user belongs to {owner or 'none'}.",
        expected="the same id on both.",
        remedy="The sign-in name leads to another account. Find out whose this is before anything is changed.",
    )
    before = run.read("previous-type", "exo", get_user(UUID(str(account.object_id)))).one().previous_recipient_type_details
    run.guard(
        "the user has a second mailbox, or had one",
        before == "UserMailbox",
        found=f"a mail user in the cloud, PreviousRecipientTypeDetails {before or 'empty'}.",
        expected="a user mailbox in the cloud, or a mail user that was one: then its licence was taken away before.",
        remedy="This user has one mailbox, and it is on-premises: there is nothing to take away. Migrate it as any other.",
    )
    run.guard(
        "no Exchange licence has come back",
        not giving,
        found=f"{', '.join(one.sku_name for one in giving) or 'none'}.",
        expected="none until the mailbox is migrated: it makes the old mailbox again (field-notes 1.1).",
        remedy="Take the licence away, wait until Exchange Online shows the user as it is, and begin a new run.",
    )
    run.note("begun-before", "The Exchange licence was taken away before this run; it goes on with the mail user.")


def _delay(run: Run, cloud: Mailbox, account: Account, giving: tuple[AccountLicense, ...]) -> tuple[bool, datetime | None]:
    """Whether the loss of the mailbox is delayed, and until when, where the licence is gone already (field-notes 1.8)."""
    organisation = run.read("organization", "exo", get_organization_config()).one()
    guards.tell_untold_holds(run, organisation)
    guards.hold(run, licence_guards.not_kept_by_the_organisation(cloud, organisation))
    if giving:
        return organisation.delayed_delicensing_enabled is True, None
    pending = run.read("pending-already", "exo", get_pending_delicense_user(UUID(str(account.object_id)))).objects
    due = None if not pending else pending[0].when_due_for_delicensing_utc
    run.guard(
        "an Exchange licence gives the cloud mailbox",
        bool(pending),
        found=f"no licence with an Exchange plan, SKUAssigned {cloud.sku_assigned}, and no delay that is running; validation "
        f"error: {account.has_validation_error}.",
        expected="a licence that can be taken away, or one that was taken away and whose mailbox is due to go.",
        remedy=(
            "This is OPTION #3: psbridge run duplicate-mailbox-validation-error."
            if account.has_validation_error
            else "If it was taken away a moment ago, wait some minutes and begin a new run: the mailbox should be a mail user "
            "then. If it stays, open a support case, or use duplicate-mailbox-delete-account after the licence is given back."
        ),
    )
    run.note("begun-before", "The Exchange licence was taken away before this run; it goes on with the wait.")
    return True, None if due is None else due.to_datetime()
