"""`psbridge fleet status`: how many runs of a tenant stand where, and how the brake stands."""

from __future__ import annotations

from collections import Counter

import typer

from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.options import JournalOption, ProfileOption
from psbridge.cli.workbench import database_of, load_profile
from psbridge.report.visible import visible

__all__ = ["status"]


def status(*, profile: ProfileOption = None, journal: JournalOption = None) -> None:
    """Count the runs of the profile's tenant, and tell who has paused or drained them, and why."""
    from psbridge.fleet.store import FleetStore  # noqa: PLC0415 - an extra package

    described = load_profile(profile)
    with FleetStore(database_of(journal, described), tenant=described.tenant, limits=described.limits) as store:
        problems: list[str] = []
        counted = Counter(str(run.status) for run in store.runs(problems=problems) if run.tenant == described.tenant)
        brake = store.brake
    typer.echo(", ".join(f"{number} {name}" for name, number in sorted(counted.items())) or "There is no run yet.")
    if brake.paused or brake.draining:
        state = "draining: workers end" if brake.draining else "paused: no destructive step begins"
        since = f" since {brake.set_at:%Y-%m-%d %H:%M} UTC" if brake.set_at else ""
        typer.echo(f"{state}, by {brake.who}{since}{f': {brake.why}' if brake.why else ''}")
    for problem in problems:
        typer.echo(f"{store.path}: {visible(problem)}", err=True)
    if problems:
        raise typer.Exit(ExitCode.FAILED)
