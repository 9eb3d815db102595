"""The tables of a journal file, as SQL, and the numbers by which a file is known as one.

Every table is its own index (WITHOUT ROWID), so that no second copy of a key can disagree with the first.
`seal` is the hash of the rest of the row; entries carry the chain instead. A run's seal also holds how many approvals,
signals and objects it has, and `meta` the chain of all runs: what was taken away is missed.
"""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "RUN_COLUMNS", "SCHEMA_VERSION", "TABLES"]

# "psbr" in ASCII; `file` and SQLite show it.
APPLICATION_ID: Final = 0x70736272
SCHEMA_VERSION: Final = 1

RUN_COLUMNS: Final = (
    "run_id",
    "playbook",
    "version",
    "tenant",
    "inputs",
    "started_at",
    "started_by",
    "status",
    "wake_at",
    "signal",
    "why",
    "question",
    "result",
    "changed",
    "ended_at",
    "owner",
    "reign",
    "lease_until",
    "lease_monotonic",
    "epoch",
    "entries",
    "head",
)

TABLES: Final = {
    "meta": "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, seal TEXT NOT NULL) WITHOUT ROWID",
    "run": f"CREATE TABLE run ({', '.join(RUN_COLUMNS)}, seal TEXT NOT NULL, PRIMARY KEY (run_id)) WITHOUT ROWID",
    "entry": (
        "CREATE TABLE entry (run_id TEXT NOT NULL, seq INTEGER NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, "
        "state TEXT NOT NULL, attempt INTEGER NOT NULL, input_hash TEXT NOT NULL, at TEXT NOT NULL, epoch INTEGER NOT NULL, "
        "body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (run_id, seq)) WITHOUT ROWID"
    ),
    "approval": (
        "CREATE TABLE approval (run_id TEXT NOT NULL, key TEXT NOT NULL, sha TEXT NOT NULL, given_at TEXT NOT NULL, "
        "who TEXT NOT NULL, expires_at TEXT NOT NULL, seal TEXT NOT NULL, PRIMARY KEY (run_id, key, sha, given_at)) "
        "WITHOUT ROWID"
    ),
    "signal": (
        "CREATE TABLE signal (run_id TEXT NOT NULL, seq INTEGER NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, "
        "who TEXT NOT NULL, at TEXT NOT NULL, seal TEXT NOT NULL, PRIMARY KEY (run_id, seq)) WITHOUT ROWID"
    ),
    "object_lock": (
        "CREATE TABLE object_lock (tenant TEXT NOT NULL, object_id TEXT NOT NULL, run_id TEXT NOT NULL, seal TEXT NOT NULL, "
        "PRIMARY KEY (tenant, object_id)) WITHOUT ROWID"
    ),
}
