"""Cmdlets of a tenant: the real engine's and the simulator's, over every carrier, and replayed from a recording."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

import pytest

from psbridge.cmdlets import Call, directory_of
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.engine import Answer
from psbridge.engine.answer import answer_of
from psbridge.error_record import ErrorCategory, ErrorRecord
from psbridge.errors import ConfirmationRequired, ConnectionLost, DeadlineExceeded
from psbridge.models import Account, AccountLicense, Model
from psbridge.psobject import PSObject
from psbridge.reply import State, Stream
from psbridge.session import Result
from tests.contract.limits import Need, needs
from tests.contract.tenancies import Tenancy

pytestmark = pytest.mark.tenant

USER = "testduplicate@domain.com"
# Each of them is removed by one test only.
ASKED_ABOUT, REMOVED, KEPT, LOST, LATE = (
    *("testlicense@domain.com", "testerror@domain.com", "user@domain.com", "synced.user@domain.com", "tim.mcmichael@domain.com"),
)
# Nobody removes this one.
LICENSED = Account(object_id=UUID("5b000000-0000-4000-8000-00000000002c"), user_principal_name="testmobile@domain.com")
INVALID = "ParameterArgumentValidationError"
NOT_FOUND = "Cmdlet-ManagementObjectNotFoundException"


M = TypeVar("M", bound=Model)


def ask(tenancy: Tenancy, cmdlet: str, /, *then: Command, endpoint: str = "exo", **parameters: object) -> Result:
    return Result.of(tenancy.at(endpoint).run(Pipeline((Command(cmdlet, parameters), *then))))


def objects(result: Result) -> list[PSObject]:
    assert (result.state, result.first_error) == (State.COMPLETED, None)
    assert all(isinstance(item, PSObject) for item in result.output)
    return [item for item in result.output if isinstance(item, PSObject)]


def failure(result: Result) -> ErrorRecord:
    """The error that ended the pipeline, which gave out nothing."""
    assert (result.state, list(result.output)) == (State.FAILED, [])
    assert result.failure
    return result.failure


def test_objects_and_errors_are_the_same_over_every_carrier(tenancy: Tenancy, reference: Tenancy) -> None:
    pipelines = [
        Pipeline.of("Get-Mailbox", Identity=USER),
        Pipeline((Command("Get-Mailbox", {"Identity": USER}), Command("Select-Object", {"Property": ["ExchangeGuid", "Alias"]}))),
        Pipeline.of("Get-Mailbox", Identity="nobody@domain.com"),
    ]
    replies, expected = ([one.at("exo").run(pipeline) for pipeline in pipelines] for one in (tenancy, reference))
    assert [reply.of(Stream.OUTPUT) for reply in replies] == [reply.of(Stream.OUTPUT) for reply in expected]
    (error,), (same,) = (Result.of(found[-1]).errors for found in (replies, expected))
    fields = ("bare_id", "category", "activity", "reason", "target_name", "target_type", "message", "exception_types")
    assert [getattr(error, name) for name in fields] == [getattr(same, name) for name in fields]


def test_a_mailbox_comes_as_the_cmdlet_wrote_it(tenancy: Tenancy) -> None:
    (mailbox,) = objects(ask(tenancy, "Get-Mailbox", Identity=USER))
    assert mailbox.type_name == "Microsoft.Exchange.Data.Directory.Management.Mailbox"
    assert str(mailbox["PrimarySmtpAddress"]) == USER
    assert str(mailbox["ExchangeGuid"]) == "fa38094d-cbfd-46b7-82f6-8a3022e39a66"
    assert len(mailbox.props) > 200


def test_select_object_chooses_properties(tenancy: Tenancy) -> None:
    wanted = Command("Select-Object", {"Property": ["Alias", "ExchangeGuid"]})
    (selected,) = objects(ask(tenancy, "Get-Mailbox", wanted, Identity=USER))
    assert selected.types[0] == "Deserialized.Selected.Microsoft.Exchange.Data.Directory.Management.Mailbox"
    assert [(name, str(value)) for name, value in selected.ms.items()] == [
        ("Alias", "testduplicate"),
        ("ExchangeGuid", "fa38094d-cbfd-46b7-82f6-8a3022e39a66"),
    ]


@needs(Need.PROMPT)
def test_select_object_counts_and_expands(tenancy: Tenancy) -> None:
    every = ask(tenancy, "Get-Mailbox", Command("Select-Object", {"ExpandProperty": "Alias"})).output
    first, last = (ask(tenancy, "Get-Mailbox", Command("Select-Object", {name: 1})).output for name in ("First", "Last"))
    assert [str(one["Alias"]) for one in (*first, *last) if isinstance(one, PSObject)] == [every[0], every[-1]]


def test_an_object_that_is_not_there_is_an_error_of_exchange_with_its_header(tenancy: Tenancy) -> None:
    result = ask(tenancy, "Get-Mailbox", Identity="nobody@domain.com")
    (error,) = result.errors
    assert (result.state, list(result.output)) == (State.COMPLETED, [])
    assert error.header
    assert error.header.failure_category == NOT_FOUND
    assert error.error_id.endswith(",Microsoft.Exchange.Management.RecipientTasks.GetMailbox")
    assert (error.category, error.activity, error.reason) == (
        ErrorCategory.NotSpecified,
        "Get-Mailbox",
        "ManagementObjectNotFoundException",
    )
    assert "nobody@domain.com" in error.message


def test_an_account_that_is_not_there_is_an_error_of_the_directory(tenancy: Tenancy) -> None:
    (error,) = ask(tenancy, "Get-MsolUser", endpoint="directory", UserPrincipalName="nobody@domain.com").errors
    assert error.error_id == (
        "Microsoft.Online.Administration.Automation.UserNotFoundException,Microsoft.Online.Administration.Automation.GetUser"
    )
    assert (error.category, error.reason) == (ErrorCategory.OperationStopped, "MicrosoftOnlineException")


def test_error_action_stop_makes_an_error_the_end_of_the_pipeline(tenancy: Tenancy) -> None:
    ended = failure(ask(tenancy, "Get-Mailbox", Identity="nobody@domain.com", ErrorAction="Stop"))
    assert ended.names("ManagementObjectNotFoundException")


@needs(Need.PROMPT)
def test_error_action_silently_continue_hides_it(tenancy: Tenancy) -> None:
    silent = ask(tenancy, "Get-Mailbox", Identity="nobody@domain.com", ErrorAction="SilentlyContinue")
    assert (silent.state, silent.errors, list(silent.output)) == (State.COMPLETED, (), [])


@needs(Need.PROMPT)
@pytest.mark.parametrize(
    ("cmdlet", "parameters", "error_id", "category"),
    [
        ("Get-Nosuch", {"Identity": "x"}, "CommandNotFoundException", ErrorCategory.ObjectNotFound),
        ("Get-Mailbox", {"Bogus": "x"}, "NamedParameterNotFound", ErrorCategory.InvalidArgument),
        ("Get-Mailbox", {"Inc": SWITCH}, "AmbiguousParameter", ErrorCategory.InvalidArgument),
        ("Get-Mailbox", {"Identity": "x", "Ident": "y"}, "ParameterAlreadyBound", ErrorCategory.InvalidArgument),
        ("Get-Mailbox", {"Identity": "x", "Anr": "y"}, "AmbiguousParameterSet", ErrorCategory.InvalidArgument),
        ("Get-Mailbox", {"Identity": ""}, "CannotConvertArgumentNoMessage", ErrorCategory.InvalidArgument),
        ("Get-Mailbox", {"ResultSize": "many"}, "CannotConvertArgumentNoMessage", ErrorCategory.InvalidArgument),
        (
            "Get-MsolUser",
            {"UserPrincipalName": None},
            "ParameterArgumentValidationErrorNullNotAllowed",
            ErrorCategory.InvalidData,
        ),
    ],
)
def test_what_powershell_refuses_fails_the_pipeline_with_its_id(
    tenancy: Tenancy, cmdlet: str, parameters: dict[str, object], error_id: str, category: ErrorCategory
) -> None:
    endpoint = "directory" if "Msol" in cmdlet else "exo"
    ended = failure(ask(tenancy, cmdlet, endpoint=endpoint, **parameters))
    assert ended.error_id.split(",")[0] == error_id
    assert ended.category is category


@needs(Need.PROMPT)
def test_a_null_identity_gives_everything(tenancy: Tenancy) -> None:
    names = [str(one) for one in objects(ask(tenancy, "Get-Mailbox"))]
    assert len(names) > 3
    assert [str(one) for one in objects(ask(tenancy, "Get-Mailbox", Identity=None))] == names


@needs(Need.PROMPT)
def test_names_are_known_in_any_case_and_shortened(tenancy: Tenancy) -> None:
    for cmdlet, parameter in (("get-mailbox", "IDENTITY"), ("GET-MAILBOX", "ident"), ("Get-Mailbox", "id")):
        (mailbox,) = objects(ask(tenancy, cmdlet, **{parameter: USER}))
        assert str(mailbox["Alias"]) == "testduplicate"


@needs(Need.PROMPT)
def test_a_switch_is_on_or_off(tenancy: Tenancy) -> None:
    everybody = ask(tenancy, "Get-Mailbox", SoftDeletedMailbox=False)
    assert objects(everybody)
    assert ask(tenancy, "Get-Mailbox", Identity=USER, SoftDeletedMailbox=SWITCH).errors


def test_more_than_was_asked_for_is_a_warning(tenancy: Tenancy) -> None:
    result = ask(tenancy, "Get-Mailbox", ResultSize=1)
    assert len(objects(result)) == 1
    (warning,) = result.warnings
    assert warning.startswith("There are more results available than are currently displayed")


def test_what_if_does_nothing_and_asks_nothing(tenancy: Tenancy) -> None:
    result = ask(tenancy, "Remove-MgUser", endpoint="directory", UserId=USER, WhatIf=SWITCH)
    assert (result.state, list(result.output), result.first_error) == (State.COMPLETED, [], None)
    assert tenancy.has_account(USER)


@needs(Need.HOST)
def test_a_removal_that_asks_is_refused_and_the_tenant_is_as_it_was(tenancy: Tenancy) -> None:
    with pytest.raises(ConfirmationRequired) as question:
        ask(tenancy, "Remove-MsolUser", endpoint="directory", UserPrincipalName=ASKED_ABOUT)
    assert question.value.question == "Confirm: Continue with this operation?"
    assert question.value.choices == ("Yes", "No")
    assert not question.value.may_have_run
    assert tenancy.has_account(ASKED_ABOUT)


def test_a_removal_that_asks_does_nothing_however_the_question_comes(tenancy: Tenancy) -> None:
    with pytest.raises(ConfirmationRequired, match="Continue with this operation"):
        ask(tenancy, "Remove-MsolUser", endpoint="directory", UserPrincipalName=ASKED_ABOUT)
    assert tenancy.has_account(ASKED_ABOUT)


def test_a_removal_with_force_is_done(tenancy: Tenancy) -> None:
    result = ask(tenancy, "Remove-MsolUser", endpoint="directory", UserPrincipalName=REMOVED, Force=SWITCH)
    assert (result.state, result.first_error) == (State.COMPLETED, None)
    assert not tenancy.has_account(REMOVED)


def test_a_terminating_error_fails_the_pipeline_and_the_session_goes_on(tenancy: Tenancy) -> None:
    tenancy.strike("terminating", "Get-MailUser", message="not today", error_id="NotToday")
    ended = failure(ask(tenancy, "Get-MailUser"))
    assert (ended.message, ended.error_id.split(",")[0]) == ("not today", "NotToday")
    assert ask(tenancy, "Get-MailUser").state is State.COMPLETED


@needs(Need.ORDER)
@pytest.mark.parametrize("stream", [Stream.WARNING, Stream.PROGRESS])
def test_what_a_cmdlet_says_before_its_output_comes_before_it(tenancy: Tenancy, stream: Stream) -> None:
    tenancy.strike("warning" if stream is Stream.WARNING else "progress", "Get-Recipient", message="slow today")
    reply = tenancy.at("exo").run(Pipeline.of("Get-Recipient", Identity=USER))
    assert [record.stream for record in reply.records if record.stream is not Stream.VERBOSE][-2:] == [stream, Stream.OUTPUT]


@needs(Need.LIVE, Need.PROMPT)
def test_a_hanging_cmdlet_ends_at_the_deadline_and_the_session_goes_on(tenancy: Tenancy) -> None:
    ask(tenancy, "Get-OrganizationConfig")  # the session is open, and what the cmdlet needs is loaded
    tenancy.strike("hang", "Get-OrganizationConfig")
    with pytest.raises(DeadlineExceeded) as late:
        tenancy.at("exo").run(Pipeline.of("Get-OrganizationConfig"), deadline=2.0)
    assert late.value.may_have_run
    assert objects(ask(tenancy, "Get-OrganizationConfig"))


@pytest.mark.parametrize(("user", "after"), [(KEPT, False), (LOST, True)])
def test_a_server_that_goes_in_a_cmdlet_is_a_loss_and_only_the_tenant_tells_what_was_done(
    tenancy: Tenancy, user: str, after: bool
) -> None:
    tenancy.strike("drop", "Remove-MsolUser", after=after)
    with pytest.raises(ConnectionLost) as lost:
        ask(tenancy, "Remove-MsolUser", endpoint="directory", UserPrincipalName=user, Force=SWITCH)
    assert lost.value.may_have_run
    assert tenancy.has_account(user) is not after
    assert ask(tenancy, "Get-MsolUser", endpoint="directory", UserPrincipalName=USER).output  # the session goes on
    assert tenancy.calls("Remove-MsolUser") >= 1


@needs(Need.TIME, Need.LIVE, Need.PROMPT)
def test_a_slow_cmdlet_is_waited_for_and_one_that_was_stopped_may_have_had_its_effect(tenancy: Tenancy) -> None:
    tenancy.strike("slow", "Get-User", seconds=1)
    assert objects(ask(tenancy, "Get-User", Identity=USER))
    tenancy.strike("slow", "Remove-MsolUser", seconds=30)
    remove = Pipeline.of("Remove-MsolUser", UserPrincipalName=LATE, Force=SWITCH)
    with pytest.raises(DeadlineExceeded) as late:
        tenancy.at("directory").run(remove, deadline=3.0)
    assert late.value.may_have_run


def test_a_constant_script_and_its_values_arrive(tenancy: Tenancy) -> None:
    def answered(call: Call[M]) -> Answer[M]:
        return answer_of(tenancy.at("directory").run(call.pipeline), call, "directory")

    exchange = AccountLicense(
        sku_id="domain:ENTERPRISEPACK", sku_name="ENTERPRISEPACK", exchange_plans=("EXCHANGE_S_ENTERPRISE",)
    )
    answered(directory_of("msonline").disable_exchange_plans(LICENSED, exchange))
    after = answered(directory_of("graph").get_licenses(LICENSED)).one()
    assert (after.exchange_plans, after.disabled_plans) == ((), ("EXCHANGE_S_ENTERPRISE",))
