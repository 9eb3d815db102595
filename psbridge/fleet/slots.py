"""Session slots: how many sessions are open at an endpoint at the same time, never above its cap, with any number of workers.

A slot is a row with an owner and an end. Whoever dies keeps it until that end, because the server keeps its session as well.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from psbridge.fleet.tables import SCHEMA
from psbridge.journal.rows import Transaction

if TYPE_CHECKING:
    from psbridge.journal.postgres_connection import PostgresConnection

__all__ = ["Slots"]

_FREE: Final = (
    f"SELECT number FROM {SCHEMA}.slot WHERE place = ? AND number < ? AND (owner = '' OR until <= clock_timestamp()) "  # noqa: S608 - a constant
    "ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_MAKE: Final = (
    f"INSERT INTO {SCHEMA}.slot SELECT ?, number, '', clock_timestamp() FROM generate_series(0, ?) AS number "  # noqa: S608 - a constant
    "ON CONFLICT DO NOTHING"
)


class Slots:
    """The slots of one tenant, as one worker takes them. `caps`: sessions by endpoint; an endpoint without one has no limit."""

    def __init__(
        self, connection: PostgresConnection, tenant: str, caps: Mapping[str, int], *, owner: str, lease: timedelta
    ) -> None:
        self._connection, self._tenant, self._caps = connection, tenant, dict(caps)
        self._owner, self._lease = owner, lease
        self._sure: dict[tuple[str, int], float] = {}
        self._guard = threading.Lock()
        with connection.write() as tx:
            for endpoint, cap in self._caps.items():
                tx.rows(_MAKE, [self._place(endpoint), cap - 1])

    def take(self, endpoints: Iterable[str]) -> list[tuple[str, int]] | None:
        """One slot at each of these endpoints that has a cap, or None: all or nothing, so that nobody waits with half of them."""
        taken, begun = [], time.monotonic()
        wanted = sorted(endpoint for endpoint in endpoints if endpoint in self._caps)
        if not wanted:
            return []
        with self._connection.write() as tx:
            for endpoint in wanted:
                place = self._place(endpoint)
                free = tx.rows(_FREE, [place, self._caps[endpoint]])
                if not free:
                    # What was taken in this transaction is not kept: it is only written below.
                    return None
                taken.append((place, int(free[0][0])))
            for place, number in taken:
                self._own(tx, place, number, self._owner)
        with self._guard:
            self._sure |= dict.fromkeys(taken, begun)
        return taken

    def renew(self) -> None:
        """Keep every slot of this worker for a further lease; one that ran out and was taken by another is lost."""
        begun, before = time.monotonic(), set(self._sure)
        with self._connection.write() as tx:
            kept = tx.rows(
                f"UPDATE {SCHEMA}.slot SET until = clock_timestamp() + ?::interval WHERE owner = ? RETURNING place, number",  # noqa: S608 - a constant
                [f"{self._lease.total_seconds()} s", self._owner],
            )
        with self._guard:
            still = {(str(place), int(number)): begun for place, number in kept}
            # What was taken meanwhile is not among them, and is not lost either.
            self._sure = {slot: at for slot, at in self._sure.items() if slot not in before} | still

    def holds(self, taken: Iterable[tuple[str, int]]) -> bool:
        """Whether all of these are surely still this worker's: each was taken or renewed less than a lease ago."""
        oldest = time.monotonic() - self._lease.total_seconds()
        with self._guard:
            return all(self._sure.get(slot, oldest) > oldest for slot in taken)

    def give_back(self, taken: Iterable[tuple[str, int]]) -> None:
        """The sessions are closed. A slot that somebody else has taken over meanwhile stays theirs."""
        given = list(taken)
        if not given:
            return
        with self._guard:
            for slot in given:
                self._sure.pop(slot, None)
        with self._connection.write() as tx:
            for place, number in given:
                tx.rows(
                    f"UPDATE {SCHEMA}.slot SET owner = '' WHERE place = ? AND number = ? AND owner = ?",  # noqa: S608 - a constant
                    [place, number, self._owner],
                )

    def _own(self, tx: Transaction, place: str, number: int, owner: str) -> None:
        tx.rows(
            f"UPDATE {SCHEMA}.slot SET owner = ?, until = clock_timestamp() + ?::interval WHERE place = ? AND number = ?",  # noqa: S608 - a constant
            [owner, f"{self._lease.total_seconds()} s", place, number],
        )

    def _place(self, endpoint: str) -> str:
        return f"{self._tenant}/{endpoint}"
