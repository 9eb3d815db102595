"""Options in; an engine over a journal, with its sessions and playbooks, out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from psbridge.clock import Clock, SystemClock
from psbridge.discovery import find_playbooks
from psbridge.endpoints import Endpoints
from psbridge.engine import Desk, Engine, Playbook
from psbridge.errors import JournalError, ProfileError
from psbridge.journal import JournalView, SqliteStore
from psbridge.profile import Profile, default_journal_path, default_profile_path

__all__ = ["journal_of", "journal_path", "load_profile", "missing_endpoints", "open_desk", "open_view", "workbench"]


def load_profile(path: Path | None, *, optional: bool = False) -> Profile:
    """The named profile, or the default one; if `optional`, one without endpoints in its place. Raises ProfileError."""
    if optional and path is None and not default_profile_path().exists():
        return Profile(endpoints={})
    return Profile.load(path or default_profile_path())


def journal_of(journal: Path | None, profile: Path | None) -> Path:
    """The journal of a command that opens no session: the named one, else that of the named profile, else the default."""
    return journal_path(journal, None if profile is None else Profile.load(profile))


def journal_path(journal: Path | None, profile: Profile | None = None) -> Path:
    """The named journal, else the profile's (the default profile's where none is given), else the default one."""
    if journal is not None:
        return journal
    if profile is None and default_profile_path().exists():
        profile = Profile.load(default_profile_path())
    if profile is not None and profile.journal is not None:
        return profile.journal
    return default_journal_path()


@contextmanager
def workbench(
    journal: Path, endpoints: Endpoints, *, playbooks: Path | None = None, tenant: str = "", clock: Clock | None = None
) -> Iterator[Engine]:
    """An engine over a journal that is made if there is none; sessions and journal are closed at the end."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    store = SqliteStore(journal)
    try:
        yield Engine(store, find_playbooks(playbooks), endpoints, clock=clock or SystemClock(), tenant=tenant)
    finally:
        endpoints.close()
        store.close()


@contextmanager
def open_desk(journal: Path) -> Iterator[Desk]:
    """A journal to approve, answer and cancel in; it must be there. Raises JournalError."""
    _must_exist(journal)
    store = SqliteStore(journal)
    try:
        yield Desk(store)
    finally:
        store.close()


@contextmanager
def open_view(journal: Path) -> Iterator[JournalView]:
    """A journal to read; it must be there. Raises JournalError."""
    _must_exist(journal)
    with SqliteStore.view(journal) as view:
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


def _must_exist(journal: Path) -> None:
    if not journal.exists():
        raise JournalError(str(journal), "there is no journal", remedy="Name it with --journal, or begin a run first.")
