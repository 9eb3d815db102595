"""The runs that were ever begun in a journal, in order: their count and the chain of their ids, kept in its table `meta`.

A run that was taken away with everything that belonged to it is missed here; one that was forgotten on purpose has left an
entry of its own in `meta`. A run begun before runs were counted has no number: those stand first, by their ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from psbridge.journal.records import GENESIS, RunRecord, dump, linked, sealed, write_time
from psbridge.journal.rows import Rows, Transaction

__all__ = ["RunList", "enlist", "forget", "gaps", "held_list", "is_forgotten"]

_KEY: Final = "runs"
_FORGOTTEN: Final = "forgotten "
_SELECT: Final = "SELECT key, value, seal FROM meta WHERE key = ?"
_NAMED: Final = 10
_NO_LIST: Final = f"table meta has no {_KEY!r}: how many runs were begun is not known"


@dataclass(frozen=True, slots=True)
class RunList:
    """How many runs were begun, and the hash of their ids in order."""

    count: int
    head: str


_NOTHING_YET: Final = RunList(0, GENESIS)


def held_list(tx: Transaction, rows: Rows) -> RunList:
    """The list as it is, and until this transaction ends nobody else begins a run."""
    held = tx.held(_SELECT, (_KEY,))
    if not held:
        # Of two that begin the first runs at once only one gets on here; what the other one began is counted below.
        tx.rows("INSERT INTO meta VALUES (?, ?, ?) ON CONFLICT DO NOTHING", _row(_NOTHING_YET))
        held = tx.held(_SELECT, (_KEY,))
    listed = RunList(**json.loads(rows.unsealed("meta", held[0])[1]))
    if not listed.count and (known := rows.runs(tx)):
        listed = _first(rows, known)
        _save(tx, listed)
    return listed


def enlist(tx: Transaction, held: RunList, run_id: str) -> None:
    """Add a run to the list that this transaction holds."""
    _save(tx, RunList(held.count + 1, linked(held.head, run_id)))


def forget(tx: Transaction, run: RunRecord, who: str, now: datetime) -> None:
    """Keep of a run that is about to be removed as which it was begun, the end of its chain, and who removed it."""
    key = f"{_FORGOTTEN}{run.tally.number if run.tally else 0} {run.run_id}"
    told = {"number": run.tally.number if run.tally else 0, "run_id": run.run_id, "entries": run.entries, "head": run.head}
    value = dump({**told, "ended_at": write_time(run.ended_at or now), "at": write_time(now), "who": who})
    tx.rows("INSERT INTO meta VALUES (?, ?, ?)", (key, value, sealed("meta", [key, value])))


def is_forgotten(key: str) -> bool:
    """Whether an entry of `meta` tells of a run that was removed on purpose."""
    return key.startswith(_FORGOTTEN)


def gaps(meta: Mapping[str, str], runs: Sequence[RunRecord], present: int) -> Iterator[str]:
    """What is wrong: `runs` are those that can be trusted, `present` is how many there are in all."""
    if (told := meta.get(_KEY)) is None:
        if any(run.tally for run in runs):
            yield _NO_LIST
        return
    gone = [json.loads(value) for key, value in meta.items() if is_forgotten(key)]
    places = sorted([*map(_place, runs), *((one["number"], one["run_id"]) for one in gone)])
    begun = RunList(**json.loads(told))
    if present + len(gone) != begun.count:
        numbers = {number for number, _ in places if number}
        unnumbered = present + len(gone) - len(numbers)
        missing = [number for number in range(unnumbered + 1, begun.count + 1) if number not in numbers]
        named = ", ".join([*map(str, missing[:_NAMED]), *(["..."] if missing[_NAMED:] else [])])
        known = f"; missing: those that were begun as number {named}" if missing and present == len(runs) else ""
        forgotten = f", {len(gone)} {'was' if len(gone) == 1 else 'were'} forgotten" if gone else ""
        yield f"{begun.count} runs were begun{forgotten} and {present} are there{known}"
    elif len(runs) == present and _chain(run_id for _, run_id in places) != begun.head:
        yield f"the {present} runs that are there are not those that were begun"


def _first(rows: Rows, known: Sequence[RunRecord]) -> RunList:
    """The list of a journal in which nothing was counted yet."""
    if any(run.tally for run in known):
        rows.distrust(_NO_LIST)
    return RunList(len(known), _chain(run.run_id for run in sorted(known, key=_place)))


def _chain(run_ids: Iterable[str]) -> str:
    head = GENESIS
    for run_id in run_ids:
        head = linked(head, run_id)
    return head


def _place(run: RunRecord) -> tuple[int, str]:
    return (run.tally.number if run.tally else 0), run.run_id


def _save(tx: Transaction, listed: RunList) -> None:
    key, value, seal = _row(listed)
    tx.rows("UPDATE meta SET value = ?, seal = ? WHERE key = ?", (value, seal, key))


def _row(listed: RunList) -> tuple[str, str, str]:
    value = dump(asdict(listed))
    return _KEY, value, sealed("meta", [_KEY, value])
