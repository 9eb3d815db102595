"""A moment in, the runs that failed or stopped before a person since then out: what `stop_after_failures` counts.

A run counts whatever was done with it since, so it must still be there to be counted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from psbridge.journal.records import RunRecord, write_time
from psbridge.journal.rows import Transaction

__all__ = ["NEVER_SEEN", "count_failures", "is_failure"]

# Since when they count where nobody has ever said that somebody has looked: no journal is older.
NEVER_SEEN: Final = datetime(1970, 1, 1, tzinfo=UTC)

# What a person cancelled is no failure, and a question that the playbook asks by design is no stop.
_FAILURES: Final = (
    "FROM entry e JOIN run r ON r.run_id = e.run_id WHERE r.tenant = ? AND e.at > ? "
    "AND ((e.kind = 'operator' AND e.state = 'stopped') OR (e.kind = 'end' AND e.state = 'failed' AND NOT EXISTS "
    "(SELECT 1 FROM signal s WHERE s.run_id = e.run_id AND s.name = 'cancel' AND s.at <= e.at)))"
)


def count_failures(tx: Transaction, tenant: str, since: datetime) -> int:
    """How many runs of a tenant count."""
    return int(tx.rows(f"SELECT count(DISTINCT e.run_id) {_FAILURES}", [tenant, write_time(since)])[0][0])


def is_failure(tx: Transaction, run: RunRecord, since: datetime) -> bool:
    """Whether this run is one of them."""
    found = tx.rows(f"SELECT 1 {_FAILURES} AND e.run_id = ? LIMIT 1", [run.tenant, write_time(since), run.run_id])
    return bool(found)
