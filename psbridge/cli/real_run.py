"""A playbook, inputs and a profile in; the run over real sessions out, in the way that was asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import typer

from psbridge.cassettes import Recording
from psbridge.cli.again import Again
from psbridge.cli.batch import Many
from psbridge.cli.consent import Consent, allowed
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.for_programs import Tell, at_its_end
from psbridge.cli.live import Live
from psbridge.cli.outputs import Outputs
from psbridge.cli.what_if import show_plan
from psbridge.cli.workbench import journal_path, load_profile, missing_endpoints, workbench
from psbridge.clock import SystemClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Engine, Playbook
from psbridge.journal.opening import Place
from psbridge.profile import Profile

__all__ = ["RealRun", "real_run"]


def real_run(
    playbook: Playbook,
    inputs: dict[str, str],
    profile: Path | None,
    journal: str | None,
    playbooks: Path | None,
    outputs: Outputs,
) -> RealRun:
    """A real run, with what the profile decides. Raises ProfileError for what it lacks."""
    described = load_profile(profile, optional=not playbook.needed(inputs))
    decided = _from_profile(described, playbook)
    missing_endpoints(described, playbook, {**decided, **inputs})
    again = Again(journal, profile)
    return RealRun(described, playbook.name, decided, inputs, journal_path(journal, described), playbooks, again, outputs)


@dataclass(frozen=True, slots=True)
class RealRun:
    """What is to be run, and where; `decided`: inputs of the profile's; `again`: what the commands must name that carry it on."""

    profile: Profile
    playbook: str
    decided: dict[str, str]
    given: dict[str, str]
    journal: Place
    playbooks: Path | None
    again: Again
    outputs: Outputs

    @property
    def inputs(self) -> dict[str, str]:
        """What is given wins."""
        return {**self.decided, **self.given}

    def go(
        self, consent: Consent, patience: timedelta, *, what_if: bool, many: Many | None, record: Path | None, tell: Tell
    ) -> ExitCode:
        """Carry it out in the way that was asked for. Raises InputError for a --yes that the profile forbids."""
        consent = allowed(consent, self.profile.approvals)
        if many is not None:
            return self._each(many.with_inputs(self.decided), consent, patience, what_if=what_if)
        if what_if:
            return self._plan()
        return self._run(consent, patience, tell) if record is None else self._record(record, consent, patience, tell)

    def _bench(self, endpoints: Endpoints, live: Live) -> AbstractContextManager[Engine]:
        known, tenant = self.playbooks, self.profile.tenant
        return workbench(self.journal, endpoints, live, playbooks=known, tenant=tenant, profile=self.profile)

    def _plan(self) -> ExitCode:
        live = Live()
        with self._bench(Endpoints.of(self.profile), live) as engine:
            show_plan(engine.plan(self.playbook, self.inputs), live)
        return ExitCode.DONE

    def _run(
        self,
        consent: Consent,
        patience: timedelta,
        tell: Tell,
        recording: Recording | None = None,
        run_id: str | None = None,
    ) -> ExitCode:
        endpoints = Endpoints.of(self.profile) if recording is None else Endpoints.of(self.profile, wrap=recording.wrap)
        live = Live(asks=recording is None)
        with self._bench(endpoints, live) as engine:
            begun = engine.start(self.playbook, self.inputs, run_id=run_id)
            typer.echo(f"Run {begun} of {self.playbook} for {self.inputs.get('identity', 'everybody')}")
            with at_its_end(tell, engine, begun):
                code = drive(engine, begun, engine.clock, consent, patience=patience, again=self.again, live=live)
                self.outputs.give_out(engine, begun)
            return code

    def _each(self, many: Many, consent: Consent, patience: timedelta, *, what_if: bool) -> ExitCode:
        live = Live()
        with self._bench(Endpoints.of(self.profile), live) as engine:
            return many.go(engine, engine.clock, consent, patience, live, what_if=what_if, again=self.again)

    def _record(self, path: Path, consent: Consent, patience: timedelta, tell: Tell) -> ExitCode:
        run_id = uuid4().hex[:12]
        metadata = {"playbook": self.playbook, "inputs": self.inputs, "run": run_id, "tenant": self.profile.tenant}
        with Recording(path, SystemClock().now, metadata=metadata) as recording:
            code = self._run(consent, patience, tell, recording, run_id)
        typer.echo(f"Recorded in {path}")
        return code


def _from_profile(profile: Profile, playbook: Playbook) -> dict[str, str]:
    """Inputs that the profile decides: the dialect; and that the operator is asked where no session can synchronise."""
    takes = {known.name for known in playbook.inputs}
    sync = next((endpoint for name, endpoint in profile.endpoints.items() if name == "sync"), None)
    decided: dict[str, str] = {"dialect": profile.dialect}
    if sync is None or sync.transport == "manual":
        decided["sync"] = "manual"
    return {name: value for name, value in decided.items() if name in takes}
