"""A person in, the class, the playbook that fits and the reason out.

The rules are tables: the first that holds decides. Sources: the documents, OPTION #0, #1 and #3; field-notes 1.1 to 1.9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from playbooks.duplicate_mailbox.scan_join import Person
from playbooks.duplicate_mailbox.scan_readings import UNSEEN

__all__ = ["DELETE", "NONE", "REMOVE", "VALIDATION", "Class", "Finding", "at_risk", "in_error", "on_both", "without_guid"]

DELETE: Final = "duplicate-mailbox-delete-account"
REMOVE: Final = "duplicate-mailbox-remove-license"
VALIDATION: Final = "duplicate-mailbox-validation-error"
NONE: Final = "none"


class Class(StrEnum):
    """What a person is found as."""

    BOTH = "mailbox-on-both-sides"
    AT_RISK = "mail-user-at-risk"
    NO_GUID = "mail-user-without-guid"
    ERROR = "validation-error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One person in one class, with the playbook that fits, or none, and why."""

    kind: Class
    person: Person
    playbook: str
    why: str


@dataclass(frozen=True, slots=True)
class _Rule:
    holds: Callable[[Person], bool]
    playbook: str
    why: Callable[[Person], str]


# Everything that stands against a change comes before what speaks for one: field-notes 1.7, and the guards of OPTION #0.
_ON_BOTH: Final = (
    _Rule(
        lambda p: p.matches > 1,
        NONE,
        lambda p: f"More than one match: {p.matches} mailboxes lead to one. Find out whose they are before anything is changed.",
    ),
    _Rule(
        lambda p: bool(p.shared_guids),
        NONE,
        lambda p: (
            f"The GUID {', '.join(sorted(p.shared_guids))} stands on both sides: this mailbox was migrated, or its GUID was "
            "copied. Purging the account could destroy the only copy."
        ),
    ),
    _Rule(
        lambda p: p.account_id is None,
        NONE,
        lambda p: f"The directory lists no account with the ObjectId {p.cloud_id or '(empty)'} of the cloud mailbox.",
    ),
    _Rule(
        lambda p: p.synchronised != 1,
        NONE,
        lambda _: "The account is not synchronised, or its authority is in the cloud: it would not come back after a purge.",
    ),
    _Rule(
        lambda p: p.account_anchor != p.local_anchor,
        NONE,
        lambda p: (
            f"The account's ImmutableId {p.account_anchor or '(empty)'} is not the objectGUID of the on-premises mailbox: two "
            "people, or an anchor of another kind (ms-DS-ConsistencyGuid). Compare them by hand."
        ),
    ),
    _Rule(
        lambda p: (p.cloud_kind, p.local_kind) != ("UserMailbox", "UserMailbox"),
        NONE,
        lambda p: f"{p.cloud_kind} in the cloud and {p.local_kind} on-premises: the playbooks are for two user mailboxes.",
    ),
    _Rule(
        lambda p: p.holds == UNSEEN,
        NONE,
        lambda _: "Whether a hold is on the cloud mailbox could not be seen; a hold that is not seen is no missing hold.",
    ),
    _Rule(
        lambda p: bool(p.holds),
        NONE,
        lambda p: (
            f"A hold is on the cloud mailbox ({p.holds}): it would become inactive instead of soft-deleted, and removing the "
            "licence has no effect. Ask who placed it."
        ),
    ),
    # No Exchange licence, say the documents. The lists tell of any licence, and whether the mailbox knows of one for Exchange.
    _Rule(
        lambda p: p.failing == 1 and (p.licensed == 0 or p.sku != 1),
        VALIDATION,
        lambda p: f"{_no_licence(p)}, a user mailbox all the same, and validation errors: OPTION #3 of the documents.",
    ),
    _Rule(
        lambda p: p.licensed != 1 or p.sku != 1,
        NONE,
        lambda _: (
            "No Exchange licence is seen: a purge would leave no soft-deleted mailbox, and nothing to merge. Find out why the "
            "mailbox is still there (delayed delicensing?), or assign the licence again and scan again."
        ),
    ),
    _Rule(
        lambda p: p.groups == UNSEEN,
        NONE,
        lambda _: "Whether a group assigns the licence could not be seen; a group would give it to the account that comes back.",
    ),
    _Rule(
        lambda p: bool(p.groups),
        NONE,
        lambda p: (
            f"A group assigns a licence ({p.groups}); a list does not show with which plans. It would reach the account that "
            "comes back. Never take it away before the purge: then nothing could be merged. Assign the same licence to the "
            "account itself first, then take the user out of the group, and scan again. Or arrange that the group gives none "
            f"until the mailbox is migrated, and run {DELETE} with --option group_licence=arranged. Without that option it goes "
            "on only where no group gives Exchange."
        ),
    ),
)
_PLANS: Final = "(with which plans, a list does not show)"
_KEEP_DATA: Final = _Rule(
    lambda _: True,
    DELETE,
    lambda p: (
        "Two user mailboxes of one synchronised, licensed account: the cloud mailbox can be merged after the migration. The "
        "account is lost; to keep it and lose the cloud mailbox instead, scan with --option prefer=account."
        f"{' There are validation errors besides.' if p.failing == 1 else ''}"
    ),
)
_KEEP_ACCOUNT: Final = _Rule(
    lambda p: p.failing != 1,
    REMOVE,
    lambda _: (
        "Two user mailboxes of one synchronised, licensed account, which is to be kept: the content of the cloud mailbox is lost."
    ),
)


def _no_licence(person: Person) -> str:
    if person.licensed == 0:
        return "No licence"
    some = "Licences, but" if person.licensed == 1 else "It is not told whether there is a licence;"
    told = "not told" if person.sku is None else bool(person.sku)
    return f"{some} the mailbox knows of none for Exchange (SKUAssigned {told}; the playbook looks at the plans)"


def on_both(person: Person, prefer: str) -> Finding:
    """Somebody with two mailboxes. `prefer`: what is to be kept where either can be, `data` or `account`."""
    rules = (*_ON_BOTH, *((_KEEP_ACCOUNT,) if prefer == "account" else ()), _KEEP_DATA)
    rule = next(rule for rule in rules if rule.holds(person))
    return Finding(Class.BOTH, person, rule.playbook, rule.why(person))


def at_risk(person: Person) -> Finding:
    """A mail user with a GUID that was a UserMailbox before: the one exception of the provisioning (field-notes 1.1)."""
    now = (
        f"It has a licence {_PLANS}: with Exchange among them, a second mailbox is made or was refused just now. "
        if person.licensed == 1
        else "A licence with Exchange would make a second mailbox, whatever the ExchangeGuid says. "
    )
    why = (
        f"{now}Give it none with Exchange before the mailbox is migrated; or, if nothing of the previous mailbox is needed, "
        "clear it with Set-User -PermanentlyClearPreviousMailboxInfo, which cannot be undone."
    )
    return Finding(Class.AT_RISK, person, NONE, why)


def without_guid(person: Person) -> Finding:
    """A mail user without a GUID: nothing keeps a licence from making a mailbox (field-notes 1.3 and 1.6)."""
    whose = (
        "Its on-premises mailbox has an ExchangeGuid that was not synchronised: bring the user into the scope of the Exchange "
        "hybrid attributes first."
        if person.local_id
        else "There is no on-premises mailbox in the list: a mail user with an external address, whose mail would go astray."
    )
    before = " It was a UserMailbox before, so its previous mailbox would come back." if person.previous == "UserMailbox" else ""
    licensed = (
        f"It has a licence already {_PLANS}. "
        if person.licensed == 1
        else "A licence with Exchange would turn it into a mailbox. "
    )
    groups = (
        f" A group assigns a licence ({person.groups}): if Exchange is among its plans, take it away there."
        if person.groups
        else ""
    )
    return Finding(Class.NO_GUID, person, NONE, f"{licensed}{whose}{before}{groups}")


def in_error(person: Person, prefer: str) -> Finding:
    """An account with validation errors; one with two mailboxes is judged as it is there."""
    if person.local_id is not None:
        both = on_both(person, prefer)
        return Finding(Class.ERROR, person, both.playbook, both.why)
    where = "a cloud mailbox" if person.cloud_guid else "a mail user" if person.mail_user_id else "no recipient"
    why = (
        f"It has validation errors and {where} in Exchange Online, and no mailbox on both sides: read what the errors say, and "
        "correct their cause on-premises. No playbook is for that."
    )
    return Finding(Class.ERROR, person, NONE, why)
