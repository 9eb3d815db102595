"""The far ends that outlive a killed run, each with its own account of what had its effect."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

from psbridge.clock import SkippingClock
from psbridge.command import Pipeline
from psbridge.endpoints import transport_for
from psbridge.psobject import SecureString
from psbridge.reply import Reply
from psbridge.simulator import load_seed
from psbridge.simulator.seed import state_from_json, state_to_json
from psbridge.simulator.server.psrp_shell import CONFIGURATIONS
from psbridge.simulator.server.shared_state import SharedState
from psbridge.simulator.state import Tenant
from psbridge.transports.base import Transport
from psbridge.transports.psrp import PsrpTransport
from psbridge.transports.wsman import WsmanEndpoint
from tests.playbooks.far_ends import Live, Simulated
from tests.playbooks.live_tenant import LiveSessions
from tests.playbooks.scenario import Happening, Scenario
from tests.playbooks.sent import Sent, of_pipeline
from tests.playbooks.witness import CONTROL, LOG, PASSWORD, STATE, USER
from tests.simulator.rehearsal import Rehearsal

__all__ = ["SETTLING", "Here", "OnTheEngine", "OverTheWire", "WireServer", "swift"]

# Hours after a run in which everything that it has set going comes to its end: cycles, replication.
SETTLING: Final = 2
_SECONDS: Final = {"restoreQueuedSeconds": 5, "restoreInProgressSeconds": 5}


def swift(scenario: Scenario) -> Scenario:
    """The same with little that takes time: the twentieth look of a wait is killed like the second."""

    def simulated(tenant: Tenant) -> None:
        if scenario.simulated is not None:
            scenario.simulated(tenant)
        for migration in tenant.migrations:
            migration.after_minutes = 20
        if scenario.inputs.get("migration", "operator") != "operator":
            # The run migrates by itself: nobody else does, however long it takes to see that a lost call had no effect.
            tenant.migrations.clear()
        tenant.settings.restore_queued_seconds = tenant.settings.restore_in_progress_seconds = 1

    def live(tenant: dict[str, Any]) -> None:
        if scenario.live is not None:
            scenario.live(tenant)
        tenant["settings"].update(_SECONDS)

    return replace(scenario, simulated=simulated, live=live)


class Here(Simulated):
    """The simulator in the parent of the dying process."""

    far_sessions = False

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.seen: list[Sent] = []

    def transport(self, endpoint: str) -> Transport:
        return _Watching(endpoint, super().transport(endpoint), self)

    def effects(self) -> list[Sent]:
        return self.seen

    def kill_at(self, call: int, when: str, pid: int) -> None:
        raise NotImplementedError("a call in one process has no other side")

    def rest(self) -> None:
        """A command that was begun is over: the parent has run it."""

    def settle(self) -> None:
        self.rehearsal.wait(hours=SETTLING)

    def watched(self) -> bytes:
        """Everything that a cmdlet may change, as it is at this time."""
        self.rehearsal.organisation.advance(self.clock.now())
        state = self.state()
        calls, state.calls = state.calls, {}
        try:
            return state_to_json(state)
        finally:
            state.calls = calls


class _Watching(Transport):
    """Sees the effect of each write."""

    def __init__(self, endpoint: str, inner: Transport, far: Here) -> None:
        self._endpoint, self._inner, self._far = endpoint, inner, far

    def open(self) -> None:
        self._inner.open()

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        sent = of_pipeline(self._endpoint, pipeline)
        if not sent.writes:
            return self._inner.run(pipeline, deadline=deadline)
        before = self._far.watched()
        try:
            return self._inner.run(pipeline, deadline=deadline)
        finally:
            if self._far.watched() != before:
                self._far.seen.append(sent)

    def stop(self) -> None:
        self._inner.stop()

    def close(self) -> None:
        self._inner.close()


class OnTheEngine(Live):
    """The real engine; its tenant's log is the witness. `own`: each process starts PowerShell for itself."""

    def __init__(self, scenario: Scenario, sessions: LiveSessions, *, own: bool = False) -> None:
        super().__init__(scenario, sessions)
        self.far_sessions = own

    def transport(self, endpoint: str) -> Transport:
        own = self.far_sessions
        return transport_for(endpoint, self.tenant.endpoint_profile(endpoint)) if own else super().transport(endpoint)

    def effects(self) -> list[Sent]:
        return [replace(call, outcome="") for call in self.log() if call.writes and call.outcome == "ok"]

    def kill_at(self, call: int, when: str, pid: int) -> None:
        raise NotImplementedError("the engine kills nobody")

    def rest(self) -> None:
        """A command that was begun is over: the parent has run it, or its process ended with its client."""

    def settle(self) -> None:
        self.tenant.operator(f"$null = Step-TenantClock -Minutes {SETTLING * 60}")


class WireServer:
    """The simulator behind its WS-Man server, in a process of its own (tests/playbooks/witness.py), which keeps a log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / STATE).write_bytes(state_to_json(load_seed("documents")))
        command = [sys.executable, "-m", "tests.playbooks.witness", str(folder)]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class OverTheWire:
    """The simulator at the other end of WS-Man: the dying process has connections of its own."""

    far_sessions = True

    def __init__(self, scenario: Scenario, server: WireServer) -> None:
        self._server, self._folder = server, server.folder
        tenant = load_seed(scenario.seed)
        scenario.prepare(tenant)
        (self._folder / LOG).write_text("")
        (self._folder / CONTROL).unlink(missing_ok=True)
        _replace(self._folder / STATE, state_to_json(tenant))
        self.clock = SkippingClock(tenant.now)

    def transport(self, endpoint: str) -> Transport:
        where = WsmanEndpoint(
            f"http://127.0.0.1:{self._server.port}/{endpoint}/PowerShell/",
            CONFIGURATIONS[endpoint][0],
            "basic",
            USER,
            SecureString.of(PASSWORD),
            max_envelope_size=None,
        )
        return PsrpTransport(where, endpoint=endpoint, deadline=60.0)

    def happen(self, happening: Happening) -> None:
        if happening.simulated is None:
            return
        there = Rehearsal(self.state())
        happening.simulated(there)
        _replace(self._folder / STATE, state_to_json(there.state))

    def passes(self, seconds: float) -> None:
        SharedState(self._folder / STATE).advance(self.clock.now())

    def state(self) -> Tenant:
        return state_from_json((self._folder / STATE).read_bytes())

    def effects(self) -> list[Sent]:
        lines = (json.loads(line) for line in (self._folder / LOG).read_text().splitlines())
        return [Sent(line["endpoint"], line["command"]) for line in lines if line["event"] == "done" and line["changed"]]

    def kill_at(self, call: int, when: str, pid: int) -> None:
        (self._folder / CONTROL).write_text(json.dumps({"call": call, "when": when, "pid": pid}))

    def rest(self) -> None:
        (self._folder / CONTROL).unlink(missing_ok=True)
        # The server holds it while it runs a command, also one whose client is gone.
        with (self._folder / f"{LOG}.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

    def settle(self) -> None:
        self.clock.sleep(SETTLING * 3600)
        self.passes(0)


def _replace(path: Path, content: bytes) -> None:
    new = path.with_name(f"{path.name}.made")
    new.write_bytes(content)
    new.replace(path)
