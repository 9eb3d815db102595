"""A call over WinRS always ends: at its deadline, by a stop, or with Ctrl+C; whatever the server does, or does not."""

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
from psbridge.errors import DeadlineExceeded, TransportError
from psbridge.reply import State
from psbridge.transports.winrm import WinRmTransport
from tests.transports.far_end import error_id, output
from tests.transports.winrm_far_end import idle_program, reaching, serving
from tests.transports.winrs_server import Fault, WinRsServer

ONE = Pipeline.of("Get-Many", Count=1)


@pytest.fixture(scope="module")
def server(pwsh: str) -> Iterator[WinRsServer]:
    with serving(pwsh) as opened:
        yield opened


@pytest.fixture
def transport(server: WinRsServer) -> Iterator[WinRmTransport]:
    with reaching(server, stop_grace=5.0) as opened:
        yield opened


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[WinRsServer]:
    """A server whose PowerShell reads its request and says nothing."""
    with serving(idle_program(tmp_path)) as opened:
        yield opened


@pytest.mark.realps
def test_a_cmdlet_that_waits_is_stopped_at_the_deadline_and_cleans_up(
    transport: WinRmTransport, server: WinRsServer, tmp_path: Path
) -> None:
    witness, began = tmp_path / "witness", time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        transport.run(Pipeline.of("Wait-Finally", Path=str(witness)), deadline=6.0)
    assert 6.0 <= time.monotonic() - began < 14
    assert str(late.value) == (
        "waited 6 s for the command to end; it was stopped. The command may have run: look before you repeat it."
    )
    assert witness.read_text(encoding="utf-8") == "finally\n"
    assert server.commands == {}
    assert output(transport.run(ONE)) == [1]


@pytest.mark.realps
def test_a_cmdlet_that_cannot_be_stopped_costs_its_process(server: WinRsServer) -> None:
    with reaching(server, stop_grace=0.5) as transport:
        with pytest.raises(DeadlineExceeded) as late:
            transport.run(Pipeline.of("Invoke-Busy", Milliseconds=60_000), deadline=4.0)
        assert late.value.problem == "waited 4 s for the command to end; it did not stop, so its process was ended"
        assert late.value.may_have_run
        assert server.commands == {}


@pytest.mark.realps
def test_a_deadline_while_it_connects_says_that_nothing_ran(server: WinRsServer) -> None:
    with reaching(server, connect=[Pipeline.of("Start-Sleep", Seconds=60)], stop_grace=30.0) as transport:
        with pytest.raises(DeadlineExceeded) as late:
            transport.run(ONE, deadline=5.0)
        assert not late.value.may_have_run


@pytest.mark.realps
def test_a_stop_from_another_thread_ends_the_call_in_state_stopped(transport: WinRmTransport, tmp_path: Path) -> None:
    threading.Timer(5.0, transport.stop).start()
    reply = transport.run(Pipeline.of("Wait-Finally", Path=str(tmp_path / "witness")))
    assert reply.state is State.STOPPED
    assert output(reply) == ["begun"]
    assert error_id(reply.reason) == "PipelineStopped"
    assert (tmp_path / "witness").exists()


@pytest.mark.realps
@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_stops_the_remote_pipeline_and_leaves_nothing_at_the_server(server: WinRsServer, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from psbridge.command import Pipeline\n"
        "from psbridge.psobject import SecureString\n"
        "from psbridge.transports.winrm import WinRmTransport\n"
        "from psbridge.transports.winrm_endpoint import WinRmEndpoint\n"
        "server = WinRmEndpoint(sys.argv[1], 'basic', 'user', SecureString.of('Pa55word'))\n"
        "with WinRmTransport(server, stop_grace=10.0) as transport:\n"
        "    print('open', flush=True)\n"
        "    transport.run(Pipeline.of('Wait-Finally', Path=sys.argv[2]))\n"
    )
    witness = tmp_path / "witness"
    shells = len(server.shells)
    command = [sys.executable, "-c", program, server.uri, str(witness)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        time.sleep(10)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=100)
    assert "KeyboardInterrupt" in stderr
    assert witness.read_text(encoding="utf-8") == "finally\n"
    assert (server.commands, len(server.shells)) == ({}, shells)


# What the server does for ever, or for much longer than the deadline.
ENDLESS = [
    Fault("Create", "hang", value=20),
    Fault("Create", "drip", value=20),
    Fault("Command", "hang", value=20),
    Fault("Send", "hang", value=20),
    Fault("Receive", "hang", value=20),
    Fault("Receive", "drip", value=20),
    Fault("Receive", "fault", 0, (2150858793, "w:TimedOut", "The operation did not complete in the time.")),
    Fault("Signal", "hang", 0, 20),
    Fault("Delete", "hang", 0, 20),
]


@pytest.mark.parametrize("fault", ENDLESS, ids=lambda fault: f"{fault.action}-{fault.kind}")
def test_a_server_that_never_gets_anywhere_does_not_hold_the_call(idle: WinRsServer, fault: Fault) -> None:
    idle.faults.append(Fault(fault.action, fault.kind, fault.number, fault.value))
    transport = reaching(idle, stop_grace=0.3, close_seconds=0.5)
    began = time.monotonic()
    with pytest.raises(TransportError) as ended:
        transport.run(ONE, deadline=0.7)
    assert isinstance(ended.value, DeadlineExceeded)
    assert ended.value.may_have_run is (fault.action not in ("Create", "Command"))
    transport.close()
    assert time.monotonic() - began < 6


def test_a_call_after_one_that_was_given_up_has_a_new_shell(idle: WinRsServer) -> None:
    idle.faults.append(Fault("Receive", "hang", value=3))
    with reaching(idle, stop_grace=0.2, close_seconds=2.0) as transport:
        for _ in range(2):
            with pytest.raises(DeadlineExceeded):
                transport.run(ONE, deadline=0.5)
    assert idle.actions.count("Create") == 2
    assert (idle.shells, idle.commands) == ({}, {})


def test_a_stop_of_a_silent_process_ends_it(idle: WinRsServer) -> None:
    with reaching(idle, stop_grace=0.3) as transport:
        threading.Timer(0.7, transport.stop).start()
        assert transport.run(ONE).state is State.STOPPED
        transport.stop()
    assert idle.commands == {}


def test_a_process_of_ours_that_is_abandoned_does_not_keep_python_alive(idle: WinRsServer) -> None:
    idle.faults.append(Fault("Create", "hang", value=20))
    program = (
        "import sys\n"
        "from psbridge.transports.winrm import WinRmTransport\n"
        "from psbridge.transports.winrm_endpoint import WinRmEndpoint\n"
        "from psbridge.psobject import SecureString\n"
        "server = WinRmEndpoint(sys.argv[1], 'basic', 'user', SecureString.of('Pa55word'))\n"
        "WinRmTransport(server, open_timeout=0.3).open()\n"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, idle.uri], capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ)
    )
    assert "StartError: waited 0.3 s for the shell to open" in done.stderr
    assert time.monotonic() - began < 15
