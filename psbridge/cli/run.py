"""`psbridge run`: begin a run and carry it on; record it, replay it, or only say what it would do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.again import Again
from psbridge.cli.batch import Many, jobs_of
from psbridge.cli.completing import playbooks as playbooks_there
from psbridge.cli.consent import consent_for
from psbridge.cli.for_programs import JsonOption, for_programs
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
from psbridge.cli.real_run import real_run
from psbridge.cli.rehearsal import rehearse
from psbridge.cli.replay import replay as play
from psbridge.cli.run_options import STANDARD_OUTPUT, check_together
from psbridge.cli.workbench import database_of, file_of
from psbridge.cmdlets import identity as checked_identity
from psbridge.discovery import find_playbooks
from psbridge.engine import Playbook
from psbridge.errors import InputError

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
    real = replay is None and not simulate
    again = Again(journal, profile, by_sessions=real) if real or journal is not None else None
    consent = consent_for(yes=yes, again=again)
    with outputs.apart(), for_programs(asked=as_json, run="") as tell:
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
            job = real_run(found, inputs, profile, journal, playbooks, outputs)
            if fleet:
                database_of(journal, job.profile)
            code = job.go(consent, timedelta(minutes=wait), what_if=what_if, many=many, record=record, tell=tell)
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
