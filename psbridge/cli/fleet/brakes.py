"""The brake of all workers of a tenant: pulled, released, and told to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.options import JournalOption, ProfileOption
from psbridge.cli.workbench import database_of, load_profile
from psbridge.engine import system_actor
from psbridge.report.visible import visible

__all__ = ["drain", "pause", "resume"]

_Why = Annotated[str, typer.Option("--why", help="The reason; whoever looks at a run that is held back reads it.")]


def pause(*, why: _Why = "", profile: ProfileOption = None, journal: JournalOption = None) -> None:
    """Let no destructive step begin, in any worker; looks, waits and what is under way go on."""
    _set(journal, profile, paused=True, draining=None, why=why)
    typer.echo("Paused: no destructive step begins. Release it with `psbridge fleet resume`.")


def resume(*, why: _Why = "", profile: ProfileOption = None, journal: JournalOption = None) -> None:
    """Release the brake, and take the failures so far as seen; runs that were held back go on at once."""
    problems = _set(journal, profile, paused=False, draining=False, why=why)
    typer.echo("Released. Workers that were drained have to be started again.")
    for problem in problems:
        typer.echo(f"Left as it is: {visible(problem)}", err=True)
    if problems:
        raise typer.Exit(ExitCode.FAILED)


def drain(*, why: _Why = "", profile: ProfileOption = None, journal: JournalOption = None) -> None:
    """Have every worker end when what it has under way has come to rest; none that is started now stays."""
    _set(journal, profile, paused=None, draining=True, why=why)
    typer.echo("Draining: workers end by themselves. `psbridge fleet resume`, then start them again.")


def _set(journal: str | None, profile: Path | None, *, paused: bool | None, draining: bool | None, why: str) -> list[str]:
    """Gives what was found damaged on the way."""
    from psbridge.fleet.store import FleetStore  # noqa: PLC0415 - an extra package

    described = load_profile(profile)
    with FleetStore(database_of(journal, described), tenant=described.tenant, limits=described.limits) as store:
        problems: list[str] = []
        store.set_brake(paused=paused, draining=draining, who=system_actor(), why=why, problems=problems)
    return problems
