"""What must be true before a licence is taken away: what was captured of a user in, a stop or nothing out.

Sources: the documents, OPTION #1; field-notes 1.3, 1.7, 1.8 and 1.9.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playbooks.duplicate_mailbox import guards
from playbooks.duplicate_mailbox.guards import Guard
from psbridge.models import Account, AccountLicense, Mailbox

__all__ = ["before_removal", "given_by_groups", "no_group_gives_it", "no_hold", "of_the_account", "still_fits"]


def of_the_account(local: Mailbox, account: Account) -> Iterator[Guard]:
    """What must hold also where the cloud mailbox is gone already."""
    yield guards.authority_is_local(account)
    yield _account_is_synchronised(account)
    yield guards.account_comes_from_the_local_user(local, account)


def before_removal(cloud: Mailbox, local: Mailbox, account: Account, licenses: Sequence[AccountLicense]) -> Iterator[Guard]:
    """Every guard of the removal, in the order in which an administrator would look."""
    yield guards.both_are_user_mailboxes(cloud, local)
    yield guards.account_owns_the_cloud_mailbox(cloud, account)
    yield from of_the_account(local, account)
    yield _guids_differ(cloud, local)
    yield no_hold(cloud)
    yield no_group_gives_it(licenses)


def still_fits(captured: Mailbox, cloud: Mailbox, local: Mailbox, licenses: Sequence[AccountLicense]) -> Iterator[Guard]:
    """What is looked at again immediately before a licence is changed."""
    yield Guard(
        "the cloud mailbox is the captured one",
        cloud.exchange_guid == captured.exchange_guid,
        f"ExchangeGuid {cloud.exchange_guid}.",
        f"ExchangeGuid {captured.exchange_guid}, as captured.",
        "Somebody changed the mailbox in the meantime. Look at it, then begin a new run.",
    )
    yield guards.both_are_user_mailboxes(cloud, local)
    yield _guids_differ(cloud, local)
    yield no_hold(cloud)
    yield Guard(
        "the licences can be seen",
        bool(licenses),
        "no answer.",
        "the licences that were seen before.",
        "Somebody has taken them away, or the directory is behind. Wait some minutes, and retry this run.",
    )
    yield no_group_gives_it(licenses)


def given_by_groups(licenses: Sequence[AccountLicense]) -> list[str]:
    """Each licence that gives Exchange through a group, with its groups, for people."""
    return [f"{one.sku_name} by group {', '.join(map(str, one.groups))}" for one in licenses if one.groups and one.exchange_plans]


def no_group_gives_it(licenses: Sequence[AccountLicense]) -> Guard:
    """A licence of a group is taken away at the group: at the account it fails, or comes back (field-notes 1.3)."""
    given = given_by_groups(licenses)
    return Guard(
        "no group gives the Exchange licence",
        not given,
        f"{'; '.join(given) or 'none'}.",
        "every Exchange licence assigned to the account itself.",
        "Arrange with the group's owner that the user is taken out of it (or that the group's licence has the Exchange plan off) "
        "until the mailbox is migrated. Other licences of the group go too. Then begin a new run.",
    )


def no_hold(cloud: Mailbox) -> Guard:
    """A hold blocks the way back to a mail user (field-notes 1.8)."""
    # A hold that could not be seen is no missing hold.
    unseen = guards.unseen_holds(cloud)
    found = f"no answer for {', '.join(unseen)}" if unseen else ", ".join(cloud.holds) or "no hold"
    return Guard(
        "no hold is on the cloud mailbox",
        not cloud.holds and not unseen,
        f"{found}.",
        "no hold: a held mailbox does not become a mail user, and what it holds must be kept.",
        "Ask who placed the hold. Where it is released, wait until that has taken effect, and begin a new run.",
    )


def _account_is_synchronised(account: Account) -> Guard:
    told = {True: "yes", False: "no", None: "no answer"}[account.is_synchronised]
    return Guard(
        "the account is synchronised",
        bool(account.immutable_id) and account.is_synchronised is True,
        f"ImmutableId {account.immutable_id or 'empty'}, last synchronised {account.last_dir_sync_time or 'never'} ({told}).",
        "a synchronised account: only that becomes the mail user of an on-premises mailbox.",
        "Bring the user into the scope of directory synchronisation, or use another procedure.",
    )


def _guids_differ(cloud: Mailbox, local: Mailbox) -> Guard:
    shared = guards.shared_guids(cloud, local)
    return Guard(
        "the cloud GUIDs differ from the on-premises ones",
        not shared,
        f"{', '.join(sorted(str(guid) for guid in shared)) or 'none'} on both sides.",
        "no ExchangeGuid and no ArchiveGuid on both sides.",
        "This mailbox was migrated, or its GUID was copied. Without its licence the only copy could be lost: do not go on.",
    )
