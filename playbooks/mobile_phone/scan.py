"""`mobile-phone-scan`: who has the authority over everybody's mobile phone. It only reads three lists and joins them by ids."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from playbooks.mobile_phone.diagnosis import AddressBook, Verdict
from playbooks.mobile_phone.numbers import with_normal_form
from playbooks.mobile_phone.reading import Person
from psbridge.cmdlets import get_users
from psbridge.cmdlets.directory import directory_of
from psbridge.engine import DIALECT, Answer, Input, Playbook, Run
from psbridge.models import Account, User

__all__ = ["playbook"]


def body(run: Run) -> Mapping[str, object]:
    """Read all users on-premises, in the directory and in Exchange Online; name those whose places differ, count all."""
    local = run.read("on-premises-users", "onprem", get_users()).objects
    accounts = run.read("accounts", "directory", directory_of(run.inputs["dialect"]).get_users()).objects
    online = run.read("online-users", "exo", get_users()).objects
    people = list(_joined(local, accounts, online))
    wanted = people if run.inputs["show"] == "all" else [person for person in people if _differs(person)]
    return {
        "users": len(people),
        "without_an_account": len(local) - len(people),
        "verdicts": dict(Counter(str(person.mobile_phone.verdict) for person in people)),
        "table": [_row(person) for person in wanted],
    }


def _joined(local: tuple[User, ...], accounts: tuple[Account, ...], online: tuple[User, ...]) -> Iterator[Person]:
    """The source anchor joins the local user and the account; the account's id, the account and the recipient."""
    by_anchor = {account.immutable_id: account for account in accounts if account.immutable_id}
    by_id = {user.external_directory_object_id: user for user in online if user.external_directory_object_id}
    for user in local:
        account = by_anchor.get(_anchor(user))
        if account is not None:
            found = by_id.get(account.object_id)
            yield Person(user, account, Answer("Get-User", () if found is None else (found,)))


def _anchor(user: User) -> str:
    return base64.b64encode(UUID(str(user.guid)).bytes_le).decode() if user.guid else ""


def _differs(person: Person) -> bool:
    verdict, book = person.mobile_phone.verdict, person.address_book
    return verdict is not Verdict.IN_STEP or book in {AddressBook.BEHIND, AddressBook.BLOCKED}


def _row(person: Person) -> Mapping[str, object]:
    online = person.online.objects[0] if person.online is not None and person.online.objects else None
    return {
        "user": person.account.user_principal_name,
        "object_id": str(person.account.object_id),
        "on_premises": with_normal_form(person.local.mobile_phone),
        "directory": with_normal_form(person.account.mobile_phone),
        "exchange_online": with_normal_form(online.mobile_phone) if online is not None else "not there",
        "verdict": str(person.mobile_phone.verdict),
        "authority": str(person.mobile_phone.authority),
        "address_book": str(person.address_book),
        "playbook": _playbook_for(person),
    }


def _playbook_for(person: Person) -> str:
    return "mobile-phone-override or mobile-phone-bypass" if person.mobile_phone.is_overridden else ""


playbook: Final = Playbook(
    name="mobile-phone-scan",
    version="1",
    summary="Who has the authority over everybody's mobile phone, and whose places differ (reads only).",
    inputs=(Input("show", default="differing", choices=("differing", "all"), help="all: name those in step, too"), DIALECT),
    endpoints=("onprem", "directory", "exo"),
    outline=(
        ("on-premises-users", "on-premises: Get-User of everybody"),
        ("accounts", "directory: all accounts"),
        ("online-users", "exo: Get-User of everybody"),
    ),
    body=body,
)
