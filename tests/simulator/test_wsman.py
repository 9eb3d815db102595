"""The simulator over WS-Man, driven by stock pypsrp: sessions, parameters, streams, errors, stop, prompts, keys, quotas."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pypsrp.complex_objects import ObjectMeta, PSInvocationState, RunspacePoolState
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.host import PSHost, PSHostUserInterface
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSManAction

from psbridge.psobject import PSObject, SecureString
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.generate import Makeup, generate
from psbridge.simulator.server.shell_table import Limits
from psbridge.simulator.server.wsman import WsmanServer
from psbridge.simulator.state import Fault
from psbridge.simulator.state.fault import FaultName
from tests.simulator.rehearsal import DUPLICATE
from tests.simulator.served import PASSWORD, Recorder, call, pool, served, wsman


@pytest.fixture
def organisation() -> SimulatedOrganisation:
    return SimulatedOrganisation.from_seed("documents")


@pytest.fixture
def server(organisation: SimulatedOrganisation) -> Iterator[WsmanServer]:
    with served(organisation) as running:
        yield running


@pytest.mark.parametrize("auth", ["basic", "ntlm", "negotiate"])
def test_a_pool_opens_answers_and_closes(server: WsmanServer, auth: str) -> None:
    with pool(server, auth=auth) as opened:
        assert opened.state == RunspacePoolState.OPENED
        found = call(opened, "Get-Mailbox", Identity="testduplicate")
        assert [str(mailbox) for mailbox in found.output] == ["testduplicate"]
        assert (found.state, found.had_errors) == (PSInvocationState.COMPLETED, False)
        assert server.open_shells == 1
        assert opened.get_available_runspaces() == 1
    assert server.open_shells == 0


@pytest.mark.parametrize("name", ["CONTOSO\\administrator", "Administrator", "b\u00fcro\\ADMINISTRATOR"])
def test_a_user_may_be_named_with_a_domain_and_in_any_case(server: WsmanServer, name: str) -> None:
    with pool(server, auth="ntlm", username=name) as opened:
        assert opened.state == RunspacePoolState.OPENED


@pytest.mark.parametrize("auth", ["basic", "ntlm", "negotiate"])
def test_a_wrong_password_opens_nothing(server: WsmanServer, auth: str) -> None:
    with pytest.raises(AuthenticationError), pool(server, auth=auth, password="wrong"):
        pass
    assert server.open_shells == 0


def test_an_error_warning_and_unknown_cmdlet_come_as_powershell_has_them(server: WsmanServer) -> None:
    with pool(server) as opened:
        missing = call(opened, "Get-Mailbox", Identity="nobody")
        assert (missing.state, missing.had_errors) == (PSInvocationState.COMPLETED, False)
        error_id = str(missing.streams.error[0].fq_error)
        assert error_id.endswith("Microsoft.Exchange.Management.RecipientTasks.GetMailbox")
        limited = call(opened, "Get-Mailbox", ResultSize=1)
        assert (len(limited.output), len(limited.streams.warning)) == (1, 1)
        unknown = call(opened, "Get-Nosuch")
        assert (unknown.state, unknown.streams.error[0].fq_error) == (PSInvocationState.FAILED, "CommandNotFoundException")


def test_every_stream_arrives(organisation: SimulatedOrganisation, server: WsmanServer) -> None:
    names: tuple[FaultName, ...] = ("warning", "verbose", "debug", "information", "progress")
    for name in names:
        organisation.state.faults.append(Fault(name, cmdlet="Get-User", call=0, message=f"a {name}"))
    organisation.state.faults.append(Fault("error", cmdlet="Get-User", call=0, after=True, message="an error"))
    with pool(server) as opened:
        loud = call(opened, "Get-User", Identity="testmobile", Verbose=True, Debug=True)
        assert [str(one) for one in loud.streams.warning] == ["a warning"]
        # An Exchange cmdlet tells of itself too.
        assert [str(one) for one in loud.streams.verbose].count("a verbose") == 1
        assert [str(one) for one in loud.streams.debug].count("a debug") == 1
        assert [one.message_data for one in loud.streams.information] == ["a information"]
        assert [(one.activity, one.description) for one in loud.streams.progress] == [("Get-User", "a progress")] * 3
        quiet = call(opened, "Get-User", Identity="testmobile", InformationAction="Ignore", WarningAction="SilentlyContinue")
        assert not quiet.streams.verbose + quiet.streams.debug + quiet.streams.information + quiet.streams.warning


def test_script_text_is_refused_as_in_a_no_language_session(server: WsmanServer) -> None:
    with pool(server) as opened:
        script = PowerShell(opened).add_script("Get-Mailbox | Where-Object { $true }")
        script.invoke()
        assert script.state == PSInvocationState.FAILED
        assert "no-language mode" in str(script.streams.error[0])
        assert script.streams.error[0].fq_error == "ScriptsNotAllowed"


def test_two_commands_are_one_pipeline(server: WsmanServer) -> None:
    with pool(server) as opened:
        both = PowerShell(opened).add_cmdlet("Get-Mailbox").add_parameter("Identity", "testduplicate")
        both.add_cmdlet("Select-Object").add_parameter("Property", ["Name", "ExchangeGuid"])
        (chosen,) = both.invoke()
        assert sorted(chosen.extended_properties) == ["ExchangeGuid", "Name"]
        assert str(chosen.extended_properties["ExchangeGuid"]) == "fa38094d-cbfd-46b7-82f6-8a3022e39a66"


def test_objects_that_are_piped_in_are_refused_and_not_ignored(server: WsmanServer) -> None:
    with pool(server) as opened:
        piped = PowerShell(opened).add_cmdlet("Get-Mailbox")
        piped.invoke(input=["testduplicate"])  # type: ignore[arg-type]  # a list is taken too
        assert piped.state == PSInvocationState.FAILED
        assert piped.output == []
        assert piped.streams.error[0].fq_error == "SimulatorPipelineInputNotImplemented"


def test_parameters_of_every_type_arrive_as_they_were_meant() -> None:
    recorder, identifier = Recorder(), uuid.uuid4()
    text = "a'b\u2019c\u201c$(1) `n {0} \U0001f600\nnext\t\u00e9"
    sent: dict[str, Any] = {
        "Text": text,
        "Empty": "",
        "Null": None,
        "Yes": True,
        "Number": -(2**31),
        "Guid": identifier,
        "Bytes": bytes(range(256)),
        "List": [1, "two", [3, None]],
        "Long": "x" * 1_000_000,
    }
    with served(session=lambda _: recorder) as server, pool(server) as opened:
        table = PowerShell(opened).add_cmdlet("Get-Thing").add_parameters(sent)
        table.add_parameter("Table", {"Key": "value", "Inner": {"Deep": [1]}}).add_argument("by position")
        table.invoke()
        assert table.state == PSInvocationState.COMPLETED
        call(opened, "Get-Numbers", Big=opened.serialize(2**40, ObjectMeta("I64")), Half=opened.serialize(0.5, ObjectMeta("Db")))
    thing, numbers = recorder.asked
    got = {argument.name: argument.value for argument in thing.arguments}
    assert {name: got[name] for name in sent} == sent
    assert got[None] == "by position"
    table_value = got["Table"]
    assert isinstance(table_value, PSObject)
    assert table_value.entries is not None
    entries = dict(table_value.entries)
    assert entries["Key"] == "value"
    assert isinstance(entries["Inner"], PSObject)
    assert [argument.value for argument in numbers.arguments] == [2**40, 0.5]


@pytest.mark.parametrize("exchange", [True, False])
def test_a_secure_string_needs_a_session_key(exchange: bool) -> None:
    recorder = Recorder()
    with served(session=lambda _: recorder) as server, pool(server) as opened:
        if not exchange:
            with pytest.raises(Exception, match="cipher is not initialised"):
                opened.serialize("word", ObjectMeta("SS"))
            return
        opened.exchange_keys()
        call(opened, "Connect-Thing", Secret=opened.serialize("w\u00f6rd", ObjectMeta("SS")))
    (command,) = recorder.asked
    secret = command.arguments[0].value
    assert isinstance(secret, SecureString)
    assert secret.plain == "w\u00f6rd"


class _Host(PSHost):
    """Answers what it is asked; keeps the questions."""

    def __init__(self, *, choice: int = 0, values: dict[str, str] | None = None) -> None:
        self.answers = _Answers(choice, values or {})
        super().__init__(None, None, False, None, None, self.answers, "1.0")


class _Answers(PSHostUserInterface):
    def __init__(self, choice: int, values: dict[str, str]) -> None:
        super().__init__()
        self.choice, self.values, self.asked = choice, values, list[Any]()

    def PromptForChoice(self, runspace: Any, pipeline: Any, caption: str, message: str, choices: Any, default: int) -> int:  # noqa: N802
        labels = [choice.extended_properties["label"] for choice in choices]
        self.asked.append((caption, message, labels))
        return self.choice

    def Prompt(self, runspace: Any, pipeline: Any, caption: str, message: str, description: Any) -> dict[str, str]:  # noqa: N802
        self.asked.append((caption, message, [field.extended_properties["name"] for field in description]))
        return self.values


@pytest.mark.parametrize(("choice", "left"), [(0, 0), (1, 1)])
def test_a_confirmation_is_put_to_the_host_and_its_answer_counts(server: WsmanServer, choice: int, left: int) -> None:
    host = _Host(choice=choice)
    with pool(server, "directory", host=host) as opened:
        asked = call(opened, "Remove-MsolUser", UserPrincipalName=DUPLICATE)
        assert asked.state == PSInvocationState.COMPLETED
        assert host.answers.asked == [("Confirm", "Continue with this operation?", ["&Yes", "&No"])]
        assert len(call(opened, "Get-MsolUser", UserPrincipalName=DUPLICATE).output) == left


def test_a_mandatory_parameter_is_asked_for_and_then_the_confirmation(
    organisation: SimulatedOrganisation, server: WsmanServer
) -> None:
    (account,) = [one for one in organisation.state.directory if one.user_principal_name == DUPLICATE]
    host = _Host(values={"ObjectId": str(account.object_id)})
    with pool(server, "directory", host=host) as opened:
        asked = call(opened, "Remove-MsolUser")
        assert (asked.state, asked.streams.error) == (PSInvocationState.COMPLETED, [])
        parameter, confirmation = host.answers.asked
        assert parameter[0] == "cmdlet Remove-MsolUser at command pipeline position 1"
        assert parameter[2] == ["ObjectId"]
        assert confirmation[0] == "Confirm"
    assert account.deleted is not None


def test_a_host_that_does_not_name_the_parameter_fails_the_pipeline(server: WsmanServer) -> None:
    with pool(server, "directory", host=_Host(values={"Bogus": "x"})) as opened:
        asked = call(opened, "Remove-MsolUser")
        assert asked.state == PSInvocationState.FAILED
        assert asked.streams.error[0].fq_error == "MissingMandatoryParameter"


def test_without_a_host_a_question_fails_the_pipeline(server: WsmanServer) -> None:
    with pool(server, "directory") as opened:
        asked = call(opened, "Remove-MsolUser", UserPrincipalName=DUPLICATE)
        assert asked.state == PSInvocationState.FAILED
        assert "Continue with this operation?" in str(asked.streams.error[0])
        assert len(call(opened, "Get-MsolUser", UserPrincipalName=DUPLICATE).output) == 1


def test_a_hanging_cmdlet_is_stopped_and_the_pool_goes_on(organisation: SimulatedOrganisation, server: WsmanServer) -> None:
    organisation.state.faults.append(Fault("hang", cmdlet="Get-Mailbox"))
    with pool(server) as opened:
        hanging = PowerShell(opened).add_cmdlet("Get-Mailbox")
        hanging.begin_invoke()
        hanging.poll_invoke(timeout=1)
        assert hanging.state == PSInvocationState.RUNNING
        hanging.stop()
        hanging.close()
        assert len(call(opened, "Get-Mailbox", Identity="testduplicate").output) == 1


def test_a_stop_in_the_middle_of_many_objects_keeps_whole_objects_only() -> None:
    organisation = SimulatedOrganisation(generate(300, Makeup(300)))  # several times what the server writes ahead
    with served(organisation) as server, pool(server) as opened:
        many = PowerShell(opened).add_cmdlet("Get-Mailbox").add_parameter("ResultSize", "Unlimited")
        many.begin_invoke()
        while not many.output:
            many.poll_invoke(timeout=1)
        # pypsrp's own stop sends another code, which closes the command; PowerShell's client sends this one (sic).
        opened.shell.signal("powershell/signal/crtl_c", command_id=str(many.id).upper())
        many.end_invoke()
        assert many.state == PSInvocationState.STOPPED
        assert 0 < len(many.output) < 300
        many.close()
        assert len(call(opened, "Get-Mailbox", ResultSize=1).output) == 1


def test_several_pipelines_run_in_one_pool_in_any_order(server: WsmanServer) -> None:
    with pool(server) as opened:
        begun = []
        for identity in ("testduplicate", "nobody", "testmobile"):
            one = PowerShell(opened).add_cmdlet("Get-User").add_parameter("Identity", identity)
            one.begin_invoke()
            begun.append(one)
        found = [(len(one.end_invoke()), one.state) for one in reversed(begun)]
        assert found == [(1, PSInvocationState.COMPLETED), (0, PSInvocationState.COMPLETED), (1, PSInvocationState.COMPLETED)]


def test_a_pool_tells_how_many_runspaces_are_free(organisation: SimulatedOrganisation, server: WsmanServer) -> None:
    organisation.state.faults.append(Fault("hang", cmdlet="Get-Mailbox"))
    with pool(server) as opened:
        opened.max_runspaces, opened.min_runspaces = 3, 2
        assert (opened.max_runspaces, opened.min_runspaces) == (3, 2)
        assert opened.get_available_runspaces() == 3
        hanging = PowerShell(opened).add_cmdlet("Get-Mailbox")
        hanging.begin_invoke()
        assert opened.get_available_runspaces() == 2
        hanging.stop()
        hanging.close()
        opened.reset_runspace_state()
        assert opened.get_available_runspaces() == 3


def test_several_pools_share_one_organisation(server: WsmanServer) -> None:
    with pool(server, "directory", auth="ntlm") as directory, pool(server, "exo") as exo, pool(server, "onprem") as onprem:
        assert server.open_shells == 3
        for more in ({}, {"RemoveFromRecycleBin": True}):
            removed = call(directory, "Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=True, **more)
            assert not removed.streams.error
        assert [str(gone) for gone in call(exo, "Get-Mailbox", SoftDeletedMailbox=True).output] == ["Test Duplicate"]
        assert len(call(onprem, "Get-Mailbox", Identity="testduplicate").output) == 1


@pytest.mark.parametrize("envelope", [32_768, 200_000, 512_000])
def test_large_answers_come_in_fragments_that_fit_the_envelope(envelope: int) -> None:
    organisation = SimulatedOrganisation(generate(40, Makeup(40)))
    with served(organisation) as server, pool(server, max_envelope_size=envelope) as opened:
        sizes: list[int] = []
        sent = opened.connection.transport.send

        def measured(message: bytes, **more: Any) -> bytes:
            answer: bytes = sent(message, **more)
            sizes.append(len(answer))
            return answer

        opened.connection.transport.send = measured  # type: ignore[method-assign]  # to see the answers' sizes
        assert len(call(opened, "Get-Mailbox").output) == 40
        largest = max(sizes)
        assert largest <= envelope
        assert largest > envelope / 2


def test_an_envelope_that_is_too_small_is_a_fault(server: WsmanServer) -> None:
    with pytest.raises(WSManFaultError) as refused, pool(server, max_envelope_size=4_096):
        pass
    assert refused.value.code == 2150858878


@pytest.mark.parametrize(
    ("endpoint", "configuration"),
    [("exo", "Microsoft.Nosuch"), ("onprem", "Microsoft.PowerShell"), ("directory", "Microsoft.Exchange")],
)
def test_a_configuration_that_the_endpoint_has_not_is_a_fault_that_names_those_it_has(
    server: WsmanServer, endpoint: str, configuration: str
) -> None:
    opened = RunspacePool(wsman(server, endpoint), configuration_name=configuration)
    with pytest.raises(WSManFaultError) as refused:
        opened.open()
    assert refused.value.code == 2150858811
    assert "This endpoint has: Microsoft." in str(refused.value)


def test_a_closed_pool_is_gone(server: WsmanServer) -> None:
    with pool(server) as opened:
        assert opened.is_alive()
        opened.shell.close()
        assert not opened.is_alive()
        with pytest.raises(WSManFaultError) as gone:
            call(opened, "Get-Mailbox")
        assert gone.value.code == 2150858843
        opened.state = RunspacePoolState.CLOSED


def test_a_user_has_so_many_shells_and_no_more() -> None:
    with served(limits=Limits(shells=2)) as server, pool(server), pool(server) as second:
        with pytest.raises(WSManFaultError) as refused, pool(server):
            pass
        assert refused.value.code == 2150859173
        second.close()
        with pool(server):
            assert server.open_shells == 2


def test_pipelines_that_are_not_closed_use_up_the_operations() -> None:
    with served(limits=Limits(operations=5)) as server, pool(server) as opened:
        left = []
        for _ in range(5):
            left.append(PowerShell(opened).add_cmdlet("Get-User").add_parameter("Identity", "testmobile"))
            left[-1].invoke()
        with pytest.raises(WSManFaultError) as refused:
            call(opened, "Get-User")
        assert refused.value.code == 2150859174
        for one in left:
            one.close()
        assert len(call(opened, "Get-User", Identity="testmobile").output) == 1


def test_a_shell_that_is_idle_for_too_long_is_ended(server: WsmanServer) -> None:
    with pool(server) as kept:
        short = RunspacePool(wsman(server), configuration_name="Microsoft.Exchange", idle_timeout=1)
        short.open()
        time.sleep(1.1)
        with pytest.raises(WSManFaultError) as gone:
            call(short, "Get-Mailbox")
        assert gone.value.code == 2150858843
        assert len(call(kept, "Get-User", Identity="testmobile").output) == 1
        short.state = RunspacePoolState.CLOSED


@pytest.mark.parametrize("ask", ["disconnect", "enumerate"])
def test_disconnected_sessions_are_refused_with_a_clear_fault(server: WsmanServer, ask: str) -> None:
    with pool(server) as opened:
        with pytest.raises(WSManFaultError) as refused:
            opened.disconnect() if ask == "disconnect" else RunspacePool.get_runspace_pools(wsman(server))
        assert refused.value.code == 2150858771
        assert "no disconnected sessions" in str(refused.value)


def test_what_was_still_received_ends_when_the_pool_is_deleted(organisation: SimulatedOrganisation, server: WsmanServer) -> None:
    organisation.state.faults.append(Fault("hang", cmdlet="Get-Mailbox"))
    with pool(server) as opened:
        hanging = PowerShell(opened).add_cmdlet("Get-Mailbox")
        hanging.begin_invoke()
        server.close()
        with pytest.raises(Exception, match=r"refused|aborted|closed|reset|Connection"):
            hanging.end_invoke()
        opened.state = RunspacePoolState.CLOSED


def test_no_password_is_in_an_answer_or_in_the_environment_afterwards(
    server: WsmanServer, capfd: pytest.CaptureFixture[str]
) -> None:
    import os

    with pool(server, auth="ntlm"):
        assert "NTLM_USER_FILE" not in os.environ
    with pytest.raises(AuthenticationError), pool(server, auth="ntlm", password="wrong"):
        pass
    shown = capfd.readouterr()
    assert PASSWORD not in shown.out + shown.err
    assert shown.err == ""


def test_a_version_of_the_protocol_that_is_too_new_is_a_fault(server: WsmanServer) -> None:
    import xml.etree.ElementTree as ET

    from pypsrp.wsman import OptionSet

    options = OptionSet()
    options.add_option("protocolversion", "3.0", {"MustComply": "true"})
    shell = ET.Element("{http://schemas.microsoft.com/wbem/wsman/1/windows/shell}Shell")
    with pytest.raises(WSManFaultError) as refused:
        wsman(server).invoke(WSManAction.CREATE, "http://schemas.microsoft.com/powershell/Microsoft.Exchange", shell, options)
    assert refused.value.code == 2152991685
