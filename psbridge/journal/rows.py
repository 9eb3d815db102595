"""Rows of a journal's tables in, records out, and back. What does not fit its chain or its seal is refused here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NoReturn, Protocol

from psbridge.errors import InputError, JournalDamaged
from psbridge.journal.records import (
    GENESIS,
    WRITES,
    Approval,
    Draft,
    Entry,
    Kind,
    RunRecord,
    Signal,
    Status,
    Tally,
    chained,
    dump,
    read_time,
    sealed,
    write_time,
)
from psbridge.journal.schema import RUN_COLUMNS
from psbridge.journal.seals import approval_row, run_row, run_seal, signal_row, tally_in

__all__ = ["Rows", "Transaction"]

_REMEDY: Final = "The file was damaged or changed by hand. Restore the last good copy and keep this one as evidence."
_UNFIT: Final = "a row of table {} ({!r}) does not fit its seal"
_SELECT_RUN: Final = f"SELECT {', '.join(RUN_COLUMNS)}, seal FROM run"  # noqa: S608 - constants only
_AT_HAND: Final = (
    f"{_SELECT_RUN} WHERE status IN ('ready', 'running') OR (status IN ('waiting', 'operator', 'failed') AND wake_at <= ?)"
)
_INSERT_RUN: Final = f"INSERT INTO run VALUES ({', '.join('?' * (len(RUN_COLUMNS) + 1))}) ON CONFLICT DO NOTHING RETURNING 1"  # noqa: S608 - constants only
_UPDATE_RUN: Final = f"UPDATE run SET {', '.join(f'{name} = ?' for name in RUN_COLUMNS)}, seal = ? WHERE run_id = ?"  # noqa: S608 - constants only
_INSERT_APPROVAL: Final = (
    "INSERT INTO approval VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, key, sha, given_at) "
    "DO UPDATE SET who = excluded.who, expires_at = excluded.expires_at, seal = excluded.seal"
)
_RUN_TIMES: Final = ("started_at", "wake_at", "ended_at", "lease_until")
_RUN_DOCUMENTS: Final = ("inputs", "result")


class Transaction(Protocol):
    """Statements inside one transaction."""

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, `?` standing for a value, and give all its rows."""
        ...

    def held(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """As `rows`, for a SELECT; in a transaction that writes nobody else can write these rows before it ends."""
        ...


class Rows:
    """The tables of one journal. Every method works inside somebody's transaction; all raise JournalError, and JournalDamaged for
    what does not fit.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def run(self, tx: Transaction, run_id: str) -> RunRecord:
        """One run; raises InputError if there is none."""
        rows = tx.held(f"{_SELECT_RUN} WHERE run_id = ?", (run_id,))
        if not rows:
            raise InputError(f"There is no run {run_id!r} in {self._path}; `psbridge runs` lists them")
        return self._as_run(rows[0])

    def runs(self, tx: Transaction, *statuses: Status, problems: list[str] | None = None) -> list[RunRecord]:
        """All runs, or those in these statuses; with `problems` the untrustworthy are listed there instead of raised."""
        wanted = f" WHERE status IN ({', '.join('?' * len(statuses))})" if statuses else ""
        runs = []
        for row in tx.rows(_SELECT_RUN + wanted, [status.value for status in statuses]):
            try:
                runs.append(self._as_run(row))
            except JournalDamaged as error:
                if problems is None:
                    raise
                problems.append(error.problem)
        return runs

    def at_hand(self, tx: Transaction, now: datetime) -> tuple[list[RunRecord], list[str]]:
        """The runs that are ready, whose time to be looked at has come, or that somebody carries on.

        Apart from them the ids of those that seem so, by a row that cannot be trusted.
        """
        runs, untrusted = [], []
        for row in tx.rows(_AT_HAND, (write_time(now),)):
            try:
                runs.append(self._as_run(row))
            except JournalDamaged:
                untrusted.append(str(row[0]))
        return runs, untrusted

    def entries(self, tx: Transaction, run: RunRecord) -> list[Entry]:
        """A run's entries, proved whole: no entry lost, changed or moved."""
        previous, entries = GENESIS, []
        for number, row in enumerate(tx.rows("SELECT * FROM entry WHERE run_id = ? ORDER BY seq", (run.run_id,)), start=1):
            entries.append(self._as_entry(row, previous, number))
            previous = entries[-1].hash
        if (len(entries), previous) != (run.entries, run.head):
            self.distrust(f"run {run.run_id} has {len(entries)} entries, expected {run.entries} ending in {run.head[:12]}")
        return entries

    def approvals(self, tx: Transaction, run: RunRecord) -> list[Approval]:
        """A run's approvals, oldest first, none of them lost."""
        rows = tx.rows("SELECT * FROM approval WHERE run_id = ? ORDER BY given_at", (run.run_id,))
        found = [self.unsealed("approval", row) for row in rows]
        if run.tally is not None and len(found) != run.tally.approvals:
            self.distrust(f"run {run.run_id} has {len(found)} approvals, expected {run.tally.approvals}")
        return [Approval(of, key, sha, who, read_time(at), read_time(end)) for of, key, sha, at, who, end in found]

    def signals(self, tx: Transaction, run: RunRecord) -> list[Signal]:
        """A run's signals, in order, none of them lost."""
        rows = tx.rows("SELECT * FROM signal WHERE run_id = ? ORDER BY seq", (run.run_id,))
        found = [self.unsealed("signal", row) for row in rows]
        for number, row in enumerate(found, start=1):
            if row[1] != number:
                self.distrust(f"signal {number} of run {run.run_id} is missing")
        if run.tally is not None and len(found) != run.tally.signals:
            self.distrust(f"run {run.run_id} has {len(found)} signals, expected {run.tally.signals}")
        return [Signal(of, seq, name, text, who, read_time(at)) for of, seq, name, text, who, at in found]

    def insert(self, tx: Transaction, run: RunRecord) -> bool:
        """Put in a new run; False if there is one of this id."""
        row = run_row(run)
        return bool(tx.rows(_INSERT_RUN, [*row, run_seal(row, run.tally)]))

    def save(self, tx: Transaction, run: RunRecord) -> RunRecord:
        """Put a run's new state in place of the old one; gives it back."""
        row = run_row(run)
        tx.rows(_UPDATE_RUN, [*row, run_seal(row, run.tally), run.run_id])
        return run

    def append(self, tx: Transaction, run: RunRecord, draft: Draft, now: datetime) -> tuple[RunRecord, Entry]:
        """Append to a run's chain, and move the run's head with it; gives both."""
        seq, at, body = run.entries + 1, write_time(now), dump(dict(draft.body))
        digest = chained(draft, run_id=run.run_id, seq=seq, at=at, epoch=run.epoch, previous=run.head, body=body)
        known = (run.run_id, seq, draft.key, draft.kind.value, draft.state, draft.attempt, draft.input_hash, at, run.epoch)
        row = (*known, body, run.head, digest)
        tx.rows("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        changed = run.changed or (draft.kind in WRITES and draft.state == "intent")
        moved = self.save(tx, replace(run, entries=seq, head=digest, changed=changed))
        return moved, self._as_entry(row, run.head, seq)

    def add_approval(self, tx: Transaction, run: RunRecord, given: Approval) -> RunRecord:
        """Put in an approval; one of the same moment is given anew. Gives the run that counts it, to be saved."""
        row = approval_row(given)
        again = tx.rows("SELECT 1 FROM approval WHERE run_id = ? AND key = ? AND sha = ? AND given_at = ?", row[:4])
        tx.rows(_INSERT_APPROVAL, row)
        return run if again else _counting(run, approvals=1)

    def add_signal(self, tx: Transaction, run: RunRecord, told: Signal) -> RunRecord:
        """Put in a signal; gives the run that counts it, to be saved."""
        tx.rows("INSERT INTO signal VALUES (?, ?, ?, ?, ?, ?, ?)", signal_row(told))
        return _counting(run, signals=1)

    def holder_of(self, tx: Transaction, tenant: str, object_id: str) -> str:
        """The run that has an object for itself; empty if none has."""
        rows = tx.rows("SELECT * FROM object_lock WHERE tenant = ? AND object_id = ?", (tenant, object_id))
        return str(self.unsealed("object_lock", rows[0])[2]) if rows else ""

    def hold(self, tx: Transaction, run: RunRecord, object_id: str) -> RunRecord | None:
        """Give an object to a run; gives the run that counts it, to be saved, or None if another run was quicker."""
        values = [run.tenant, object_id, run.run_id]
        statement = "INSERT INTO object_lock VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1"
        given = tx.rows(statement, [*values, sealed("object_lock", values)])
        return _counting(run, objects=1) if given else None

    def let_go(self, tx: Transaction, run: RunRecord) -> RunRecord:
        """Take every object from a run; gives the run that has none, to be saved."""
        tx.rows("DELETE FROM object_lock WHERE run_id = ?", (run.run_id,))
        return run if run.tally is None else replace(run, tally=replace(run.tally, objects=0))

    def remove(self, tx: Transaction, run_id: str) -> None:
        """Take a run away, with everything that belongs to it."""
        for table in ("entry", "approval", "signal", "object_lock", "run"):
            tx.rows(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))  # noqa: S608 - constants only

    def unsealed(self, table: str, row: Sequence[Any]) -> list[Any]:
        """A row without its seal, which it fits."""
        *values, seal = row
        try:
            good = sealed(table, values) == seal
        except TypeError:  # bytes where text was written
            good = False
        if not good:
            self.distrust(_UNFIT.format(table, values[0]))
        return values

    def distrust(self, problem: str) -> NoReturn:
        """Raise JournalDamaged."""
        raise JournalDamaged(self._path, problem, remedy=_REMEDY)

    def _as_entry(self, row: Sequence[Any], previous: str, number: int) -> Entry:
        run_id, seq, key, kind, state, attempt, input_hash, at, epoch, body, before, found = row
        try:
            draft = Draft(key, Kind(kind), state, attempt, input_hash)
            expected = chained(draft, run_id=run_id, seq=seq, at=at, epoch=epoch, previous=previous, body=body)
            moment, document = read_time(at), json.loads(body)
        except (ValueError, TypeError, AttributeError):
            expected = ""
        if (seq, before, found) != (number, previous, expected):
            self.distrust(f"entry {number} of run {run_id} ({key!r}) does not fit the chain of hashes")
        return Entry(run_id, seq, key, draft.kind, state, attempt, input_hash, moment, epoch, document, before, found)

    def _as_run(self, row: Sequence[Any]) -> RunRecord:
        *values, seal = row
        try:
            tally = tally_in(seal)
            good = run_seal(values, tally) == seal
        except (ValueError, TypeError, AttributeError):
            good = False
        if not good:
            self.distrust(_UNFIT.format("run", values[0]))
        given = dict(zip(RUN_COLUMNS, values, strict=True))
        given |= {name: read_time(given[name]) for name in _RUN_TIMES if given[name] is not None}
        given |= {name: json.loads(given[name]) for name in _RUN_DOCUMENTS if given[name] is not None}
        return RunRecord(**{**given, "status": Status(given["status"]), "changed": bool(given["changed"]), "tally": tally})


def _counting(run: RunRecord, *, approvals: int = 0, signals: int = 0, objects: int = 0) -> RunRecord:
    """The run with so many more, where they are counted at all."""
    if run.tally is None:
        return run
    of = run.tally
    return replace(run, tally=Tally(of.number, of.approvals + approvals, of.signals + signals, of.objects + objects))
