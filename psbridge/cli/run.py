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
from psbridge.cli.tables import check_outputs, give_out
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
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            help="Write the table that the run makes: .csv, .json, .xml (CLIXML) or .txt; may be repeated.",
            show_default=False,
        ),
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
    as_json: JsonOption = False,
) -> None:
    """Run a playbook for one user, for each user of a file, or for everybody. Destructive steps ask first and are shown."""
    found, outputs = _playbook(playbook, playbooks), output or []
    inputs = {**_who(found, identity, from_file), **named_values(option or [])}
    _check_together(record=record, replay=replay, simulate=simulate, seed=seed, what_if=what_if)
    if from_file is not None and (record or replay or outputs):
        raise InputError("--from goes with none of --record, --replay and --output; nothing was begun")
    check_outputs(outputs)
    if as_json and (from_file or replay or simulate or what_if):
        raise InputError("--json goes with none of --from, --replay, --simulate and --what-if; nothing was begun")
    if fleet and (from_file is None or simulate):
        raise InputError("--fleet needs --from, and does not go with --simulate; nothing was begun")
    many = None
    if from_file is not None:
        many = Many(found, jobs_of(found, from_file, inputs), max_failures, repeat=repeat, to_workers=fleet)
    consent = consent_for(yes=yes, kept=journal is not None or not (replay or simulate), again=Again(journal, profile))
    if replay is not None:
        raise typer.Exit(
            play(
                replay,
                consent,
                playbook=playbook,
                inputs=inputs,
                journal=file_of(journal, "a replay"),
                playbooks=playbooks,
                outputs=outputs,
            )
        )
    if simulate:
        place = seed or DEFAULT_SEED
        raise typer.Exit(
            rehearse(
                playbook,
                inputs,
                place,
                consent,
                journal=file_of(journal, "a rehearsal"),
                playbooks=playbooks,
                what_if=what_if,
                outputs=outputs,
                many=many,
            )
        )
    described = load_profile(profile, optional=not found.needed(inputs))
    missing_endpoints(described, found, inputs)
    decided = _from_profile(described, found)
    inputs = {**decided, **inputs}
    if fleet:
        database_of(journal, described)
    job = _Job(described, playbook, inputs, journal_path(journal, described), playbooks, Again(journal, profile), outputs)
    if many is not None:
        raise typer.Exit(job.each(many.with_inputs(decided), consent, timedelta(minutes=wait), what_if=what_if))
    if what_if:
        job.plan()
        return
    patience = timedelta(minutes=wait)
    with for_programs(asked=as_json) as tell:
        code = job.run(consent, patience, tell) if record is None else job.record(record, consent, patience, tell)
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
    outputs: list[Path]

    def bench(self, endpoints: Endpoints) -> AbstractContextManager[Engine]:
        return workbench(self.journal, endpoints, playbooks=self.playbooks, tenant=self.profile.tenant)

    def plan(self) -> None:
        with self.bench(Endpoints.of(self.profile)) as engine:
            show_plan(engine.plan(self.playbook, self.inputs))

    def run(
        self,
        consent: Consent,
        patience: timedelta,
        tell: Tell,
        recording: Recording | None = None,
        run_id: str | None = None,
    ) -> ExitCode:
        endpoints = Endpoints.of(self.profile) if recording is None else Endpoints.of(self.profile, wrap=recording.wrap)
        with self.bench(endpoints) as engine:
            begun = engine.start(self.playbook, self.inputs, run_id=run_id)
            typer.echo(f"Run {begun} of {self.playbook} for {self.inputs.get('identity', 'everybody')}")
            code = drive(engine, begun, engine.clock, consent, patience=patience, again=self.again)
            give_out(engine, begun, self.outputs)
            tell(engine.run(begun))
            return code

    def each(self, many: Many, consent: Consent, patience: timedelta, *, what_if: bool) -> ExitCode:
        with self.bench(Endpoints.of(self.profile)) as engine:
            return many.go(engine, engine.clock, consent, patience, what_if=what_if, again=self.again)

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
