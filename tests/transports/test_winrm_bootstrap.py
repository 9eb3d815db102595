"""The bootstrap script, run by the real engine as a WinRM server would run it: what is asked arrives, to the last bit."""

from __future__ import annotations

import os
import shlex
import subprocess
from base64 import b64decode

import pytest

from psbridge.clixml import decode_message
from psbridge.command import Command, Pipeline
from psbridge.errors import InputError, ProtocolError, ValueTypeError
from psbridge.psobject import PSObject, SecureString
from psbridge.reply import Reply, State, Stream
from psbridge.transports.winrm_answer import Answer
from psbridge.transports.winrm_bootstrap import STOP, command_line, request
from tests.transports.far_end import MODULES, connected, error_id, output
from tests.transports.witness import any_values, written_down

LINE = command_line("powershell.exe")


def decoded(body: bytes) -> PSObject:
    value = decode_message(body)
    assert isinstance(value, PSObject)
    return value


def started(pwsh: str) -> subprocess.Popen[bytes]:
    _, *arguments = shlex.split(LINE)
    environment = {**os.environ, "PSModulePath": str(MODULES)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([pwsh, *arguments], env=environment, **pipes)  # type: ignore[call-overload, no-any-return]


def run(pwsh: str, *pipelines: Pipeline, sent: bytes | None = None) -> tuple[list[Reply], Answer, bytes]:
    answer = Answer("mark", len(pipelines))
    with started(pwsh) as process:
        stdout, stderr = process.communicate(request("mark", pipelines) if sent is None else sent, timeout=60)
    answer.feed(stdout)
    return answer.replies, answer, stderr


def test_the_command_line_fits_and_is_the_same_for_every_call() -> None:
    assert len(LINE) <= 8_191
    assert command_line("powershell.exe") == LINE
    script = b64decode(LINE.rpartition(" ")[2]).decode("utf-16-le")
    assert "Deserialize" in script
    assert "#" not in script


@pytest.mark.parametrize("program", ['a"b', "a&b", "a;b", "%COMSPEC%", "", "x" * 9_000, "a\nb", "p\u00f6wershell.exe"])
def test_a_program_that_a_command_line_would_misread_is_refused(program: str) -> None:
    with pytest.raises(InputError):
        command_line(program)


def test_a_program_with_blanks_is_quoted() -> None:
    assert command_line(r"C:\Program Files\PowerShell\7\pwsh.exe").startswith(
        r'"C:\Program Files\PowerShell\7\pwsh.exe" -NoLogo '
    )


@pytest.mark.parametrize("value", [SecureString.of("Pa55word"), ["a", {"b": SecureString.of("Pa55word")}], SecureString("AAAA")])
def test_a_secure_string_is_refused_with_the_reason(value: object) -> None:
    with pytest.raises(ValueTypeError) as refused:
        request("mark", [Pipeline.of("Get-Many", Count=1), Pipeline.of("Get-Argument", Value=value)])
    assert refused.value.where == "Get-Argument -Value"
    assert "plain text" in str(refused.value)
    assert "Pa55word" not in str(refused.value)


@pytest.mark.realps
def test_any_value_arrives_at_the_cmdlet_unchanged(pwsh: str) -> None:
    values = any_values(400)  # in one process: its start takes longer than a hundred of them
    replies, _, stderr = run(pwsh, *(Pipeline.of("Get-Witness", Value=value) for value in values))
    assert not stderr
    for value, reply in zip(values, replies, strict=True):
        assert output(reply) == [written_down(value)], value


@pytest.mark.realps
def test_a_text_of_a_megabyte_arrives_unchanged(pwsh: str) -> None:
    text = "'\u2019$(exit)\U0001f600\n" * 120_000
    replies, _, _ = run(pwsh, Pipeline.of("Get-Witness", Value=text))
    assert output(replies[0]) == [written_down(text)]


@pytest.mark.realps
def test_names_are_names_and_never_script(pwsh: str) -> None:
    pipelines = [
        Pipeline.of("Get-Argument", Value=text) for text in ("$(Stop-Server 3)", "-Value", "--%", "@{a=1}", "'; exit 3 #")
    ]
    replies, _, _ = run(pwsh, *pipelines)
    assert [output(reply)[1] for reply in replies] == [pipeline.commands[0].parameters["Value"] for pipeline in pipelines]


@pytest.mark.realps
def test_each_record_has_the_very_bytes_that_psrp_sends(pwsh: str) -> None:
    pipelines = [
        Pipeline.of("Write-EveryStream"),
        Pipeline.of("Get-Argument", Value=[{"a": 1}, " ", "", "\n", "<&>", b"\x01" * 200]),
        Pipeline((Command("Get-Many", {"Count": 5}), Command("Select-Object", {"Last": 2}))),
    ]
    with connected(pwsh) as transport:
        expected = [transport.run(pipeline) for pipeline in pipelines]
    for pipeline, other in zip(pipelines, expected, strict=True):
        reply = run(pwsh, pipeline)[0][0]
        assert reply.state == other.state
        for stream in set(Stream) - {Stream.INFORMATION, Stream.PROGRESS}:
            assert reply.of(stream) == other.of(stream)


@pytest.mark.realps
def test_information_and_progress_are_bags_of_the_same_notes_as_in_psrp(pwsh: str) -> None:
    with connected(pwsh) as transport:
        expected = transport.run(Pipeline.of("Write-EveryStream"))
    (reply,), _, _ = run(pwsh, Pipeline.of("Write-EveryStream"))
    for stream in (Stream.INFORMATION, Stream.PROGRESS):
        (one,), (other,) = ([decoded(body) for body in reply_.of(stream)] for reply_ in (reply, expected))
        assert one.ms.keys() == other.ms.keys()
        assert not one.types
        same = {"MessageData", "Source", "User", "Computer", "Activity", "StatusDescription", "PercentComplete"} & one.ms.keys()
        assert len(same) >= 3
        assert {name: one.ms[name] for name in same} == {name: other.ms[name] for name in same}


@pytest.mark.realps
def test_an_error_ends_a_function_as_it_does_in_a_session(pwsh: str) -> None:
    with connected(pwsh) as transport:
        expected = transport.run(Pipeline.of("Invoke-Broken"))
    (reply,), _, _ = run(pwsh, Pipeline.of("Invoke-Broken"))
    assert reply.state is expected.state is State.FAILED
    assert output(reply) == output(expected) == ["before"]
    assert error_id(reply.reason) == error_id(expected.reason)


@pytest.mark.realps
def test_a_record_that_cannot_be_written_is_an_error_and_no_silence(pwsh: str) -> None:
    with pytest.raises(ProtocolError, match=r"PowerShell cannot write a record: output: .*0xFFFE"):
        run(pwsh, Pipeline.of("Write-Output", InputObject="\ufffe"))


@pytest.mark.realps
def test_what_writes_to_standard_output_by_itself_is_no_record(pwsh: str) -> None:
    (reply,), answer, _ = run(pwsh, Pipeline.of("Write-Console", Text="other 2 output 0 \nnoise without an end "))
    assert output(reply) == ["said"]
    assert answer.begun == 1


@pytest.mark.realps
def test_pipelines_share_a_session_and_one_with_an_error_ends_the_run(pwsh: str) -> None:
    remember, recall = Pipeline.of("Set-Memory", Text="kept"), Pipeline.of("Get-Memory")
    replies, _, _ = run(pwsh, remember, recall)
    assert output(replies[-1]) == ["kept"]
    replies, answer, _ = run(pwsh, remember, Pipeline.of("Write-Error", Message="no"), recall)
    assert [reply.state for reply in replies] == [State.COMPLETED, State.COMPLETED]
    assert not answer.main_begun


@pytest.mark.realps
@pytest.mark.parametrize("cut", [1, 1000, -2])
def test_a_request_that_did_not_come_whole_runs_nothing(pwsh: str, cut: int) -> None:
    whole = request("mark", [Pipeline.of("Get-Argument", Value="x" * 2_000)])
    replies, answer, stderr = run(pwsh, Pipeline.of("Get-Many"), sent=whole[:cut])
    assert (replies, answer.begun) == ([], 0)
    assert stderr


@pytest.mark.realps
def test_a_line_more_on_standard_input_stops_the_pipeline(pwsh: str, tmp_path: object) -> None:
    witness = f"{tmp_path}/witness"
    with started(pwsh) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(request("mark", [Pipeline.of("Wait-Finally", Path=witness)]))
        process.stdin.flush()
        answer = Answer("mark", 1)
        while not answer.records:
            answer.feed(process.stdout.readline())
        rest, _ = process.communicate(STOP, timeout=30)
        answer.feed(rest)
    assert answer.reply
    assert answer.reply.state is State.STOPPED
    assert error_id(answer.reply.reason) == "PipelineStopped"
