"""The journal of a fleet: PostgreSQL's, with the brake before each destructive step, and the turns of those who sweep it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from psbridge.errors import InputError, JournalDamaged
from psbridge.fleet.begun import hold_to
from psbridge.fleet.brake import Brake, let_through, read_brake, set_brake
from psbridge.fleet.tables import SCHEMA, make_tables
from psbridge.journal import WAKE, Draft, RunRecord, Status
from psbridge.journal.postgres import PostgresStore
from psbridge.journal.postgres_connection import PostgresConnection
from psbridge.journal.rows import Transaction
from psbridge.profile import Limits

__all__ = ["FleetStore"]

_TURN: Final = (
    f"INSERT INTO {SCHEMA}.sweep AS s VALUES (?, clock_timestamp()) ON CONFLICT (tenant) DO UPDATE SET at = excluded.at "  # noqa: S608 - a constant
    "WHERE s.at <= excluded.at - ?::interval RETURNING 1"
)


class FleetStore(PostgresStore):
    """The journal as one tenant's workers use it; see PostgresStore for `where` and what is raised."""

    def __init__(
        self, where: str, *, tenant: str, limits: Limits | None = None, password: str | None = None, connections: int = 4
    ) -> None:
        super().__init__(where, password=password, connections=connections)
        self._tenant, self._limits = tenant, Limits() if limits is None else limits
        with self._connection.write() as tx:
            make_tables(tx)

    @property
    def connection(self) -> PostgresConnection:
        """The way to the tables that the workers share."""
        return self._connection

    def turn_to_sweep(self, every: float) -> bool:
        """Whether no worker of this tenant has swept for so many seconds; then it is the caller's turn, and nobody else's."""
        with self._connection.write() as tx:
            return bool(tx.rows(_TURN, [self._tenant, f"{every} s"]))

    @property
    def brake(self) -> Brake:
        """How the brake stands."""
        with self._connection.write() as tx:
            return read_brake(tx, self._tenant)

    def set_brake(
        self,
        *,
        paused: bool | None = None,
        draining: bool | None = None,
        who: str,
        why: str,
        problems: list[str] | None = None,
    ) -> None:
        """Pull or release the brake; released, every run that it held back is told.

        A run that cannot be trusted is left as it is, and told in `problems`.
        """
        with self._connection.write() as tx:
            set_brake(tx, self._tenant, paused=paused, draining=draining, who=who, why=why)
        if paused is False:
            self._wake_what_was_held(who, [] if problems is None else problems)

    def _wake_what_was_held(self, who: str, problems: list[str]) -> None:
        for run in self.runs(Status.WAITING, problems=problems):
            if run.signal != WAKE or run.tenant != self._tenant:
                continue
            try:
                self.signal(run.run_id, WAKE, "", who=who, now=self.clock.now())
            except InputError:
                pass  # it has ended meanwhile, and must not keep the others from being told
            except JournalDamaged as error:
                problems.append(error.problem)

    def _let_through(self, tx: Transaction, run: RunRecord, draft: Draft, now: datetime) -> None:
        hold_to(lambda: let_through(tx, run.tenant, self._limits, now), draft, lambda: self._rows.entries(tx, run))
