"""What each side holds in; who has the authority over the number, and why the sides differ, out. Pure: a table of rules.

Sources: the third document; field-notes 4 (the truth table) and 1.9 (a user who is managed in the cloud).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from playbooks.mobile_phone.numbers import normalised, same, same_numbers, shown_numbers, with_normal_form

__all__ = ["RULES", "AddressBook", "Authority", "Diagnosis", "Seen", "Verdict", "address_book", "diagnosed"]


class Authority(StrEnum):
    """Who decides what the directory holds."""

    ON_PREMISES = "on-premises"
    DIRECTORY = "the directory"
    NOT_TOLD = "cannot be told"


class Verdict(StrEnum):
    """How the on-premises number and the directory's stand to each other."""

    IN_STEP = "in step"
    SYNC_NOT_RUN = "the synchronisation has not run yet"
    OVERRIDDEN = "overridden in the cloud"
    NOT_SYNCHRONISED = "not synchronised"
    CLOUD_MANAGED = "managed in the cloud"
    UNKNOWN = "cannot be told"


class AddressBook(StrEnum):
    """How the directory's number and Exchange Online's stand to each other."""

    IN_STEP = "shows what the directory holds"
    BEHIND = "is behind the directory"
    BLOCKED = "is behind the directory, which reports a validation error"
    NO_RECIPIENT = "has no such user"
    NOT_READ = "was not read"


@dataclass(frozen=True, slots=True)
class Seen:
    """One attribute of one user as each side showed it: MobilePhone is one number, AlternateMobilePhones are many.

    `on_premises` or `directory` is None where that side could not be read. `changed` is the local user's WhenChangedUTC, `synced`
    the account's last synchronisation. `is_taken`: the directory was seen to take a change that was made on-premises.
    """

    on_premises: tuple[str, ...] | None
    directory: tuple[str, ...] | None
    is_synchronised: bool | None
    is_cloud_managed: bool | None = None
    changed: datetime | None = None
    synced: datetime | None = None
    is_taken: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether both sides hold the same texts."""
        return same_numbers(self.on_premises or (), self.directory or ())

    @property
    def is_unread(self) -> bool:
        """Whether one of the two sides is not known."""
        return self.on_premises is None or self.directory is None


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: the first that `fits` decides. `why` may name {on_premises}, {directory}, {changed}, {synced}."""

    fits: Callable[[Seen], bool]
    verdict: Verdict
    authority: Authority
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a person is told."""

    verdict: Verdict
    authority: Authority
    why: str
    remedy: str

    @property
    def is_overridden(self) -> bool:
        """Whether only one of the remedies brings the on-premises number to the cloud."""
        return self.verdict is Verdict.OVERRIDDEN


# The order counts: whose account it is comes before what the numbers are, and equal numbers before times.
RULES: Final = (
    Rule(
        lambda seen: seen.is_cloud_managed is True,
        Verdict.CLOUD_MANAGED,
        Authority.DIRECTORY,
        "The user's source of authority has been moved to the cloud (isCloudManaged): synchronisation ignores the whole object.",
        "Change the number in the directory.",
    ),
    Rule(
        lambda seen: seen.is_synchronised is False,
        Verdict.NOT_SYNCHRONISED,
        Authority.DIRECTORY,
        "The account is not synchronised from the on-premises directory, so nothing comes from there.",
        "Change the number in the directory, or bring the user into the scope of synchronisation.",
    ),
    Rule(
        lambda seen: seen.is_unread,
        Verdict.UNKNOWN,
        Authority.NOT_TOLD,
        "On-premises: {on_premises}; in the directory: {directory}. One side was not read.",
        "Read both sides (AlternateMobilePhones: --option alternates=yes, with an endpoint sync that has ADSyncTools).",
    ),
    Rule(
        lambda seen: seen.is_equal and seen.is_taken,
        Verdict.IN_STEP,
        Authority.ON_PREMISES,
        "Both sides hold {directory}: the directory took it from on-premises, so nobody has overridden it in the cloud.",
        "Nothing is to be done.",
    ),
    Rule(
        lambda seen: seen.is_equal,
        Verdict.IN_STEP,
        Authority.NOT_TOLD,
        "Both sides hold {directory}. Equal numbers do not tell whose they are: an override shows only when one side changes.",
        "Nothing is to be done.",
    ),
    Rule(
        lambda seen: seen.is_synchronised is None,
        Verdict.UNKNOWN,
        Authority.NOT_TOLD,
        "On-premises: {on_premises}; in the directory: {directory}. The directory did not say whether the account "
        "is synchronised.",
        "Look at the account in the portal: is it synchronised?",
    ),
    Rule(
        lambda seen: seen.changed is None or seen.synced is None,
        Verdict.UNKNOWN,
        Authority.NOT_TOLD,
        "On-premises: {on_premises}; in the directory: {directory}. Last change on-premises: {changed}; last synchronisation: "
        "{synced}. Without both times, an override and a synchronisation that has not run look alike.",
        "Start a synchronisation cycle and look again: what differs then is an override.",
    ),
    Rule(
        lambda seen: seen.changed is not None and seen.synced is not None and seen.synced < seen.changed,
        Verdict.SYNC_NOT_RUN,
        Authority.NOT_TOLD,
        "On-premises: {on_premises}; in the directory: {directory}. The user was changed on-premises at {changed}, after the "
        "last synchronisation at {synced}. If nothing is different after a whole cycle, that change was of an attribute that is "
        "not synchronised, and the number is overridden in the cloud.",
        "Wait for the next cycle (every 30 minutes), or start one, and look again.",
    ),
    Rule(
        lambda _: True,
        Verdict.OVERRIDDEN,
        Authority.DIRECTORY,
        "On-premises: {on_premises}; in the directory: {directory}. The user was synchronised at {synced}, after the last change "
        "on-premises at {changed}, and the directory did not take the number: somebody has written it in the cloud, which moved "
        "the source of authority there (by design, says the document). Only a change that was made while that cycle ran could "
        "still come with the next one.",
        "Choose who is right: mobile-phone-override for this user, mobile-phone-bypass for the whole tenant, or a support case.",
    ),
)


def diagnosed(seen: Seen) -> Diagnosis:
    """Decide by the first rule that fits."""
    rule = next(rule for rule in RULES if rule.fits(seen))
    facts = {
        "on_premises": _told(seen.on_premises),
        "directory": _told(seen.directory),
        "changed": _moment(seen.changed),
        "synced": _moment(seen.synced),
    }
    return Diagnosis(rule.verdict, rule.authority, rule.why.format(**facts) + _spelling(seen), rule.remedy)


def address_book(
    directory: str | None, online: str | None, *, recipients: int | None, has_validation_error: bool | None
) -> AddressBook:
    """Exchange Online shows whatever the directory holds, whoever has the authority; `recipients`: how many it found."""
    if recipients is None:
        return AddressBook.NOT_READ
    if recipients == 0:
        return AddressBook.NO_RECIPIENT
    if same(directory, online):
        return AddressBook.IN_STEP
    return AddressBook.BLOCKED if has_validation_error else AddressBook.BEHIND


def _spelling(seen: Seen) -> str:
    """Say so where the same numbers are only written differently."""
    if seen.is_unread or seen.is_equal:
        return ""
    plain = [sorted(map(normalised, side or ())) for side in (seen.on_premises, seen.directory)]
    alike = bool(plain[0]) and "" not in plain[0] and plain[0] == plain[1]
    return f" Both are {shown_numbers(plain[0])}, written differently." if alike else ""


def _told(numbers: Sequence[str] | None) -> str:
    if numbers is None:
        return "not read"
    return ", ".join(map(with_normal_form, numbers)) or "(none)"


def _moment(moment: datetime | None) -> str:
    return "unknown" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
