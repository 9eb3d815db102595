"""A tenant file behind real PowerShell sessions: the far end of every live test, and of the script that records the cassettes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from psbridge.command import Pipeline
from psbridge.endpoints import Endpoints, transport_for
from psbridge.profile import EndpointProfile, Profile
from psbridge.reply import Reply
from psbridge.transports.base import Transport

__all__ = ["MIGRATE", "LiveSessions", "LiveTenant", "today"]

# What the operator at the far end does at step 14 of OPTION #0, with the tenant's clock moved until the move is over.
MIGRATE = (
    "$word = ConvertTo-SecureString x -AsPlainText -Force; "
    "$null = New-MoveRequest -Identity testduplicate@domain.com -Remote -RemoteHostName mail.domain.com "
    "-TargetDeliveryDomain domain.mail.onmicrosoft.com "
    "-RemoteCredential ([System.Management.Automation.PSCredential]::new('operator', $word)); "
    "$null = Step-TenantClock -Minutes 300"
)


class LiveTenant:
    """A private copy of a tenant, the sessions that lead to it, and its own log of what really ran."""

    def __init__(
        self,
        folder: Path,
        pwsh: str,
        *,
        seed: str = "documents.json",
        change: Callable[[dict[str, Any]], None] | None = None,
        shell: OperatorShell | None = None,
    ) -> None:
        self.pwsh = pwsh
        self._shell = shell
        self.path = folder / "tenant.json"
        self.log_path = folder / "tenant.log.jsonl"
        self.path.unlink(missing_ok=True)
        self.log_path.unlink(missing_ok=True)
        shutil.copyfile(Path(pwsh).resolve().parent / "tenants" / seed, self.path)
        self.path.chmod(0o600)
        if change is not None:
            self.edit(change)

    def edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the tenant file while no session is at work."""
        tenant = self.state()
        change(tenant)
        self.path.write_text(json.dumps(tenant), encoding="utf-8")

    def state(self) -> dict[str, Any]:
        """The tenant file as it is now."""
        content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return content

    def environment(self, endpoint: str) -> dict[str, str]:
        """What makes a PowerShell process the given endpoint of this tenant."""
        return {"REALPS_TENANT": str(self.path), "REALPS_LOG": str(self.log_path), "REALPS_ENDPOINT": endpoint}

    def profile(self) -> Profile:
        """A profile whose four endpoints are sessions of this tenant."""
        endpoints = {name: self.endpoint_profile(name) for name in ("onprem", "exo", "directory", "sync")}
        return Profile.model_validate({"tenant": "domain.onmicrosoft.com", "endpoints": endpoints})

    def endpoint_profile(self, name: str) -> EndpointProfile:
        """One endpoint: a PowerShell process of its own."""
        return EndpointProfile(transport="process", command=(self.pwsh,), environment=self.environment(name), deadline=60.0)

    def endpoints(self, wrap: Callable[[str, Transport], Transport] = lambda _, transport: transport) -> Endpoints:
        """Sessions to this tenant."""
        return Endpoints.of(self.profile(), wrap=wrap)

    def operator(self, script: str, *, endpoint: str = "all") -> str:
        """Run a script of one line as the operator at the far end, in a process that is not psbridge's."""
        if self._shell is not None and endpoint == "all":
            return self._shell.run(script)
        command = [self.pwsh, "-NoProfile", "-NonInteractive", "-Command", script]
        environment = {**self.environment(endpoint), "REALPS_LOG": str(self.log_path.with_name("operator.log.jsonl"))}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0 or done.stderr:
            raise AssertionError(f"the operator's script failed: {done.stdout} {done.stderr}")
        return done.stdout

    def log(self) -> list[dict[str, Any]]:
        """Every line of the tenant's log, in order."""
        if not self.log_path.exists():
            return []
        return [json.loads(line) for line in self.log_path.read_text(encoding="utf-8").splitlines()]

    def ran(self, command: str) -> list[dict[str, Any]]:
        """The calls of one cmdlet that began, in order."""
        return [line for line in self.log() if line["event"] == "begin" and line["command"] == command]


def today(tenant: dict[str, Any]) -> None:
    """Let a tenant live now, for a run by the system's clock: in that of the documents every deadline is over."""
    now = datetime.now(UTC)
    tenant["clock"]["now"] = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    tenant["sync"]["nextCycle"] = f"{now + timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}"


class LiveSessions:
    """Four sessions that outlive one tenant after the other: to start PowerShell costs more than what a test runs in it.

    A tenant is a file that every command reads anew, so a new one in the same place is a new organisation.
    """

    def __init__(self, folder: Path, pwsh: str) -> None:
        self._folder, self._pwsh = folder, pwsh
        self._open: dict[str, Transport] = {}
        self._shell = OperatorShell(LiveTenant(folder, pwsh))

    def tenant(self, *, seed: str = "documents.json", change: Callable[[dict[str, Any]], None] | None = None) -> LiveTenant:
        """A fresh tenant behind the sessions; the one before is gone."""
        return LiveTenant(self._folder, self._pwsh, seed=seed, change=change, shell=self._shell)

    def transport(self, tenant: LiveTenant, endpoint: str) -> Transport:
        """The session at an endpoint; to close it does nothing."""
        if endpoint not in self._open:
            self._open[endpoint] = transport_for(endpoint, tenant.endpoint_profile(endpoint))
        return _Kept(self._open[endpoint])

    def close(self) -> None:
        """End them."""
        for transport in self._open.values():
            transport.close()
        self._open.clear()
        self._shell.close()


class OperatorShell:
    """The operator's PowerShell, started at the first script and kept: lines go in, what they print comes out."""

    _OVER = "<<over>>"

    def __init__(self, tenant: LiveTenant) -> None:
        self._command = [tenant.pwsh, "-NoProfile", "-NonInteractive", "-Command", "-"]
        self._environment = {**tenant.environment("all"), "REALPS_LOG": str(tenant.log_path.with_name("operator.log.jsonl"))}
        self._process: subprocess.Popen[str] | None = None

    def run(self, script: str) -> str:
        """Run one line; gives what it printed. Raises AssertionError for an error of any kind."""
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f'$Error.Clear(); {script}\n[Console]::Out.WriteLine("$($Error.Count) {self._OVER}")\n')
        stdin.flush()
        said: list[str] = []
        for line in stdout:
            if self._OVER in line:
                if line.split()[0] == "0":
                    return "".join(said)
                break
            said.append(line)
        raise AssertionError(f"the operator's script failed: {''.join(said)}")

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.communicate(timeout=30)
            self._process = None


class _Kept(Transport):
    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def open(self) -> None:
        self._inner.open()

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        return self._inner.run(pipeline, deadline=deadline)

    def stop(self) -> None:
        self._inner.stop()

    def close(self) -> None:
        """Keep it."""
