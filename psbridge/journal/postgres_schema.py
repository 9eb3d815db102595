"""The tables of a journal in PostgreSQL, as SQL: the columns of the embedded one, in a schema of their own."""

from __future__ import annotations

from typing import Final

from psbridge.journal.schema import RUN_COLUMNS

__all__ = ["COLUMNS", "FLEET", "SCHEMA", "TABLES"]

SCHEMA: Final = "psbridge"
# What the workers of one database share beside the journal, where there are any.
FLEET: Final = "psbridge_fleet"
_TEXT: Final = "text"
_NUMBER: Final = "bigint"
_COLLATE: Final = ' COLLATE "C"'
_NUMBERS_OF_A_RUN: Final = frozenset({"changed", "epoch", "entries"})


def _kind(column: str) -> str:
    if column == "lease_monotonic":
        return "double precision"
    return _NUMBER if column in _NUMBERS_OF_A_RUN else _TEXT


# Name, columns, and what is unique; text sorts by its bytes, as the times in it do.
_DESCRIBED: Final[dict[str, tuple[tuple[tuple[str, str], ...], str]]] = {
    "meta": ((("key", _TEXT), ("value", _TEXT), ("seal", _TEXT)), "key"),
    "run": ((*((name, _kind(name)) for name in RUN_COLUMNS), ("seal", _TEXT)), "run_id"),
    "entry": (
        (
            *(("run_id", _TEXT), ("seq", _NUMBER), ("key", _TEXT), ("kind", _TEXT), ("state", _TEXT), ("attempt", _NUMBER)),
            *(("input_hash", _TEXT), ("at", _TEXT), ("epoch", _NUMBER), ("body", _TEXT), ("previous", _TEXT), ("hash", _TEXT)),
        ),
        "run_id, seq",
    ),
    "approval": (
        tuple((name, _TEXT) for name in ("run_id", "key", "sha", "given_at", "who", "expires_at", "seal")),
        "run_id, key, sha, given_at",
    ),
    "signal": (
        tuple((name, _NUMBER if name == "seq" else _TEXT) for name in ("run_id", "seq", "name", "text", "who", "at", "seal")),
        "run_id, seq",
    ),
    "object_lock": (tuple((name, _TEXT) for name in ("tenant", "object_id", "run_id", "seal")), "tenant, object_id"),
}


def _table(name: str) -> str:
    columns, unique = _DESCRIBED[name]
    told = ", ".join(f"{column} {kind}{_COLLATE if kind == _TEXT else ''}" for column, kind in columns)
    return f"CREATE TABLE {SCHEMA}.{name} ({told}, PRIMARY KEY ({unique}))"


TABLES: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    *(_table(name) for name in _DESCRIBED),
    # What is due is looked for all the time, in a table that only grows.
    f"CREATE INDEX run_by_status ON {SCHEMA}.run (status, wake_at)",
    f"CREATE INDEX object_lock_by_run ON {SCHEMA}.object_lock (run_id)",
)
# As information_schema.columns lists them.
COLUMNS: Final = [(name, column, kind) for name in sorted(_DESCRIBED) for column, kind in _DESCRIBED[name][0]]
