"""What all workers of one database share beside the journal: session slots, the pace of each endpoint, the brake, the sweep."""

from __future__ import annotations

from typing import Final

from psbridge.journal.postgres_schema import FLEET as SCHEMA
from psbridge.journal.postgres_schema import SCHEMA as JOURNAL
from psbridge.journal.rows import Transaction

__all__ = ["SCHEMA", "make_tables"]

_SLOT: Final = "place text, number bigint, owner text NOT NULL, until timestamptz NOT NULL"
_BRAKE: Final = "paused boolean NOT NULL, draining boolean NOT NULL, who text NOT NULL, why text NOT NULL"
_TABLES: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    # A slot is one open session; it belongs to its owner until `until`, and to nobody after it.
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.slot ({_SLOT}, PRIMARY KEY (place, number))",
    # When the next call may be sent to an endpoint.
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.pace (place text PRIMARY KEY, next_at timestamptz NOT NULL)",
    # Failures before `since` were seen to by a person. `who` set it at `set_at`: databases were made that did not keep that.
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.brake (tenant text PRIMARY KEY, {_BRAKE}, since timestamptz NOT NULL)",
    f"ALTER TABLE {SCHEMA}.brake ADD COLUMN IF NOT EXISTS set_at timestamptz",
    # When one of the workers last looked for what is due.
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.sweep (tenant text PRIMARY KEY, at timestamptz NOT NULL)",
    # What the limits count, in a table that only grows.
    f"CREATE INDEX IF NOT EXISTS entry_destroyed ON {JOURNAL}.entry (at) WHERE kind = 'destroy' AND state = 'intent'",
    f"CREATE INDEX IF NOT EXISTS entry_stopped ON {JOURNAL}.entry (at) WHERE kind IN ('operator', 'end')",
)
# There if all is there: to add a column keeps everybody from its table for a moment, so it is not tried at each opening.
_NEWEST: Final = "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass(?) AND attname = 'set_at' AND NOT attisdropped"
_LOCK_OF_MAKING: Final = 0x70736273


def make_tables(tx: Transaction) -> None:
    """Make them if they are not there; several workers may start at once."""
    tx.rows("SELECT pg_advisory_xact_lock(?)", [_LOCK_OF_MAKING])
    if not tx.rows(_NEWEST, [f"{SCHEMA}.brake"]):
        for statement in _TABLES:
            tx.rows(statement)
