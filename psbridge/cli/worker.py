"""`psbridge worker`: one of many processes that carry on the runs of a journal in PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from psbridge.cli.options import JournalOption, PlaybooksOption, ProfileOption
from psbridge.cli.workbench import database_of, load_profile
from psbridge.discovery import find_playbooks
from psbridge.endpoints import Endpoints
from psbridge.report.visible import visible
from psbridge.workplace import settings_of

__all__ = ["worker"]


def worker(
    *,
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, help="Runs carried on at the same time.")] = 4,
    lease: Annotated[float, typer.Option("--lease", min=1, help="Seconds after which a dead worker's runs go to others.")] = 60.0,
    profile: ProfileOption = None,
    journal: JournalOption = None,
    playbooks: PlaybooksOption = None,
) -> None:
    """Carry on what is due, until Ctrl+C or `psbridge fleet drain`: then what is under way comes to its next rest first.

    When a server refuses who we are it says so and takes no further run, because each would sign in again and could lock the
    account. They stay due: see to the cause, end the worker, and start it again.

    Start as many as you like, on as many machines: the journal keeps them apart. What they keep to together is the table
    `limits` of the profile. It approves nothing: `psbridge approve` does, and wakes the run at once.
    """
    # An extra package, and half a second, which only those shall wait who use it.
    from psbridge.fleet.worker import Worker, WorkerSettings  # noqa: PLC0415

    described = load_profile(profile)
    address = database_of(journal, described)
    settings = WorkerSettings(concurrency=concurrency, engine=settings_of(described, lease=timedelta(seconds=lease)))
    at_work = Worker(
        address,
        find_playbooks(playbooks),
        lambda: Endpoints.of(described),
        tenant=described.tenant,
        limits=described.limits,
        settings=settings,
        tell=lambda text: typer.echo(visible(text), err=True),
    )
    typer.echo(f"At work for {described.tenant or 'no tenant'} in {at_work.path}; Ctrl+C lets what is under way come to rest.")
    at_work.run()
    typer.echo("At rest.")
