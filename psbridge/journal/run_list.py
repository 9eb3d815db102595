"""The runs that were ever begun in a journal, in order: their count and the chain of their ids, kept in its table `meta`.

A run that was taken away with everything that belonged to it is missed here. A run begun before runs were counted has no
number: those stand first, by their ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from psbridge.journal.records import GENESIS, RunRecord, dump, linked, sealed
from psbridge.journal.rows import Rows, Transaction

__all__ = ["RunList", "enlist", "gaps", "held_list"]

_KEY: Final = "runs"
_SELECT: Final = "SELECT key, value, seal FROM meta WHERE key = ?"
_NAMED: Final = 10
_NO_LIST: Final = f"table meta has no {_KEY!r}: how many runs were begun is not known"


@dataclass(frozen=True, slots=True)
class RunList:
    """How many runs were begun, and the hash of their ids in order."""

    count: int
    head: str


def held_list(tx: Transaction, rows: Rows) -> RunList:
    """The list as it is, and until this transaction ends nobody else begins a run."""
    held = tx.held(_SELECT, (_KEY,))
    if not held:
        tx.rows("INSERT INTO meta VALUES (?, ?, ?) ON CONFLICT DO NOTHING", _row(_first(rows, rows.runs(tx))))
        held = tx.held(_SELECT, (_KEY,))
    return RunList(**json.loads(rows.unsealed("meta", held[0])[1]))


def enlist(tx: Transaction, held: RunList, run_id: str) -> None:
    """Add a run to the list that this transaction holds."""
    key, value, seal = _row(RunList(held.count + 1, linked(held.head, run_id)))
    tx.rows("UPDATE meta SET value = ?, seal = ? WHERE key = ?", (value, seal, key))


def gaps(told: str | None, runs: Iterable[RunRecord], present: int) -> Iterator[str]:
    """What is wrong: `told` is what `meta` holds of the runs that can be trusted, `present` how many there are in all."""
    runs = sorted(runs, key=_place)
    if told is None:
        if any(run.tally for run in runs):
            yield _NO_LIST
        return
    begun, numbers = RunList(**json.loads(told)), {run.tally.number for run in runs if run.tally}
    if present != begun.count:
        missing = [number for number in range(present - len(numbers) + 1, begun.count + 1) if number not in numbers]
        named = ", ".join([*map(str, missing[:_NAMED]), *(["..."] if missing[_NAMED:] else [])])
        known = f"; missing: those that were begun as number {named}" if missing and present == len(runs) else ""
        yield f"{begun.count} runs were begun and {present} are there{known}"
    elif len(runs) == present and _chain(runs) != begun.head:
        yield f"the {present} runs that are there are not those that were begun"


def _first(rows: Rows, known: Sequence[RunRecord]) -> RunList:
    """The list of a journal in which nothing was counted yet."""
    if any(run.tally for run in known):
        rows.distrust(_NO_LIST)
    return RunList(len(known), _chain(sorted(known, key=_place)))


def _chain(runs: Iterable[RunRecord]) -> str:
    head = GENESIS
    for run in runs:
        head = linked(head, run.run_id)
    return head


def _place(run: RunRecord) -> tuple[int, str]:
    return (run.tally.number if run.tally else 0), run.run_id


def _row(listed: RunList) -> tuple[str, str, str]:
    value = dump(asdict(listed))
    return _KEY, value, sealed("meta", [_KEY, value])
