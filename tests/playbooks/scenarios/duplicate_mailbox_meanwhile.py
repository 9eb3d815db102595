"""OPTION #0, #1 and #3 while somebody else works on the same user: what they do meanwhile, and the guard that stops the run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from psbridge.engine import Failed
from tests.playbooks.change import user
from tests.playbooks.live_tenant import LiveTenant
from tests.playbooks.option_zero import CAPTURED, TARGET, USER
from tests.playbooks.scenario import Happening, Scenario, becomes
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import (
    COMPLETE,
    INPUTS,
    MANUAL,
    MERGE,
    MIGRATED,
    requested_by_hand,
)
from tests.playbooks.scenarios.duplicate_mailbox_remove_license import COMPLETE as OPTION_1
from tests.playbooks.scenarios.duplicate_mailbox_remove_license import GIVE_BACK, LOCAL, OFF, give_back
from tests.playbooks.scenarios.duplicate_mailbox_remove_license import USER as LICENSE
from tests.playbooks.scenarios.duplicate_mailbox_validation_error import COMPLETE as OPTION_3
from tests.simulator.rehearsal import Rehearsal

__all__ = ["SCENARIOS"]

OTHER = "5b000000-0000-4000-8000-0000000000b1"
DATABASE = "NAMPR06DG282-db128"
ANOTHER_PERSON = "AAAAWwAAAECAAAAAAAAADA=="


def stopped(name: str, guard: str, *happenings: Happening, whole: Scenario = COMPLETE, **other: Any) -> Scenario:
    """The documents' user, somebody else, and the guard that stops the run."""
    return replace(
        whole,
        name=f"stopped-{name}",
        ends=Failed,
        says=f"Stopped at {guard}.",
        result={},
        happenings=happenings,
        golden=None,
        sweep=False,
        **other,
    )


def request_ends(status: Literal["Failed"], detail: str) -> Happening:
    """The request of the run comes to an end."""

    def live(there: LiveTenant) -> None:
        there.edit(lambda tenant: tenant["restoreRequests"][-1].update(status=status, statusDetail=detail))

    def simulated(there: Rehearsal) -> None:
        request = there.state.restore_requests[-1]
        request.status, request.status_detail = status, detail

    return Happening(when="the restore request to complete", live=live, simulated=simulated)


def ten_parts(there: Rehearsal) -> None:
    """Ten requests that somebody has made for one folder each."""
    for _ in range(10):
        requested_by_hand(there, SourceRootFolder="Inbox")


def theirs_is_removed(there: Rehearsal) -> None:
    """The request that is followed goes."""
    there.objects("exo", "Remove-MailboxRestoreRequest", Identity=f"{there.state.restore_requests[0].identity}", Confirm=False)


TEN_PARTS = Happening(
    after="Get-MoveRequestStatistics",
    live=f"foreach ($number in 1..10) {{ {MERGE} -SourceRootFolder Inbox }}",
    simulated=ten_parts,
)
THEIRS = Happening(after="Get-MoveRequestStatistics", live=MERGE, simulated=requested_by_hand)
THEIRS_GOES = Happening(
    when="the restore request to complete",
    live="Get-MailboxRestoreRequest | Remove-MailboxRestoreRequest -Confirm:$false",
    simulated=theirs_is_removed,
)
SWITCHED_ON = Happening(
    after="Set-ADSyncScheduler",
    live="Set-ADSyncScheduler -SyncCycleEnabled $true",
    simulated=lambda there: there.objects("sync", "Set-ADSyncScheduler", SyncCycleEnabled=True),
)
PURGED = Happening(
    after="Remove-MsolUser",
    live=f"Remove-MsolUser -UserPrincipalName {USER} -RemoveFromRecycleBin -Force",
    simulated=lambda there: there.purge(),
)


def source_goes(there: Rehearsal) -> None:
    """Somebody has restored the soft-deleted mailbox."""
    next(one for one in there.state.cloud if one.exchange_guid == UUID(CAPTURED)).soft_deleted = None


def source_goes_live(there: LiveTenant) -> None:
    """The same on the real engine."""

    def restored(tenant: dict[str, Any]) -> None:
        next(one for one in tenant["cloud"] if one["exchangeGuid"] == CAPTURED)["softDeleted"] = None

    there.edit(restored)


# The first such call is the one with -WhatIf.
SOURCE_GOES = Happening(after="New-MailboxRestoreRequest", live=source_goes_live, simulated=source_goes)


def synchronised_before(there: Rehearsal) -> None:
    """The mail user is there when the run looks for it first."""
    there.synchronise()
    there.wait(minutes=5)


def licensed(there: Rehearsal) -> None:
    """A licence has made a new, empty mailbox of the mail user."""
    found = there.recipient()
    assert found is not None
    found.kind, found.exchange_guid, found.database = "UserMailbox", UUID(OTHER), DATABASE


def licensed_live(there: LiveTenant) -> None:
    """The same on the real engine."""

    def mailbox(tenant: dict[str, Any]) -> None:
        named = [one for one in tenant["cloud"] if one["userPrincipalName"] == USER]
        next(one for one in named if not one.get("softDeleted")).update(kind="UserMailbox", exchangeGuid=OTHER, database=DATABASE)

    there.edit(mailbox)


SYNCHRONISED = Happening(
    when="synchronise",
    live="$null = Start-ADSyncSyncCycle -PolicyType Delta; $null = Step-TenantClock -Minutes 5",
    simulated=synchronised_before,
)
LICENSED = Happening(after="Get-Recipient", live=licensed_live, simulated=licensed)

# The last thing that OPTION #1 looks at before it asks for its approval.
KNOWN = "Get-OrganizationConfig"
GIVEN_BACK = Happening(after="Get-User", live=GIVE_BACK, simulated=give_back)
# What a licence that was taken away leaves behind.
GONE: dict[str, Any] = {"previousRecipientTypeDetails": "UserMailbox", "skuAssigned": None}
NOTHING: frozenset[str] = frozenset()
# Its content is there, under another GUID.
RENUMBERED = frozenset({CAPTURED})

SCENARIOS = (
    stopped(
        "guid-changes",
        "the Exchange GUID is the mailbox's",
        becomes(user("cloud", USER, exchangeGuid=OTHER), after="Get-Mailbox"),
        unchanged=True,
        loses=RENUMBERED,
    ),
    stopped(
        "mailbox-changes",
        "the cloud mailbox is the captured one",
        becomes(user("cloud", USER, exchangeGuid=OTHER), after="Set-ADSyncScheduler"),
        loses=RENUMBERED,
    ),
    stopped("scheduler-switched-on", "no cycle of synchronisation can come between", SWITCHED_ON),
    stopped("purged-by-another", "the recycle bin holds the captured account", PURGED),
    stopped(
        "licensed-by-a-group",
        "the new account has no Exchange licence",
        changes=(user("onPremises", USER, groupLicenses=["ENTERPRISEPACK"]),),
    ),
    stopped(
        "another-account",
        "the new account is the synchronised one",
        becomes(user("directory", USER, immutableId=ANOTHER_PERSON), after="Start-ADSyncSyncCycle"),
    ),
    stopped(
        "another-mailbox",
        "the mailbox that is there already is the migrated one",
        SYNCHRONISED,
        LICENSED,
        inputs=MANUAL,
        answers={"pause-scheduler": "done", "synchronise": "done"},
    ),
    stopped("ten-requests", "the mailbox has room for another restore request", *MIGRATED, TEN_PARTS),
    stopped("request-failed", "the restore request has not failed", *MIGRATED, request_ends("Failed", "FailedOther")),
    stopped("their-request-goes", "the restore request that is followed is still there", *MIGRATED, THEIRS, THEIRS_GOES),
    stopped("source-goes", "the soft-deleted mailbox is still there", *MIGRATED, SOURCE_GOES, loses=frozenset({CAPTURED})),
    stopped(
        "ids-of-another",
        "the ids belong to the named user",
        inputs={**INPUTS, "identity": LICENSE, "cloud_id": CAPTURED, "on_premises_id": TARGET},
        seed="documents",
        unchanged=True,
    ),
    stopped(
        "licence-changes",
        "the licence is the captured one",
        becomes(user("directory", LICENSE, licenses=[{"sku": "ENTERPRISEPACK", "disabledPlans": ["MCOSTANDARD"]}]), after=KNOWN),
        whole=OPTION_1,
        unchanged=True,
        loses=NOTHING,
    ),
    stopped(
        "licences-go",
        "the licences can be seen",
        becomes(user("directory", LICENSE, licenses=[]), after=KNOWN),
        whole=OPTION_1,
        unchanged=True,
        loses=NOTHING,
    ),
    stopped("licence-comes-back", "no Exchange licence comes before the migration", GIVEN_BACK, whole=OPTION_1),
    stopped(
        "another-mail-user",
        "the account is the mail user's",
        whole=OPTION_1,
        seed="documents",
        changes=(
            user("directory", LICENSE, licenses=[OFF]),
            user("cloud", LICENSE, kind="MailUser", exchangeGuid=LOCAL, externalDirectoryObjectId=OTHER, **GONE),
        ),
        unchanged=True,
        loses=NOTHING,
    ),
    stopped(
        "errors-resolved",
        "the errors can be read",
        becomes(user("directory", LICENSE, errors=[]), after="Get-MsolUser"),
        whole=OPTION_3,
        unchanged=True,
    ),
)
