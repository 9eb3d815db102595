"""Options in; an engine over a journal, with its sessions and playbooks, out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import typer

from psbridge.cli.live import Live
from psbridge.clock import Clock
from psbridge.discovery import find_playbooks
from psbridge.endpoints import Endpoints
from psbridge.engine import Desk, Engine, Playbook
from psbridge.errors import InputError, JournalError, ProfileError
from psbridge.journal.opening import Place, open_journal, place_of, view_journal
from psbridge.journal.reading import Journal
from psbridge.profile import Profile, default_journal_path, default_profile_path
from psbridge.workplace import open_store, settings_of, under_limits, unheld

__all__ = [
    "database_of",
    "file_of",
    "journal_of",
    "journal_path",
    "load_profile",
    "missing_endpoints",
    "open_desk",
    "open_view",
    "workbench",
]


def load_profile(path: Path | None, *, optional: bool = False) -> Profile:
    """The named profile, or the default one; if `optional`, one without endpoints in its place. Raises ProfileError."""
    if optional and path is None and not default_profile_path().exists():
        return Profile(endpoints={})
    return Profile.load(path or default_profile_path())


def journal_of(journal: str | None, profile: Path | None) -> Place:
    """The journal of a command that opens no session: the named one, else that of the named profile, else the default."""
    return journal_path(journal, None if profile is None else Profile.load(profile))


def journal_path(journal: str | None, profile: Profile | None = None) -> Place:
    """The named journal, else the profile's (the default profile's where none is given), else the default one."""
    if journal is not None:
        return place_of(journal)
    if profile is None and default_profile_path().exists():
        profile = Profile.load(default_profile_path())
    if profile is not None and profile.journal is not None:
        return place_of(profile.journal)
    return default_journal_path()


@contextmanager
def workbench(
    journal: Place,
    endpoints: Endpoints,
    live: Live,
    *,
    playbooks: Path | None = None,
    tenant: str = "",
    clock: Clock | None = None,
    profile: Profile | None = None,
) -> Iterator[Engine]:
    """An engine over a journal that is made if there is none; sessions and journal are closed at the end. `live` watches it.

    `profile`: what it keeps to; none for a rehearsal or a replay, which reach nobody. Raises what opening the journal raises.
    """
    if isinstance(journal, Path):
        journal.parent.mkdir(parents=True, exist_ok=True)
    described = Profile(endpoints={}) if profile is None else profile
    if lacking := unheld(journal, described):
        typer.echo(f"WARNING: {lacking}", err=True)
    with (
        open_store(journal, described) as store,
        closing(under_limits(endpoints, store, described)) as limited,
    ):
        over, settings = live.over(limited), settings_of(described)
        yield Engine(store, find_playbooks(playbooks), over, clock=clock, tenant=tenant, settings=settings, watch=live.take)


@contextmanager
def open_desk(journal: Place) -> Iterator[Desk]:
    """A journal to approve, answer and cancel in; it must be there. Raises JournalError."""
    _must_exist(journal)
    store = open_journal(journal)
    try:
        yield Desk(store)
    finally:
        store.close()


@contextmanager
def open_view(journal: Place) -> Iterator[Journal]:
    """A journal to read; it must be there. Raises JournalError."""
    _must_exist(journal)
    with view_journal(journal) as view:
        yield view


def missing_endpoints(profile: Profile, playbook: Playbook, inputs: Mapping[str, str]) -> None:
    """Raise ProfileError, before anything is begun, for an endpoint that is not configured or a program that is not there."""
    problems, remedies = [], set()
    for name in playbook.needed(inputs):
        endpoint = next((described for known, described in profile.endpoints.items() if known == name), None)
        if endpoint is None:
            problems.append(f"endpoints.{name} is not configured, and {playbook.name} needs it")
            remedies.add(f"Describe it in the profile as [endpoints.{name}]")
        elif endpoint.command and shutil.which(endpoint.command[0]) is None:
            problems.append(f"endpoints.{name}: no PowerShell was found at {endpoint.command[0]!r}")
            remedies.add("Install PowerShell 7, or name its program in the profile")
    if problems:
        remedy = f"{'. '.join(sorted(remedies))}. Nothing was begun."
        raise ProfileError("; ".join(problems), remedy=remedy)


def file_of(journal: str | None, what: str) -> Path | None:
    """A journal that must be a file of its own; raises InputError for a database, which others share."""
    place = None if journal is None else place_of(journal)
    if isinstance(place, str):
        raise InputError(f"{what} keeps its journal in a file of its own, never in a database: name a new file, or none")
    return place


def database_of(journal: str | None, profile: Profile) -> str:
    """The address of the database that a fleet's journal is in; raises InputError for a file."""
    place = journal_path(journal, profile)
    if isinstance(place, str):
        return place
    raise InputError(
        f"{place} is a file, and a file has one worker: name the address of a PostgreSQL database as the profile's `journal`, "
        'or with --journal, such as "postgresql://psbridge@db.contoso.com/psbridge"'
    )


def _must_exist(journal: Place) -> None:
    if isinstance(journal, Path) and not journal.exists():
        raise JournalError(str(journal), "there is no journal", remedy="Name it with --journal, or begin a run first.")
