"""`psbridge simulate` as an administrator starts it: a process that serves, says how to connect, and ends when it is told to."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from psbridge.command import Pipeline
from psbridge.endpoints import transport_for
from psbridge.profile import Profile
from psbridge.reply import State, Stream
from tests.cli.commands import psbridge
from tests.playbooks.option_zero import NAME, USER
from tests.simulator.test_stdio import session

PASSWORD = "Pa55word!"


@dataclass
class Served:
    """A running `psbridge simulate`: what it printed, and its process."""

    process: subprocess.Popen[str]
    shown: str

    @property
    def profile(self) -> str:
        """The profile as one would copy it."""
        begin = self.shown.index("# A profile")
        return self.shown[begin : self.shown.index("# The same from Python")]

    @property
    def snippets(self) -> tuple[str, str]:
        """The lines for pypsrp, and those for pywinrm."""
        both = self.shown[self.shown.index("# The same from Python") :]
        first, _, second = both.partition("# And with pywinrm")
        return first, f"# {second}"

    @property
    def made_up(self) -> str:
        found = re.search(r"export PSBRIDGE_SIMULATOR_PASSWORD='([^']+)'", self.shown)
        assert found
        return found[1]

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@contextmanager
def simulate(*arguments: str | Path, password: str | None = PASSWORD, cwd: Path) -> Iterator[Served]:
    """Start it and read what it prints, to the last line."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    named: tuple[str | Path, ...] = ()
    if password is not None:
        environment["SIMULATOR_WORD"], named = password, ("--password-env", "SIMULATOR_WORD")
    process = subprocess.Popen(
        [sys.executable, "-m", "psbridge", "simulate", *map(str, (*arguments, *named))],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line)
            if line.startswith("print("):
                break
        yield Served(process, "".join(lines))
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()
        process.stderr.close()


def test_the_profile_that_it_prints_carries_a_playbook_and_ctrl_c_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMULATOR_WORD", PASSWORD)
    with simulate("--seed", "option-0", cwd=tmp_path) as served:
        assert PASSWORD not in served.shown
        profile = tmp_path / "profile.toml"
        profile.write_text(served.profile, encoding="utf-8")
        plan = psbridge("run", NAME, USER, "--what-if", "--profile", profile)
        assert plan.returncode == 0, plan.stderr
        assert f"What if: PS C:\\> Remove-MsolUser -UserPrincipalName {USER} -Force" in plan.stdout
        described = Profile.load(profile)
        assert described.tenant == "simulated domain.onmicrosoft.com"
        assert described.journal == str(tmp_path / "simulated-journal.db")
        for name, endpoint in described.endpoints.items():
            with transport_for(name, endpoint) as transport:
                assert transport.run(Pipeline.of("Get-Nosuch")).state is State.FAILED
        assert served.end(signal.SIGINT) == 0
        assert served.process.stderr is not None
        assert served.process.stderr.read() == ""


def test_the_lines_of_python_that_it_prints_run(tmp_path: Path) -> None:
    with simulate(password=None, cwd=tmp_path) as served:
        environment = {**os.environ, "PSBRIDGE_SIMULATOR_PASSWORD": served.made_up}
        for snippet, says in zip(served.snippets, ("GenericComplexObject", "PrimarySmtpAddress : "), strict=True):
            done = subprocess.run(
                [sys.executable, "-c", snippet], env=environment, capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, done.stderr
            assert says in done.stdout
        assert served.end(signal.SIGTERM) == 0


def test_its_state_is_shared_with_processes_and_its_time_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULATOR_WORD", PASSWORD)
    state = tmp_path / "tenant.json"
    with simulate("--state", state, "--speed", "36000", cwd=tmp_path) as served:
        profile = tmp_path / "profile.toml"
        profile.write_text(served.profile, encoding="utf-8")
        sync = Profile.load(profile).endpoints["sync"]
        with transport_for("sync", sync) as psrp, session("directory", state) as directory:
            next_cycles = set()
            for _ in range(2):
                next_cycles.update(psrp.run(Pipeline.of("Get-ADSyncScheduler")).of(Stream.OUTPUT))
                time.sleep(0.1)  # an hour of theirs: the next cycle is another one
            assert len(next_cycles) == 2
            assert directory.run(Pipeline.of("Get-MsolUser", UserPrincipalName=USER)).of(Stream.OUTPUT)
        served.end(signal.SIGINT)
    with simulate("--state", state, cwd=tmp_path) as again:
        assert f"as {state} keeps it" in again.shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--seed", "nosuch"], "option-0"),
        (["--password-env", "PSBRIDGE_NOT_THERE"], "PSBRIDGE_NOT_THERE holds no password"),
        (["--user", "a:b"], "without colons"),
        (["--port", "99999"], "65535"),
    ],
)
def test_what_cannot_be_served_is_a_usage_error(arguments: list[str], says: str) -> None:
    refused = psbridge("simulate", *arguments)
    assert refused.returncode == 2
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with simulate(cwd=tmp_path) as served:
        port = re.search(r"port (\d+)", served.shown)
        assert port
        refused = psbridge("simulate", "--port", port[1])
        assert refused.returncode == 2
        assert f"Port {port[1]} of 127.0.0.1 cannot be used" in refused.stderr
