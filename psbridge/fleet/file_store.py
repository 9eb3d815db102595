"""A journal in a file with a limit on destructive steps, as a database has it for all workers of a fleet."""

from __future__ import annotations

import os
from datetime import datetime

from psbridge.fleet.begun import hold_to
from psbridge.fleet.hourly import hold_to_hourly
from psbridge.journal import Draft, RunRecord, SqliteStore
from psbridge.journal.rows import Transaction

__all__ = ["LimitedFile"]


class LimitedFile(SqliteStore):
    """See SqliteStore; a destructive step beyond the limit raises HeldBack, and the run waits until one may begin again."""

    def __init__(self, path: str | os.PathLike[str], *, destructive_per_hour: int) -> None:
        super().__init__(path)
        self._most = destructive_per_hour

    def _let_through(self, tx: Transaction, run: RunRecord, draft: Draft, now: datetime) -> None:
        hold_to(lambda: hold_to_hourly(tx, run.tenant, self._most, now), draft, lambda: self._rows.entries(tx, run))
