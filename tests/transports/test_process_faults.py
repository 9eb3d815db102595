"""Servers that misbehave: every call ends, with an error that says what is wrong and whether the command may have run."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

import psbridge
from psbridge.command import Pipeline
from psbridge.errors import ConnectionLost, DeadlineExceeded, ProtocolError, StartError, TransportError
from psbridge.transports.process import ProcessTransport
from tests.transports.far_end import output

TOO_LATE = "waited 0.5 s for the command to end; it did not stop, so the process was ended"
UNREADABLE = "the server could not read what was sent: Remote transport error: no root element"
ECHO = "SESSION_CAPABILITY is addressed to a server; what we hear may be our own echo"
TOO_SLOW = "waited 0.5 s for the session to open"
CALL = Pipeline.of("Get-Thing", Text="x")
SOURCES = str(Path(psbridge.__file__).parents[1])


def misbehaving(mode: str, **options: float) -> ProcessTransport:
    command = [sys.executable, str(Path(__file__).parent / "fake_server.py"), mode]
    return ProcessTransport(command, environment={"PYTHONPATH": SOURCES}, stop_grace=0.3, **options)  # type: ignore[arg-type]  # numbers only


def program(folder: Path, text: str, **options: float) -> ProcessTransport:
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    return ProcessTransport([sys.executable, str(path)], endpoint="exo", **options)  # type: ignore[arg-type]  # numbers only


def test_a_server_that_behaves_answers() -> None:
    with misbehaving("well") as transport:
        assert output(transport.run(CALL)) == ["done"]


@pytest.mark.parametrize(
    ("mode", "kind", "problem", "may_have_run"),
    [
        ("no-command-ack", DeadlineExceeded, TOO_LATE, False),
        ("no-data-ack", DeadlineExceeded, TOO_LATE, True),
        ("no-answer", DeadlineExceeded, TOO_LATE, True),
        ("output-closed", ConnectionLost, "the PowerShell process is gone", True),
        ("half-line", ConnectionLost, "the PowerShell process is gone (exit code 5)", True),
        ("helper-keeps-output", ConnectionLost, "the PowerShell process is gone (exit code 6)", True),
        ("garbage-line", ProtocolError, "a line is no packet: '<Objs>what is this</Objs>'", True),
        ("lost-fragment", ProtocolError, "object 3: fragment 0 (flags 2) came where fragment 0 was due", True),
        ("pool-closes", ConnectionLost, "the server closed the session", True),
        ("complaint", ConnectionLost, UNREADABLE, True),
    ],
)
def test_a_call_ends_and_says_whether_the_command_may_have_run(
    mode: str, kind: type[TransportError], problem: str, may_have_run: bool
) -> None:
    transport = misbehaving(mode)
    transport.open()
    began = time.monotonic()
    with pytest.raises(kind) as failed:
        transport.run(CALL, deadline=0.5 if kind is DeadlineExceeded else 20.0)
    assert type(failed.value) is kind
    assert (failed.value.problem, failed.value.may_have_run) == (problem, may_have_run)
    assert time.monotonic() - began < 4
    assert transport.pid is None


def test_an_ack_for_something_that_was_not_sent_breaks_the_protocol() -> None:
    with pytest.raises(ProtocolError, match=r"^SignalAck for [0-9a-f-]{36} came; nothing was sent that it could acknowledge\."):
        misbehaving("wrong-ack").run(CALL, deadline=5.0)


def test_a_server_that_stops_reading_cannot_hold_up_a_call_that_has_megabytes_to_send() -> None:
    transport = misbehaving("stops-reading")
    transport.open()
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        transport.run(Pipeline.of("Get-Thing", Text="x" * 5_000_000), deadline=0.5)
    assert late.value.may_have_run
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("mode", ["noise", "complaint-and-answer", "flood-of-errors"])
def test_an_answer_counts_whatever_else_the_server_says(mode: str) -> None:
    transport = misbehaving(mode)
    assert output(transport.run(CALL, deadline=10.0)) == ["done"]
    transport.close()


def test_an_answer_counts_although_the_command_does_not_close() -> None:
    transport = misbehaving("no-close-ack", close_seconds=0.5)
    assert output(transport.run(CALL, deadline=10.0)) == ["done"]
    assert transport.pid is None


def test_a_session_that_the_server_closed_between_two_calls_is_opened_again() -> None:
    transport = misbehaving("pool-closes-when-idle")
    transport.open()
    first = transport.pid
    assert first is not None
    assert output(transport.run(CALL, deadline=20.0)) == ["done"]
    time.sleep(1.0)  # the server closes by itself meanwhile, also on a busy machine
    assert output(transport.run(CALL, deadline=20.0)) == ["done"]
    assert transport.pid != first
    transport.close()


def test_a_server_that_complained_is_replaced_before_the_next_call() -> None:
    transport = misbehaving("complaint-and-answer")
    assert output(transport.run(CALL, deadline=20.0)) == ["done"]
    assert output(transport.run(CALL, deadline=20.0)) == ["done"]
    transport.close()


def test_closing_ends_a_process_that_does_not_end_by_itself() -> None:
    transport = misbehaving("does-not-end", close_seconds=0.5)
    transport.open()
    began = time.monotonic()
    transport.close()
    assert time.monotonic() - began < 10
    assert transport.pid is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import sys; sys.exit('no licence')", "the PowerShell process is gone (exit code 1); it said: no licence"),
        ("print('pwsh: unknown option -s')", "the PowerShell process is gone (exit code 0); it said: pwsh: unknown option -s"),
        ("import time; time.sleep(60)", TOO_SLOW),
        ("import sys\nfor line in sys.stdin: print(line, end='', flush=True)", ECHO),
        ("print('<html>502</html>', flush=True)\nimport time; time.sleep(60)", "a line is no packet: '<html>502</html>'"),
        ("import sys, time\nsys.stderr.write('Remote transport error: no root element\\n')\ntime.sleep(60)", UNREADABLE),
        ("import os, time\nos.close(0)\ntime.sleep(60)", TOO_SLOW),
    ],
)
def test_a_program_that_opens_no_session_is_told_apart(tmp_path: Path, text: str, problem: str) -> None:
    transport = program(tmp_path, text, open_timeout=0.5 if problem == TOO_SLOW else 20.0)
    began = time.monotonic()
    with pytest.raises(StartError) as failed:
        transport.open()
    assert failed.value.problem == f"{sys.executable} did not open a session: {problem}"
    assert not failed.value.may_have_run
    assert time.monotonic() - began < 4
    assert transport.pid is None


def test_the_error_of_a_program_that_opens_no_session_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StartError) as failed:
        program(tmp_path, "").open()
    assert str(failed.value) == (
        f"[exo] {sys.executable} did not open a session: the PowerShell process is gone (exit code 0). The command did not run. "
        f"Check that {sys.executable!r} starts a PowerShell that serves a session (-s) and writes nothing else."
    )
