"""The pace of an endpoint: calls of all workers together, spread evenly, never more in a minute than its limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from psbridge.command import Pipeline
from psbridge.engine.endpoints import Endpoints, EngineSession, StreamingSession
from psbridge.fleet.tables import SCHEMA
from psbridge.journal.postgres_connection import PostgresConnection
from psbridge.reply import Reply

__all__ = ["PacedEndpoints"]

_NEXT: Final = (
    f"INSERT INTO {SCHEMA}.pace AS p VALUES (?, clock_timestamp() + ?::interval) ON CONFLICT (place) DO UPDATE "  # noqa: S608 - a constant
    "SET next_at = greatest(p.next_at, clock_timestamp()) + ?::interval "
    "RETURNING extract(epoch FROM next_at - ?::interval - clock_timestamp())"
)


class PacedEndpoints:
    """Endpoints each of whose calls waits for its turn."""

    def __init__(
        self,
        endpoints: Endpoints,
        connection: PostgresConnection,
        tenant: str,
        per_minute: Mapping[str, float],
        sleep: Callable[[float], None],
    ) -> None:
        self._endpoints, self._connection, self._tenant = endpoints, connection, tenant
        self._per_minute, self._sleep = per_minute, sleep

    def session(self, endpoint: str) -> EngineSession:
        """The session of one endpoint, paced where it has a limit."""
        session = self._endpoints.session(endpoint)
        limit = self._per_minute.get(endpoint)
        if limit is None:
            return session
        gap = 60 / limit
        if isinstance(session, StreamingSession):
            return _PacedStreamingSession(session, lambda: self._wait(endpoint, gap))
        return _PacedSession(session, lambda: self._wait(endpoint, gap))

    def close(self) -> None:
        """Disconnect every session."""
        self._endpoints.close()

    def _wait(self, endpoint: str, gap: float) -> None:
        spaced = f"{gap} s"
        with self._connection.write() as tx:
            seconds = float(tx.rows(_NEXT, [f"{self._tenant}/{endpoint}", spaced, spaced, spaced])[0][0])
        if seconds > 0:
            self._sleep(seconds)


class _PacedSession:
    def __init__(self, session: EngineSession, turn: Callable[[], None]) -> None:
        self._session, self._turn = session, turn

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        self._turn()
        return self._session.ask(pipeline, reads=reads)

    def stop(self) -> None:
        self._session.stop()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _PacedSession) and self._session is other._session

    def __hash__(self) -> int:
        return hash(id(self._session))


class _PacedStreamingSession(_PacedSession):
    def __init__(self, session: StreamingSession, turn: Callable[[], None]) -> None:
        super().__init__(session, turn)
        self._stream = session.stream

    def stream(self, pipeline: Pipeline, begin: Callable[[], Callable[[bytes], object]]) -> Reply:
        self._turn()
        return self._stream(pipeline, begin)
