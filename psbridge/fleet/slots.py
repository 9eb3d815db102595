"""Session slots: how many sessions are open at an endpoint at the same time, never above its cap, with any number of workers.

A slot is a row with an owner and an end. Whoever dies keeps it until that end, because the server keeps its session as well.
Each taking is an owner of its own: a worker that finds a slot free which was once its own has not had it all the time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from psbridge.errors import JournalError
from psbridge.fleet.tables import SCHEMA
from psbridge.journal.rows import Transaction
from psbridge.log import logger

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
_OWN: Final = f"UPDATE {SCHEMA}.slot SET owner = ?, until = clock_timestamp() + ?::interval WHERE place = ? AND number = ?"  # noqa: S608 - a constant
_RENEW: Final = f"UPDATE {SCHEMA}.slot SET until = clock_timestamp() + ?::interval WHERE owner = ANY(?) RETURNING owner"  # noqa: S608 - a constant
_GIVE_BACK: Final = f"UPDATE {SCHEMA}.slot SET owner = '' WHERE owner = ANY(?)"  # noqa: S608 - a constant


class Slots:
    """The slots of one tenant, as one worker takes them. `caps`: sessions by endpoint; an endpoint without one has no limit.

    `lease`: how long a slot stays taken without a renewal. A slot that is taken is known by a name that nobody else has.
    """

    def __init__(self, connection: PostgresConnection, tenant: str, caps: Mapping[str, int], *, lease: timedelta) -> None:
        self._connection, self._tenant, self._caps, self._lease = connection, tenant, dict(caps), lease
        self._sure: dict[str, _Moment] = {}
        self._owed: set[str] = set()
        self._guard = threading.Lock()
        with connection.write() as tx:
            for endpoint, cap in self._caps.items():
                tx.rows(_MAKE, [self._place(endpoint), cap - 1])

    def take(self, endpoints: Iterable[str]) -> list[str] | None:
        """One slot at each of these endpoints that has a cap, or None: all or nothing, so that nobody waits with half of them."""
        begun, taken = _Moment(), dict[str, tuple[str, int]]()
        wanted = sorted(endpoint for endpoint in endpoints if endpoint in self._caps)
        if not wanted:
            return []
        with self._connection.write() as tx:
            owed = self._pay(tx)
            for endpoint in wanted:
                place = self._place(endpoint)
                free = tx.rows(_FREE, [place, self._caps[endpoint]])
                if not free:
                    # What was found free in this transaction is not kept: it is only written below.
                    return None
                taken[uuid4().hex] = (place, int(free[0][0]))
            for name, (place, number) in taken.items():
                tx.rows(_OWN, [name, self._length, place, number])
        with self._guard:
            self._owed -= owed
            self._sure |= dict.fromkeys(taken, begun)
        return list(taken)

    def renew(self) -> None:
        """Keep what is taken for a further lease; what ran out and was taken by somebody else is lost."""
        begun = _Moment()
        with self._guard:
            held = list(self._sure)
        with self._connection.write() as tx:
            owed = self._pay(tx)
            kept = {str(name) for (name,) in tx.rows(_RENEW, [self._length, held])}
        with self._guard:
            self._owed -= owed
            # What was given back meanwhile is not ours again; what was taken meanwhile is not lost.
            self._sure |= dict.fromkeys(kept & self._sure.keys(), begun)
            for name in set(held) - kept:
                self._sure.pop(name, None)

    def holds(self, taken: Iterable[str]) -> bool:
        """Whether all of these are surely still ours: each was taken or renewed less than a lease ago."""
        lease = self._lease.total_seconds()
        with self._guard:
            return all(name in self._sure and self._sure[name].seconds_ago() < lease for name in taken)

    def give_back(self, taken: Iterable[str]) -> None:
        """The sessions are closed. What somebody else has taken over meanwhile stays theirs.

        Where that cannot be written now, it is with the next renewal or taking, and nobody renews these slots until then.
        """
        given = list(taken)
        if not given:
            return
        with self._guard:
            for name in given:
                self._sure.pop(name, None)
        try:
            with self._connection.write() as tx:
                tx.rows(_GIVE_BACK, [given])
        except JournalError as error:
            with self._guard:
                self._owed |= set(given)
            logger.warning(
                "slots could not be given back; that is tried again, and they are free when their lease is over: {}", error
            )

    def _pay(self, tx: Transaction) -> set[str]:
        """Give back what could not be given back before; that it was shows when the transaction is committed."""
        with self._guard:
            owed = set(self._owed)
        if owed:
            tx.rows(_GIVE_BACK, [list(owed)])
        return owed

    @property
    def path(self) -> str:
        """Where the slots are kept, for messages."""
        return self._connection.path

    @property
    def _length(self) -> str:
        return f"{self._lease.total_seconds()} s"

    def _place(self, endpoint: str) -> str:
        return f"{self._tenant}/{endpoint}"


class _Moment:
    """A moment, by both of the computer's clocks."""

    def __init__(self) -> None:
        self._steady, self._wall = time.monotonic(), time.time()

    def seconds_ago(self) -> float:
        """By the quicker clock: one may stand still while the machine sleeps, the other may be set back."""
        return max(time.monotonic() - self._steady, time.time() - self._wall)
