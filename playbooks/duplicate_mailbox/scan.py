"""Two mailboxes, and who may come to have them: a whole organisation in, one line for each finding out.

It only reads. Both sides are streamed into tables on the disk and joined there: memory does not grow with the organisation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from playbooks.duplicate_mailbox.scan_classes import Class, Finding, at_risk, in_error, on_both, without_guid
from playbooks.duplicate_mailbox.scan_join import accounts_in_error, mail_users, on_both_sides
from playbooks.duplicate_mailbox.scan_readings import read_everything
from psbridge.engine import DIALECT, Input, Playbook, Query, Row, Run
from psbridge.errors import InputError

__all__ = ["COLUMNS", "playbook"]

COLUMNS: Final = (
    "Class",
    "Playbook",
    "UserPrincipalName",
    "DisplayName",
    "Why",
    "ObjectId",
    "OnPremisesGuid",
    "CloudExchangeGuid",
    "OnPremisesExchangeGuid",
    "ImmutableId",
    "IsLicensed",
    "GroupsAssigningLicense",
    "ValidationError",
)


def body(run: Run) -> Mapping[str, object]:
    """Read, join, and tell how many were found of each class; the findings themselves are a table."""
    left_out = _left_out(run.inputs["without"])
    read = read_everything(run)
    found = run.tabulate(
        "findings",
        columns=COLUMNS,
        rows=lambda query: (_row(one) for one in _findings(query, run.inputs["prefer"]) if one.kind not in left_out),
        by="Class",
        shown=("Class", "Playbook", "UserPrincipalName", "Why"),
    )
    unreadable = {one.table: one.unreadable for one in read if one.unreadable}
    if unreadable:
        told = "; ".join(f"{one.table}: {problem}" for one in read for problem in one.problems)
        run.note("unreadable", f"Some objects could not be read and are in no class: {told}")
    return {
        "findings": found.count,
        **{str(kind): found.counts.get(kind, 0) for kind in Class if kind not in left_out},
        **({"unreadable": sum(unreadable.values())} if unreadable else {}),
        "read": ", ".join(f"{one.count} {one.table.replace('_', ' ')}" for one in read),
    }


def _findings(query: Query, prefer: str) -> Iterator[Finding]:
    for person in on_both_sides(query):
        yield on_both(person, prefer)
    for person in mail_users(query):
        yield without_guid(person) if person.mail_user_guid is None else at_risk(person)
    for person in accounts_in_error(query):
        yield in_error(person, prefer)


def _row(finding: Finding) -> Row:
    one = finding.person
    return (
        str(finding.kind),
        finding.playbook,
        one.upn,
        one.name,
        finding.why,
        one.object_id,
        one.local_id,
        one.cloud_guid,
        one.local_guid,
        one.account_anchor,
        _yes(one.licensed),
        one.groups,
        _yes(one.failing),
    )


def _yes(flag: int | None) -> str | None:
    return None if flag is None else str(bool(flag))


def _left_out(given: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in given.split(",") if name.strip())
    unknown = names - set(Class)
    if unknown:
        raise InputError(f"There is no class {', '.join(sorted(unknown))}; there are: {', '.join(Class)}")
    return names


playbook: Final = Playbook(
    name="duplicate-mailbox-scan",
    version="1",
    summary="Find everybody who has a mailbox on both sides, or may come to have one, and the playbook that fits.",
    inputs=(
        DIALECT,
        Input("prefer", default="data", choices=("data", "account"), help="what to keep where either can be kept"),
        Input("without", default="", help="classes to leave out, with commas between them"),
    ),
    endpoints=("exo", "onprem", "directory"),
    outline=(
        ("cloud-mailboxes", "exo: Get-Mailbox -ResultSize Unlimited"),
        ("mail-users", "exo: Get-MailUser -ResultSize Unlimited"),
        ("users", "exo: Get-User -ResultSize Unlimited (PreviousRecipientTypeDetails)"),
        ("local-mailboxes", "on-premises: Get-Mailbox -ResultSize Unlimited"),
        ("accounts", "directory: every account"),
        ("findings", "join by immutable ids, and classify"),
    ),
    body=body,
)
