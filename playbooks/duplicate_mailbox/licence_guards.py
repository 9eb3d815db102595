"""What must be true before a licence is taken away: what was captured of a user in, a stop or nothing out.

Sources: the documents, OPTION #1; field-notes 1.3, 1.7, 1.8 and 1.9.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playbooks.duplicate_mailbox import guards
from playbooks.duplicate_mailbox.guards import Guard
from psbridge.models import Account, AccountLicense, Mailbox, OrganizationConfig

__all__ = [
    "before_removal",
    "licence_is_captured",
    "no_group_gives_it",
    "no_hold",
    "not_kept_by_the_organisation",
    "of_the_account",
    "still_fits",
]


def of_the_account(local: Mailbox, account: Account) -> Iterator[Guard]:
    """What must hold also where the cloud mailbox is gone already."""
    yield guards.authority_is_local(account)
    yield guards.account_is_synchronised(account, "only that becomes the mail user of an on-premises mailbox")
    yield guards.account_comes_from_the_local_user(local, account)


def before_removal(cloud: Mailbox, local: Mailbox, account: Account, licenses: Sequence[AccountLicense]) -> Iterator[Guard]:
    """Every guard of the removal, in the order in which an administrator would look."""
    yield guards.both_are_user_mailboxes(cloud, local)
    yield guards.account_owns_the_cloud_mailbox(cloud, account)
    yield from of_the_account(local, account)
    yield guards.guids_differ(cloud, local, "Without its licence the only copy could be lost: do not go on.")
    yield no_hold(cloud)
    yield no_group_gives_it(licenses)


def still_fits(
    captured: tuple[Mailbox, Mailbox], cloud: Mailbox, local: Mailbox, account: Account, licenses: Sequence[AccountLicense]
) -> Iterator[Guard]:
    """What is looked at again immediately before a licence is changed: `captured`, cloud and on-premises, and all of before."""
    was_cloud, was_local = captured
    yield guards.is_captured(was_cloud, cloud, "cloud")
    yield guards.is_captured(was_local, local, "on-premises")
    yield Guard(
        "the licences can be seen",
        bool(licenses),
        "no answer.",
        "the licences that were seen before.",
        "Somebody has taken them away, or the directory is behind. Wait some minutes, and retry this run.",
    )
    yield from before_removal(cloud, local, account, licenses)


def licence_is_captured(captured: AccountLicense, licenses: Sequence[AccountLicense]) -> Guard:
    """The change names every plan that stays off: one that was switched off since would be switched on again."""
    now = [one for one in licenses if one.sku_id == captured.sku_id]
    return Guard(
        "the licence is the captured one",
        [_plans(one) for one in now] == [_plans(captured)],
        f"{captured.sku_name}: {'; '.join(map(_told, now)) or 'not there'}.",
        f"{_told(captured)}, as captured.",
        "Somebody has changed the licence in the meantime. Begin a new run.",
    )


def _plans(license_: AccountLicense) -> tuple[set[str], set[str]]:
    return set(license_.exchange_plans), set(license_.disabled_plans)


def _told(license_: AccountLicense) -> str:
    on, off = license_.exchange_plans, license_.disabled_plans
    return f"{', '.join(sorted(on)) or 'no Exchange plan'} on, {', '.join(sorted(off)) or 'none'} off"


def no_group_gives_it(licenses: Sequence[AccountLicense]) -> Guard:
    """A licence of a group is taken away at the group: at the account it fails, or comes back (field-notes 1.3)."""
    given = guards.given_by_groups(licenses)
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
    return guards.no_hold(
        cloud,
        "a held mailbox does not become a mail user, and what it holds must be kept",
        "Ask who placed the hold. Where it is released, wait until that has taken effect, and begin a new run.",
    )


def not_kept_by_the_organisation(cloud: Mailbox, organisation: OrganizationConfig) -> Guard:
    """The same of a retention policy for everybody: it is a hold like any other, and does not show on the mailbox."""
    return guards.no_hold_of_the_organisation(
        cloud,
        organisation,
        "a held mailbox does not become a mail user, and what it holds must be kept",
        "Ask whoever set these policies. Where the mailbox may be excluded, wait until its InPlaceHolds show that (-mbx and the "
        "id), and begin a new run.",
    )
