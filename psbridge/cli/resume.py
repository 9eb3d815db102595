"""`psbridge resume`: carry a run on, or every run that is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from psbridge.cli.consent import Consent, consent_for
from psbridge.cli.drive import drive
from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.options import JournalOption, PlaybooksOption, ProfileOption, WaitOption, YesOption
from psbridge.cli.workbench import journal_path, load_profile, open_view, workbench
from psbridge.clock import SystemClock
from psbridge.endpoints import Endpoints
from psbridge.engine import Engine
from psbridge.errors import InputError
from psbridge.journal import Status

__all__ = ["resume"]


def resume(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="The run's id; or --due.", show_default=False)] = None,
    *,
    due: Annotated[bool, typer.Option("--due", help="Every run whose time has come; for a scheduler.")] = False,
    yes: YesOption = False,
    profile: ProfileOption = None,
    journal: JournalOption = None,
    playbooks: PlaybooksOption = None,
    wait: WaitOption = 0.0,
) -> None:
    """Carry on a run that waits, was interrupted, or was approved meanwhile."""
    if (run is None) == (not due):
        raise InputError("name one run, or give --due")
    described = load_profile(profile)
    where = journal_path(journal, described)
    with open_view(where) as view:
        if run is not None:
            view.run(run)
    consent, patience = consent_for(yes=yes), timedelta(minutes=wait)
    with workbench(where, Endpoints.of(described), playbooks=playbooks, tenant=described.tenant) as engine:
        if run is not None:
            # A person who resumes a waiting run wants it to look now, not at its time.
            if engine.run(run).status is Status.WAITING:
                engine.wake(run)
            raise typer.Exit(drive(engine, run, SystemClock(), consent, patience=patience))
        raise typer.Exit(_all_due(engine, consent, patience))


def _all_due(engine: Engine, consent: Consent, patience: timedelta) -> ExitCode:
    """Carry on what is due; the exit code is the most urgent one."""
    urgency = (ExitCode.OPERATOR, ExitCode.FAILED, ExitCode.BUSY, ExitCode.WAITING, ExitCode.DONE)
    codes = {drive(engine, run_id, SystemClock(), consent, patience=patience) for run_id in engine.due()}
    return next((code for code in urgency if code in codes), ExitCode.DONE)
