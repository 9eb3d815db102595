"""What must be true before an account is deleted: what was captured of a user in, a stop or nothing out.

Each guard names what it found, what it expected and what to do. Sources: the documents, OPTION #0; field-notes 0 and 1.7.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psbridge.engine import Run
from psbridge.errors import Stopped
from psbridge.models import Account, AccountLicense, ADSyncScheduler, Mailbox, MailUser, OrganizationConfig, is_no_guid

__all__ = [
    "Guard",
    "account_comes_from_the_local_user",
    "account_is_synchronised",
    "account_owns_the_cloud_mailbox",
    "authority_is_local",
    "before_deletion",
    "both_are_user_mailboxes",
    "can_synchronise",
    "given_by_groups",
    "guids_differ",
    "has_archive",
    "hold",
    "ids_are_the_named_users",
    "is_captured",
    "no_hold",
    "no_hold_of_the_organisation",
    "not_kept_by_the_organisation",
    "refuse",
    "shared_guids",
    "still_fits",
    "tell_untold_holds",
    "unseen_holds",
]


@dataclass(frozen=True, slots=True)
class Guard:
    """One condition with the words for both ends."""

    name: str
    holds: bool
    found: str
    expected: str
    remedy: str


def hold(run: Run, guard: Guard) -> None:
    """Write down that a guard holds, or stop the run."""
    run.guard(guard.name, guard.holds, found=guard.found, expected=guard.expected, remedy=guard.remedy)


def refuse(guard: Guard) -> None:
    """Stop directly before a change, where a guard does not hold."""
    if not guard.holds:
        raise Stopped(guard.name, found=guard.found, expected=guard.expected, remedy=guard.remedy)


def before_deletion(
    cloud: Mailbox,
    local: Mailbox,
    account: Account,
    licenses: Sequence[AccountLicense],
    *,
    arranged: bool,
    unlicensed: bool = False,
) -> Iterator[Guard]:
    """Every guard of the deletion, in the order in which an administrator would look.

    `arranged`: the operator said that no group gives the new account its licence before the mailbox is migrated. `unlicensed`:
    the user of OPTION #3, whose mailbox is there without a licence.
    """
    yield both_are_user_mailboxes(cloud, local)
    yield account_owns_the_cloud_mailbox(cloud, account)
    yield authority_is_local(account)
    yield account_is_synchronised(account, _COMES_BACK)
    yield account_comes_from_the_local_user(local, account)
    yield guids_differ(cloud, local, _PURGED)
    yield _no_hold(cloud)
    if unlicensed:
        yield _no_licence_is_there(cloud, licenses)
        yield _error_is_there(account)
        return
    yield _licence_is_there(cloud, account, licenses)
    yield _no_group_licence(licenses, arranged=arranged)


_COMES_BACK: Final = "only that comes back after it was purged"
_PURGED: Final = "Purging the account could destroy the only copy: do not go on."


def ids_are_the_named_users(name: str, *known: Mailbox | MailUser | Account | None) -> Guard:
    """Ids from a file are taken only for the user who is named beside them: a column that slipped must delete nobody else."""
    names = {text.casefold() for one in known if one is not None for text in _names_of(one)}
    return Guard(
        "the ids belong to the named user",
        name.strip().casefold() in names,
        f"{name} is none of the names of the mailboxes and the account with these ids.",
        "one of their sign-in names, addresses, aliases or ids.",
        "The line of the file names one person with the ids of another one. Mend the file, or begin the run without the ids.",
    )


def _names_of(one: Mailbox | MailUser | Account) -> Iterator[str]:
    if isinstance(one, Account):
        yield from (one.user_principal_name, str(one.object_id))
        return
    texts = (one.user_principal_name, one.alias, one.name, one.sam_account_name, one.primary_smtp_address)
    yield from (str(text) for text in (*texts, one.guid, one.external_directory_object_id) if text)
    yield from (str(address).partition(":")[2] or str(address) for address in one.email_addresses)


def is_captured(captured: Mailbox, mailbox: Mailbox, where: str) -> Guard:
    """The same mailbox with the same archive: what appeared since would be deleted, and never merged."""
    return Guard(
        f"the {where} mailbox is the captured one",
        mailbox.exchange_guid == captured.exchange_guid and _archive(mailbox) == _archive(captured),
        f"ExchangeGuid {mailbox.exchange_guid}, ArchiveGuid {_archive(mailbox) or 'none'}.",
        f"ExchangeGuid {captured.exchange_guid}, ArchiveGuid {_archive(captured) or 'none'}, as captured.",
        "Somebody changed the mailbox in the meantime. Look at it, then begin a new run.",
    )


def _archive(mailbox: Mailbox) -> UUID | None:
    return None if mailbox.archive_guid is None or is_no_guid(mailbox.archive_guid) else mailbox.archive_guid


def still_fits(
    captured: tuple[Mailbox, Mailbox],
    cloud: Mailbox,
    local: Mailbox,
    account: Account,
    licenses: Sequence[AccountLicense],
    *,
    arranged: bool,
    unlicensed: bool = False,
) -> Iterator[Guard]:
    """What is looked at again immediately before the deletion: time may have passed since the evidence was kept.

    `captured`: the cloud mailbox and the on-premises one. Beside these being the same, all that was held at the beginning.
    """
    was_cloud, was_local = captured
    yield is_captured(was_cloud, cloud, "cloud")
    yield is_captured(was_local, local, "on-premises")
    yield from before_deletion(cloud, local, account, licenses, arranged=arranged, unlicensed=unlicensed)


def can_synchronise(scheduler: ADSyncScheduler) -> Guard:
    """Look before the purge whether synchronisation can bring the account back; a paused scheduler does not keep it from that."""
    return Guard(
        "synchronisation can bring the account back",
        scheduler.staging_mode_enabled is not True,
        f"StagingModeEnabled {scheduler.staging_mode_enabled}.",
        "a server that exports: one in staging mode brings nothing back.",
        "Let the endpoint `sync` lead to the active Entra Connect server, and begin a new run.",
    )


def both_are_user_mailboxes(cloud: Mailbox, local: Mailbox) -> Guard:
    """Both sides hold what this procedure is for."""
    kinds = (cloud.recipient_type_details, local.recipient_type_details)
    return Guard(
        "both sides hold a user mailbox",
        kinds == ("UserMailbox", "UserMailbox"),
        f"RecipientTypeDetails {kinds[0]} in the cloud and {kinds[1]} on-premises.",
        "UserMailbox on both sides.",
        "This procedure is for users with two user mailboxes. Shared, room and linked mailboxes need another one.",
    )


def account_owns_the_cloud_mailbox(cloud: Mailbox, account: Account) -> Guard:
    """The sign-in name leads to the mailbox's own account."""
    owner = cloud.external_directory_object_id
    return Guard(
        "the account owns the cloud mailbox",
        owner is not None and owner == account.object_id,
        f"the account's ObjectId is {account.object_id}, the mailbox belongs to {owner or 'none'}.",
        "the same id on both.",
        "The sign-in name leads to another account. Find out whose mailbox this is before anything is deleted.",
    )


def account_is_synchronised(account: Account, why: str) -> Guard:
    """`why`: what only a synchronised account can be used for."""
    told = {True: "yes", False: "no", None: "no answer"}[account.is_synchronised]
    return Guard(
        "the account is synchronised",
        bool(account.immutable_id) and account.is_synchronised is True,
        f"ImmutableId {account.immutable_id or 'empty'}, last synchronised {account.last_dir_sync_time or 'never'} ({told}).",
        f"a synchronised account: {why}.",
        "Bring the user into the scope of directory synchronisation, or use another procedure.",
    )


def authority_is_local(account: Account) -> Guard:
    """Synchronisation governs the user (field-notes 1.9)."""
    return Guard(
        "the authority over the user is on-premises",
        account.is_cloud_managed is not True,
        f"isCloudManaged {account.is_cloud_managed}.",
        "not True: synchronisation passes such a user by, and the purged account would never come back (field-notes 1.9).",
        "Give the authority back (isCloudManaged false, then a synchronisation cycle), or use another procedure.",
    )


def account_comes_from_the_local_user(local: Mailbox, account: Account) -> Guard:
    """The account's source is the on-premises user (field-notes 1.2)."""
    anchor = _source_anchor(local.guid)
    return Guard(
        "both mailboxes are the same user's",
        bool(anchor) and account.immutable_id == anchor,
        f"the account's ImmutableId is {account.immutable_id or 'empty'}, the objectGUID gives {anchor or 'nothing'}.",
        "the same source anchor on both.",
        "These may be two people, or the anchor is ms-DS-ConsistencyGuid with another value. Compare them by hand.",
    )


def guids_differ(cloud: Mailbox, local: Mailbox, danger: str) -> Guard:
    """`danger`: what the change would do to a mailbox that both sides hold."""
    shared = shared_guids(cloud, local)
    return Guard(
        "the cloud GUIDs differ from the on-premises ones",
        not shared,
        f"{', '.join(sorted(str(guid) for guid in shared)) or 'none'} on both sides.",
        "no ExchangeGuid and no ArchiveGuid on both sides.",
        f"This mailbox was migrated, or its GUID was copied. {danger}",
    )


def _no_hold(cloud: Mailbox) -> Guard:
    return no_hold(
        cloud,
        "a held mailbox becomes inactive instead of soft-deleted",
        "Ask who placed the hold. Release it, wait until it has taken effect, and begin a new run.",
    )


def no_hold(cloud: Mailbox, why: str, remedy: str) -> Guard:
    """A hold that could not be seen is no missing hold. `why`: what a hold stands against."""
    unseen = unseen_holds(cloud)
    found = f"no answer for {', '.join(unseen)}" if unseen else ", ".join(cloud.holds) or "no hold"
    return Guard("no hold is on the cloud mailbox", not cloud.holds and not unseen, f"{found}.", f"no hold: {why}.", remedy)


def no_hold_of_the_organisation(
    cloud: Mailbox, organisation: OrganizationConfig, why: str, remedy: str, *, accepted: Sequence[str] = ()
) -> Guard:
    """A retention policy for everybody does not show on the mailbox, only that it is excluded (field-notes 1.7).

    `accepted`: the policies that the operator knows of. Where the organisation tells nothing, see `tell_untold_holds`.
    """
    reaching = organisation.holds_over(cloud.in_place_holds)
    told = ", ".join(f"{hold} (accepted, says the operator)" if hold in accepted else hold for hold in reaching)
    return Guard(
        "no hold of the whole organisation reaches the mailbox",
        set(reaching) <= set(accepted),
        f"{told or ('none' if organisation.has('in_place_holds') else 'no answer')}.",
        f"none: {why}.",
        remedy,
    )


def not_kept_by_the_organisation(cloud: Mailbox, organisation: OrganizationConfig, accepted: Sequence[str]) -> Guard:
    """The same before a deletion: nothing is lost by such a hold, but the mailbox stays."""
    return no_hold_of_the_organisation(
        cloud,
        organisation,
        "a held mailbox becomes inactive instead of soft-deleted, and stays until the hold ends",
        "Have the mailbox excluded from these policies, wait until its InPlaceHolds show that (-mbx and the id), and begin a new "
        "run. If it may become inactive and stay, begin a new run with --option organisation_hold=accepted.",
        accepted=accepted,
    )


def tell_untold_holds(run: Run, organisation: OrganizationConfig) -> None:
    """Note that nothing is known of holds of the whole organisation, where the answer does not have the property."""
    if not organisation.has("in_place_holds"):
        run.note(
            "organisation-holds-untold",
            "Get-OrganizationConfig shows no InPlaceHolds: whether a retention policy for everybody reaches the mailbox is not "
            "known. Ask whoever sets retention policies.",
        )


def _licence_is_there(cloud: Mailbox, account: Account, licenses: Sequence[AccountLicense]) -> Guard:
    # IsLicensed is true for any licence, the plans may be off already while the mailbox does not know it yet (replication), and
    # the mailbox may have lost what the plans promise: all three must say yes, and no answer is no yes.
    giving = [one.sku_name for one in licenses if one.exchange_plans]
    found = f"IsLicensed {account.is_licensed}, SKUAssigned {'no answer' if cloud.sku_assigned is None else cloud.sku_assigned}"
    off = [one.sku_name for one in licenses if not one.exchange_plans and any("EXCHANGE" in plan for plan in one.disabled_plans)]
    begun = f" OPTION #1 was begun here: the Exchange plan of {', '.join(off)} is off." if off and not giving else ""
    return Guard(
        "the Exchange licence is still there",
        account.is_licensed is True and cloud.sku_assigned is True and bool(giving),
        f"{found}, licences that give a mailbox: {', '.join(giving) or 'none'}.{begun}",
        "a licence: without one the purge leaves no soft-deleted mailbox, and nothing can be merged.",
        "Assign the Exchange Online licence again, wait until the mailbox shows it, and begin a new run.",
    )


def _no_licence_is_there(cloud: Mailbox, licenses: Sequence[AccountLicense]) -> Guard:
    giving = [one.sku_name for one in licenses if one.exchange_plans]
    return Guard(
        "the mailbox is there without a licence",
        not giving and cloud.sku_assigned is not True,
        f"{', '.join(giving) or 'no Exchange licence'}, SKUAssigned {cloud.sku_assigned}.",
        "no Exchange licence, directly or by a group: that is OPTION #3.",
        "A licensed user keeps more: psbridge run duplicate-mailbox-delete-account (OPTION #0), which merges the cloud mailbox.",
    )


def _error_is_there(account: Account) -> Guard:
    return Guard(
        "the account has a validation error",
        account.has_validation_error is True,
        f"validation error: {account.has_validation_error}.",
        "an error that is not resolved: Exchange Online and the directory are out of step.",
        "If the licence was taken away a moment ago, the mailbox is still to become a mail user: wait for that (OPTION #1, "
        "duplicate-mailbox-remove-license). If it stays without an error, open a support case.",
    )


def _no_group_licence(licenses: Sequence[AccountLicense], *, arranged: bool) -> Guard:
    given = given_by_groups(licenses)
    found = "; ".join(given) or ("none" if licenses else "no answer")
    return Guard(
        "no group licence waits for the new account",
        # The account is licensed: to see no licence is no answer.
        bool(licenses) and (not given or arranged),
        f"{found}{' (arranged, says the operator)' if given and arranged else ''}.",
        "no group that gives Exchange: it would make a new cloud mailbox as soon as the account is back.",
        "Arrange with the group's owner that the user is taken out when the account is purged, and put back when the mailbox is "
        "migrated. Then begin a new run with --option group_licence=arranged.",
    )


def given_by_groups(licenses: Sequence[AccountLicense]) -> list[str]:
    """Each licence that gives Exchange through a group, now or as soon as one is free, with its groups, for people."""
    return [
        f"{one.sku_name} by group {', '.join(map(str, one.groups))}"
        for one in licenses
        if one.groups and (one.exchange_plans or one.waiting_plans)
    ]


def shared_guids(cloud: Mailbox, local: Mailbox) -> set[UUID]:
    """The GUIDs of a mailbox or archive that both sides have."""
    return _guids(cloud) & _guids(local)


def has_archive(mailbox: Mailbox) -> bool:
    """Whether a mailbox has an archive."""
    return mailbox.archive_guid is not None and not is_no_guid(mailbox.archive_guid)


def unseen_holds(cloud: Mailbox) -> list[str]:
    """The properties that would tell of a hold, and that the answer does not have. (An empty list may come as null.)"""
    litigation = [] if cloud.litigation_hold_enabled is not None else ["litigation_hold_enabled"]
    return litigation if cloud.has("in_place_holds") else [*litigation, "in_place_holds"]


def _source_anchor(object_guid: UUID | None) -> str:
    return base64.b64encode(object_guid.bytes_le).decode() if object_guid else ""


def _guids(mailbox: Mailbox) -> set[UUID]:
    return {guid for guid in (mailbox.exchange_guid, mailbox.archive_guid) if guid is not None and not is_no_guid(guid)}
