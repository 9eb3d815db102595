"""A call always ends: at its deadline, by a stop, or with Ctrl+C; over the real engine, by each carrier."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from psbridge.command import Pipeline
from psbridge.errors import DeadlineExceeded
from psbridge.reply import State
from psbridge.transports.base import Transport
from tests.contract.carriers import Carrier
from tests.contract.limits import Need, needs
from tests.transports.far_end import error_id, output

pytestmark = [pytest.mark.realps, needs(Need.LIVE)]


@needs(Need.PROMPT, Need.SESSION)
def test_a_cmdlet_that_waits_is_stopped_at_the_deadline_and_the_session_goes_on(transport: Transport, tmp_path: Path) -> None:
    transport.run(Pipeline.of("Set-Memory", Text="before"))
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        transport.run(Pipeline.of("Wait-Finally", Path=str(tmp_path / "witness")), deadline=0.5)
    assert 0.5 <= time.monotonic() - began < 10
    assert str(late.value) == (
        "waited 0.5 s for the command to end; it was stopped. The command may have run: look before you repeat it."
    )
    assert (tmp_path / "witness").read_text(encoding="utf-8") == "finally\n"
    assert output(transport.run(Pipeline.of("Get-Memory"))) == ["before"]


def test_a_cmdlet_that_cannot_be_stopped_costs_the_session_and_the_next_call_has_a_new_one(
    carrier: Carrier, transport: Transport
) -> None:
    transport.run(Pipeline.of("Set-Memory", Text="before"))
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        transport.run(Pipeline.of("Invoke-Busy", Milliseconds=20_000), deadline=0.5)
    assert time.monotonic() - began < 15
    assert late.value.problem == f"waited 0.5 s for the command to end; it did not stop, so {carrier.given_up}"
    assert late.value.may_have_run
    assert output(transport.run(Pipeline.of("Get-Memory"))) == [None]


def test_a_cmdlet_that_never_stops_talking_ends_at_the_deadline(transport: Transport) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        transport.run(Pipeline.of("Write-Forever"), deadline=0.5)
    assert time.monotonic() - began < 15
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]


@needs(Need.PROMPT, Need.SESSION)
def test_a_cmdlet_that_stops_late_but_within_the_grace_keeps_the_session(carrier: Carrier) -> None:
    with carrier.connected(stop_grace=5.0) as transport:
        transport.run(Pipeline.of("Set-Memory", Text="before"))
        with pytest.raises(DeadlineExceeded, match="; it was stopped"):
            transport.run(Pipeline.of("Invoke-Busy", Milliseconds=1_000), deadline=0.5)
        assert output(transport.run(Pipeline.of("Get-Memory"))) == ["before"]


def test_the_transports_own_deadline_holds_where_a_call_names_none(carrier: Carrier) -> None:
    with carrier.connected(deadline=0.5) as transport, pytest.raises(DeadlineExceeded):
        transport.run(Pipeline.of("Start-Sleep", Seconds=30))


@needs(Need.PROMPT)
def test_a_stop_from_another_thread_ends_the_call_in_state_stopped(transport: Transport, tmp_path: Path) -> None:
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


@needs(Need.PROMPT)
def test_a_stop_at_once_ends_the_call_too(transport: Transport) -> None:
    for delay in (0.0, 0.001, 0.002, 0.005, 0.01):
        timer = threading.Timer(delay, transport.stop)
        timer.start()
        reply = transport.run(Pipeline.of("Start-Sleep", Seconds=1), deadline=10)
        timer.join()
        assert reply.state in (State.STOPPED, State.COMPLETED)
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]


def test_a_stop_where_nothing_runs_does_nothing(transport: Transport) -> None:
    transport.stop()
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]


@needs(Need.OPENING)
def test_a_deadline_that_comes_during_the_opening_says_that_nothing_ran(carrier: Carrier) -> None:
    transport = carrier.connected(connect=[Pipeline.of("Start-Sleep", Seconds=30)])
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded) as late:
        transport.run(Pipeline.of("Get-Many", Count=1), deadline=1.0)
    assert not late.value.may_have_run
    assert time.monotonic() - began < 5


@needs(Need.PROMPT, Need.SESSION)
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT, as a console does on Linux")
def test_ctrl_c_stops_the_command_and_does_not_kill_the_session(carrier: Carrier, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    program = (
        # Where the tests run in the background SIGINT is ignored, and a child would inherit that.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import sys; from tests.contract.carriers import CARRIERS; from tests.transports.far_end import output\n"
        "from psbridge.command import Pipeline; kinds = {kind.name: kind for kind in CARRIERS}\n"
        "carrier = kinds[sys.argv[3]](sys.argv[1]); transport = carrier.connected()\n"
        "transport.run(Pipeline.of('Set-Memory', Text='before')); print('open', flush=True)\n"
        "try:\n    transport.run(Pipeline.of('Wait-Finally', Path=sys.argv[2]))\n"
        "except KeyboardInterrupt:\n    print('interrupted')\n"
        "print(output(transport.run(Pipeline.of('Get-Memory')))); transport.close(); carrier.close()\n"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", program, carrier.pwsh, str(witness), carrier.name],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "open\n"
    time.sleep(2.0)
    os.kill(started.pid, signal.SIGINT)
    told, _ = started.communicate(timeout=30)
    assert told == "interrupted\n['before']\n"
    assert witness.read_text(encoding="utf-8") == "finally\n"
