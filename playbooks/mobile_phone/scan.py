"""`mobile-phone-scan`: who has the authority over everybody's mobile phone. It only reads.

Three lists are streamed into tables on the disk and joined there by immutable ids: memory does not grow with the organisation.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from playbooks.mobile_phone.diagnosis import Authority, Diagnosis, Seen, Verdict, address_book, diagnosed
from playbooks.mobile_phone.numbers import normalised
from playbooks.mobile_phone.reading import changed_at, moment
from psbridge.cmdlets import get_users
from psbridge.cmdlets.directory import directory_of
from psbridge.engine import DIALECT, Cell, Gathered, Input, Playbook, Query, Row, Run, Tabulated
from psbridge.models import Account, User

__all__ = ["COLUMNS", "playbook"]

COLUMNS: Final = (
    "Verdict",
    "Authority",
    "UserPrincipalName",
    "OnPremises",
    "Directory",
    "ExchangeOnline",
    "OnPremisesNormalised",
    "DirectoryNormalised",
    "AddressBook",
    "Playbook",
    "ObjectId",
    "WhenChanged",
    "LastDirSyncTime",
    "Why",
)
SHOWN: Final = ("Verdict", "UserPrincipalName", "OnPremises", "Directory", "ExchangeOnline", "AddressBook")


def body(run: Run) -> Mapping[str, object]:
    """Read all users on-premises, in the directory and in Exchange Online, and tell how many there are of each verdict."""
    read, people = _read(run, COLUMNS)
    found = named = _named(run, "mobile-phones", COLUMNS, _DIFFERING)
    if run.inputs["show"] == "all":
        named = _named(run, "everybody", COLUMNS, _EVERYBODY)
    return _told(run, read, people, named, findings=found.count)


def _version_1(run: Run) -> Mapping[str, object]:
    """The tables of version 1, for runs that were begun with it: without Why, and only another verdict is a finding."""
    columns = COLUMNS[:-1]
    read, people = _read(run, columns)
    named = _named(run, "mobile-phones", columns, _EVERYBODY if run.inputs["show"] == "all" else _DIFFERING)
    return _told(run, read, people, named, findings=people.count - people.counts.get(str(Verdict.IN_STEP), 0))


def _read(run: Run, columns: tuple[str, ...]) -> tuple[tuple[Gathered, ...], Tabulated]:
    """The three lists, and everybody with a verdict."""
    read = (
        run.gather("local-users", "onprem", get_users(), columns=("anchor", "mobile", "changed"), row=_local, index=("anchor",)),
        run.gather("accounts", "directory", directory_of(run.inputs["dialect"]).get_users(), columns=_ACCOUNT, row=_account),
        run.gather("online-users", "exo", get_users(), columns=("object_id", "mobile"), row=_online, index=("object_id",)),
    )

    def rows(query: Query) -> Iterator[Row]:
        return (row[: len(columns)] for row in _rows(query))

    return read, run.tabulate("people", columns=columns, rows=rows, by="Verdict")


def _named(run: Run, key: str, columns: tuple[str, ...], wanted: str) -> Tabulated:
    return run.tabulate(key, columns=columns, rows=lambda query: query(wanted), by="Verdict", shown=SHOWN)


def _told(run: Run, read: tuple[Gathered, ...], people: Tabulated, named: Tabulated, *, findings: int) -> Mapping[str, object]:
    verdicts = {str(verdict): people.counts.get(str(verdict), 0) for verdict in Verdict}
    return {"users": people.count, **verdicts, "named": named.count, "findings": findings, **_unreadable(run, read)}


def _unreadable(run: Run, read: tuple[Gathered, ...]) -> Mapping[str, object]:
    """What one of the lists held in another shape is in no verdict; that must be told."""
    problems = [f"{one.table}: {problem}" for one in read for problem in one.problems]
    if problems:
        run.note("unreadable", f"Some objects could not be read and have no verdict: {'; '.join(problems)}")
    return {
        "read": ", ".join(f"{one.count} {one.table.replace('_', ' ')}" for one in read),
        **({"unreadable": sum(one.unreadable for one in read)} if problems else {}),
    }


_ACCOUNT: Final = ("object_id", "anchor", "upn", "mobile", "synchronised", "managed", "synced", "failing")
# A local user without an account is in no scope, and a cloud account has no other side; a synchronised one has, and it is missed.
_JOINED: Final = """
    SELECT local_users.anchor, accounts.object_id, accounts.upn, local_users.mobile, accounts.mobile, online_users.mobile,
           online_users.object_id, local_users.changed, accounts.synced, accounts.synchronised, accounts.managed, accounts.failing
    FROM accounts LEFT JOIN local_users USING (anchor) LEFT JOIN online_users USING (object_id)
    WHERE local_users.anchor IS NOT NULL OR accounts.synchronised = 1
    ORDER BY accounts.rowid
"""
_EVERYBODY: Final = "SELECT * FROM people ORDER BY rowid"
_DIFFERING: Final = """
    SELECT * FROM people WHERE Verdict <> 'in step' OR AddressBook <> 'shows what the directory holds' ORDER BY rowid
"""
_NO_LOCAL_USER: Final = Diagnosis(
    Verdict.UNKNOWN,
    Authority.NOT_TOLD,
    "The account is synchronised, and no on-premises user that was read has its ImmutableId as objectGUID: the source anchor is "
    "another one (ms-DS-ConsistencyGuid), or the list did not hold the user. Compare the two by hand.",
    "Compare the two by hand.",
)


def _local(user: User) -> Row | None:
    if user.guid is None:
        return None
    return base64.b64encode(user.guid.bytes_le).decode(), user.mobile_phone or None, _written(changed_at(user))


def _account(account: Account) -> Row:
    return (
        str(account.object_id),
        account.immutable_id or None,
        account.user_principal_name,
        account.mobile_phone or None,
        _flag(account.is_synchronised),
        _flag(account.is_cloud_managed),
        _written(moment(account.last_dir_sync_time)),
        _flag(account.has_validation_error),
    )


def _online(user: User) -> Row | None:
    owner = user.external_directory_object_id
    return None if owner is None else (str(owner), user.mobile_phone or None)


def _rows(query: Query) -> Iterator[Row]:
    for anchor, object_id, upn, local, cloud, shown, recipient, changed, synced, synchronised, managed, failing in query(_JOINED):
        seen = Seen(
            _listed(local),
            _listed(cloud),
            is_synchronised=_bool(synchronised),
            is_cloud_managed=_bool(managed),
            changed=_moment(changed),
            synced=_moment(synced),
        )
        found = _NO_LOCAL_USER if anchor is None else diagnosed(seen)
        book = address_book(
            _text(cloud), _text(shown), recipients=0 if recipient is None else 1, has_validation_error=_bool(failing)
        )
        plain = (normalised(_text(local)), normalised(_text(cloud)))
        told = (str(found.verdict), str(found.authority), upn, local, cloud, shown, *plain, str(book), _fits(found))
        yield (*told, object_id, changed, synced, found.why)


def _fits(found: Diagnosis) -> str:
    return "mobile-phone-override" if found.is_overridden else ""


def _listed(number: Cell) -> tuple[str, ...]:
    return (str(number),) if number else ()


def _text(cell: Cell) -> str | None:
    return None if cell is None else str(cell)


def _flag(value: bool | None) -> int | None:  # noqa: FBT001 - a cell
    return None if value is None else int(value)


def _bool(cell: Cell) -> bool | None:
    return None if cell is None else bool(cell)


def _written(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def _moment(cell: Cell) -> datetime | None:
    return None if cell is None else datetime.fromisoformat(str(cell))


_LATEST: Final = Playbook(
    name="mobile-phone-scan",
    version="2",
    summary="Who has the authority over everybody's mobile phone, and whose places differ (reads only).",
    inputs=(Input("show", default="differing", choices=("differing", "all"), help="all: name those in step, too"), DIALECT),
    endpoints=("onprem", "directory", "exo"),
    outline=(
        ("local-users", "on-premises: Get-User -ResultSize Unlimited"),
        ("accounts", "directory: every account"),
        ("online-users", "exo: Get-User -ResultSize Unlimited"),
        ("mobile-phones", "join by immutable ids, and decide"),
    ),
    body=body,
)
_VERSION_1: Final = replace(_LATEST, version="1", body=_version_1)

playbook: Final = replace(_LATEST, earlier=(_VERSION_1,))
