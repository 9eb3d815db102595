"""A call over the real engine, by each carrier: what is asked arrives, and what is answered comes back whole and in order."""

from __future__ import annotations

import pytest

from psbridge.clixml import decode_message
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import StartError
from psbridge.psobject import PSObject, SecureString
from psbridge.reply import State, Stream
from psbridge.transports.base import Transport
from tests.contract.carriers import Carrier
from tests.contract.limits import Need, needs
from tests.transports.far_end import error_id, output

pytestmark = pytest.mark.realps


@needs(Need.ORDER)
def test_every_stream_is_kept_in_the_order_of_arrival(transport: Transport) -> None:
    reply = transport.run(Pipeline.of("Write-EveryStream"))
    assert reply.state is State.COMPLETED
    assert reply.reason is None
    assert [record.stream.value for record in reply.records] == [
        "output",
        "warning",
        "error",
        "verbose",
        "debug",
        "information",
        "progress",
        "output",
        "output",
    ]
    assert output(reply) == ["one", None, "nine"]
    assert reply.records[-2].clixml == b""
    assert error_id(reply.of(Stream.ERROR)[0]) == "Three,Write-EveryStream"
    for record in reply.records:
        assert not record.clixml.startswith(b"\xef\xbb\xbf")
    texts = [decode_message(reply.of(stream)[0]) for stream in (Stream.WARNING, Stream.VERBOSE, Stream.DEBUG)]
    assert [str(text) for text in texts] == ["two", "four", "five"]
    information, progress = (decode_message(reply.of(stream)[0]) for stream in (Stream.INFORMATION, Stream.PROGRESS))
    assert isinstance(information, PSObject)
    assert isinstance(progress, PSObject)
    assert information["MessageData"] == "six"
    assert (progress["Activity"], progress["PercentComplete"]) == ("seven", 7)


def test_a_stream_hands_over_the_objects_of_run_and_its_reply_has_the_rest(transport: Transport) -> None:
    bodies: list[bytes] = []
    reply = transport.stream(Pipeline.of("Write-EveryStream"), bodies.append)
    assert [None if not body else decode_message(body) for body in bodies] == ["one", None, "nine"]
    assert (reply.state, reply.of(Stream.OUTPUT)) == (State.COMPLETED, [])
    assert {record.stream for record in reply.records} == set(Stream) - {Stream.OUTPUT}


def test_what_takes_the_objects_of_a_stream_ends_it_with_its_own_error(transport: Transport) -> None:
    def full(_: bytes) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        transport.stream(Pipeline.of("Get-Many", Count=3), full)
    assert output(transport.run(Pipeline.of("Get-Many", Count=2))) == [1, 2]


def test_commands_of_a_pipeline_feed_one_another(transport: Transport) -> None:
    pipeline = Pipeline((Command("Get-Many", {"Count": 5}), Command("Select-Object", {"Last": 2})))
    assert output(transport.run(pipeline)) == [4, 5]


def test_an_unknown_command_fails_with_its_error_as_the_reason(transport: Transport) -> None:
    reply = transport.run(Pipeline.of("Get-Nothing"))
    assert (reply.state, reply.records) == (State.FAILED, ())
    assert error_id(reply.reason) == "CommandNotFoundException"


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        (Pipeline.of("Get-Long", Nonsense=1), "NamedParameterNotFound,Get-Long"),
        (Pipeline.of("Get-Long", Length="many"), "ParameterArgumentTransformationError,Get-Long"),
    ],
)
def test_a_parameter_that_does_not_bind_fails_the_pipeline(transport: Transport, pipeline: Pipeline, expected: str) -> None:
    reply = transport.run(pipeline)
    assert reply.state is State.FAILED
    assert error_id(reply.reason) == expected


def test_an_error_that_does_not_terminate_is_a_record_of_a_completed_pipeline(transport: Transport) -> None:
    reply = transport.run(Pipeline.of("Write-Error", Message="no", ErrorId="Mine"))
    assert reply.state is State.COMPLETED
    assert [error_id(body) for body in reply.of(Stream.ERROR)] == ["Mine,Microsoft.PowerShell.Commands.WriteErrorCommand"]


def test_error_action_stop_makes_it_the_reason(transport: Transport) -> None:
    reply = transport.run(Pipeline.of("Write-Error", Message="no", ErrorId="Mine", ErrorAction="Stop"))
    assert reply.state is State.FAILED
    assert reply.of(Stream.ERROR) == []
    assert error_id(reply.reason) == "Mine,Microsoft.PowerShell.Commands.WriteErrorCommand"


def test_five_megabytes_travel_both_ways(transport: Transport) -> None:
    text = "0123456789abcdef" * 320_000
    assert output(transport.run(Pipeline.of("Write-Output", InputObject=text))) == [text]


def test_thousands_of_objects_come_in_order(transport: Transport) -> None:
    assert output(transport.run(Pipeline.of("Get-Many", Count=5_000))) == list(range(1, 5_001))


@needs(Need.SESSION)
def test_the_session_keeps_its_state_between_calls(transport: Transport) -> None:
    transport.run(Pipeline.of("Set-Memory", Text="kept"))
    assert output(transport.run(Pipeline.of("Get-Memory"))) == ["kept"]


def test_connection_commands_run_after_every_opening(carrier: Carrier) -> None:
    with carrier.connected(connect=[Pipeline.of("Set-Memory", Text="connected")]) as transport:
        assert output(transport.run(Pipeline.of("Get-Memory"))) == ["connected"]
        transport.close()
        assert output(transport.run(Pipeline.of("Get-Memory"))) == ["connected"]


@needs(Need.OPENING)
@pytest.mark.parametrize(
    ("pipeline", "names", "text"),
    [
        (Pipeline.of("Connect-Nothing", Password="hush"), "Connect-Nothing", "CommandNotFoundException"),
        (Pipeline.of("Write-Error", Message="the door is shut", ErrorId="Shut"), "Write-Error", "the door is shut"),
        (
            Pipeline((Command("Write-Error", {"Message": "no way", "ErrorAction": "Stop"}), Command("Out-Null"))),
            "Write-Error | Out-Null",
            "no way",
        ),
        (Pipeline.of("Get-Mandatory"), "Get-Mandatory", "The cmdlet asked (Prompt)"),
        (Pipeline.of("Stop-Server", Code=3), "Stop-Server", " is gone ("),
        (Pipeline.of("Get-Argument", Value=object()), "Get-Argument", "A value of type object cannot be sent"),
    ],
)
def test_a_connection_command_that_fails_is_named_with_its_error(
    carrier: Carrier, pipeline: Pipeline, names: str, text: str
) -> None:
    transport = carrier.connected(connect=[pipeline], endpoint="exo")
    with pytest.raises(StartError) as failed:
        transport.open()
    assert failed.value.problem.startswith(f"the connection command {names} failed: ")
    assert text in failed.value.problem
    assert "hush" not in str(failed.value)
    assert (failed.value.may_have_run, failed.value.endpoint) == (False, "exo")


@needs(Need.SECRETS)
def test_a_secret_that_the_server_quotes_does_not_show_in_the_error(carrier: Carrier) -> None:
    connect = [Pipeline.of("Write-Error", Message="the password Pa55word is old", TargetObject=SecureString.of("Pa55word"))]
    with pytest.raises(StartError) as failed:
        carrier.connected(connect=connect).open()
    assert "Pa55word" not in str(failed.value)
    assert "the password (hidden) is old" in str(failed.value)


@needs(Need.SESSION)
def test_many_transports_work_side_by_side(carrier: Carrier) -> None:
    with carrier.connected() as first, carrier.connected() as second:
        first.run(Pipeline.of("Set-Memory", Text="first"))
        second.run(Pipeline.of("Set-Memory", Text="second"))
        assert output(first.run(Pipeline.of("Get-Memory"))) == ["first"]
        assert output(second.run(Pipeline.of("Get-Memory"))) == ["second"]


def test_a_switch_arrives_as_a_switch(transport: Transport) -> None:
    reply = transport.run(Pipeline.of("Test-SwitchArgument", Force=SWITCH))
    assert output(reply) == [True, "System.Management.Automation.SwitchParameter"]
