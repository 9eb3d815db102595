"""A journal in a file with a limit on destructive steps, as a database has it for all workers of a fleet."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Final

from psbridge.errors import HeldBack
from psbridge.journal import Draft, Kind, RunRecord, SqliteStore
from psbridge.journal.records import read_time, write_time
from psbridge.journal.rows import Transaction

__all__ = ["LimitedFile"]

_HOUR: Final = timedelta(hours=1)
_BEGUN: Final = (
    "SELECT e.at FROM entry e JOIN run r ON r.run_id = e.run_id WHERE r.tenant = ? AND e.kind = 'destroy' AND e.state = 'intent' "
    "AND e.at > ? ORDER BY e.at"
)


class LimitedFile(SqliteStore):
    """See SqliteStore; a destructive step beyond the limit raises HeldBack, and the run waits until one may begin again."""

    def __init__(self, path: str | os.PathLike[str], *, destructive_per_hour: int) -> None:
        super().__init__(path)
        self._most = destructive_per_hour

    def _let_through(self, tx: Transaction, run: RunRecord, draft: Draft, now: datetime) -> None:
        if draft.kind is not Kind.DESTROY:
            return
        begun = [at for (at,) in tx.rows(_BEGUN, [run.tenant, write_time(now - _HOUR)])]
        if len(begun) >= self._most:
            why = f"{len(begun)} destructive steps began within an hour, and the limit is {self._most}"
            raise HeldBack(why, read_time(begun[-self._most]) + _HOUR)
