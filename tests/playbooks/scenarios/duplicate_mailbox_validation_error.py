"""OPTION #3: the documents' user without a licence and with errors, with and without a soft-deleted mailbox left; refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playbooks.duplicate_mailbox.validation_error import playbook
from psbridge.engine import Failed
from tests.playbooks.change import Change, user
from tests.playbooks.golden import Golden
from tests.playbooks.live_tenant import MIGRATE
from tests.playbooks.scenario import Happening, Scenario
from tests.playbooks.scenarios.duplicate_mailbox_delete_account import CYCLED, PAUSED, SWITCHED_ON
from tests.playbooks.scenarios.duplicate_mailbox_remove_license import ACCOUNT, CLOUD, GROUP, LOCAL, USER
from tests.playbooks.sent import Sent

__all__ = ["COMPLETE", "LOST", "SCENARIOS"]

INPUTS = {"identity": USER}
ERRORS = ["ExO_ObjectValidation", "ExO_DualWrite"]
MIGRATED = (Happening(when="to be migrated", live=MIGRATE.replace("testduplicate", "testlicense")),)
NOTHING: dict[str, object] = {
    "merge": "impossible: the purge left no soft-deleted mailbox; what the cloud mailbox held is lost",
    "findings": 1,
}
MERGED = Sent("exo", "New-MailboxRestoreRequest", {"SourceMailbox": CLOUD, "TargetMailbox": LOCAL, "AllowLegacyDNMismatch": True})


def from_option_0(deleted: Sent, purged: Sent) -> tuple[Sent, ...]:
    """What OPTION #3 tells in words only."""
    return (PAUSED, deleted, purged, SWITCHED_ON, CYCLED, MERGED)


DELETED = Sent("directory", "Remove-MsolUser", {"UserPrincipalName": USER, "Force": True})
PURGED = replace(DELETED, parameters={**DELETED.parameters, "RemoveFromRecycleBin": True})
COMPLETE = Scenario(
    name="option-3",
    playbook=playbook,
    inputs=INPUTS,
    result={"merge": "Completed", "source_mailbox": CLOUD, "target_mailbox": LOCAL, "errors": ERRORS},
    seed="option-3",
    tenant="documents-option3.json",
    happenings=MIGRATED,
    golden=Golden("option-3", names={"testlicense": (ACCOUNT,), USER: (ACCOUNT,)}, writes=from_option_0(DELETED, PURGED)),
)
# The migration and the merge are OPTION #0's, which is swept itself.
WITHOUT_MERGE = replace(
    COMPLETE,
    name="without-merge",
    golden=None,
    inputs={**INPUTS, "merge": "no"},
    happenings=(),
    # Nobody migrates: a mailbox that is migrated before the run has seen the mail user would leave it waiting for that.
    simulated=lambda tenant: tenant.migrations.clear(),
    result={"merge": "not done", "soft_deleted_mailbox": CLOUD},
    sweep=True,
)


def in_dialect(dialect: str, delete: str, purge: str) -> Scenario:
    """The same run through the cmdlets that work today."""
    assert COMPLETE.golden is not None
    deleted = Sent("directory", delete, {"UserId": ACCOUNT})
    purged = Sent("directory", purge, {"DirectoryObjectId": ACCOUNT})
    golden = replace(COMPLETE.golden, dialect=dialect, writes=from_option_0(deleted, purged))
    return replace(COMPLETE, name=dialect, inputs={**INPUTS, "dialect": dialect}, golden=golden)


LOST = replace(
    COMPLETE,
    name="nothing-is-left",
    golden=None,
    changes=(user("cloud", USER, unlicensedPurge="lost"),),
    result={**NOTHING, "target_mailbox": LOCAL},
    loses=frozenset({CLOUD}),
)


def refused(name: str, guard: str, *changes: Change, told: str = "", **other: Any) -> Scenario:
    """A tenant that differs from the documents' in one thing, and the guard that stops the run."""
    fields: dict[str, Any] = {"inputs": INPUTS, "seed": "option-3", "tenant": "documents-option3.json", **other}
    return Scenario(
        name=f"refused-{name}",
        playbook=playbook,
        ends=Failed,
        says=told or f"Stopped at {guard}.",
        unchanged=True,
        changes=changes,
        **fields,
    )


WITHOUT_LICENCE = "the mailbox is there without a licence"
RESOLVED = user("directory", USER, errors=[])
SCENARIOS = (
    replace(COMPLETE, branch=True),
    in_dialect("graph", "Remove-MgUser", "Remove-MgDirectoryDeletedItem"),
    in_dialect("entra", "Remove-EntraUser", "Remove-EntraDeletedDirectoryObject"),
    WITHOUT_MERGE,
    LOST,
    replace(LOST, name="nothing-is-left-without-merge", inputs={**INPUTS, "merge": "no"}, happenings=(), result=NOTHING),
    refused("licensed", WITHOUT_LICENCE, user("directory", USER, licenses=[{"sku": "ENTERPRISEPACK"}])),
    refused(
        "group-licence",
        WITHOUT_LICENCE,
        user("directory", USER, licenses=[{"sku": "ENTERPRISEPACK", "assignedByGroup": GROUP}]),
    ),
    refused("no-error", "the account has a validation error", RESOLVED),
    refused("litigation-hold", "no hold is on the cloud mailbox", user("cloud", USER, litigationHold=True)),
    refused("same-exchange-guid", "the cloud GUIDs differ from the on-premises ones", user("cloud", USER, exchangeGuid=LOCAL)),
    refused(
        "cloud-managed",
        "the authority over the user is on-premises",
        user("directory", USER, cloudManaged=True),
        inputs={**INPUTS, "dialect": "graph"},
    ),
)
