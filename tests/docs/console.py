"""Command lines as an administrator types them in, what psbridge prints and its exit code out.

The command line is the real one, in this process: to start one for every command would take minutes. What is changed is what lies
behind it: the transports lead to one simulated organisation, the clock skips every wait, and somebody sits at the terminal.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from psbridge.cli.app import app
from psbridge.cli.exit_codes import code_for
from psbridge.clock import SkippingClock
from psbridge.errors import PsbridgeError
from psbridge.profile import EndpointProfile
from psbridge.simulator import SimulatedOrganisation
from psbridge.transports.base import Transport
from psbridge.transports.simulated import SimulatedTransport

__all__ = ["Console", "Printed"]

ENDPOINTS: Final = ("onprem", "exo", "directory", "sync")


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command left on the screen, standard output and error as they came, and its exit code."""

    text: str
    code: int


class Console:
    """A terminal in a folder of its own, with a profile whose four endpoints are the organisation of a seed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: str = "option-0") -> None:
        self.folder = folder
        self._organisation = SimulatedOrganisation.from_seed(seed)
        self.clock = SkippingClock(self._organisation.state.now)
        self._monkeypatch = monkeypatch
        self._profile()
        monkeypatch.chdir(folder)
        monkeypatch.setattr("psbridge.endpoints.transport_for", self._transport)
        monkeypatch.setattr("psbridge.journal.sqlite.SystemClock", lambda: self.clock)
        for module in ("consent", "approve"):
            monkeypatch.setattr(f"psbridge.cli.{module}.at_a_terminal", lambda: True)

    def _profile(self) -> None:
        lines = ['tenant = "domain.onmicrosoft.com"', 'dialect = "msonline"', f"journal = '{self.folder / 'journal.db'}'"]
        for name in ENDPOINTS:
            lines += [f"[endpoints.{name}]", 'transport = "process"', f"command = ['{sys.executable}']"]
        path = self.folder / "profile.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        self._monkeypatch.setattr("psbridge.cli.workbench.default_profile_path", lambda: path)

    def _transport(self, name: str, endpoint: EndpointProfile) -> Transport:
        _ = endpoint
        return SimulatedTransport(self._organisation, name, self.clock)

    def later(self, wait: timedelta) -> None:
        """Come back after some time."""
        self.clock.sleep(wait.total_seconds())

    def type(self, line: str, answers: Sequence[str] = ()) -> Printed:
        """Type one command; `answers` are typed where it asks, and one that is not there is an error."""
        _, *arguments = shlex.split(line)
        done = CliRunner().invoke(app, arguments, input="".join(f"{answer}\n" for answer in answers), prog_name="psbridge")
        if isinstance(done.exception, PsbridgeError):
            return Printed(f"{done.output}psbridge: {done.exception}\n", int(code_for(done.exception)))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Printed(done.output, done.exit_code)
