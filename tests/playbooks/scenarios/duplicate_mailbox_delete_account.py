"""OPTION #0: the documents' user from the first look to the completed merge, and the tenants that it must refuse."""

from __future__ import annotations

from playbooks.duplicate_mailbox.delete_account import playbook
from psbridge.engine import Failed
from tests.playbooks.change import Change, gone, user
from tests.playbooks.golden import Golden
from tests.playbooks.live_tenant import MIGRATE
from tests.playbooks.option_zero import CAPTURED, RUN, TARGET, USER
from tests.playbooks.scenario import Happening, Scenario

__all__ = ["SCENARIOS"]

INPUTS = {"identity": USER, "merge": "yes", "sync": "cmdlet"}
OLD_ACCOUNT = "e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77"
NEW_ACCOUNT = "7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa"


COMPLETE = Scenario(
    name="option-0",
    playbook=playbook,
    inputs=INPUTS,
    result={
        "merge": "Completed",
        "request": f"testduplicate\\psb-{RUN}",
        "source_mailbox": CAPTURED,
        "target_mailbox": TARGET,
        "account": NEW_ACCOUNT,
    },
    seed="option-0",
    happenings=(Happening(when="to be migrated", live=MIGRATE),),
    golden=Golden(
        "option-0",
        names={"testduplicate": (OLD_ACCOUNT, CAPTURED, NEW_ACCOUNT)},
        writes=("Start-ADSyncSyncCycle",),
    ),
    sweep=True,
)


def refused(name: str, guard: str, *changes: Change) -> Scenario:
    """A tenant that differs from the documents' in one thing, and the guard that stops the run."""
    return Scenario(
        name=f"refused-{name}",
        playbook=playbook,
        inputs=INPUTS,
        ends=Failed,
        says=f"Stopped at {guard}.",
        unchanged=True,
        changes=changes,
    )


BOTH_KINDS = "both sides hold a user mailbox"
GUIDS = "the cloud GUIDs differ from the on-premises ones"
ARCHIVE = "5b000000-0000-4000-8000-0000000000aa"

SCENARIOS = (
    COMPLETE,
    refused("no-cloud-mailbox", "cloud-mailbox", gone("cloud", USER)),
    refused("no-on-premises-mailbox", "on-premises-mailbox", user("onPremises", USER, kind="User")),
    refused("shared-mailbox", BOTH_KINDS, user("cloud", USER, properties={"RecipientTypeDetails": "SharedMailbox"})),
    refused(
        "another-owner",
        "the account owns the cloud mailbox",
        user("directory", USER, objectId="5b000000-0000-4000-8000-0000000000bb"),
    ),
    refused("not-synchronised", "the account is synchronised", user("directory", USER, immutableId=None, lastDirSyncTime=None)),
    refused(
        "another-person", "both mailboxes are the same user's", user("directory", USER, immutableId="AAAAWwAAAECAAAAAAAAADA==")
    ),
    refused("same-exchange-guid", GUIDS, user("cloud", USER, exchangeGuid=TARGET)),
    refused("same-archive-guid", GUIDS, user("cloud", USER, archiveGuid=ARCHIVE), user("onPremises", USER, archiveGuid=ARCHIVE)),
    refused("swapped-archive-guid", GUIDS, user("onPremises", USER, archiveGuid=CAPTURED)),
    refused("litigation-hold", "no hold is on the cloud mailbox", user("cloud", USER, litigationHold=True)),
    refused("in-place-hold", "no hold is on the cloud mailbox", user("cloud", USER, holds=["UniH5b000000"])),
    refused(
        "no-licence",
        "the Exchange licence is still there",
        user("directory", USER, licenses=[]),
        user("cloud", USER, stuck=True, skuAssigned=False),
    ),
)
