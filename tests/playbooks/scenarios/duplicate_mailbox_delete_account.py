"""OPTION #0: the documents' user from the first look to the completed merge, and the tenants that it must refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from playbooks.duplicate_mailbox.delete_account import playbook
from playbooks.duplicate_mailbox.exchange_guid import NOT_SYNCHRONISED
from psbridge.command import SWITCH
from psbridge.engine import Failed, Operator
from psbridge.simulator.rules.synchronisation import changed_locally
from psbridge.simulator.state import Move, Plan, Sku, Tenant
from tests.playbooks.change import Change, gone, settings, user
from tests.playbooks.golden import Golden
from tests.playbooks.live_tenant import MIGRATE, LiveTenant
from tests.playbooks.option_zero import CAPTURED, RUN, TARGET, USER
from tests.playbooks.scenario import Happening, Scenario
from tests.playbooks.sent import Sent
from tests.simulator.rehearsal import Rehearsal

__all__ = ["COMPLETE", "CYCLED", "PAUSED", "SCENARIOS", "SWITCHED_ON"]

INPUTS = {"identity": USER, "merge": "yes", "sync": "cmdlet"}
OLD_ACCOUNT = "e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77"
ARCHIVE = "5b000000-0000-4000-8000-0000000000aa"
GROUP = "5b000000-0000-4000-8000-0000000000cc"
OTHER = {"guid": "5b000000-0000-4000-8000-0000000000ba", "exchange_guid": "5b000000-0000-4000-8000-0000000000bc"}
DELETED = "2018-07-10T08:00:00Z"
KEPT = {"guid": "5b000000-0000-4000-8000-0000000000dd", "inactive": True}
LOCAL_ARCHIVE = "5b000000-0000-4000-8000-0000000000ab"
NEW_ACCOUNT = "7ba2fffc-e3ce-4d65-b350-d0a3763e5ffa"


PAUSED = Sent("sync", "Set-ADSyncScheduler", {"SyncCycleEnabled": False})
SWITCHED_ON = Sent("sync", "Set-ADSyncScheduler", {"SyncCycleEnabled": True})
CYCLED = Sent("sync", "Start-ADSyncSyncCycle", {"PolicyType": "Delta"})
GOLDEN = Golden(
    "option-0",
    names={"testduplicate": (OLD_ACCOUNT, CAPTURED, NEW_ACCOUNT), USER: (OLD_ACCOUNT, NEW_ACCOUNT)},
    writes=(PAUSED, SWITCHED_ON, CYCLED),
)
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
    golden=GOLDEN,
    sweep=True,
)


def in_dialect(dialect: str) -> Scenario:
    """The same run through the cmdlets that work today."""
    golden, inputs = replace(GOLDEN, dialect=dialect), {**INPUTS, "dialect": dialect}
    return replace(COMPLETE, name=dialect, sweep=False, branch=True, inputs=inputs, golden=golden)


MIGRATED = (Happening(when="to be migrated", live=MIGRATE),)
DELIVERY = "domain.mail.onmicrosoft.com"


def done(name: str, *changes: Change, result: dict[str, object] | None = None, **other: Any) -> Scenario:
    """A tenant or a way that differs from the documents' in one thing, and is merged all the same."""
    fields: dict[str, Any] = {"inputs": INPUTS, "seed": "option-0", "happenings": MIGRATED, **other}
    return Scenario(name=name, playbook=playbook, changes=changes, result={"merge": "Completed", **(result or {})}, **fields)


def synchronised(there: Rehearsal) -> None:
    """A cycle has run and is over."""
    there.synchronise()
    there.wait(minutes=3)


# What somebody does by hand in the moment between two calls of the run.
CYCLE = Happening(
    after="Remove-MsolUser",
    live="$null = Start-ADSyncSyncCycle -PolicyType Delta; $null = Step-TenantClock -Minutes 3",
    simulated=synchronised,
)
MERGE = f"$null = New-MailboxRestoreRequest -SourceMailbox {CAPTURED} -TargetMailbox {TARGET} -AllowLegacyDNMismatch"
# Somebody has tried it twice: the first request has failed, the second one has done it.
TWICE: tuple[tuple[Literal["Failed", "Completed"], str], ...] = (("Failed", "FailedOther"), ("Completed", "Completed"))


def requested_by_hand(there: Rehearsal, **narrowed: object) -> None:
    """Somebody makes the request of the documents, or one that copies less."""
    names = {"SourceMailbox": CAPTURED, "TargetMailbox": TARGET}
    there.objects("exo", "New-MailboxRestoreRequest", **names, AllowLegacyDNMismatch=SWITCH, **narrowed)


def twice(there: Rehearsal) -> None:
    """Both requests of `TWICE`."""
    for status, detail in TWICE:
        requested_by_hand(there)
        request = there.state.restore_requests[-1]
        request.status, request.status_detail = status, detail


def twice_live(there: LiveTenant) -> None:
    """The same in the other tenant."""

    def end(tenant: dict[str, Any]) -> None:
        for request, (status, detail) in zip(tenant["restoreRequests"], TWICE, strict=True):
            request.update(status=status, statusDetail=detail)

    there.operator(f"{MERGE}; {MERGE}")
    there.edit(end)


MERGED_BY_HAND = Happening(after="Get-MoveRequestStatistics", live=twice_live, simulated=twice)
# Somebody has fetched one folder; the rest lies in the soft-deleted mailbox alone.
PART_BY_HAND = Happening(
    after="Get-MoveRequestStatistics",
    live=f"{MERGE} -SourceRootFolder Inbox; $null = Step-TenantClock -Minutes 30",
    simulated=lambda there: requested_by_hand(there, SourceRootFolder="Inbox"),
)
MANUAL = {**INPUTS, "sync": "manual"}
BY_HAND = Happening(
    when="synchronise",
    live="$null = Start-ADSyncSyncCycle -PolicyType Delta",
    simulated=lambda there: there.synchronise(),
)


def synchronised_and_migrated(there: Rehearsal) -> None:
    """Half a day in which the run does not look: the simulated migration is over by then."""
    there.synchronise()
    there.wait(hours=12)


MIGRATED_UNSEEN = Happening(
    when="synchronise",
    live=f"$null = Start-ADSyncSyncCycle -PolicyType Delta; $null = Step-TenantClock -Minutes 5; {MIGRATE}",
    simulated=synchronised_and_migrated,
)


def refused(name: str, guard: str, *changes: Change, told: str = "", inputs: dict[str, str] = INPUTS, **other: Any) -> Scenario:
    """A tenant that differs from the documents' in one thing, and the guard that stops the run."""
    return Scenario(
        name=f"refused-{name}",
        playbook=playbook,
        inputs=inputs,
        ends=Failed,
        says=told or f"Stopped at {guard}.",
        unchanged=True,
        changes=changes,
        **other,
    )


def inactive_live(tenant: dict[str, Any]) -> None:
    """A hold has kept an earlier mailbox of the user."""
    known = next(one for one in tenant["cloud"] if one["userPrincipalName"] == USER)
    tenant["cloud"].append({**known, **KEPT, "exchangeGuid": GROUP, "externalDirectoryObjectId": None, "softDeleted": DELETED})


def inactive(tenant: Tenant) -> None:
    """The same in the simulator."""
    known = next(one for one in tenant.cloud if one.user_principal_name == USER)
    since = datetime.fromisoformat(DELETED)
    guid, other = UUID(str(KEPT["guid"])), UUID(GROUP)
    ours: dict[str, Any] = {
        "guid": guid,
        "exchange_guid": other,
        "external_directory_object_id": None,
        "soft_deleted": since,
        "inactive": True,
    }
    tenant.cloud.append(replace(known, **ours))


def another_mailbox(tenant: Tenant) -> None:
    """Another person's cloud mailbox has the user's alias."""
    known = next(one for one in tenant.cloud if one.user_principal_name == USER)
    theirs: dict[str, Any] = {name: UUID(value) for name, value in OTHER.items()}
    addresses = ["SMTP:other@domain.com"]
    tenant.cloud.append(replace(known, **theirs, user_principal_name="other@domain.com", name="other", email_addresses=addresses))


def another_mailbox_live(tenant: dict[str, Any]) -> None:
    """The same on the real engine."""
    known = next(one for one in tenant["cloud"] if one["userPrincipalName"] == USER)
    theirs = {"guid": OTHER["guid"], "exchangeGuid": OTHER["exchange_guid"], "externalDirectoryObjectId": OTHER["guid"]}
    other = {"userPrincipalName": "other@domain.com", "name": "other", "emailAddresses": ["SMTP:other@domain.com"]}
    tenant["cloud"].append({**known, **theirs, **other})


POLICY = "mbx7cfb30345d454ac0a989ab3041051209"

# A migrated user who was enabled on-premises once more (field-notes 1.6, b): the migration user of the other mailbox is left.
OTHER_MAILBOX = "5b000000-0000-4000-8000-0000000000ef"
OTHER_RECIPIENT = "5b000000-0000-4000-8000-0000000000ee"
OLD_MOVE = {
    "identity": USER,
    "requestGuid": "5b000000-0000-4000-8000-0000000000f0",
    "batch": "May migration",
    "status": "Completed",
    "statusDetail": "Completed",
    "created": "2018-05-03T12:52:07Z",
    "started": "2018-05-03T12:52:16Z",
    "ended": "2018-05-03T15:14:56Z",
    "mailboxGuid": OTHER_MAILBOX,
    "percent": 100,
    # Were it taken for the new one, the run would ask about it.
    "skippedItems": 3,
}
BATCH = {**INPUTS, "migration": "batch", "migration_endpoint": "Hybrid", "delivery_domain": DELIVERY}


def migrated_once(tenant: Tenant) -> None:
    """The old migration user in the simulator."""
    times: dict[str, Any] = {name: datetime.fromisoformat(str(OLD_MOVE[name])) for name in ("created", "started", "ended")}
    tenant.moves.append(
        Move(
            USER,
            UUID(str(OLD_MOVE["requestGuid"])),
            UUID(OTHER_MAILBOX),
            recipient=UUID(OTHER_RECIPIENT),
            batch=str(OLD_MOVE["batch"]),
            status="Completed",
            status_detail="Completed",
            percent=100,
            skipped_items=3,
            **times,
        )
    )


def migrated_once_live(tenant: dict[str, Any]) -> None:
    """The same on the real engine."""
    tenant["moves"].append(dict(OLD_MOVE))


REMOVED = Happening(
    when="old-migration",
    live=f"Remove-MigrationUser -Identity {USER} -Confirm:$false",
    simulated=lambda there: there.objects("exo", "Remove-MigrationUser", Identity=USER, Confirm=False),
)

EMS = {"partNumber": "EMS", "skuId": "efccb6f7-5641-4e0e-bd10-b4976e1bf68e"}
INTUNE = {"name": "INTUNE_A", "id": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "service": "SCO"}


def sells_ems(tenant: Tenant) -> None:
    """A licence without Exchange, which groups give on the real engine and in the simulator."""
    plan = Plan(INTUNE["name"], UUID(INTUNE["id"]), INTUNE["service"])
    tenant.skus.append(Sku(EMS["partNumber"], UUID(EMS["skuId"]), plans=[plan]))


def sells_ems_live(tenant: dict[str, Any]) -> None:
    """The same on the real engine."""
    tenant["skus"].append({**EMS, "plans": [INTUNE]})


def exported(tenant: dict[str, Any]) -> None:
    """Somebody lets the real engine's synchronisation pass the GUID on."""
    next(one for one in tenant["onPremises"] if one["userPrincipalName"] == USER)["exportsExchangeGuid"] = True


def exported_live(there: LiveTenant) -> None:
    """And a cycle has run."""
    there.edit(exported)
    there.operator("$null = Start-ADSyncSyncCycle -PolicyType Delta; $null = Step-TenantClock -Minutes 3")


def exported_simulated(there: Rehearsal) -> None:
    """The same in the simulator."""
    person = there.local(USER)
    person.exports_exchange_guid = True
    changed_locally(there.organisation._world, person)
    synchronised(there)


NOT_EXPORTED = user("onPremises", USER, exportsExchangeGuid=False)
EXPORTED = Happening(when="by synchronisation", live=exported_live, simulated=exported_simulated)


# The change of the on-premises UPN never reached the cloud: the account comes back with the new one.
RENAMED = "td.new@domain.com"
MIGRATED_AS_RENAMED = Happening(
    when="to be migrated",
    live=MIGRATE.replace(USER, RENAMED),
    simulated=lambda there: there.objects(
        "exo", "New-MoveRequest", Identity=RENAMED, Remote=SWITCH, RemoteHostName="mail.domain.com"
    ),
)


def renamed(tenant: Tenant) -> None:
    """In the simulator; a seed names people by this name, so it is another one there, and the last."""
    person = next(one for one in tenant.on_premises if one.user_principal_name == USER)
    tenant.on_premises.remove(person)
    person.user_principal_name = RENAMED
    tenant.on_premises.append(person)


def renamed_live(tenant: dict[str, Any]) -> None:
    """The same on the real engine."""
    next(one for one in tenant["onPremises"] if one["userPrincipalName"] == USER)["userPrincipalName"] = RENAMED


def by_a_group_without_exchange(dialect: str) -> Scenario:
    """The new account is licensed at once, with a licence that makes no mailbox."""
    return done(
        f"group-licence-without-exchange-{dialect}",
        user("onPremises", USER, groupLicenses=["EMS"]),
        user("directory", USER, licenses=[{"sku": "ENTERPRISEPACK"}, {"sku": "EMS", "assignedByGroup": GROUP}]),
        simulated=sells_ems,
        live=sells_ems_live,
        inputs={**INPUTS, "dialect": dialect},
    )


OFF = {"sku": "ENTERPRISEPACK", "disabledPlans": ["EXCHANGE_S_ENTERPRISE"]}
BOTH_KINDS = "both sides hold a user mailbox"
GUIDS = "the cloud GUIDs differ from the on-premises ones"

SCENARIOS = (
    COMPLETE,
    in_dialect("graph"),
    in_dialect("entra"),
    done("scheduler-paused-before", Change("sync", values={"enabled": False})),
    done(
        "sync-by-hand",
        inputs=MANUAL,
        answers={"pause-scheduler": "done", "synchronise": "done"},
        happenings=(BY_HAND, *MIGRATED),
    ),
    done(
        "migrated-before-it-was-seen",
        inputs=MANUAL,
        answers={"pause-scheduler": "done", "synchronise": "done"},
        happenings=(MIGRATED_UNSEEN,),
    ),
    done("batch", inputs=BATCH, branch=True),
    done(
        "move",
        inputs={**INPUTS, "migration": "move", "remote_host": "mail.domain.com", "delivery_domain": DELIVERY},
        branch=True,
    ),
    done(
        "another-sign-in-name",
        simulated=renamed,
        live=renamed_live,
        answers={"another-sign-in-name": "go on"},
        result={"account": NEW_ACCOUNT},
        happenings=(MIGRATED_AS_RENAMED,),
    ),
    Scenario(
        name="another-sign-in-name-is-asked-about",
        playbook=playbook,
        inputs=INPUTS,
        simulated=renamed,
        live=renamed_live,
        ends=Operator,
        says=f"The account signs in as {USER}, and its on-premises user as {RENAMED}",
        unchanged=True,
    ),
    done(
        "any-sign-in-name",
        simulated=renamed,
        live=renamed_live,
        inputs={**INPUTS, "sign_in_name": "any", "dialect": "graph"},
        happenings=(MIGRATED_AS_RENAMED,),
    ),
    by_a_group_without_exchange("msonline"),
    by_a_group_without_exchange("graph"),
    done("guid-comes-late", NOT_EXPORTED, happenings=(EXPORTED, *MIGRATED)),
    Scenario(
        name="guid-not-synchronised",
        playbook=playbook,
        inputs=INPUTS,
        seed="option-0",
        changes=(NOT_EXPORTED,),
        ends=Operator,
        says=f"Waited for the mail user to get the on-premises ExchangeGuid {TARGET} by synchronisation; {NOT_SYNCHRONISED}",
    ),
    done("migrated-once", simulated=migrated_once, live=migrated_once_live),
    done(
        "migrated-once-batch",
        simulated=migrated_once,
        live=migrated_once_live,
        inputs=BATCH,
        answers={"old-migration": "again"},
        happenings=(REMOVED,),
    ),
    done("x500", settings(allowLegacyDnMismatch="refused"), branch=True),
    done(
        "archive-into-primary",
        user("cloud", USER, archiveGuid=ARCHIVE),
        answers={"archive-target-1": "primary"},
        result={"archive": "Completed"},
    ),
    done(
        "archive",
        user("cloud", USER, archiveGuid=ARCHIVE),
        user("onPremises", USER, archiveGuid=LOCAL_ARCHIVE),
        result={"archive": "Completed", "archive_request": f"testduplicate\\psb-{RUN}-archive"},
        branch=True,
    ),
    done("part-merged-by-hand", happenings=(*MIGRATED, PART_BY_HAND), result={"request": f"testduplicate\\psb-{RUN}"}),
    done("merged-by-hand", happenings=(*MIGRATED, MERGED_BY_HAND), result={"request": "testduplicate\\MailboxRestore1"}),
    Scenario(
        name="restored-by-a-cycle",
        playbook=playbook,
        inputs=INPUTS,
        ends=Failed,
        says="A synchronisation cycle has restored it.",
        happenings=(CYCLE,),
    ),
    done(
        "group-licence-arranged",
        user("directory", USER, licenses=[{"sku": "ENTERPRISEPACK", "assignedByGroup": GROUP}]),
        inputs={**INPUTS, "group_licence": "arranged"},
    ),
    refused(
        "group-licence",
        "no group licence waits for the new account",
        user("directory", USER, licenses=[{"sku": "ENTERPRISEPACK", "assignedByGroup": GROUP}]),
        told=f"ENTERPRISEPACK by group {GROUP}",
    ),
    refused(
        "cloud-managed",
        "the authority over the user is on-premises",
        user("directory", USER, cloudManaged=True),
        inputs={**INPUTS, "dialect": "graph"},
    ),
    refused(
        "done-by-hand",
        "nothing of this was done before",
        user("cloud", USER, softDeleted=DELETED),
        told=f"New-MailboxRestoreRequest -SourceMailbox {CAPTURED} -TargetMailbox {TARGET} -AllowLegacyDNMismatch)",
    ),
    refused("inactive", "no inactive mailbox has this name", simulated=inactive, live=inactive_live),
    refused("migrated-before", "the mailbox was not migrated before", user("onPremises", USER, kind="RemoteUserMailbox")),
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
    # A policy that only deletes retains nothing.
    done("deleting-policy", user("cloud", USER, holds=[f"{POLICY}:1", f"-{POLICY}"])),
    refused(
        "two-matches",
        "cloud-mailbox",
        simulated=another_mailbox,
        live=another_mailbox_live,
        inputs={**INPUTS, "identity": "testduplicate"},
    ),
    refused("staging-server", "synchronisation can bring the account back", Change("sync", values={"staging": True})),
    refused(
        "group-licence-beside-a-direct-one",
        "no group licence waits for the new account",
        user("directory", USER, licenses=[{"sku": "ENTERPRISEPACK"}, {"sku": "ENTERPRISEPACK", "assignedByGroup": GROUP}]),
        told=f"ENTERPRISEPACK by group {GROUP}",
        inputs={**INPUTS, "dialect": "graph"},
    ),
    refused(
        "licence-taken-away",
        "OPTION #1 was not begun",
        user("directory", USER, licenses=[OFF]),
        user("cloud", USER, kind="MailUser", exchangeGuid=TARGET, previousRecipientTypeDetails="UserMailbox", skuAssigned=None),
    ),
    refused(
        "licence-going",
        "the Exchange licence is still there",
        settings(delayedDelicensing=True),
        user("directory", USER, licenses=[OFF]),
        user("cloud", USER, skuAssigned=None, stuck=True),
        told="OPTION #1 was begun here: the Exchange plan of ENTERPRISEPACK is off.",
    ),
    refused(
        "no-licence",
        "the Exchange licence is still there",
        user("directory", USER, licenses=[]),
        user("cloud", USER, stuck=True, skuAssigned=False),
    ),
)
