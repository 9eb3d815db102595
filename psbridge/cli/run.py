"""`psbridge run`: begin a run and carry it on; record it, replay it, or only say what it would do."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from psbridge.cassettes import Recording
from psbridge.cli.again import Again
from psbridge.cli.consent import Consent, consent_for
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.options import (
    DEFAULT_SEED,
    JournalOption,
    PlaybooksOption,
    ProfileOption,
    SeedOption,
    WaitOption,
    YesOption,
    named_values,
)
from psbridge.cli.rehearsal import rehearse
from psbridge.cli.replay import replay as play
from psbridge.cli.what_if import show_plan
from psbridge.cli.workbench import file_of, journal_path, load_profile, missing_endpoints, workbench
from psbridge.clock import SystemClock
from psbridge.cmdlets import identity as checked_identity
from psbridge.discovery import find_playbooks
from psbridge.endpoints import Endpoints
from psbridge.engine import Engine, Playbook
from psbridge.errors import InputError
from psbridge.journal.opening import Place
from psbridge.profile import Profile

__all__ = ["run"]


def run(  # noqa: PLR0913 - one parameter for each option of the command
    playbook: Annotated[str, typer.Argument(help="The playbook's name, such as duplicate-mailbox-delete-account.")],
    identity: Annotated[str, typer.Argument(help="The user it is run for: one name, address or id.")],
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="An option of the playbook, such as merge=no; may be repeated."),
    ] = None,
    *,
    what_if: Annotated[bool, typer.Option("--what-if", help="Look, and say what would be done; change nothing.")] = False,
    yes: YesOption = False,
    record: Annotated[
        Path | None,
        typer.Option("--record", help="Keep a recording of the session, without passwords, in this file.", show_default=False),
    ] = None,
    replay: Annotated[
        Path | None, typer.Option("--replay", help="Answer from this recording; no session is opened.", show_default=False)
    ] = None,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Rehearse it in a simulated organisation; nothing real is connected.")
    ] = False,
    seed: SeedOption = None,
    profile: ProfileOption = None,
    journal: JournalOption = None,
    playbooks: PlaybooksOption = None,
    wait: WaitOption = 10.0,
) -> None:
    """Run a playbook for one user. Destructive steps ask first and show exactly what will run."""
    found = _playbook(playbook, playbooks)
    inputs = {"identity": checked_identity(identity), **named_values(option or [])}
    _check_together(record=record, replay=replay, simulate=simulate, seed=seed, what_if=what_if)
    consent = consent_for(yes=yes, kept=journal is not None or not (replay or simulate), again=Again(journal, profile))
    if replay is not None:
        raise typer.Exit(
            play(replay, consent, playbook=playbook, inputs=inputs, journal=file_of(journal, "a replay"), playbooks=playbooks)
        )
    if simulate:
        place = seed or DEFAULT_SEED
        raise typer.Exit(
            rehearse(
                playbook, inputs, place, consent, journal=file_of(journal, "a rehearsal"), playbooks=playbooks, what_if=what_if
            )
        )
    described = load_profile(profile, optional=not found.needed(inputs))
    missing_endpoints(described, found, inputs)
    inputs = {**_from_profile(described, found), **inputs}
    job = _Job(described, playbook, inputs, journal_path(journal, described), playbooks, Again(journal, profile))
    if what_if:
        job.plan()
        return
    patience = timedelta(minutes=wait)
    raise typer.Exit(job.run(consent, patience) if record is None else job.record(record, consent, patience))


def _playbook(name: str, folder: Path | None) -> Playbook:
    known = find_playbooks(folder)
    if name not in known:
        raise InputError(f"There is no playbook {name!r}; there are: {', '.join(sorted(known)) or 'none'}")
    return known[name]


def _check_together(*, record: Path | None, replay: Path | None, simulate: bool, seed: str | None, what_if: bool) -> None:
    """Raise InputError for options that exclude each other, before anything is begun."""
    if replay is not None and (record is not None or what_if or simulate or seed is not None):
        raise InputError("--replay goes with none of --record, --what-if, --simulate and --seed")
    if simulate and record is not None:
        raise InputError("--simulate does not go with --record")
    if seed is not None and not simulate:
        raise InputError("--seed needs --simulate: without it the run would be real; nothing was begun")
    if what_if and record is not None:
        raise InputError("--what-if does not go with --record; nothing was begun")


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be run, and where; `again`: what the commands must name that carry it on."""

    profile: Profile
    playbook: str
    inputs: dict[str, str]
    journal: Place
    playbooks: Path | None
    again: Again

    def bench(self, endpoints: Endpoints) -> AbstractContextManager[Engine]:
        return workbench(self.journal, endpoints, playbooks=self.playbooks, tenant=self.profile.tenant)

    def plan(self) -> None:
        with self.bench(Endpoints.of(self.profile)) as engine:
            show_plan(engine.plan(self.playbook, self.inputs))

    def run(
        self, consent: Consent, patience: timedelta, recording: Recording | None = None, run_id: str | None = None
    ) -> ExitCode:
        endpoints = Endpoints.of(self.profile) if recording is None else Endpoints.of(self.profile, wrap=recording.wrap)
        with self.bench(endpoints) as engine:
            begun = engine.start(self.playbook, self.inputs, run_id=run_id)
            typer.echo(f"Run {begun} of {self.playbook} for {self.inputs['identity']}")
            return drive(engine, begun, engine.clock, consent, patience=patience, again=self.again)

    def record(self, path: Path, consent: Consent, patience: timedelta) -> ExitCode:
        run_id = uuid4().hex[:12]
        metadata = {"playbook": self.playbook, "inputs": self.inputs, "run": run_id, "tenant": self.profile.tenant}
        with Recording(path, SystemClock().now, metadata=metadata) as recording:
            code = self.run(consent, patience, recording, run_id)
        typer.echo(f"Recorded in {path}")
        return code


def _from_profile(profile: Profile, playbook: Playbook) -> dict[str, str]:
    """Inputs that the profile decides: where no session can start a synchronisation, the operator is asked to."""
    sync = next((endpoint for name, endpoint in profile.endpoints.items() if name == "sync"), None)
    takes_it = any(known.name == "sync" for known in playbook.inputs)
    return {"sync": "manual"} if takes_it and sync is not None and sync.transport == "manual" else {}
