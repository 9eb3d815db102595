"""What must be true before an account is deleted: the two mailboxes and the account in, a stop or nothing out.

Each guard names what it found, what it expected and what to do. Sources: the documents, OPTION #0; field-notes 0 and 1.7.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from psbridge.models import ADSyncScheduler, Mailbox, MsolUser, is_no_guid

__all__ = ["Guard", "before_deletion", "can_synchronise", "still_fits"]


@dataclass(frozen=True, slots=True)
class Guard:
    """One condition with the words for both ends."""

    name: str
    holds: bool
    found: str
    expected: str
    remedy: str


def before_deletion(cloud: Mailbox, local: Mailbox, account: MsolUser) -> Iterator[Guard]:
    """Every guard of the deletion, in the order in which an administrator would look."""
    yield _both_are_user_mailboxes(cloud, local)
    yield _account_owns_the_cloud_mailbox(cloud, account)
    yield _account_is_synchronised(account)
    yield _account_comes_from_the_local_user(local, account)
    yield _guids_differ(cloud, local)
    yield _no_hold(cloud)
    yield _licence_is_there(cloud, account)


def still_fits(captured: Mailbox, mailbox: Mailbox, local: Mailbox, account: MsolUser) -> Iterator[Guard]:
    """What is looked at again immediately before the deletion: time may have passed since the evidence was kept."""
    yield Guard(
        "the cloud mailbox is the captured one",
        mailbox.exchange_guid == captured.exchange_guid,
        f"ExchangeGuid {mailbox.exchange_guid}.",
        f"ExchangeGuid {captured.exchange_guid}, as captured.",
        "Somebody changed the mailbox in the meantime. Look at it, then begin a new run.",
    )
    yield _account_owns_the_cloud_mailbox(captured, account)
    yield _guids_differ(mailbox, local)
    yield _no_hold(mailbox)
    yield _licence_is_there(mailbox, account)


def can_synchronise(scheduler: ADSyncScheduler) -> Guard:
    """Look before the purge whether synchronisation can bring the account back; a paused scheduler does not keep it from that."""
    return Guard(
        "synchronisation can bring the account back",
        scheduler.staging_mode_enabled is not True,
        f"StagingModeEnabled {scheduler.staging_mode_enabled}.",
        "a server that exports: one in staging mode brings nothing back.",
        "Let the endpoint `sync` lead to the active Entra Connect server.",
    )


def _both_are_user_mailboxes(cloud: Mailbox, local: Mailbox) -> Guard:
    kinds = (cloud.recipient_type_details, local.recipient_type_details)
    return Guard(
        "both sides hold a user mailbox",
        kinds == ("UserMailbox", "UserMailbox"),
        f"RecipientTypeDetails {kinds[0]} in the cloud and {kinds[1]} on-premises.",
        "UserMailbox on both sides.",
        "This procedure is for users with two user mailboxes. Shared, room and linked mailboxes need another one.",
    )


def _account_owns_the_cloud_mailbox(cloud: Mailbox, account: MsolUser) -> Guard:
    owner = cloud.external_directory_object_id
    return Guard(
        "the account owns the cloud mailbox",
        owner is not None and owner == account.object_id,
        f"the account's ObjectId is {account.object_id}, the mailbox belongs to {owner or 'none'}.",
        "the same id on both.",
        "The sign-in name leads to another account. Find out whose mailbox this is before anything is deleted.",
    )


def _account_is_synchronised(account: MsolUser) -> Guard:
    return Guard(
        "the account is synchronised",
        bool(account.immutable_id) and account.last_dir_sync_time is not None,
        f"ImmutableId {account.immutable_id or 'empty'}, LastDirSyncTime {account.last_dir_sync_time or 'empty'}.",
        "both set: only a synchronised account comes back after it was purged.",
        "Bring the user into the scope of directory synchronisation, or use another procedure.",
    )


def _account_comes_from_the_local_user(local: Mailbox, account: MsolUser) -> Guard:
    anchor = _source_anchor(local.guid)
    return Guard(
        "both mailboxes are the same user's",
        bool(anchor) and account.immutable_id == anchor,
        f"the account's ImmutableId is {account.immutable_id or 'empty'}, the objectGUID gives {anchor or 'nothing'}.",
        "the same source anchor on both.",
        "These may be two people, or the anchor is ms-DS-ConsistencyGuid with another value. Compare them by hand.",
    )


def _guids_differ(cloud: Mailbox, local: Mailbox) -> Guard:
    shared = _guids(cloud) & _guids(local)
    return Guard(
        "the cloud GUIDs differ from the on-premises ones",
        not shared,
        f"{', '.join(sorted(str(guid) for guid in shared)) or 'none'} on both sides.",
        "no ExchangeGuid and no ArchiveGuid on both sides.",
        "This mailbox was migrated, or its GUID was copied. Purging the account could destroy the only copy: do not go on.",
    )


def _no_hold(cloud: Mailbox) -> Guard:
    # A hold that could not be seen is no missing hold.
    unseen = [name for name in ("litigation_hold_enabled", "in_place_holds") if not cloud.has(name)]
    found = f"no answer for {', '.join(unseen)}" if unseen else ", ".join(cloud.holds) or "no hold"
    return Guard(
        "no hold is on the cloud mailbox",
        not cloud.holds and not unseen,
        f"{found}.",
        "no hold: a held mailbox becomes inactive instead of soft-deleted.",
        "Ask who placed the hold. Release it, wait until it has taken effect, and begin a new run.",
    )


def _licence_is_there(cloud: Mailbox, account: MsolUser) -> Guard:
    # IsLicensed is true for any licence; that Exchange is in it only the mailbox tells, and no answer is no yes.
    found = f"IsLicensed {account.is_licensed}, SKUAssigned {'no answer' if cloud.sku_assigned is None else cloud.sku_assigned}."
    return Guard(
        "the Exchange licence is still there",
        account.is_licensed is True and cloud.sku_assigned is True,
        found,
        "a licence: without one the purge leaves no soft-deleted mailbox, and nothing can be merged.",
        "Assign the Exchange Online licence again, wait until the mailbox shows it, and begin a new run.",
    )


def _source_anchor(object_guid: UUID | None) -> str:
    return base64.b64encode(object_guid.bytes_le).decode() if object_guid else ""


def _guids(mailbox: Mailbox) -> set[UUID]:
    return {guid for guid in (mailbox.exchange_guid, mailbox.archive_guid) if guid is not None and not is_no_guid(guid)}
