"""A call always ends: at its deadline, by a stop, or with Ctrl+C; over the real engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from psbridge.command import Pipeline
from psbridge.errors import DeadlineExceeded
from psbridge.reply import State
from psbridge.transports.process import ProcessTransport
from tests.transports.far_end import connected, error_id, output

pytestmark = pytest.mark.realps


@pytest.fixture
def transport(pwsh: str) -> Iterator[ProcessTransport]:
    with connected(pwsh, stop_grace=0.5) as opened:
        yield opened


def test_a_cmdlet_that_waits_is_stopped_at_the_deadline_and_the_session_goes_on(
    transport: ProcessTransport, tmp_path: Path
) -> None:
    pid, began = transport.pid, time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        transport.run(Pipeline.of("Wait-Finally", Path=str(tmp_path / "witness")), deadline=0.5)
    assert 0.5 <= time.monotonic() - began < 1.5
    assert str(late.value) == (
        "waited 0.5 s for the command to end; it was stopped. The command may have run: look before you repeat it."
    )
    assert (tmp_path / "witness").read_text(encoding="utf-8") == "finally\n"
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]
    assert transport.pid == pid


def test_a_cmdlet_that_cannot_be_stopped_costs_the_process_and_the_next_call_has_a_new_one(transport: ProcessTransport) -> None:
    pid, began = transport.pid, time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        transport.run(Pipeline.of("Invoke-Busy", Milliseconds=20_000), deadline=0.5)
    assert time.monotonic() - began < 3
    assert late.value.problem == "waited 0.5 s for the command to end; it did not stop, so the process was ended"
    assert late.value.may_have_run
    assert transport.pid is None
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]
    assert transport.pid != pid


def test_a_cmdlet_that_never_stops_talking_ends_at_the_deadline(transport: ProcessTransport) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        transport.run(Pipeline.of("Write-Forever"), deadline=0.5)
    assert time.monotonic() - began < 4
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]


def test_a_cmdlet_that_stops_late_but_within_the_grace_keeps_the_session(pwsh: str) -> None:
    with connected(pwsh, stop_grace=5.0) as transport:
        pid = transport.pid
        with pytest.raises(DeadlineExceeded, match="; it was stopped"):
            transport.run(Pipeline.of("Invoke-Busy", Milliseconds=1_000), deadline=0.5)
        assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]
        assert transport.pid == pid


def test_the_transports_own_deadline_holds_where_a_call_names_none(pwsh: str) -> None:
    with connected(pwsh, deadline=0.5) as transport, pytest.raises(DeadlineExceeded):
        transport.run(Pipeline.of("Start-Sleep", Seconds=30))


def test_a_stop_from_another_thread_ends_the_call_in_state_stopped(transport: ProcessTransport, tmp_path: Path) -> None:
    # Long enough for the first output, also on a busy machine.
    threading.Timer(2.0, transport.stop).start()
    began = time.monotonic()
    reply = transport.run(Pipeline.of("Wait-Finally", Path=str(tmp_path / "witness")))
    assert reply.state is State.STOPPED
    assert output(reply) == ["begun"]
    assert error_id(reply.reason) == "PipelineStopped"
    assert time.monotonic() - began < 10
    assert (tmp_path / "witness").exists()
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]


def test_a_stop_at_once_ends_the_call_too(transport: ProcessTransport) -> None:
    for delay in (0.0, 0.001, 0.002, 0.005, 0.01):
        timer = threading.Timer(delay, transport.stop)
        timer.start()
        reply = transport.run(Pipeline.of("Start-Sleep", Seconds=1), deadline=10)
        timer.join()
        assert reply.state in (State.STOPPED, State.COMPLETED)
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]


def test_a_stop_where_nothing_runs_does_nothing(transport: ProcessTransport) -> None:
    transport.stop()
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]


def test_a_deadline_that_comes_during_the_opening_says_that_nothing_ran(pwsh: str) -> None:
    transport = connected(pwsh, connect=[Pipeline.of("Start-Sleep", Seconds=30)])
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        transport.run(Pipeline.of("Get-Many", Count=1), deadline=1.0)
    assert not late.value.may_have_run
    assert time.monotonic() - began < 5
    assert transport.pid is None


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT, as a console does on Linux")
def test_ctrl_c_stops_the_command_and_does_not_kill_the_session(pwsh: str, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    program = (
        # Where the tests run in the background SIGINT is ignored, and a child would inherit that.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import sys; from tests.transports.far_end import connected, output; from psbridge.command import Pipeline\n"
        "transport = connected(sys.argv[1]); transport.open(); pid = transport.pid; print('open', flush=True)\n"
        "try:\n    transport.run(Pipeline.of('Wait-Finally', Path=sys.argv[2]))\n"
        "except KeyboardInterrupt:\n    print('interrupted')\n"
        "print(output(transport.run(Pipeline.of('Get-Many', Count=2))), transport.pid == pid); transport.close()\n"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", program, pwsh, str(witness)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "open\n"
    time.sleep(2.0)
    os.killpg(started.pid, signal.SIGINT)
    told, _ = started.communicate(timeout=30)
    assert told == "interrupted\n[1, 2] True\n"
    assert witness.read_text(encoding="utf-8") == "finally\n"
