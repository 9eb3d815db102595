"""OPTION #1: the documents' user from the first look to the migrated mailbox, and the tenants that it must refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playbooks.duplicate_mailbox.exchange_guid import NOT_SYNCHRONISED
from playbooks.duplicate_mailbox.remove_license import playbook
from psbridge.engine import Failed, Operator
from psbridge.simulator.rules.replication import forward_later
from psbridge.simulator.state import Fault, Tenant
from psbridge.simulator.state.ids import NO_GUID
from tests.playbooks.change import Change, gone, settings, user
from tests.playbooks.golden import Golden
from tests.playbooks.live_tenant import MIGRATE
from tests.playbooks.scenario import Happening, Scenario
from tests.playbooks.sent import Sent
from tests.simulator.rehearsal import Rehearsal

__all__ = [
    "ACCOUNT",
    "ARCHIVE",
    "CLOUD",
    "COMPLETE",
    "DELAYED",
    "GROUP",
    "INPUTS",
    "LOCAL",
    "ONLY_THE_LICENCE",
    "PENDING",
    "SCENARIOS",
    "USER",
    "depends",
    "give_back",
]

USER = "testlicense@domain.com"
ACCOUNT = "c686dfd9-aa4a-4b54-8680-cc0d4c9b0a62"
CLOUD = "5b000000-0000-4000-8000-000000000084"
LOCAL = "5b000000-0000-4000-8000-000000000070"
GROUP = "5b000000-0000-4000-8000-0000000000cc"
E3 = "6fd2c87f-b296-42f0-b197-1e91e994b900"
EXCHANGE_PLAN = "efb87545-963c-4e0d-99df-69c6916d9eb0"
# How the tenant's log writes the objects down.
OPTION = "Microsoft.Online.Administration.LicenseOption"
ASSIGNED = "Microsoft.Open.AzureAD.Model.AssignedLicenses"
PLAN_OFF = f"{{'DisabledPlans': ['{EXCHANGE_PLAN}'], 'SkuId': '{E3}'}}"
ARCHIVE = "5b000000-0000-4000-8000-0000000000aa"
DELIVERY = "domain.mail.onmicrosoft.com"
INPUTS = {"identity": USER}
ONLY_THE_LICENCE = {**INPUTS, "migrate": "no"}

MIGRATED = (Happening(when="to be migrated", live=MIGRATE.replace("testduplicate", "testlicense")),)
WITHOUT_EXCHANGE = {"AccountSkuId": "domain:ENTERPRISEPACK", "DisabledPlans": ("EXCHANGE_S_ENTERPRISE",)}
GOLDEN = Golden(
    "option-1",
    names={"testlicense": (ACCOUNT,)},
    # The script, as it leaves the client; then as the tenant runs it.
    writes=(
        Sent("directory", "Disable-MsolServicePlan", {"ObjectId": ACCOUNT, **WITHOUT_EXCHANGE}),
        Sent("directory", "New-MsolLicenseOptions", {**WITHOUT_EXCHANGE, "ErrorAction": "Stop"}),
        Sent("directory", "Set-MsolUserLicense", {"ObjectId": ACCOUNT, "LicenseOptions": (OPTION,)}),
    ),
)
COMPLETE = Scenario(
    name="option-1",
    playbook=playbook,
    inputs=INPUTS,
    result={
        "account": ACCOUNT,
        "cloud_mailbox": CLOUD,
        "mailbox": LOCAL,
        "previous_recipient_type": "UserMailbox",
        "licence": "may be given back now, and within 30 days: ENTERPRISEPACK (EXCHANGE_S_ENTERPRISE); this run does not do it.",
    },
    seed="option-1",
    happenings=MIGRATED,
    golden=GOLDEN,
    sweep=True,
    loses=frozenset({CLOUD}),
)


def in_dialect(dialect: str, disable: str, *runs: Sent) -> Scenario:
    """The same run through the cmdlets that work today: the script, and what it runs."""
    plan = Sent("directory", disable, {"UserId": ACCOUNT, "SkuId": E3, "DisabledPlans": (EXCHANGE_PLAN,)})
    golden = replace(GOLDEN, dialect=dialect, writes=(plan, *runs))
    return replace(COMPLETE, name=dialect, sweep=False, branch=True, inputs={**INPUTS, "dialect": dialect}, golden=golden)


def done(name: str, *changes: Change, result: dict[str, object] | None = None, **other: Any) -> Scenario:
    """A tenant or a way that differs from the documents' in one thing, and whose licence is taken away all the same."""
    fields: dict[str, Any] = {
        "inputs": ONLY_THE_LICENCE,
        "seed": "option-1",
        "result": {"migration": "not done", **(result or {})},
        "loses": frozenset({CLOUD}),
        **other,
    }
    return Scenario(name=name, playbook=playbook, changes=changes, **fields)


def refused(name: str, guard: str, *changes: Change, told: str = "", **other: Any) -> Scenario:
    """A tenant that differs from the documents' in one thing, and the guard that stops the run."""
    fields: dict[str, Any] = {
        "inputs": INPUTS,
        "ends": Failed,
        "says": told or f"Stopped at {guard}.",
        "unchanged": True,
        **other,
    }
    return Scenario(name=f"refused-{name}", playbook=playbook, changes=changes, **fields)


def licensed(*licenses: dict[str, Any]) -> Change:
    return user("directory", USER, licenses=list(licenses))


PENDING = "Get-PendingDelicenseUser)"
DELAYED = settings(delayedDelicensing=True)
OFF = {"sku": "ENTERPRISEPACK", "disabledPlans": ["EXCHANGE_S_ENTERPRISE"]}
# What somebody else does while the run waits for the mailbox to go.
GIVE_BACK = (
    "$options = New-MsolLicenseOptions -AccountSkuId domain:ENTERPRISEPACK -DisabledPlans @(); "
    f"Set-MsolUserLicense -UserPrincipalName {USER} -LicenseOptions $options; $null = Step-TenantClock -Minutes 5"
)
HOLD = f"Set-Mailbox {USER} -LitigationHoldEnabled $true -Confirm:$false; $null = Step-TenantClock -Minutes 5"


def give_back(far: Rehearsal) -> None:
    account = far.account(USER)
    assert account is not None
    for license_ in account.licenses:
        license_.disabled_plans.clear()
    forward_later(far.organisation._world, account.object_id)
    far.wait(minutes=5)


def meanwhile(name: str, when: str, live: str, simulated: Any, told: str, *changes: Change, **inputs: str) -> Scenario:
    """Something comes in the way while the run waits: it stops, and its warning stands."""
    return Scenario(
        name=name,
        playbook=playbook,
        inputs={**INPUTS, **inputs},
        changes=changes,
        happenings=(Happening(when=when, live=live, simulated=simulated),),
        ends=Failed,
        says=told,
    )


DEPENDS = (
    "License assignment failed because service plan 8e0c0a52-6a6c-4d40-8370-dd62790dcd70 depends on the service plan(s) "
    "efb87545-963c-4e0d-99df-69c6916d9eb0."
)
BAD_REQUEST = "Request_BadRequest,Microsoft.Graph.PowerShell.Cmdlets.SetMgUserLicense_AssignExpanded"


def depends(tenant: Tenant) -> None:
    """A plan that stays on needs the Exchange plan."""
    tenant.faults.append(
        Fault("terminating-error", cmdlet="Set-MgUserLicense", message=DEPENDS, error_id=BAD_REQUEST, category="InvalidOperation")
    )


def depends_live(tenant: dict[str, Any]) -> None:
    """The same on the real engine."""
    fault = {"command": "Set-MgUserLicense", "call": 1, "kind": "terminating", "message": DEPENDS, "fqid": BAD_REQUEST}
    tenant["faults"] = [*tenant.get("faults", []), {**fault, "category": "InvalidOperation"}]


A_MONTH = Happening(when=PENDING, live="$null = Step-TenantClock -Days 31", simulated=lambda far: far.wait(days=31))
BACK = "Stopped at no Exchange licence has come back."

SCENARIOS = (
    COMPLETE,
    in_dialect(
        "graph",
        "Disable-MgServicePlan",
        Sent("directory", "Set-MgUserLicense", {"UserId": ACCOUNT, "AddLicenses": (PLAN_OFF,), "RemoveLicenses": ()}),
    ),
    in_dialect(
        "entra",
        "Disable-EntraServicePlan",
        Sent("directory", "Set-EntraUserLicense", {"UserId": ACCOUNT, "AssignedLicenses": ASSIGNED}),
    ),
    done("licence-only"),
    done("cleared", inputs={**ONLY_THE_LICENCE, "clear": "yes"}, result={"previous_recipient_type": "None"}, branch=True),
    done(
        "delayed",
        DELAYED,
        inputs={**ONLY_THE_LICENCE, "delayed": "wait"},
        happenings=(A_MONTH,),
        simulated=lambda tenant: tenant.migrations.clear(),
    ),
    done("expedited", DELAYED, answers={"delayed-delicensing": "expedite"}, branch=True),
    done("other-licences-stay", licensed({"sku": "ENTERPRISEPACK", "disabledPlans": ["MCOSTANDARD"]})),
    done(
        "begun-before",
        licensed(OFF),
        user("cloud", USER, kind="MailUser", exchangeGuid=LOCAL, previousRecipientTypeDetails="UserMailbox", skuAssigned=None),
        result={"cloud_mailbox": "gone before this run"},
    ),
    replace(
        COMPLETE,
        name="batch",
        sweep=False,
        golden=None,
        happenings=(),
        inputs={**INPUTS, "migration": "batch", "migration_endpoint": "Hybrid", "delivery_domain": DELIVERY},
        result={"mailbox": LOCAL},
    ),
    Scenario(
        name="asked-about-the-delay",
        playbook=playbook,
        inputs=ONLY_THE_LICENCE,
        changes=(DELAYED,),
        ends=Operator,
        says="it stays until 2018-08-14 15:4",
    ),
    Scenario(
        name="guid-not-synchronised",
        playbook=playbook,
        inputs={**ONLY_THE_LICENCE, "clear": "yes"},
        seed="option-1",
        changes=(user("onPremises", USER, exportsExchangeGuid=False), user("directory", USER, syncedExchangeGuid=str(NO_GUID))),
        ends=Operator,
        says=f"{NOT_SYNCHRONISED}; or Exchange Online keeps the GUID of the old cloud mailbox until it is made to forget it, for "
        "ever (Set-User -PermanentlyClearPreviousMailboxInfo)",
        loses=frozenset({CLOUD}),
    ),
    Scenario(
        name="another-plan-needs-exchange",
        playbook=playbook,
        inputs={**ONLY_THE_LICENCE, "dialect": "graph"},
        simulated=depends,
        live=depends_live,
        ends=Failed,
        says=f"Stopped at the licence can be without its Exchange plans. Found: the directory refuses it: {DEPENDS}",
    ),
    meanwhile(
        "hold-meanwhile",
        PENDING,
        HOLD,
        lambda far: far.objects("exo", "Set-Mailbox", Identity=USER, LitigationHoldEnabled=True),
        "Stopped at no hold is on the cloud mailbox.",
        DELAYED,
        delayed="wait",
    ),
    meanwhile("licence-meanwhile", PENDING, GIVE_BACK, give_back, BACK, DELAYED, delayed="wait"),
    meanwhile("mailbox-came-back", "to be migrated", GIVE_BACK, give_back, "Stopped at the new mailbox is the migrated one."),
    refused(
        "group-licence",
        "",
        licensed({"sku": "ENTERPRISEPACK", "assignedByGroup": GROUP}),
        told=f"ENTERPRISEPACK by group {GROUP}",
    ),
    refused(
        "cloud-managed",
        "the authority over the user is on-premises",
        user("directory", USER, cloudManaged=True),
        inputs={**INPUTS, "dialect": "graph"},
    ),
    refused("litigation-hold", "no hold is on the cloud mailbox", user("cloud", USER, litigationHold=True)),
    refused("in-place-hold", "no hold is on the cloud mailbox", user("cloud", USER, holds=["UniH5b000000"])),
    refused("same-exchange-guid", "the cloud GUIDs differ from the on-premises ones", user("cloud", USER, exchangeGuid=LOCAL)),
    refused(
        "same-archive-guid",
        "the cloud GUIDs differ from the on-premises ones",
        user("cloud", USER, archiveGuid=ARCHIVE),
        user("onPremises", USER, archiveGuid=ARCHIVE),
    ),
    refused("not-synchronised", "the account is synchronised", user("directory", USER, immutableId=None, lastDirSyncTime=None)),
    refused(
        "another-person", "both mailboxes are the same user's", user("directory", USER, immutableId="AAAAWwAAAECAAAAAAAAADQ==")
    ),
    refused(
        "option-3", "", told="psbridge run duplicate-mailbox-validation-error", seed="option-3", tenant="documents-option3.json"
    ),
    refused("migrated-before", "the mailbox was not migrated before", user("onPremises", USER, kind="RemoteUserMailbox")),
    refused("healthy", "the user has a second mailbox, or had one", inputs={"identity": "testmailuser@domain.com"}),
    refused("no-cloud-mailbox", "cloud-mailbox", gone("cloud", USER)),
    refused("no-on-premises-mailbox", "on-premises-mailbox", user("onPremises", USER, kind="User")),
)
