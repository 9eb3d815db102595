"""`psbridge resume`: carry a run on, or every run that is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from psbridge.cli.again import Again
from psbridge.cli.completing import runs
from psbridge.cli.consent import Consent, allowed, consent_for
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode, code_for, most_urgent
from psbridge.cli.for_programs import JsonOption, Tell, at_its_end, for_programs
from psbridge.cli.live import Live
from psbridge.cli.options import JournalOption, PlaybooksOption, ProfileOption, WaitOption, YesOption
from psbridge.cli.outputs import OutputOption, Outputs
from psbridge.cli.refused import refusal_of
from psbridge.cli.workbench import journal_path, load_profile, open_view, workbench
from psbridge.endpoints import Endpoints
from psbridge.engine import Engine
from psbridge.errors import InputError, PsbridgeError
from psbridge.journal import RunRecord, Status
from psbridge.profile import Profile
from psbridge.report.visible import visible

__all__ = ["resume"]


def resume(  # noqa: PLR0913 - one parameter for each option of the command
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="The run's id; or --due.", show_default=False, autocompletion=runs)
    ] = None,
    *,
    due: Annotated[
        bool, typer.Option("--due", help="Every run of the profile's tenant whose time has come; for a scheduler.")
    ] = False,
    yes: YesOption = False,
    profile: ProfileOption = None,
    journal: JournalOption = None,
    playbooks: PlaybooksOption = None,
    wait: WaitOption = 0.0,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry on a run that waits, was interrupted, or was approved meanwhile."""
    if (run is None) == (not due):
        raise InputError("name one run, or give --due")
    outputs = Outputs.of(output)
    if outputs and due:
        raise InputError("--output goes with one run, not with --due; nothing was carried on")
    if outputs.form and as_json:
        raise InputError("--json does not go with --output FORMAT: both are standard output; nothing was carried on")
    with outputs.apart(), for_programs(asked=as_json, run=run) as tell:
        described = load_profile(profile)
        where = journal_path(journal, described)
        with open_view(where) as view:
            if run is not None:
                _must_be_of(described, view.run(run))
        again = Again(journal, profile)
        consent, patience = allowed(consent_for(yes=yes, again=again), described.approvals), timedelta(minutes=wait)
        live = Live()
        endpoints, tenant = Endpoints.of(described), described.tenant
        bench = workbench(where, endpoints, live, playbooks=playbooks, tenant=tenant, profile=described)
        with bench as engine:
            if run is None:
                code = _all_due(engine, described, consent, patience, again, live, tell)
            else:
                with at_its_end(tell, engine, run):
                    # A person who resumes a waiting run wants it to look now, not at its time.
                    if engine.run(run).status is Status.WAITING:
                        engine.wake(run)
                    code = drive(engine, run, engine.clock, consent, patience=patience, again=again, live=live)
                    outputs.give_out(engine, run)
    raise typer.Exit(code)


def _must_be_of(profile: Profile, run: RunRecord) -> None:
    """Raise InputError for a run of another tenant: in this one the same name may be another person's."""
    if run.tenant != profile.tenant:
        raise InputError(
            f"run {run.run_id} is of the tenant {run.tenant!r}, and the profile leads to {profile.tenant!r}; nothing was sent"
        )


def _all_due(
    engine: Engine, profile: Profile, consent: Consent, patience: timedelta, again: Again, live: Live, tell: Tell
) -> ExitCode:
    """Carry on what is due in the profile's tenant; the exit code is the most urgent one.

    A run that cannot be carried on is told, and the others go on: a damaged one must not stop them all.
    """
    codes = set()
    due = list(engine.due())
    for place, run_id in enumerate(due):
        run = None
        try:
            run = engine.run(run_id)
            if run.tenant != profile.tenant:
                continue
            codes.add(drive(engine, run_id, engine.clock, consent, patience=patience, again=again, live=live))
            tell(engine.run(run_id))
        except PsbridgeError as error:
            typer.echo(f"psbridge: run {visible(run_id)}: {visible(str(error))}", err=True)
            codes.add(code_for(error))
            tell(run, run_id=run_id, error=str(error))
        if engine.refused:
            ours = {run.run_id for run in engine.runs(problems=[]) if run.tenant == profile.tenant}
            if left := [one for one in due[place + 1 :] if one in ours]:
                typer.echo(f"{refusal_of(engine)} Not carried on, because each may sign in again: {', '.join(left)}", err=True)
            break
        if ExitCode.INTERRUPTED in codes:
            break
    return most_urgent(codes)
