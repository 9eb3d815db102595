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
from psbridge.cli.batch import Many, jobs_of
from psbridge.cli.completing import playbooks as playbooks_there
from psbridge.cli.consent import Consent, consent_for
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.for_programs import JsonOption, Tell, for_programs
from psbridge.cli.live import Live
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
from psbridge.cli.outputs import OutputOption, Outputs
from psbridge.cli.rehearsal import rehearse
from psbridge.cli.replay import replay as play
from psbridge.cli.run_options import STANDARD_OUTPUT, check_together
from psbridge.cli.what_if import show_plan
from psbridge.cli.workbench import database_of, file_of, journal_path, load_profile, missing_endpoints, workbench
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
    playbook: Annotated[
        str, typer.Argument(help="The playbook's name, such as duplicate-mailbox-delete-account.", autocompletion=playbooks_there)
    ],
    identity: Annotated[
        str | None,
        typer.Argument(help="The user it is run for: one name, address or id. A scan is for everybody.", show_default=False),
    ] = None,
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
    from_file: Annotated[
        Path | None,
        typer.Option("--from", help="Run it for each user of this file that it fits: what --output wrote.", show_default=False),
    ] = None,
    max_failures: Annotated[int, typer.Option("--max-failures", min=1, help="With --from: end after so many failures.")] = 3,
    repeat: Annotated[bool, typer.Option("--repeat", help="With --from: begin anew what has ended before.")] = False,
    fleet: Annotated[
        bool, typer.Option("--fleet", help="With --from: begin the runs, and leave them to `psbridge worker`.")
    ] = False,
    output: OutputOption = None,
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
    as_json: JsonOption = False,
) -> None:
    """Run a playbook for one user, for each user of a file, or for everybody. Destructive steps ask first and are shown."""
    found, outputs = _playbook(playbook, playbooks), Outputs.of(output)
    inputs = {**_who(found, identity, from_file), **named_values(option or [])}
    check_together(
        {
            "--what-if": what_if,
            "--record": record,
            "--from": from_file,
            "--repeat": repeat,
            "--fleet": fleet,
            "--output": outputs.files,
            STANDARD_OUTPUT: outputs.form,
            "--replay": replay,
            "--simulate": simulate,
            "--seed": seed,
            "--json": as_json,
        }
    )
    many = Many(found, jobs_of(found, from_file, inputs), max_failures, repeat, fleet) if from_file is not None else None
    consent = consent_for(yes=yes, kept=journal is not None or not (replay or simulate), again=Again(journal, profile))
    with outputs.apart():
        if replay is not None:
            kept = file_of(journal, "a replay")
            code = play(replay, consent, playbook=playbook, inputs=inputs, journal=kept, playbooks=playbooks, outputs=outputs)
        elif simulate:
            kept = file_of(journal, "a rehearsal")
            code = rehearse(
                found,
                inputs,
                seed or DEFAULT_SEED,
                consent,
                journal=kept,
                playbooks=playbooks,
                what_if=what_if,
                outputs=outputs,
                many=many,
            )
        else:
            job = _job(found, inputs, profile, journal, playbooks, outputs)
            if fleet:
                database_of(journal, job.profile)
            code = job.go(consent, timedelta(minutes=wait), what_if=what_if, many=many, record=record, as_json=as_json)
    raise typer.Exit(code)


def _who(playbook: Playbook, identity: str | None, from_file: Path | None) -> dict[str, str]:
    """The identity as an input, where the playbook is for one user. Raises InputError."""
    for_one = any(known.name == "identity" for known in playbook.inputs)
    if identity is None:
        if for_one and from_file is None:
            raise InputError(f"{playbook.name} is for one user: name the user, or a file with --from")
        if not for_one and from_file is not None:
            raise InputError(f"{playbook.name} is for everybody: it takes no --from")
        return {}
    if from_file is not None:
        raise InputError(f"name {identity!r} or --from, not both; nothing was begun")
    if not for_one:
        raise InputError(f"{playbook.name} is for everybody: it takes no user, and {identity!r} was named; nothing was begun")
    return {"identity": checked_identity(identity)}


def _playbook(name: str, folder: Path | None) -> Playbook:
    known = find_playbooks(folder)
    if name not in known:
        raise InputError(f"There is no playbook {name!r}; there are: {', '.join(sorted(known)) or 'none'}")
    return known[name]


def _job(
    playbook: Playbook,
    inputs: dict[str, str],
    profile: Path | None,
    journal: str | None,
    playbooks: Path | None,
    outputs: Outputs,
) -> _Job:
    """A real run, with what the profile decides. Raises ProfileError for what it lacks."""
    described = load_profile(profile, optional=not playbook.needed(inputs))
    missing_endpoints(described, playbook, inputs)
    decided = _from_profile(described, playbook)
    again = Again(journal, profile)
    return _Job(described, playbook.name, decided, inputs, journal_path(journal, described), playbooks, again, outputs)


@dataclass(frozen=True, slots=True)
class _Job:
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
        self, consent: Consent, patience: timedelta, *, what_if: bool, many: Many | None, record: Path | None, as_json: bool
    ) -> ExitCode:
        """Carry it out in the way that was asked for."""
        if many is not None:
            return self.each(many.with_inputs(self.decided), consent, patience, what_if=what_if)
        if what_if:
            return self.plan()
        with for_programs(asked=as_json) as tell:
            return self.run(consent, patience, tell) if record is None else self.record(record, consent, patience, tell)

    def bench(self, endpoints: Endpoints, live: Live) -> AbstractContextManager[Engine]:
        return workbench(self.journal, endpoints, live, playbooks=self.playbooks, tenant=self.profile.tenant)

    def plan(self) -> ExitCode:
        live = Live()
        with self.bench(Endpoints.of(self.profile), live) as engine:
            show_plan(engine.plan(self.playbook, self.inputs), live)
        return ExitCode.DONE

    def run(
        self,
        consent: Consent,
        patience: timedelta,
        tell: Tell,
        recording: Recording | None = None,
        run_id: str | None = None,
    ) -> ExitCode:
        endpoints = Endpoints.of(self.profile) if recording is None else Endpoints.of(self.profile, wrap=recording.wrap)
        live = Live(asks=recording is None)
        with self.bench(endpoints, live) as engine:
            begun = engine.start(self.playbook, self.inputs, run_id=run_id)
            typer.echo(f"Run {begun} of {self.playbook} for {self.inputs.get('identity', 'everybody')}")
            code = drive(engine, begun, engine.clock, consent, patience=patience, again=self.again, live=live)
            self.outputs.give_out(engine, begun)
            tell(engine.run(begun))
            return code

    def each(self, many: Many, consent: Consent, patience: timedelta, *, what_if: bool) -> ExitCode:
        live = Live()
        with self.bench(Endpoints.of(self.profile), live) as engine:
            return many.go(engine, engine.clock, consent, patience, live, what_if=what_if, again=self.again)

    def record(self, path: Path, consent: Consent, patience: timedelta, tell: Tell) -> ExitCode:
        run_id = uuid4().hex[:12]
        metadata = {"playbook": self.playbook, "inputs": self.inputs, "run": run_id, "tenant": self.profile.tenant}
        with Recording(path, SystemClock().now, metadata=metadata) as recording:
            code = self.run(consent, patience, tell, recording, run_id)
        typer.echo(f"Recorded in {path}")
        return code


def _from_profile(profile: Profile, playbook: Playbook) -> dict[str, str]:
    """Inputs that the profile decides: the dialect; and that the operator is asked where no session can synchronise."""
    takes = {known.name for known in playbook.inputs}
    sync = next((endpoint for name, endpoint in profile.endpoints.items() if name == "sync"), None)
    decided: dict[str, str] = {"dialect": profile.dialect}
    if sync is not None and sync.transport == "manual":
        decided["sync"] = "manual"
    return {name: value for name, value in decided.items() if name in takes}
