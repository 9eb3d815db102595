"""WinRS shells of the served simulator: stock pywinrm as it comes, and our own transport with its bootstrap."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import winrm
from winrm.exceptions import InvalidCredentialsError, WSManFaultError
from winrm.protocol import Protocol

from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import ConfirmationRequired, ConnectionLost, DeadlineExceeded, StartError
from psbridge.psobject import SecureString
from psbridge.reply import Reply, State, Stream
from psbridge.session import Result
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.server.bootstrap_run import is_bootstrap
from psbridge.simulator.server.wsman import WsmanServer
from psbridge.simulator.state import Fault
from psbridge.transports.winrm import WinRmTransport
from psbridge.transports.winrm_bootstrap import command_line, request
from psbridge.transports.winrm_endpoint import WinRmEndpoint
from tests.simulator.rehearsal import DUPLICATE, Rehearsal
from tests.simulator.served import PASSWORD, USER, served
from tests.transports.far_end import error_id

WAYS = ["basic", "ntlm"]


@pytest.fixture(scope="module")
def organisation() -> SimulatedOrganisation:
    return SimulatedOrganisation.from_seed("documents")


@pytest.fixture(scope="module")
def server(organisation: SimulatedOrganisation) -> Iterator[WsmanServer]:
    with served(organisation) as running:
        yield running
        assert (running.open_shells, running.open_commands) == (0, 0)


@pytest.fixture(autouse=True)
def no_faults(organisation: SimulatedOrganisation) -> Iterator[None]:
    yield
    organisation.state.faults.clear()
    organisation.state.calls.clear()


def protocol(server: WsmanServer, endpoint: str = "exo", way: Any = "basic", password: str = PASSWORD) -> Protocol:
    """A connection of stock pywinrm."""
    return Protocol(server.uri(endpoint, "wsman"), way, USER, password, proxy=None, ca_trust_path="")


def run_ps(server: WsmanServer, line: str, endpoint: str = "exo", way: str = "basic") -> tuple[int, str, str]:
    """What stock pywinrm's run_ps gives."""
    session = winrm.Session(server.uri(endpoint, "wsman"), auth=(USER, PASSWORD), transport=way, ca_trust_path="")
    session.protocol = protocol(server, endpoint, way)
    answer = session.run_ps(line)
    return answer.status_code, answer.std_out.decode(), answer.std_err.decode()


def transport(server: WsmanServer, endpoint: str = "exo", way: Any = "basic", **options: Any) -> WinRmTransport:
    where = WinRmEndpoint(server.uri(endpoint, "wsman"), way, USER, SecureString.of(PASSWORD))
    return WinRmTransport(where, endpoint=endpoint, **{"deadline": 20.0, "stop_grace": 5.0, **options})


@pytest.mark.parametrize("way", WAYS)
def test_a_cmdlet_line_of_run_ps_gives_its_objects_as_text(server: WsmanServer, way: str) -> None:
    line = f"Get-Mailbox -Identity '{DUPLICATE}' | Select-Object Alias, ExchangeGuid, IsResource"
    assert run_ps(server, line, way=way) == (
        0,
        "\r\nAlias        : testduplicate\r\nExchangeGuid : fa38094d-cbfd-46b7-82f6-8a3022e39a66\r\nIsResource   : False\r\n\r\n",
        "",
    )


def test_a_list_is_shown_in_braces_and_a_null_as_nothing(server: WsmanServer) -> None:
    _, out, _ = run_ps(server, "get-mailbox testduplicate")
    lines = dict(line.split(" : ", 1) for line in out.splitlines() if " : " in line)
    shown = {name.strip(): value for name, value in lines.items()}
    assert shown["EmailAddresses"].startswith("{SMTP:testduplicate@domain.com")
    assert shown["MailboxRegion"] == ""


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Get-Mailbox nobody", ["Get-Mailbox : The operation couldn't be performed", "+ CategoryInfo", "GetMailbox"]),
        ("Get-Nosuch", ["The term 'Get-Nosuch' is not recognized", "CommandNotFoundException"]),
        ("Get-Mailbox -Bogus x", ["that matches parameter name 'Bogus'", "NamedParameterNotFound"]),
        ("Get-Mailbox -Identity", ["It does not take 'the end' at character 22. Nothing was run."]),
        ("Get-Mailbox; Remove-Mailbox x", ["Nothing was run."]),
        ("1..3 | ForEach-Object { $_ * 2 }", ["Nothing was run."]),
        ("", ["Nothing was run."]),
    ],
)
def test_an_error_is_on_standard_error_and_the_exit_code_is_1(server: WsmanServer, line: str, says: list[str]) -> None:
    code, out, err = run_ps(server, line)
    assert (code, out) == (1, "")
    for text in says:
        assert text in err


def test_a_question_has_nobody_to_answer_it_and_nothing_is_done(server: WsmanServer) -> None:
    code, _, err = run_ps(server, f"Remove-MsolUser -UserPrincipalName {DUPLICATE}", "directory")
    assert code == 1
    assert "Continue with this operation?" in err
    assert run_ps(server, f"Get-MsolUser -UserPrincipalName {DUPLICATE}", "directory")[0] == 0


def test_a_warning_is_no_error(server: WsmanServer) -> None:
    code, out, err = run_ps(server, "Get-Mailbox -ResultSize 1 | Select-Object Alias")
    assert code == 0
    assert out
    assert err.startswith("There are more results available")


def test_a_switch_before_a_positional_value_takes_it_not(server: WsmanServer) -> None:
    assert run_ps(server, f"Get-MsolUser -ReturnDeletedUsers -UserPrincipalName {DUPLICATE}", "directory")[0] == 1
    assert run_ps(server, "Get-Mailbox -IncludeInactiveMailbox testduplicate | Select-Object Alias")[0] == 0


def encoded(script: str) -> str:
    return b64encode(script.encode("utf-16-le")).decode()


@pytest.mark.parametrize(
    ("line", "arguments", "code", "says"),
    [
        ("ipconfig", ["/all"], 1, b"'ipconfig' is not recognized as an internal or external command,\r\n"),
        ("powershell", ["-Command", "Get-Mailbox"], 1, b"takes -EncodedCommand only"),
        ("powershell -File x.ps1", [], 1, b"takes -EncodedCommand only"),
        ("powershell -enc !!!", [], 1, b"no base64 of UTF-16"),
        ("powershell -enc " + "A" * 9_000, [], 1, b"The command line is too long."),
        (
            r'"C:\Program Files\PowerShell\7\pwsh.exe" -NoLogo -nop -ex Bypass -ec',
            [encoded("Get-Mailbox x*")],
            1,
            b"Nothing was run.",
        ),
        ("POWERSHELL.exe /nologo /EncodedCommand", [encoded("Get-OrganizationConfig")], 0, b""),
    ],
)
def test_what_a_command_line_may_be(server: WsmanServer, line: str, arguments: list[str], code: int, says: bytes) -> None:
    connection = protocol(server)
    shell = connection.open_shell()
    command = connection.run_command(shell, line, arguments)
    _, err, exit_code = connection.get_command_output(shell, command)
    connection.cleanup_command(shell, command)
    connection.close_shell(shell)
    assert exit_code == code
    assert says in err


def test_a_shell_runs_one_command_after_another_and_forgets_those_that_were_cleaned_up(server: WsmanServer) -> None:
    connection = protocol(server)
    shell = connection.open_shell(codepage=65_001, env_vars={"A": "b"}, working_directory="C:\\")
    line = f"powershell -encodedcommand {encoded('Get-Mailbox testduplicate | Select-Object Alias')}"
    for _ in range(3):
        command = connection.run_command(shell, line)
        assert b"testduplicate" in connection.get_command_output(shell, command)[0]
        assert server.open_commands == 1
        connection.cleanup_command(shell, command)
        connection.cleanup_command(shell, command)
        assert server.open_commands == 0
    with pytest.raises(WSManFaultError, match="CommandId"):
        connection.get_command_output_raw(shell, command)
    with pytest.raises(WSManFaultError, match="CommandId"):
        connection.send_command_input(shell, command, b"x")
    connection.close_shell(shell)
    with pytest.raises(WSManFaultError, match="shell was not found"):
        connection.run_command(shell, line)


def test_a_large_output_comes_in_parts_that_fit_the_envelope(server: WsmanServer) -> None:
    code, out, _ = run_ps(server, "Get-Mailbox")
    assert code == 0
    assert len(out) > 20_000
    assert out.count("\r\nPrimarySmtpAddress ") == len(Rehearsal().objects("exo", "Get-Mailbox"))


@pytest.mark.parametrize("way", WAYS)
def test_who_does_not_know_the_password_opens_nothing(server: WsmanServer, way: str) -> None:
    with pytest.raises(InvalidCredentialsError):
        protocol(server, way=way, password="wrong").open_shell()


def test_the_bootstrap_is_the_one_that_the_transport_sends() -> None:
    script = command_line("powershell.exe").rpartition(" ")[2]
    assert is_bootstrap(script), "the script has changed: make bootstrap_run.py do what it does now, and know its SHA-256"
    assert not is_bootstrap(script[:-1])


ASKED = [
    ("exo", Pipeline.of("Get-Mailbox", Identity="testduplicate")),
    ("exo", Pipeline.of("Get-Mailbox", Identity="nobody")),
    ("exo", Pipeline.of("Get-Mailbox", ResultSize=2)),
    ("exo", Pipeline.of("Get-Mailbox", Bogus=[1, "two", {"three": 3.0}])),
    ("exo", Pipeline.of("Get-Nosuch")),
    ("exo", Pipeline.of("Get-User", Identity="a'b\u2019c\u201c\u0024(1) \U0001f600\nnext")),
    ("exo", Pipeline.of("Get-User", Identity="x" * 400_000)),
    ("exo", Pipeline((Command("Get-Mailbox", {}), Command("Select-Object", {"Property": "Name", "Last": 2})))),
    ("exo", Pipeline.of("Get-MigrationUserStatistics", Identity="user@domain.com", IncludeReport=SWITCH)),
    ("directory", Pipeline.of("Get-MsolUser", UserPrincipalName=DUPLICATE)),
    ("onprem", Pipeline.of("Get-RemoteMailbox", Identity="testduplicate")),
]


@pytest.mark.parametrize("way", WAYS)
def test_our_transport_gets_the_same_answers_as_in_process_to_the_byte(server: WsmanServer, way: str) -> None:
    scene = Rehearsal()
    open_now = {name: transport(server, name, way) for name in ("exo", "directory", "onprem")}
    for endpoint, pipeline in ASKED:
        assert by_stream(open_now[endpoint].run(pipeline)) == by_stream(scene.transports[endpoint].run(pipeline)), str(pipeline)
    for one in open_now.values():
        one.close()


def test_every_stream_comes_with_the_bytes_that_psrp_has(organisation: SimulatedOrganisation, server: WsmanServer) -> None:
    scene = Rehearsal()
    for name in ("warning", "verbose", "debug", "information", "progress", "error"):
        for state in (organisation.state, scene.state):
            state.faults.append(Fault(name, cmdlet="Get-Mailbox", call=1, message=f"the {name}"))
    pipeline = Pipeline.of("Get-Mailbox", Verbose=SWITCH, Debug=SWITCH)
    with transport(server) as far:
        reply = far.run(pipeline)
    assert by_stream(reply) == by_stream(scene.transports["exo"].run(pipeline))
    assert all(reply.of(stream) for stream in Stream if stream is not Stream.OUTPUT)


def by_stream(reply: Reply) -> object:
    return reply.state, reply.reason, {stream: reply.of(stream) for stream in Stream}


def test_connection_commands_run_first_and_one_that_fails_ends_the_run(server: WsmanServer) -> None:
    with transport(server, connect=[Pipeline.of("Connect-ExchangeOnline", ShowBanner=False)]) as far:
        assert len(Result.of(far.run(Pipeline.of("Get-Mailbox", Identity="testduplicate"))).output) == 1
    with (
        transport(server, connect=[Pipeline.of("Connect-Nothing")]) as far,
        pytest.raises(StartError, match="Connect-Nothing failed"),
    ):
        far.run(Pipeline.of("Get-Mailbox"))


def test_a_question_is_refused_by_our_transport_and_nothing_is_done(server: WsmanServer) -> None:
    with transport(server, "directory") as far:
        with pytest.raises(ConfirmationRequired) as asked:
            far.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=DUPLICATE))
        assert "Continue with this operation?" in asked.value.question
        reply = far.run(Pipeline.of("Remove-MsolUser", Force=SWITCH))
        assert (reply.state, error_id(reply.reason)) == (State.FAILED, "MissingMandatoryParameter")
        assert len(Result.of(far.run(Pipeline.of("Get-MsolUser", UserPrincipalName=DUPLICATE))).output) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_hanging_cmdlet_is_stopped_at_the_deadline_and_the_shell_goes_on(
    organisation: SimulatedOrganisation, server: WsmanServer, way: str
) -> None:
    organisation.state.faults.append(Fault("hang", cmdlet="Get-Mailbox"))
    with transport(server, way=way) as far:
        with pytest.raises(DeadlineExceeded, match="it was stopped") as late:
            far.run(Pipeline.of("Get-Mailbox", Identity="testduplicate"), deadline=0.5)
        assert late.value.may_have_run
        assert far.run(Pipeline.of("Get-Mailbox", Identity="testduplicate")).state is State.COMPLETED


def test_a_stop_from_another_thread_gives_state_stopped(organisation: SimulatedOrganisation, server: WsmanServer) -> None:
    organisation.state.faults.append(Fault("hang", cmdlet="Get-Mailbox"))
    with transport(server) as far:
        threading.Thread(target=stop_when_it_runs, args=(organisation, far)).start()
        reply = far.run(Pipeline.of("Get-Mailbox", Identity="testduplicate"))
        assert (reply.state, error_id(reply.reason)) == (State.STOPPED, "PipelineStopped")


def stop_when_it_runs(organisation: SimulatedOrganisation, far: WinRmTransport) -> None:
    while not organisation.state.calls.get("Get-Mailbox"):
        time.sleep(0.01)
    far.stop()


@pytest.mark.parametrize("after", [False, True])
def test_a_dropped_connection_loses_the_answer_and_only_the_organisation_tells_what_was_done(after: bool) -> None:
    organisation = SimulatedOrganisation.from_seed("documents")
    organisation.state.faults.append(Fault("dropped-connection", cmdlet="Remove-MsolUser", after=after))
    with served(organisation) as server, transport(server, "directory") as far:
        with pytest.raises(ConnectionLost) as lost:
            far.run(Pipeline.of("Remove-MsolUser", UserPrincipalName=DUPLICATE, Force=SWITCH))
        assert lost.value.may_have_run
        found = Result.of(far.run(Pipeline.of("Get-MsolUser", UserPrincipalName=DUPLICATE)))
        assert bool(found.output) is not after


class Started:
    """The bootstrap, started by stock pywinrm, waiting for its input."""

    def __init__(self, server: WsmanServer) -> None:
        self.connection = protocol(server)
        self.shell = self.connection.open_shell()
        self.command = self.connection.run_command(self.shell, command_line("powershell.exe"), console_mode_stdin=False)

    def write(self, data: bytes, *, end: bool = False) -> None:
        self.connection.send_command_input(self.shell, self.command, data, end=end)

    def read(self) -> tuple[bytes, bytes, int]:
        stdout, stderr, code = self.connection.get_command_output(self.shell, self.command)
        self.connection.close_shell(self.shell)
        return stdout, stderr, code


REQUEST = request("mark", [Pipeline.of("Get-Mailbox", Identity="testduplicate")])


def test_the_bootstrap_answers_stock_pywinrm_however_its_input_is_cut(server: WsmanServer) -> None:
    started = Started(server)
    for start in range(0, len(REQUEST), 500):
        started.write(REQUEST[start : start + 500])
    stdout, stderr, code = started.read()
    kinds = [line.split()[:3] for line in stdout.decode().splitlines()]
    assert kinds == [["mark", "1", "begun"], ["mark", "2", "output"], ["mark", "3", "ended"]]
    assert (stderr, code) == (b"", 0)


@pytest.mark.parametrize("sent", [b"\n", b"garbage!!\n", REQUEST[:200] + b"\n", REQUEST[:-5], b64encode(b"<Objs/>") + b"\n"])
def test_a_request_that_is_none_runs_nothing(server: WsmanServer, organisation: SimulatedOrganisation, sent: bytes) -> None:
    started = Started(server)
    started.write(sent, end=True)
    stdout, stderr, code = started.read()
    assert (stdout, code) == (b"", 1)
    assert b"Exception calling" in stderr
    assert organisation.state.calls == {}


def test_a_shell_that_is_closed_ends_what_waits_in_it(server: WsmanServer, organisation: SimulatedOrganisation) -> None:
    organisation.state.faults.append(Fault("hang", cmdlet="Get-Mailbox"))
    waiting, hanging = Started(server), Started(server)
    hanging.write(REQUEST)
    while not organisation.state.calls.get("Get-Mailbox"):
        time.sleep(0.01)
    for one in (waiting, hanging):
        one.connection.close_shell(one.shell)
    end = time.monotonic() + 10
    while any(thread.name == "WinRS command" for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)
