"""Every cmdlet that has a model, asked of a real PowerShell with ExchangeLike: one process for all. Message bodies out.

`python -m tests.models.engine_shapes` (with PSBRIDGE_PWSH) writes `fixtures/clixml/<Verb-Noun>/` again from the answers.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

from psbridge import models
from psbridge.clixml import decode, decode_message
from psbridge.cmdlets.directory import DIALECTS, directory_of
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.models import Account, Model
from psbridge.models.dir_sync_features import GraphDirSync, MsolDirSyncFeature
from psbridge.models.graph_license import GraphLicenseAssignmentState, GraphSku
from psbridge.models.graph_user import GraphUser
from psbridge.models.msol_error import MsolErrorRow
from psbridge.models.msol_license import MsolPlanRow
from psbridge.psobject import Value
from psbridge.reply import State, Stream
from psbridge.transports.process import ProcessTransport

FIXTURES: Final = Path(__file__).parents[2] / "fixtures" / "clixml"

SOFT_DELETED: Final = "fa38094d-cbfd-46b7-82f6-8a3022e39a66"
MIGRATED: Final = "e683f1ee-4c85-4b99-b4bc-7511572a361d"


@dataclass(frozen=True)
class Question:
    """A pipeline, the model that reads its output, and the name of its recording; without a model it only prepares the next."""

    commands: tuple[Command, ...]
    model: type[Model] | None = None
    name: str = ""
    recorded: bool = True

    @property
    def cmdlet(self) -> str:
        return self.commands[0].name


def ask(name: str, /, **parameters: object) -> Command:
    return Command(name, parameters)


def one_level_deeper(*names: str) -> Command:
    return ask("Select-Object", Property=list(names) if len(names) > 1 else names[0])


def expand(name: str) -> Command:
    return ask("Select-Object", ExpandProperty=name)


DUPLICATE: Final = "testduplicate@domain.com"
MSONLINE, GRAPH, ENTRA = (directory_of(dialect) for dialect in DIALECTS)
WITH_ERRORS: Final = Account(object_id=UUID("5b000000-0000-4000-8000-00000000002b"), user_principal_name="testerror@domain.com")
WITH_LICENCE: Final = Account(object_id=UUID("e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77"), user_principal_name=DUPLICATE)
ERROR_ACCOUNT: Final = ask("Get-MsolUser", UserPrincipalName="testerror@domain.com")
LICENSED: Final = ask("Get-MsolUser", UserPrincipalName=DUPLICATE)
MAILBOX: Final = ask("Get-Mailbox", Identity="testduplicate")
QUOTAS: Final = ("ProhibitSendQuota", "LitigationHoldDuration", "RecipientLimits", "RetainDeletedItemsFor")
NAMES: Final = ("Identity", "Database", "EmailAddresses", "PrimarySmtpAddress", "AdminDisplayVersion")

# What the directory's dialects read on the way to what they have in common.
DIRECTORY: Final = tuple(
    Question(commands, model, f"directory/{name}", recorded=False)
    for name, commands, model in (
        ("msol-errors", MSONLINE.get_validation_errors(WITH_ERRORS).pipeline.commands, MsolErrorRow),
        ("msol-plans", MSONLINE.get_licenses(WITH_LICENCE).pipeline.commands, MsolPlanRow),
        ("msol-feature", MSONLINE.get_dir_sync_features().pipeline.commands, MsolDirSyncFeature),
        ("graph-user", GRAPH.get_user_by_id(WITH_LICENCE.object_id).pipeline.commands, GraphUser),
        ("graph-user-with-errors", GRAPH.get_user_by_id(WITH_ERRORS.object_id).pipeline.commands, GraphUser),
        ("graph-feature", GRAPH.get_dir_sync_features().pipeline.commands, GraphDirSync),
        ("entra-user", ENTRA.get_user_by_id(WITH_LICENCE.object_id).pipeline.commands, GraphUser),
        (
            "graph-assignments",
            (ask("Get-MgUser", UserId=DUPLICATE, Property="licenseAssignmentStates"), expand("LicenseAssignmentStates")),
            GraphLicenseAssignmentState,
        ),
        (
            "graph-sku",
            (ask("Get-MgUserLicenseDetail", UserId=DUPLICATE), one_level_deeper("SkuId", "SkuPartNumber", "ServicePlans")),
            GraphSku,
        ),
    )
)

# In this order: the state of the tenant goes through OPTION #0.
QUESTIONS: Final = (
    Question((MAILBOX,), models.Mailbox, "Get-Mailbox/exchange-online"),
    Question((MAILBOX, one_level_deeper("ExchangeGuid")), models.MailboxGuids, "Get-Mailbox/exchange-guid"),
    Question(
        (MAILBOX, one_level_deeper("ExchangeGuid", "ArchiveGuid", "Guid", "ExternalDirectoryObjectId", "LegacyExchangeDN")),
        models.MailboxGuids,
        "Get-Mailbox/all-guids",
    ),
    Question(
        (MAILBOX, one_level_deeper("ExchangeGuid", "RecipientType", "RecipientTypeDetails", *QUOTAS, *NAMES)),
        models.Mailbox,
        "Get-Mailbox/selected",
    ),
    Question((MAILBOX, one_level_deeper("*")), models.Mailbox, "Get-Mailbox/all-selected", recorded=False),
    Question((ask("Get-MailUser", Identity="testmailuser"),), models.MailUser, "Get-MailUser/exchange-online"),
    Question((ask("Get-User", Identity="testmobile"),), models.User, "Get-User/exchange-online"),
    Question((ask("Get-Recipient", Identity="testmailuser"),), models.Recipient, "Get-Recipient/exchange-online"),
    Question((LICENSED,), models.MsolUser, "Get-MsolUser/licensed"),
    Question((ERROR_ACCOUNT,), models.MsolUser, "Get-MsolUser/validation-errors"),
    Question((ERROR_ACCOUNT, expand("Errors")), models.MsolValidationError, "Get-MsolUser/errors-expanded"),
    Question(
        (ERROR_ACCOUNT, expand("Errors"), expand("ErrorDetail"), expand("ObjectErrors"), expand("ErrorRecord")),
        models.MsolErrorRecord,
        "Get-MsolUser/error-records",
    ),
    Question((LICENSED, expand("Licenses")), models.MsolLicense, "Get-MsolUser/licenses-expanded"),
    *DIRECTORY,
    Question((ask("Get-ADSyncScheduler"),), models.ADSyncScheduler, "Get-ADSyncScheduler/enabled"),
    *(
        Question(
            (ask("Get-ADSyncToolsDirSyncOverridesUser", Identity="testmobile@domain.com", **{side: SWITCH}),),
            models.DirSyncOverridesUser,
            f"Get-ADSyncToolsDirSyncOverridesUser/{side}",
            recorded=False,
        )
        for side in ("FromAD", "FromAzureAD")
    ),
    Question((ask("Get-OrganizationConfig"),), models.OrganizationConfig, "Get-OrganizationConfig/exchange-online"),
    Question((ask("Get-MigrationBatch"),), models.MigrationBatch, "Get-MigrationBatch/synced"),
    Question((ask("Get-MigrationUser"),), models.MigrationUser, "Get-MigrationUser/completed-and-synced"),
    Question(
        (ask("Get-MigrationUserStatistics", Identity="user@domain.com", IncludeReport=SWITCH),),
        models.MigrationUserStatistics,
        "Get-MigrationUserStatistics/completed",
    ),
    Question(
        (ask("Get-MigrationUserStatistics", Identity="synced.user@domain.com"),),
        models.MigrationUserStatistics,
        "Get-MigrationUserStatistics/synced",
    ),
    Question((ask("Get-MoveRequest"),), models.MoveRequest, "Get-MoveRequest/completed-and-synced"),
    Question(
        (ask("Get-MoveRequestStatistics", Identity="user@domain.com"),),
        models.MoveRequestStatistics,
        "Get-MoveRequestStatistics/completed",
    ),
    Question((ask("Switch-TenantEndpoint", Name="onprem"),)),
    Question((MAILBOX,), models.Mailbox, "Get-Mailbox/on-premises"),
    Question((ask("Get-RemoteMailbox", Identity="testmobile"),), models.RemoteMailbox, "Get-RemoteMailbox/migrated"),
    Question(
        (ask("Get-RemoteMailbox", Identity="testmobile"), one_level_deeper("*")),
        models.RemoteMailbox,
        "Get-RemoteMailbox/all-selected",
        recorded=False,
    ),
    Question((ask("Get-User", Identity="testmobile"),), models.User, "Get-User/on-premises"),
    Question((ask("Get-Recipient", Identity="testmobile"),), models.Recipient, "Get-Recipient/on-premises"),
    Question((ask("Switch-TenantEndpoint", Name="exo"),)),
    Question((ask("Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH),)),
    Question(
        (ask("Get-MsolUser", UserPrincipalName=DUPLICATE, ReturnDeletedUsers=SWITCH),), models.MsolUser, "Get-MsolUser/deleted"
    ),
    Question((ask("Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH, RemoveFromRecycleBin=SWITCH),)),
    Question((ask("Step-TenantClock", Minutes=2.0),)),
    Question((ask("Get-Mailbox", Identity=SOFT_DELETED, SoftDeletedMailbox=SWITCH),), models.Mailbox, "Get-Mailbox/soft-deleted"),
    Question((ask("Start-ADSyncSyncCycle", PolicyType="Delta"),), models.ADSyncCycleResult, "Start-ADSyncSyncCycle/started"),
    Question((ask("Step-TenantClock", Minutes=31.0),)),
    Question((ask("Get-MailUser", Identity="testduplicate"),), models.MailUser, "Get-MailUser/returned", recorded=False),
    Question(
        (
            ask(
                "New-MoveRequest",
                Identity="testduplicate",
                Remote=SWITCH,
                RemoteHostName="mail.domain.com",
                TargetDeliveryDomain="domain.mail.onmicrosoft.com",
            ),
        ),
        models.MoveRequest,
        "New-MoveRequest/queued",
    ),
    Question((ask("Step-TenantClock", Days=2.0),)),
    Question(
        (ask("New-MailboxRestoreRequest", SourceMailbox=SOFT_DELETED, TargetMailbox=MIGRATED, AllowLegacyDNMismatch=SWITCH),),
        models.MailboxRestoreRequest,
        "New-MailboxRestoreRequest/queued",
    ),
    Question((ask("Get-TenantState"),), models.Untyped, "Get-TenantState", recorded=False),
    Question((ask("Step-TenantClock", Days=1.0),)),
    Question((ask("Get-MailboxRestoreRequest"),), models.MailboxRestoreRequest, "Get-MailboxRestoreRequest/completed"),
    Question(
        (ask("Get-MailboxRestoreRequestStatistics", Identity="testduplicate\\MailboxRestore", IncludeReport=SWITCH),),
        models.MailboxRestoreRequestStatistics,
        "Get-MailboxRestoreRequestStatistics/completed",
    ),
)

# The same tenant where the restore request comes to a bad end.
FAILED: Final = (
    Question((ask("Step-TenantClock", Days=1.0),)),
    Question((ask("Get-MailboxRestoreRequest"),), models.MailboxRestoreRequest, "Get-MailboxRestoreRequest/failed"),
    Question(
        (ask("Get-MailboxRestoreRequestStatistics", Identity="testduplicate\\MailboxRestore", IncludeReport=SWITCH),),
        models.MailboxRestoreRequestStatistics,
        "Get-MailboxRestoreRequestStatistics/failed",
    ),
)
OUTCOME: Final = {
    "status": "Failed",
    "statusDetail": "FailedOther",
    "failureType": "RecipientNotFoundPermanentException",
    "failureSide": "Source",
    "message": f"Cannot find a recipient that has mailbox GUID '{SOFT_DELETED}'.",
    "percent": 20,
}

# What the documents do with Export-Clixml, and what only a file can show: everything, at any depth.
EXPORTED: Final = (
    (
        "Get-MigrationUserStatistics/exported",
        models.MigrationUserStatistics,
        ask("Get-MigrationUserStatistics", Identity="user@domain.com", IncludeReport=SWITCH),
        2,
    ),
    ("Get-MsolUser/exported-errors", models.MsolUser, ERROR_ACCOUNT, 7),
    ("Get-MsolUser/exported-licenses", models.MsolUser, LICENSED, 7),
)

# By the name of the answer: its model, and the cmdlet that it came from.
MODELS: Final = {question.name: (question.model, question.cmdlet) for question in (*QUESTIONS, *FAILED) if question.model} | {
    name: (model, command.name) for name, model, command, _ in EXPORTED
}


def answers(program: str, folder: Path) -> dict[str, list[bytes]]:
    """Ask everything; the output of each question by its name, one message body an object. `folder` takes files in between."""
    tenant = folder / "tenant.json"
    given: dict[str, list[bytes]] = {}
    with ProcessTransport([program], environment={"REALPS_ENDPOINT": "all", "REALPS_TENANT": "documents.json"}) as transport:
        for name, _, command, depth in EXPORTED:
            path = folder / f"{name.replace('/', '-')}.xml"
            run(transport, (command, ask("Export-Clixml", Path=str(path), Depth=depth)))
            given[name] = [path.read_bytes()]
        given.update(asked(transport, QUESTIONS))
    tenant.write_text(json.dumps(failing(json.loads(cast("str", decode_message(given["Get-TenantState"][0]))))), encoding="utf-8")
    with ProcessTransport([program], environment={"REALPS_ENDPOINT": "all", "REALPS_TENANT": str(tenant)}) as transport:
        given.update(asked(transport, FAILED))
    return given


def asked(transport: ProcessTransport, questions: tuple[Question, ...]) -> Iterator[tuple[str, list[bytes]]]:
    for question in questions:
        bodies = run(transport, question.commands)
        if question.model:
            yield question.name, bodies


def run(transport: ProcessTransport, commands: tuple[Command, ...]) -> list[bytes]:
    reply = transport.run(Pipeline(commands), deadline=30)
    errors = [record.clixml for record in reply.records if record.stream is Stream.ERROR]
    assert reply.state is State.COMPLETED, (str(Pipeline(commands)), reply.reason)
    assert not errors, (str(Pipeline(commands)), errors)
    return [record.clixml for record in reply.records if record.stream is Stream.OUTPUT]


def failing(tenant: dict[str, Any]) -> dict[str, Any]:
    for request in tenant["restoreRequests"]:
        request["outcome"] = OUTCOME
    return tenant


def read(bodies: list[bytes]) -> list[Value]:
    """Decode message bodies, or one exported document."""
    return decode(bodies[0]) if is_document(bodies[0]) else [decode_message(body) for body in bodies]


def printed(program: str, script: str) -> list[str]:
    """The lines that a script prints, run in a process of its own."""
    command = [program, "-NoProfile", "-NonInteractive", "-Command", script]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=True)
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


def is_document(data: bytes) -> bool:
    return b"<Objs" in data[:20]


def recording(name: str) -> Path:
    return FIXTURES / f"{name}.clixml"


def recorded(name: str) -> list[Value]:
    """Decode a recording: message bodies, one a line (PowerShell escapes line ends in them), or one document."""
    data = recording(name).read_bytes()
    return read([data] if is_document(data) else data.splitlines())


def recorded_names() -> list[str]:
    return [question.name for question in (*QUESTIONS, *FAILED) if question.model and question.recorded] + [
        name for name, *_ in EXPORTED
    ]


def parsed(name: str, values: list[Value]) -> list[Any]:
    """Read an answer with its model; what comes out is the model's own type."""
    model, cmdlet = MODELS[name]
    return [model.parse(value, cmdlet) for value in values]


def write(given: dict[str, list[bytes]]) -> None:
    for name in recorded_names():
        path = recording(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(given[name][0] if is_document(given[name][0]) else b"".join(body + b"\n" for body in given[name]))


if __name__ == "__main__":
    named = shutil.which(os.environ.get("PSBRIDGE_PWSH") or "pwsh")
    if named is None:
        sys.exit("PSBRIDGE_PWSH must name a PowerShell that has the module ExchangeLike")
    with tempfile.TemporaryDirectory() as temporary:
        write(answers(named, Path(temporary)))
