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

from psbridge.command import Pipeline
from psbridge.errors import InputError, StartError
from psbridge.psobject import SecureString
from psbridge.transports.process import ProcessTransport
from tests.transports.far_end import connected, output

pytestmark = pytest.mark.realps


@pytest.fixture(scope="module")
def transport(pwsh: str) -> Iterator[ProcessTransport]:
    with connected(pwsh) as opened:
        yield opened


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


def gone(pid: int, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False
