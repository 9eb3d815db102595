"""A profile in; journal, sessions and times out, as its runs are carried on: under its limits, and under the brake of its fleet.

Every command that carries runs on begins here, and so does a program of your own: `open_engine`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from psbridge.endpoints import Endpoints
from psbridge.engine import Endpoints as AnyEndpoints
from psbridge.engine import Engine, Playbook, Settings
from psbridge.errors import InputError
from psbridge.journal import SqliteStore
from psbridge.journal.opening import Place, is_database, place_of
from psbridge.log import logger
from psbridge.profile import Profile, default_journal_path

if TYPE_CHECKING:
    from psbridge.fleet.store import FleetStore

__all__ = ["open_engine", "open_store", "settings_of", "under_limits", "unheld"]

_LEASE: Final = Settings().lease


@contextmanager
def open_engine(profile: Profile, playbooks: Mapping[str, Playbook], *, journal: Place | None = None) -> Iterator[Engine]:
    """An engine for the profile's tenant, over its journal or the one that is named; both are closed at the end.

    What the profile's limits hold back waits, as in a worker. Raises what `open_store` raises.
    """
    named = place_of(profile.journal) if profile.journal is not None else default_journal_path()
    with (
        open_store(named if journal is None else journal, profile) as store,
        closing(under_limits(Endpoints.of(profile), store, profile)) as endpoints,
    ):
        yield Engine(store, playbooks, endpoints, tenant=profile.tenant, settings=settings_of(profile))


def open_store(where: Place, profile: Profile) -> SqliteStore | FleetStore:
    """The journal that asks the profile's limits, and in a database the brake, before each destructive step.

    It is made if there is none. Raises what the store raises. A file does not hold every limit: see `unheld`.
    """
    if isinstance(where, str) and is_database(where):
        return _fleet_store()(where, tenant=profile.tenant, limits=profile.limits)
    if lacking := unheld(where, profile):
        logger.warning("{}", lacking)
    if profile.limits.destructive_per_hour is None:
        return SqliteStore(where)
    from psbridge.fleet.file_store import LimitedFile  # noqa: PLC0415 - most profiles have no limits

    return LimitedFile(where, destructive_per_hour=profile.limits.destructive_per_hour)


def unheld(where: Place, profile: Profile) -> str:
    """The limit of the profile that this journal cannot hold it to, and why; empty where there is none."""
    if profile.limits.stop_after_failures is None or (isinstance(where, str) and is_database(where)):
        return ""
    return (
        "limits.stop_after_failures does not hold here: it needs a journal in PostgreSQL, where `psbridge fleet resume` says "
        "that somebody has looked. --max-failures stops the users of one file."
    )


def under_limits(endpoints: AnyEndpoints, store: SqliteStore | FleetStore, profile: Profile) -> AnyEndpoints:
    """Endpoints with the profile's slots and pace, which a database shares with every worker.

    A file has one worker, and it opens one session at an endpoint: that is within every limit; its pace is its own.
    """
    limits, connection = profile.limits, None
    if not isinstance(store, SqliteStore):
        connection = store.connection
        if limits.sessions:
            from psbridge.fleet.bench import SlottedEndpoints  # noqa: PLC0415 - most profiles have no limits
            from psbridge.fleet.slots import Slots  # noqa: PLC0415

            caps = {str(name): cap for name, cap in limits.sessions.items()}
            slots = Slots(connection, profile.tenant, caps, lease=2 * _LEASE)
            endpoints = SlottedEndpoints(endpoints, slots, lease=2 * _LEASE)
    if limits.calls_per_minute:
        from psbridge.fleet.pace import PacedEndpoints  # noqa: PLC0415

        per_minute = {str(name): limit for name, limit in limits.calls_per_minute.items()}
        endpoints = PacedEndpoints(endpoints, connection, profile.tenant, per_minute, store.clock.sleep)
    return endpoints


def settings_of(profile: Profile, *, lease: timedelta = _LEASE) -> Settings:
    """The times that the profile decides.

    A server may go on with a cmdlet for as long as its answer is waited for, so nothing is believed undone before that.
    """
    deadlines = [timedelta(seconds=endpoint.deadline) for endpoint in profile.endpoints.values()]
    longest = max([Settings().cmdlet_timeout, *deadlines])
    return Settings(lease=lease, cmdlet_timeout=longest, approval=timedelta(days=profile.approvals.wait_days))


def _fleet_store() -> type[FleetStore]:
    """Import it only where it is used: most have a file, and psycopg takes its time."""
    try:
        from psbridge.fleet.store import FleetStore  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise InputError('a journal in PostgreSQL needs a further package: python -m pip install "psbridge[fleet]"') from error
    return FleetStore
