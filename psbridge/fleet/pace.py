"""The pace of an endpoint: calls of all workers together, spread evenly, not more in a minute than its limit.

A call that does not wait (the last look before a destructive step) is counted as well: whoever comes next waits for it. So is
each repeat of a read, which waits where its first try did.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from psbridge.command import Pipeline
from psbridge.engine.endpoints import Endpoints, EngineSession, StreamingSession, deadline_of, reserve, take_turn
from psbridge.errors import InputError
from psbridge.fleet.tables import SCHEMA
from psbridge.reply import Reply
from psbridge.session import Session

if TYPE_CHECKING:
    from psbridge.journal.postgres_connection import PostgresConnection

__all__ = ["PacedEndpoints"]

_NEXT: Final = (
    f"INSERT INTO {SCHEMA}.pace AS p VALUES (?, clock_timestamp() + ?::interval) ON CONFLICT (place) DO UPDATE "  # noqa: S608 - a constant
    "SET next_at = greatest(p.next_at, clock_timestamp()) + ?::interval "
    "RETURNING extract(epoch FROM next_at - ?::interval - clock_timestamp())"
)
# A long wait looks so often, in seconds, whether it is to go on: a stop must not have to wait for a turn.
_SLICE: Final = 1.0

# An endpoint and the seconds between two calls in; the seconds until our turn out, which is ours then.
Book: TypeAlias = Callable[[str, float], float]


class PacedEndpoints:
    """Endpoints whose sessions have turns. `connection`: to what all workers share; None where this process is the only one."""

    def __init__(
        self,
        endpoints: Endpoints,
        connection: PostgresConnection | None,
        tenant: str,
        per_minute: Mapping[str, float],
        sleep: Callable[[float], None],
    ) -> None:
        self._endpoints, self._per_minute, self._sleep = endpoints, per_minute, sleep
        self._book: Book = _alone() if connection is None else _together(connection, tenant)
        self._paced: dict[str, _PacedSession] = {}

    def session(self, endpoint: str) -> EngineSession:
        """The session of one endpoint, paced where it has a limit."""
        session = self._endpoints.session(endpoint)
        limit = self._per_minute.get(endpoint)
        if limit is None:
            return session
        known = self._paced.get(endpoint)
        # The same as before, as long as it is open: who was given it may stop it while somebody else waits with it.
        if known is None or not known.leads_to(session):
            pace = _Pace(lambda: self._book(endpoint, 60 / limit), self._sleep)
            streams = isinstance(session, StreamingSession)
            known = self._paced[endpoint] = (_PacedStreamingSession if streams else _PacedSession)(session, pace)
        return known

    def reserve(self, endpoints: Collection[str]) -> bool:
        """Make sure of sessions, where they are scarce; see ScarceEndpoints."""
        return reserve(self._endpoints, endpoints)

    def close(self) -> None:
        """Disconnect every session."""
        self._endpoints.close()
        self._paced.clear()


class _Pace:
    """How one session comes to its turns."""

    def __init__(self, book: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.book, self._sleep = book, sleep
        self._stopped, self._waits = threading.Event(), True

    def turn(self, *, wait: bool) -> None:
        self._stopped.clear()
        self._waits = wait
        self.repeat()

    def repeat(self) -> None:
        """One more call of the same turn: a stop that came since is for it, too."""
        left = self.book()
        while self._waits and left > 0 and not self._stopped.is_set():
            self._sleep(min(left, _SLICE))
            left -= _SLICE

    def stop(self) -> None:
        self._stopped.set()


class _PacedSession:
    def __init__(self, session: EngineSession, pace: _Pace) -> None:
        self._session, self._pace = session, pace
        if isinstance(session, Session):
            session.before_repeat = pace.repeat

    @property
    def deadline(self) -> float:
        return deadline_of(self._session)

    def turn(self, *, wait: bool) -> None:
        # First the session's own, which forgets an earlier stop: one that comes while we wait must not be forgotten.
        take_turn(self._session, wait=wait)
        self._pace.turn(wait=wait)

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        return self._session.ask(pipeline, reads=reads)

    def glance(self, pipeline: Pipeline, *, seconds: float) -> Reply:
        """A look beside the run, on which nothing depends: it does not wait, and is counted. Raises InputError."""
        if not isinstance(self._session, Session):
            raise InputError("this session cannot be asked beside a run")
        self._pace.book()
        return self._session.glance(pipeline, seconds=seconds)

    def stop(self) -> None:
        self._pace.stop()
        self._session.stop()

    def leads_to(self, session: EngineSession) -> bool:
        return self._session == session


class _PacedStreamingSession(_PacedSession):
    def stream(self, pipeline: Pipeline, begin: Callable[[], Callable[[bytes], object]]) -> Reply:
        assert isinstance(self._session, StreamingSession)
        return self._session.stream(pipeline, begin)


def _together(connection: PostgresConnection, tenant: str) -> Book:
    def book(endpoint: str, gap: float) -> float:
        spaced = f"{gap} s"
        with connection.write() as tx:
            return float(tx.rows(_NEXT, [f"{tenant}/{endpoint}", spaced, spaced, spaced])[0][0])

    return book


def _alone() -> Book:
    following: dict[str, float] = {}

    def book(endpoint: str, gap: float) -> float:
        now = time.monotonic()
        ours = max(now, following.get(endpoint, now))
        following[endpoint] = ours + gap
        return ours - now

    return book
