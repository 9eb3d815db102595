"""The winrm transport over real sockets, to the real engine: what is asked arrives, and what is answered comes back whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import winrm
from winrm.protocol import Protocol

from psbridge.command import SWITCH, Pipeline
from psbridge.errors import ConnectionLost, ProtocolError, StartError, ValueTypeError
from psbridge.psobject import SecureString
from psbridge.reply import State, Stream
from psbridge.transports.process import ProcessTransport
from psbridge.transports.winrm import WinRmTransport
from tests.transports.far_end import connected, error_id, output
from tests.transports.winrm_far_end import reaching, serving
from tests.transports.winrs_server import Fault, WinRsServer
from tests.transports.witness import written_down

pytestmark = pytest.mark.realps


@pytest.fixture(scope="module")
def server(pwsh: str) -> Iterator[WinRsServer]:
    with serving(pwsh) as opened:
        yield opened


@pytest.fixture(scope="module")
def transport(server: WinRsServer) -> Iterator[WinRmTransport]:
    with reaching(server) as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_faults(server: WinRsServer) -> None:
    server.faults.clear()
    server.actions.clear()


def test_it_says_what_it_does_not_keep() -> None:
    assert (WinRmTransport.keeps_order, WinRmTransport.keeps_session) == (False, False)
    assert (ProcessTransport.keeps_order, ProcessTransport.keeps_session) == (True, True)


def test_every_stream_is_kept_and_each_in_its_order(transport: WinRmTransport, pwsh: str) -> None:
    pipeline = Pipeline.of("Write-EveryStream")
    reply = transport.run(pipeline)
    with connected(pwsh) as other:
        expected = other.run(pipeline)
    assert reply.state is State.COMPLETED
    assert output(reply) == ["one", None, "nine"]
    for stream in Stream:
        assert len(reply.of(stream)) == len(expected.of(stream)), stream
    assert error_id(reply.of(Stream.ERROR)[0]) == "Three,Write-EveryStream"


def test_a_call_takes_a_command_its_input_its_output_and_a_clean_up_and_leaves_nothing_behind(
    transport: WinRmTransport, server: WinRsServer
) -> None:
    assert output(transport.run(Pipeline.of("Test-SwitchArgument", Force=SWITCH)))[0] is True
    actions = [action for action in server.actions if action != "Receive"]
    assert actions == ["Command", "Send", "Signal"]
    assert server.commands == {}
    assert len(server.shells) == 1


def test_five_megabytes_travel_both_ways_and_no_value_is_on_the_command_line(
    transport: WinRmTransport, server: WinRsServer
) -> None:
    text = "0123456789abcde\u00e9" * 320_000
    assert output(transport.run(Pipeline.of("Write-Output", InputObject=text))) == [text]
    assert len(set(server.lines)) == 1
    assert len(server.lines[0]) < 8_191


def test_values_arrive_whatever_the_shells_environment(server: WinRsServer) -> None:
    value = {"a": ["\u2019; Stop-Server 3 #", b"\x00\xff", None, 2**40], "b": {"c": "\U0001f600\ud83d"}}
    with reaching(server, environment={"LANG": "C", "WITNESS": "seen"}) as transport:
        assert output(transport.run(Pipeline.of("Get-Witness", Value=value))) == [written_down(value)]
        assert {"LANG": "C", "WITNESS": "seen"} in server.shells.values()


def test_connection_commands_run_before_each_call_in_its_process(server: WinRsServer) -> None:
    connect = [Pipeline.of("Set-Memory", Text="connected")]
    with reaching(server, connect=connect) as transport:
        assert output(transport.run(Pipeline.of("Get-Memory"))) == ["connected"]
        transport.run(Pipeline.of("Set-Memory", Text="changed"))
        assert output(transport.run(Pipeline.of("Get-Memory"))) == ["connected"]


@pytest.mark.parametrize(
    ("pipeline", "names", "text"),
    [
        (Pipeline.of("Connect-Nothing"), "Connect-Nothing", "CommandNotFoundException"),
        (Pipeline.of("Write-Error", Message="the door is shut", ErrorId="Shut"), "Write-Error", "the door is shut"),
    ],
)
def test_a_connection_command_that_fails_is_named_and_nothing_ran(
    server: WinRsServer, pipeline: Pipeline, names: str, text: str
) -> None:
    with reaching(server, connect=[pipeline], endpoint="exo") as transport, pytest.raises(StartError) as failed:
        transport.run(Pipeline.of("Get-Many", Count=1))
    assert failed.value.problem.startswith(f"the connection command {names} failed: ")
    assert text in failed.value.problem
    assert (failed.value.may_have_run, failed.value.endpoint) == (False, "exo")


def test_a_connection_command_that_ends_powershell_says_that_nothing_ran(server: WinRsServer) -> None:
    with reaching(server, connect=[Pipeline.of("Stop-Server", Code=3)]) as transport, pytest.raises(StartError) as failed:
        transport.run(Pipeline.of("Get-Many", Count=1))
    assert "PowerShell ended before the command began (exit code 3)" in failed.value.problem


def test_a_cmdlet_that_ends_powershell_is_a_loss(transport: WinRmTransport) -> None:
    with pytest.raises(ConnectionLost) as lost:
        transport.run(Pipeline.of("Stop-Server", Code=9))
    assert lost.value.problem == "the PowerShell process is gone (exit code 9)"
    assert lost.value.may_have_run


@pytest.mark.parametrize("value", [SecureString.of("Pa55word"), object(), 2**63])
def test_what_cannot_travel_is_refused_before_anything_is_sent(
    transport: WinRmTransport, server: WinRsServer, value: object
) -> None:
    with pytest.raises(ValueTypeError) as refused:
        transport.run(Pipeline.of("Get-Argument", Value=value))
    assert refused.value.where == "Get-Argument -Value"
    assert server.actions == []


def test_a_secret_of_a_connection_command_is_refused_when_the_transport_is_made(server: WinRsServer) -> None:
    with pytest.raises(ValueTypeError, match="plain text"):
        reaching(server, connect=[Pipeline.of("Connect-Nothing", Password=SecureString.of("Pa55word"))])


def test_a_record_that_cannot_come_back_costs_the_answer_not_the_shell(transport: WinRmTransport, server: WinRsServer) -> None:
    with pytest.raises(ProtocolError, match="cannot write a record"):
        transport.run(Pipeline.of("Write-Output", InputObject="\uffff"))
    assert server.commands == {}


def test_a_shell_that_the_server_ended_is_opened_again(transport: WinRmTransport, server: WinRsServer) -> None:
    server.faults.append(Fault("Command", "expire"))
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]
    assert [action for action in server.actions if action != "Receive"] == ["Command", "Create", "Command", "Send", "Signal"]


def test_it_closes_once_and_opens_again_when_it_is_used(server: WinRsServer) -> None:
    before = len(server.shells)
    transport = reaching(server)
    transport.close()
    transport.open()
    transport.open()
    assert len(server.shells) == before + 1
    transport.close()
    transport.close()
    assert len(server.shells) == before


def test_stock_pywinrm_works_with_the_same_server(server: WinRsServer) -> None:
    session = winrm.Session(server.uri, auth=("user", "Pa55word"), transport="basic")
    session.protocol = Protocol(server.uri, "basic", "user", "Pa55word", proxy=None, ca_trust_path="")
    answer = session.run_ps("1..3 | ForEach-Object { $_ * 2 }")
    assert (answer.status_code, answer.std_out.split()) == (0, [b"2", b"4", b"6"])
