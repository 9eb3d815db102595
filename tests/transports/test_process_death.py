"""The process killed at every moment of a call, over the real engine: what the caller is told, and what was done."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from psbridge.command import Pipeline
from psbridge.errors import ConnectionLost, StartError
from psbridge.reply import State
from tests.transports.far_end import connected, output, through

pytestmark = [pytest.mark.realps, pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")]


def removal(witness: Path) -> Pipeline:
    return Pipeline.of("Remove-Thing", Identity=["a"], Path=str(witness), Confirm=False)


@pytest.mark.parametrize("fault", ["client:Data:1:before", "client:Data:1:after", "server:Data:1:before", "server:Data:3:before"])
def test_a_death_during_the_opening_is_a_start_that_failed(pwsh: str, fault: str) -> None:
    with pytest.raises(StartError) as failed:
        through(pwsh, fault).open()
    assert not failed.value.may_have_run
    assert failed.value.problem.endswith("did not open a session: the PowerShell process is gone (exit code -9)")


# The dialogue of a call: Command, CommandAck, Data (CREATE_PIPELINE), DataAck, Data (records), Data (state), Close, CloseAck.
@pytest.mark.parametrize(
    ("fault", "may_have_run", "done"),
    [
        ("client:Command:1:before", False, False),
        ("server:CommandAck:1:before", False, False),
        ("client:Data:2:before", True, False),
        ("client:Data:2:after", True, None),
        ("server:Data:4:before", True, True),
        ("server:Data:4:after", True, True),
        ("server:State:1:before", True, True),
    ],
)
def test_a_death_before_the_final_state_is_a_loss_that_says_whether_the_command_may_have_run(
    pwsh: str, tmp_path: Path, fault: str, may_have_run: bool, done: bool | None
) -> None:
    witness = tmp_path / "witness"
    transport = through(pwsh, fault, endpoint="exo")
    with pytest.raises(ConnectionLost) as lost:
        transport.run(removal(witness))
    assert lost.value.may_have_run is may_have_run
    assert lost.value.problem == "the PowerShell process is gone (exit code -9)"
    if done is not None:
        assert witness.exists() is done
    assert transport.pid is None


@pytest.mark.parametrize(
    "fault", ["server:State:1:after", "client:Close:1:before", "client:Close:1:after", "server:CloseAck:1:before"]
)
def test_a_death_after_the_final_state_is_success(pwsh: str, tmp_path: Path, fault: str) -> None:
    witness = tmp_path / "witness"
    transport = through(pwsh, fault)
    reply = transport.run(removal(witness))
    assert (reply.state, output(reply)) == (State.COMPLETED, ["removed a"])
    assert witness.exists()
    transport.close()


@pytest.mark.parametrize(
    "fault", ["client:Close:2:before", "client:Close:2:after", "server:CloseAck:2:before", "server:CloseAck:2:after"]
)
def test_a_death_while_the_session_is_closed_is_no_error(pwsh: str, fault: str) -> None:
    transport = through(pwsh, fault)
    assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]
    transport.close()
    assert transport.pid is None


def test_a_death_in_the_middle_of_a_large_parameter_may_have_run(pwsh: str) -> None:
    with pytest.raises(ConnectionLost) as lost:
        through(pwsh, "client:Data:5:before").run(Pipeline.of("Get-Argument", Value="x" * 300_000))
    assert lost.value.may_have_run


def test_a_death_in_the_middle_of_many_objects_is_a_loss(pwsh: str) -> None:
    with pytest.raises(ConnectionLost) as lost:
        through(pwsh, "server:Data:500:after").run(Pipeline.of("Get-Many", Count=2_000))
    assert lost.value.may_have_run


def test_a_process_that_was_killed_between_two_calls_is_started_again(pwsh: str) -> None:
    with connected(pwsh, connect=[Pipeline.of("Set-Memory", Text="connected")]) as transport:
        first = transport.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        time.sleep(0.1)
        assert output(transport.run(Pipeline.of("Get-Memory"))) == ["connected"]
        assert transport.pid != first


def test_a_process_that_is_killed_in_the_moment_of_the_call_never_hangs_it(pwsh: str) -> None:
    for _ in range(5):
        transport = connected(pwsh)
        transport.open()
        assert transport.pid is not None
        os.kill(transport.pid, signal.SIGKILL)
        with contextlib.suppress(ConnectionLost):
            assert output(transport.run(Pipeline.of("Get-Many", Count=1))) == [1]
        transport.close()


def test_a_server_that_ends_itself_in_the_middle_is_a_loss_with_its_exit_code(pwsh: str) -> None:
    transport = connected(pwsh)
    with pytest.raises(ConnectionLost) as lost:
        transport.run(Pipeline.of("Stop-Server", Code=7))
    assert lost.value.problem == "the PowerShell process is gone (exit code 7)"
    assert lost.value.may_have_run


def test_a_helper_of_the_server_cannot_keep_a_dead_session_open(pwsh: str) -> None:
    transport = connected(pwsh)
    (helper,) = output(transport.run(Pipeline.of("Start-Helper", Seconds=30)))
    assert isinstance(helper, int)
    assert transport.pid is not None
    os.kill(transport.pid, signal.SIGKILL)
    began = time.monotonic()
    with contextlib.suppress(ConnectionLost):
        transport.run(Pipeline.of("Get-Many", Count=1))
    assert time.monotonic() - began < 5
    transport.close()
    with pytest.raises(ProcessLookupError):
        wait_for_end(helper)


def test_a_helper_of_the_server_goes_on_after_a_clean_close(pwsh: str) -> None:
    transport = connected(pwsh)
    (helper,) = output(transport.run(Pipeline.of("Start-Helper", Seconds=30)))
    assert isinstance(helper, int)
    transport.close()
    os.kill(helper, signal.SIGTERM)


def wait_for_end(pid: int) -> None:
    for _ in range(100):
        os.kill(pid, 0)
        time.sleep(0.02)
