"""A user's name in, the same person on-premises, in the directory and in Exchange Online out, read in the document's order."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol
from uuid import UUID

from playbooks.mobile_phone.diagnosis import AddressBook, Diagnosis, Seen, address_book, diagnosed
from playbooks.mobile_phone.numbers import with_normal_form
from psbridge.cmdlets import get_user
from psbridge.cmdlets.directory import Directory
from psbridge.engine import Answer, Run
from psbridge.models import Account, User

__all__ = ["EVIDENCE", "Person", "changed_at", "moment", "must_be_synchronised", "person"]

# What every change of this package requires: who it is about, on both sides, with the number before.
EVIDENCE: Final = ("on-premises-user", "account")


@dataclass(frozen=True, slots=True)
class Person:
    """One user as the three places showed them. `other_mobile` and `alternates` are what ADSyncTools showed beside, if asked.

    `is_carried`: the account was seen to be synchronised after the local user's last change, by the directory's clock alone; the
    local clock then decides nothing. `is_taken`: its MobilePhone was seen to become what it had been changed to on-premises.
    """

    local: User
    account: Account
    online: Answer[User] | None
    other_mobile: tuple[str, ...] | None = None
    alternates: tuple[str, ...] | None = None
    is_carried: bool = False
    is_taken: bool = False

    @property
    def guid(self) -> UUID:
        """The local user's objectGUID."""
        return UUID(str(self.local.guid))

    @property
    def mobile_phone(self) -> Diagnosis:
        """Who has the authority over MobilePhone."""
        seen = self._seen(_listed(self.local.mobile_phone), _listed(self.account.mobile_phone))
        return diagnosed(replace(seen, is_taken=self.is_taken))

    @property
    def alternate_mobile_phones(self) -> Diagnosis:
        """Who has the authority over AlternateMobilePhones; of the dialects only MSOnline shows them (field-notes 2.3)."""
        return diagnosed(self._seen(self.other_mobile, self.directory_alternates))

    @property
    def directory_alternates(self) -> tuple[str, ...] | None:
        """AlternateMobilePhones, from the account or from ADSyncTools; None if neither showed them."""
        return self.account.alternate_mobile_phones if self.account.has("alternate_mobile_phones") else self.alternates

    @property
    def address_book(self) -> AddressBook:
        """Whether Exchange Online shows what the directory holds."""
        online = self.online
        number = online.objects[0].mobile_phone if online is not None and online.objects else None
        return address_book(
            self.account.mobile_phone,
            number,
            recipients=None if online is None else len(online.objects),
            has_validation_error=self.account.has_validation_error,
        )

    @property
    def seen(self) -> str:
        """The three numbers in one line, as the document lists them one after the other."""
        online = self.online.objects[0] if self.online is not None and self.online.objects else None
        return (
            f"MobilePhone on-premises {with_normal_form(self.local.mobile_phone)}, in the directory "
            f"{with_normal_form(self.account.mobile_phone)}, in Exchange Online "
            f"{with_normal_form(online.mobile_phone) if online is not None else 'no such user'}."
        )

    def told(self) -> Mapping[str, object]:
        """What the result of a run says of this person."""
        found, others = self.mobile_phone, self.alternate_mobile_phones
        online = self.online.objects[0] if self.online is not None and self.online.objects else None
        return {
            "user": self.account.user_principal_name,
            "on_premises": with_normal_form(self.local.mobile_phone),
            "directory": with_normal_form(self.account.mobile_phone),
            "exchange_online": with_normal_form(online.mobile_phone) if online is not None else "not there",
            "verdict": str(found.verdict),
            "authority": str(found.authority),
            "why": found.why,
            "what_to_do": found.remedy,
            "address_book": f"Exchange Online {self.address_book}.",
            "alternate_mobile_phones": f"{others.verdict}: {others.why}",
        }

    def _seen(self, on_premises: tuple[str, ...] | None, directory: tuple[str, ...] | None) -> Seen:
        return Seen(
            on_premises,
            directory,
            is_synchronised=self.account.is_synchronised,
            is_cloud_managed=self.account.is_cloud_managed,
            changed=self._changed(),
            synced=moment(self.account.last_dir_sync_time),
        )

    def _changed(self) -> datetime | None:
        changed, synced = changed_at(self.local), moment(self.account.last_dir_sync_time)
        return min(changed or synced, synced) if self.is_carried and synced is not None else changed


def person(run: Run, directory: Directory) -> Person:
    """Read one user at the three places and keep it as evidence. Raises Stopped where a name means no or several objects."""
    local = run.evidence(
        "on-premises-user",
        "onprem",
        get_user(run.inputs["identity"]),
        need=("guid", "user_principal_name", "shown_mobile_phone"),
        identifies=("guid",),
    )
    name = run.inputs.get("account") or str(local.user_principal_name)
    account = run.evidence(
        "account", "directory", directory.get_user(name), need=("object_id", "user_principal_name"), identifies=("object_id",)
    )
    _must_be_one_person(run, local, account)
    found = Person(local, account, run.read("online-user", "exo", get_user(UUID(str(account.object_id)))))
    run.note("what-is-seen", found.seen)
    return found


def must_be_synchronised(run: Run, account: Account) -> None:
    """Refuse what needs synchronisation for an account that has none, or whose authority is in the cloud."""
    run.guard(
        "the account is synchronised",
        account.is_synchronised is True,
        found=f"synchronised: {account.is_synchronised}, last synchronisation {account.last_dir_sync_time or 'none'}.",
        expected="an account that is synchronised from the on-premises directory.",
        remedy="Nothing comes from on-premises for this account. Change its number in the directory.",
    )
    run.guard(
        "the account is not managed in the cloud",
        account.is_cloud_managed is not True,
        found=f"isCloudManaged {account.is_cloud_managed}.",
        expected="not true: synchronisation ignores such an account (field-notes 1.9).",
        remedy="Change the number in the directory, or give the authority back to the on-premises directory first.",
    )


def changed_at(local: User) -> datetime | None:
    """When the local user was changed last: WhenChangedUTC, or WhenChanged where it says its zone."""
    if local.when_changed_utc is not None:
        return moment(local.when_changed_utc)
    when = None if local.when_changed is None else local.when_changed.to_datetime()
    return None if when is None or when.tzinfo is None else when.astimezone(UTC)


class Moment(Protocol):
    """A time as the models give it."""

    def to_datetime(self) -> datetime:
        """Python's form; naive if no zone was written."""
        ...


def moment(when: Moment | None) -> datetime | None:
    """A time as an aware datetime; one without a zone is UTC, as the directory writes its times."""
    if when is None:
        return None
    at = when.to_datetime()
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _must_be_one_person(run: Run, local: User, account: Account) -> None:
    anchor = base64.b64encode(UUID(str(local.guid)).bytes_le).decode()
    run.guard(
        "the account comes from the on-premises user",
        not account.immutable_id or account.immutable_id == anchor,
        found=f"the account's ImmutableId is {account.immutable_id or 'empty'}, the objectGUID gives {anchor}.",
        expected="the same source anchor on both.",
        remedy="These may be two people, or the anchor is ms-DS-ConsistencyGuid with another value. Compare them by hand; "
        "--option account=NAME names the account where its sign-in name differs.",
    )


def _listed(number: str | None) -> tuple[str, ...]:
    return (number,) if number else ()
