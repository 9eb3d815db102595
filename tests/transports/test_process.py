"""The process transport over the real engine: what is asked arrives, and what is answered comes back whole and in order."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from psbridge.clixml import decode_message
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.errors import InputError, StartError
from psbridge.psobject import PSObject, SecureString
from psbridge.reply import State, Stream
from psbridge.transports.process import ProcessTransport
from tests.transports.far_end import connected, error_id, output

pytestmark = pytest.mark.realps


@pytest.fixture(scope="module")
def transport(pwsh: str) -> Iterator[ProcessTransport]:
    with connected(pwsh) as opened:
        yield opened


def test_every_stream_is_kept_in_the_order_of_arrival(transport: ProcessTransport) -> None:
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


def test_commands_of_a_pipeline_feed_one_another(transport: ProcessTransport) -> None:
    pipeline = Pipeline((Command("Get-Many", {"Count": 5}), Command("Select-Object", {"Last": 2})))
    assert output(transport.run(pipeline)) == [4, 5]


def test_an_unknown_command_fails_with_its_error_as_the_reason(transport: ProcessTransport) -> None:
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
def test_a_parameter_that_does_not_bind_fails_the_pipeline(
    transport: ProcessTransport, pipeline: Pipeline, expected: str
) -> None:
    reply = transport.run(pipeline)
    assert reply.state is State.FAILED
    assert error_id(reply.reason) == expected


def test_an_error_that_does_not_terminate_is_a_record_of_a_completed_pipeline(transport: ProcessTransport) -> None:
    reply = transport.run(Pipeline.of("Write-Error", Message="no", ErrorId="Mine"))
    assert reply.state is State.COMPLETED
    assert [error_id(body) for body in reply.of(Stream.ERROR)] == ["Mine,Microsoft.PowerShell.Commands.WriteErrorCommand"]


def test_error_action_stop_makes_it_the_reason(transport: ProcessTransport) -> None:
    reply = transport.run(Pipeline.of("Write-Error", Message="no", ErrorId="Mine", ErrorAction="Stop"))
    assert reply.state is State.FAILED
    assert reply.of(Stream.ERROR) == []
    assert error_id(reply.reason) == "Mine,Microsoft.PowerShell.Commands.WriteErrorCommand"


def test_five_megabytes_travel_both_ways(transport: ProcessTransport) -> None:
    text = "0123456789abcdef" * 320_000
    assert output(transport.run(Pipeline.of("Write-Output", InputObject=text))) == [text]


def test_thousands_of_objects_come_in_order(transport: ProcessTransport) -> None:
    assert output(transport.run(Pipeline.of("Get-Many", Count=5_000))) == list(range(1, 5_001))


def test_the_session_keeps_its_state_between_calls(transport: ProcessTransport) -> None:
    transport.run(Pipeline.of("Set-Memory", Text="kept"))
    assert output(transport.run(Pipeline.of("Get-Memory"))) == ["kept"]


def test_a_hundred_calls_need_one_process(transport: ProcessTransport) -> None:
    pid = transport.pid
    for number in range(100):
        assert output(transport.run(Pipeline.of("Write-Output", InputObject=number))) == [number]
    assert transport.pid == pid


def test_it_opens_and_closes_once_and_opens_again_when_it_is_used(pwsh: str) -> None:
    transport = connected(pwsh)
    pids = [transport.pid]
    for step in (transport.close, transport.open, transport.open, transport.close, transport.close):
        step()
        pids.append(transport.pid)
    assert pids == [None, None, pids[2], pids[2], None, None]
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]
    assert transport.pid not in pids
    transport.close()


def test_connection_commands_run_after_every_opening(pwsh: str) -> None:
    with connected(pwsh, connect=[Pipeline.of("Set-Memory", Text="connected")]) as transport:
        assert output(transport.run(Pipeline.of("Get-Memory"))) == ["connected"]
        transport.close()
        assert output(transport.run(Pipeline.of("Get-Memory"))) == ["connected"]


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
        (Pipeline.of("Stop-Server", Code=3), "Stop-Server", "the PowerShell process is gone (exit code 3)"),
        (Pipeline.of("Get-Argument", Value=object()), "Get-Argument", "A value of type object cannot be sent"),
    ],
)
def test_a_connection_command_that_fails_is_named_with_its_error(pwsh: str, pipeline: Pipeline, names: str, text: str) -> None:
    transport = connected(pwsh, connect=[pipeline], endpoint="exo")
    with pytest.raises(StartError) as failed:
        transport.open()
    assert failed.value.problem.startswith(f"the connection command {names} failed: ")
    assert text in failed.value.problem
    assert "hush" not in str(failed.value)
    assert (failed.value.may_have_run, failed.value.endpoint) == (False, "exo")
    assert transport.pid is None


def test_a_secret_that_the_server_quotes_does_not_show_in_the_error(pwsh: str) -> None:
    connect = [Pipeline.of("Write-Error", Message="the password Pa55word is old", TargetObject=SecureString.of("Pa55word"))]
    with pytest.raises(StartError) as failed:
        connected(pwsh, connect=connect).open()
    assert "Pa55word" not in str(failed.value)
    assert "the password (hidden) is old" in str(failed.value)


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(StartError) as failed:
        ProcessTransport(["no-such-powershell"], endpoint="exo").open()
    assert str(failed.value) == (
        "[exo] no-such-powershell cannot be started: No such file or directory. The command did not run. "
        "Name a PowerShell that exists (pwsh or powershell.exe) in the endpoint's command."
    )


def test_a_folder_that_is_not_there_is_named(pwsh: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"cannot be started in .*missing: No such file or directory"):
        ProcessTransport([pwsh], folder=tmp_path / "missing").open()


def test_a_command_that_is_one_string_is_refused() -> None:
    with pytest.raises(InputError, match=r"^the command must be a sequence that begins with the program, such as \['pwsh'\]$"):
        ProcessTransport("pwsh -s")


def test_the_program_starts_in_the_folder_and_with_the_environment_that_were_given(pwsh: str, tmp_path: Path) -> None:
    (tmp_path / "modules" / "Here").mkdir(parents=True)
    script = "function Get-Here { [System.Environment]::CurrentDirectory; $env:PSBRIDGE_TEST }"
    (tmp_path / "modules" / "Here" / "Here.psm1").write_text(script, encoding="utf-8")
    environment = {"PSModulePath": str(tmp_path / "modules"), "PSBRIDGE_TEST": "seen"}
    with ProcessTransport([pwsh], environment=environment, folder=tmp_path) as transport:
        assert output(transport.run(Pipeline.of("Get-Here"))) == [str(tmp_path), "seen"]


def test_a_command_with_arguments_is_run_as_it_is(pwsh: str) -> None:
    with ProcessTransport([pwsh, "-s", "-NoProfile", "-NoLogo"]) as transport:
        assert output(transport.run(Pipeline.of("Write-Output", InputObject=1))) == [1]


@pytest.mark.skipif(sys.platform == "win32", reason="reads the process table of Linux")
def test_no_secret_and_no_value_stands_on_the_command_line(pwsh: str) -> None:
    connect = [Pipeline.of("Write-Output", InputObject=SecureString.of("Pa55word"))]
    with connected(pwsh, connect=connect) as transport:
        transport.run(Pipeline.of("Write-Output", InputObject="a value"))
        line = Path(f"/proc/{transport.pid}/cmdline").read_bytes()
    assert b"Pa55word" not in line
    assert b"a value" not in line


def test_closing_ends_the_process(pwsh: str) -> None:
    transport = connected(pwsh)
    transport.open()
    pid = transport.pid
    transport.close()
    assert pid is not None
    assert gone(pid)


def test_a_forgotten_transport_leaves_no_process_behind(pwsh: str) -> None:
    transport = connected(pwsh)
    transport.open()
    pid = transport.pid
    del transport
    gc.collect()
    assert pid is not None
    assert gone(pid)


def test_the_process_ends_with_the_one_that_started_it(pwsh: str) -> None:
    program = (
        "import os, sys; from psbridge.transports.process import ProcessTransport\n"
        "transport = ProcessTransport([sys.argv[1]]); transport.open(); print(transport.pid, flush=True); os._exit(1)"
    )
    started = subprocess.run([sys.executable, "-c", program, pwsh], capture_output=True, text=True, timeout=60, check=False)
    assert gone(int(started.stdout))


def test_many_transports_work_side_by_side(pwsh: str) -> None:
    with connected(pwsh) as first, connected(pwsh) as second:
        first.run(Pipeline.of("Set-Memory", Text="first"))
        second.run(Pipeline.of("Set-Memory", Text="second"))
        assert output(first.run(Pipeline.of("Get-Memory"))) == ["first"]
        assert output(second.run(Pipeline.of("Get-Memory"))) == ["second"]


def test_a_switch_arrives_as_a_switch(transport: ProcessTransport) -> None:
    reply = transport.run(Pipeline.of("Test-SwitchArgument", Force=SWITCH))
    assert output(reply) == [True, "System.Management.Automation.SwitchParameter"]


def gone(pid: int, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False
