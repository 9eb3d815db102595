"""A journal's tables in, what does not belong together out: rows without their run, runs and locks that are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from psbridge.errors import JournalError
from psbridge.journal.records import RunRecord
from psbridge.journal.rows import Rows, Transaction
from psbridge.journal.run_list import gaps

__all__ = ["inconsistencies"]

_OF_A_RUN: Final = ("entry", "approval", "signal", "object_lock")
_ALWAYS: Final = ("schema", "journal")


def inconsistencies(tx: Transaction, rows: Rows, runs: Sequence[RunRecord]) -> Iterator[str]:
    """Look at the whole journal inside one transaction; `runs` are those that can be trusted."""
    [(present,)] = tx.rows("SELECT count(*) FROM run")
    problems: list[str] = []
    meta = {row[0]: row[1] for row in _trusted(rows, "meta", tx.rows("SELECT key, value, seal FROM meta"), problems)}
    locks = Counter(row[2] for row in _trusted(rows, "object_lock", tx.rows("SELECT * FROM object_lock"), problems))
    yield from problems
    yield from (f"table meta has no {key!r}" for key in _ALWAYS if key not in meta)
    yield from gaps(meta, runs, present)
    for table in _OF_A_RUN:
        alone = f"SELECT run_id, count(*) FROM {table} WHERE run_id NOT IN (SELECT run_id FROM run) GROUP BY run_id"  # noqa: S608 - constants only
        for run_id, count in tx.rows(f"{alone} ORDER BY run_id"):
            yield f"run {run_id} is missing, and table {table} has {count} of its rows"
    for run in runs:
        if run.tally is not None and locks[run.run_id] != run.tally.objects:
            yield f"run {run.run_id} has {locks[run.run_id]} objects for itself, expected {run.tally.objects}"


def _trusted(rows: Rows, table: str, found: Sequence[Sequence[Any]], problems: list[str]) -> Iterator[list[Any]]:
    for row in found:
        try:
            yield rows.unsealed(table, row)
        except JournalError as error:
            problems.append(error.problem)
