"""How many destructive steps of a tenant began within an hour; one too many is held back until the first is an hour old."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from psbridge.errors import HeldBack
from psbridge.journal.records import read_time, write_time
from psbridge.journal.rows import Transaction

__all__ = ["hold_to_hourly"]

_HOUR: Final = timedelta(hours=1)
_BEGUN: Final = (
    "SELECT e.at FROM entry e JOIN run r ON r.run_id = e.run_id WHERE r.tenant = ? AND e.kind = 'destroy' AND e.state = 'intent' "
    "AND e.at > ? ORDER BY e.at"
)


def hold_to_hourly(tx: Transaction, tenant: str, most: int, now: datetime) -> None:
    """Raise HeldBack where one more would be more than `most`."""
    begun = [at for (at,) in tx.rows(_BEGUN, [tenant, write_time(now - _HOUR)])]
    if len(begun) >= most:
        why = f"{len(begun)} destructive steps began within an hour, and the limit is {most}"
        raise HeldBack(why, read_time(begun[-most]) + _HOUR)
