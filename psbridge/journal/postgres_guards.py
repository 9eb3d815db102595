"""A PostgreSQL server's settings in, the reasons why it could lose a commit out (engine-notes 5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from psbridge.journal.rows import Transaction

__all__ = ["unsafe"]

_MUST_BE_ON: Final = ("fsync", "full_page_writes", "synchronous_commit")
# Nobody fails over to what a base backup is writing. Its two connections have this name, the one for the log is `streaming` as a
# replica's is, and an account without pg_read_all_stats sees the name and no state. What is made of it connects under another.
_BASE_BACKUP: Final = "pg_basebackup"
_REPLICAS: Final = "SELECT count(*) FROM pg_stat_replication WHERE application_name IS DISTINCT FROM ?"


def unsafe(tx: Transaction) -> Iterator[str]:
    """Look at the server from inside a transaction that has asked for `synchronous_commit = on`."""
    for setting in _MUST_BE_ON:
        value = tx.rows("SELECT current_setting(?)", [setting])[0][0]
        if value != "on":
            yield f"{setting} is {value}, expected on"
    if tx.rows("SELECT pg_is_in_recovery()")[0][0]:
        yield "it is a replica (pg_is_in_recovery), expected the primary"
    replicas = tx.rows(_REPLICAS, [_BASE_BACKUP])[0][0]
    if replicas and not tx.rows("SELECT current_setting('synchronous_standby_names')")[0][0]:
        yield f"it has {replicas} replicas and no synchronous_standby_names, expected one: a fail-over would lose commits"
