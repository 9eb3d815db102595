"""What the engine asks of a journal, over any database that has transactions; each method is one of them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psbridge.errors import ApprovalError, EvidenceMissing, InputError, LeaseLost, OperatorNeeded, Stopped
from psbridge.journal.reading import Journal
from psbridge.journal.records import WRITES, Approval, Draft, Entry, Kind, Lease, NewRun, Pause, RunRecord, Signal, Status, Tally
from psbridge.journal.rows import Transaction
from psbridge.journal.run_list import enlist, forget, held_list
from psbridge.journal.seals import storable
from psbridge.journal.store import CANCEL, WAKE

__all__ = ["WritableJournal"]


class WritableJournal(Journal):
    """A journal that can be written; see Store for what each method promises.

    Where the journal has a clock of its own, times are that clock's: what the caller tells only says how much later something is.
    """

    # The worker that this process is, where a journal has one worker only; empty where leases alone count.
    _reign = ""

    def stale(self, run: RunRecord, *, now: datetime, monotonic: float) -> bool:
        """Whether nobody can be at work on a running run: its worker is gone, or its lease ran out by either clock.

        The second clock bounds a lease when the first one is set back (engine-notes 5.1).
        """
        if self._reign and run.reign != self._reign:
            return True
        return run.lease_until is None or now >= run.lease_until or (bool(self._reign) and monotonic >= run.lease_monotonic)

    def due(self, *, now: datetime, monotonic: float, limit: int | None = None) -> list[str]:
        """Look at the runs that may be due; those that wait for a later time cost nothing, however many there are."""
        with self._connection.read() as tx:
            at_hand, untrusted = self._rows.at_hand(tx, now)
        runs = [run for run in at_hand if self._due(run, now, monotonic)]
        runs.sort(key=lambda run: (run.wake_at or run.lease_until or run.started_at, run.run_id))
        return [*(run.run_id for run in runs), *sorted(untrusted)][:limit]

    def create(self, new: NewRun, *, now: datetime) -> RunRecord:
        """Begin a run; the first entry says what it is and who began it. One of this id that is there is given as it is."""
        run = RunRecord(new.run_id, new.playbook, new.version, new.tenant, dict(new.inputs), now, new.started_by)
        body = {
            "playbook": run.playbook,
            "version": run.version,
            "tenant": run.tenant,
            "inputs": run.inputs,
            "who": run.started_by,
        }
        with self._connection.write() as tx:
            begun = held_list(tx, self._rows)
            run = replace(run, started_at=tx.moment(now), tally=Tally(begun.count + 1))
            if not self._rows.insert(tx, run):
                return self._rows.run(tx, new.run_id)
            enlist(tx, begun, run.run_id)
            return self._rows.append(tx, run, Draft("", Kind.START, "begun", body=body), run.started_at)[0]

    def acquire(
        self, run_id: str, *, owner: str, now: datetime, until: datetime, monotonic: float, monotonic_until: float
    ) -> tuple[RunRecord, Lease | None]:
        """Take a run that is ready, whose time has come, or whose holder is gone; each taking raises the epoch."""
        with self._connection.write() as tx:
            run = self._rows.run(tx, run_id)
            told, now = now, tx.moment(now)
            until += now - told
            if run.status.halted or not self._due(run, now, monotonic):
                return run, None
            run = replace(
                run,
                status=Status.RUNNING,
                wake_at=None,
                signal="",
                why="",
                question="",
                owner=owner,
                reign=self._reign,
                lease_until=until,
                lease_monotonic=monotonic_until,
                epoch=run.epoch + 1,
            )
            self._rows.save(tx, run)
        return run, Lease(run_id, owner, run.epoch, until, monotonic_until)

    def renew(self, lease: Lease, *, now: datetime, until: datetime, monotonic_until: float) -> None:
        """Make a lease last longer, never shorter; one that has run out is not brought back."""
        with self._connection.write() as tx:
            run = self._held(tx, lease)
            told, now = now, tx.moment(now)
            until += now - told
            self._in_time(run, now)
            until, monotonic_until = max(until, run.lease_until or until), max(monotonic_until, run.lease_monotonic)
            self._rows.save(tx, replace(run, lease_until=until, lease_monotonic=monotonic_until))
            lease.until, lease.monotonic = until, monotonic_until

    def append(
        self,
        lease: Lease,
        draft: Draft,
        *,
        now: datetime,
        requires: Sequence[str] = (),
        objects: Sequence[str] = (),
        until: datetime | None = None,
        monotonic_until: float | None = None,
    ) -> Entry:
        """Write one entry; see Store for what is checked with it."""
        with self._connection.write() as tx:
            run = self._held(tx, lease)
            told, now = now, tx.moment(now)
            if requires:
                self._require(tx, draft.key, lease.run_id, requires)
            if draft.kind in WRITES and draft.state == "intent":
                self._in_time(run, now)
                self._not_cancelled(tx, run, draft.key)
                self._let_through(tx, run, draft, now)
            run = self._claim(tx, run, draft.key, objects)
            if until is not None and monotonic_until is not None:
                until += now - told
                run = replace(run, lease_until=until, lease_monotonic=monotonic_until)
                lease.until, lease.monotonic = until, monotonic_until
            _, entry = self._rows.append(tx, run, draft, now)
        return entry

    def suspend(self, lease: Lease, pause: Pause, *, now: datetime, seen: int) -> RunRecord:
        """Put a run down, unless a signal came meanwhile: then it stays ours, to be looked at again."""
        with self._connection.write() as tx:
            run = self._held(tx, lease)
            told, now = now, tx.moment(now)
            wake_at = None if pause.wake_at is None else pause.wake_at + (now - told)
            names = {signal.name for signal in self._rows.signals(tx, run) if signal.seq > seen}
            if names & {pause.signal, CANCEL, WAKE}:
                return run
            if pause.status is Status.OPERATOR:
                # A question of the playbook has a signal that answers it.
                state = "asked" if pause.signal or not pause.went_wrong else "stopped"
                body = {"why": pause.why, "question": pause.question}
                run, _ = self._rows.append(tx, run, Draft("", Kind.OPERATOR, state, body=body), now)
            run = replace(_unheld(run), status=pause.status, wake_at=wake_at, signal=pause.signal)
            run = replace(run, why=storable(pause.why), question=storable(pause.question))
            self._rows.save(tx, run)
        return run

    def finish(
        self,
        lease: Lease,
        *,
        now: datetime,
        status: Status,
        why: str = "",
        result: Mapping[str, Any] | None = None,
        wake_at: datetime | None = None,
    ) -> RunRecord:
        """End a run, in its chain too, and give back its objects."""
        with self._connection.write() as tx:
            return self._end(tx, self._held(tx, lease), status, why, result, tx.moment(now), wake_at)

    def remind(self, run_id: str, *, now: datetime, question: str, wake_at: datetime | None) -> RunRecord:
        """Write that a run which rests is told of again, and when it is next; nothing where somebody else has just done so."""
        with self._connection.write() as tx:
            run, now = self._rows.run(tx, run_id), tx.moment(now)
            if not (run.status.halted and run.wake_at is not None and run.wake_at <= now):
                return run
            body = {"why": run.why, "question": question}
            run, _ = self._rows.append(tx, run, Draft("", Kind.OPERATOR, "reminded", body=body), now)
            return self._rows.save(tx, replace(run, wake_at=wake_at))

    def release(self, lease: Lease, *, now: datetime) -> None:
        """Give a run back unfinished."""
        with contextlib.suppress(LeaseLost), self._connection.write() as tx:
            self._rows.save(tx, replace(_unheld(self._held(tx, lease)), status=Status.READY, wake_at=tx.moment(now)))

    def approve(self, run_id: str, key: str, sha: str, *, who: str, now: datetime, expires_at: datetime) -> RunRecord:
        """Keep an approval and its signal with one commit."""
        with self._connection.write() as tx:
            run = self._rows.run(tx, run_id)
            if run.status.ended:
                raise ApprovalError(key, f"run {run_id} has ended ({run.status})", "Nothing is left to approve.")
            told, now = now, tx.moment(now)
            expires_at += now - told
            run = self._rows.add_approval(tx, run, Approval(run_id, key, sha, who, now, expires_at))
            return self._tell(tx, run, f"approval:{key}", sha, who, now)

    def signal(self, run_id: str, name: str, text: str, *, who: str, now: datetime) -> RunRecord:
        """Keep a signal and wake whoever waits for it."""
        with self._connection.write() as tx:
            run = self._rows.run(tx, run_id)
            if run.status.ended:
                raise InputError(f"Run {run_id} has ended ({run.status}); nothing listens to {name!r}")
            return self._tell(tx, run, name, text, who, tx.moment(now))

    def cancel(self, run_id: str, *, who: str, why: str, now: datetime, monotonic: float) -> RunRecord:
        """End a run that rests; one that is being carried on ends before its next change."""
        with self._connection.write() as tx:
            run = self._rows.run(tx, run_id)
            if run.status.ended:
                raise InputError(f"Run {run_id} has ended already ({run.status})")
            now = tx.moment(now)
            run = self._tell(tx, run, CANCEL, "", who, now)
            if run.status is Status.RUNNING and not self.stale(run, now=now, monotonic=monotonic):
                return run
            return self._end(tx, replace(run, epoch=run.epoch + 1), Status.FAILED, why, None, now)

    def retry(self, run_id: str, *, who: str, now: datetime) -> RunRecord:
        """Open a stopped run again, unless it was cancelled; its chain says who did it."""
        with self._connection.write() as tx:
            run = self._rows.run(tx, run_id)
            if not run.status.halted:
                raise InputError(f"Run {run_id} is {run.status}; only a run that failed or needs an operator is tried again")
            if run.status is Status.FAILED and self._is_cancelled(tx, run):
                raise InputError(f"Run {run_id} was cancelled, and is over. Begin a new run of {run.playbook} instead")
            now, told = tx.moment(now), len(self._rows.signals(tx, run))
            run, _ = self._rows.append(tx, run, Draft("", Kind.RETRY, "asked", body={"who": who, "signals": told}), now)
            run = replace(run, status=Status.READY, wake_at=now, ended_at=None, why="", question="", signal="")
            self._rows.save(tx, run)
            self._woken(tx, run)
            return run

    def forget(self, run_id: str, *, who: str, now: datetime) -> None:
        """Remove a run that has ended; only that it was there, the end of its chain and who removed it are kept."""
        with self._connection.write() as tx:
            # The list must be there before what it is of goes.
            held_list(tx, self._rows)
            run = self._rows.run(tx, run_id)
            if not run.status.ended:
                raise InputError(f"Run {run_id} is {run.status}; only a run that has ended is forgotten")
            # What cannot be trusted is evidence of that.
            self._rows.entries(tx, run)
            if kept := self._why_kept(tx, run):
                raise InputError(f"Run {run_id} stays: {kept}")
            forget(tx, run, storable(who), tx.moment(now))
            self._wipe(tx)
            self._rows.remove(tx, run_id)

    def _wipe(self, tx: Transaction) -> None:
        """What is deleted in this transaction leaves nothing behind in the file, where that can be asked for."""

    def _due(self, run: RunRecord, now: datetime, monotonic: float) -> bool:
        if run.status is Status.RUNNING:
            return self.stale(run, now=now, monotonic=monotonic)
        if run.status is Status.WAITING or run.status.halted:
            return run.wake_at is not None and run.wake_at <= now
        return run.status is Status.READY

    def _woken(self, tx: Transaction, run: RunRecord) -> None:
        """A run has just become ready again: a journal with workers elsewhere tells them, when this commits."""

    def _let_through(self, tx: Transaction, run: RunRecord, draft: Draft, now: datetime) -> None:
        """Raise HeldBack where a limit holds this intent back."""

    def _held(self, tx: Transaction, lease: Lease) -> RunRecord:
        run = self._rows.run(tx, lease.run_id)
        if (run.status, run.owner, run.epoch) != (Status.RUNNING, lease.owner, lease.epoch):
            raise LeaseLost(self.path, lease.run_id, f"it was taken over (epoch {run.epoch}, ours was {lease.epoch})")
        return run

    def _in_time(self, run: RunRecord, now: datetime) -> None:
        if run.lease_until is None or now >= run.lease_until:
            raise LeaseLost(self.path, run.run_id, "its lease ran out before it was renewed")

    def _not_cancelled(self, tx: Transaction, run: RunRecord, key: str) -> None:
        if self._is_cancelled(tx, run):
            raise OperatorNeeded(key, "the run was cancelled before this step was sent.", "")

    def _is_cancelled(self, tx: Transaction, run: RunRecord) -> bool:
        """Whether somebody cancelled it since it was last tried again."""
        rows = tx.rows("SELECT body FROM entry WHERE run_id = ? AND kind = 'retry' ORDER BY seq DESC LIMIT 1", (run.run_id,))
        forgiven = json.loads(rows[0][0])["signals"] if rows else 0
        return any(signal.name == CANCEL and signal.seq > forgiven for signal in self._rows.signals(tx, run))

    def _require(self, tx: Transaction, key: str, run_id: str, requires: Sequence[str]) -> None:
        rows = tx.rows("SELECT key FROM entry WHERE run_id = ? AND kind = 'evidence' AND state = 'done'", (run_id,))
        missing = tuple(name for name in requires if (name,) not in rows)
        if missing:
            raise EvidenceMissing(key, missing)

    def _claim(self, tx: Transaction, run: RunRecord, key: str, objects: Sequence[str]) -> RunRecord:
        for object_id in objects:
            holder = self._rows.holder_of(tx, run.tenant, object_id)
            if not holder:
                if (holding := self._rows.hold(tx, run, object_id)) is not None:
                    run = holding
                    continue
                holder = self._rows.holder_of(tx, run.tenant, object_id)
            if holder and holder != run.run_id:
                raise Stopped(
                    key,
                    found=f"run {holder} works on the object {object_id}.",
                    expected="no other run that works on it.",
                    remedy=f"Let run {holder} end, or cancel it.",
                    changed=run.changed,
                )
        return run

    def _tell(self, tx: Transaction, run: RunRecord, name: str, text: str, who: str, now: datetime) -> RunRecord:
        """Add a signal; a run that rests and waits for it is made ready by the same commit."""
        seq = len(self._rows.signals(tx, run)) + 1
        run = self._rows.add_signal(tx, run, Signal(run.run_id, seq, name, text, who, now))
        waits_for_it = name in {run.signal, CANCEL} or (name == WAKE and run.status is Status.WAITING)
        wakes = run.status in {Status.WAITING, Status.OPERATOR} and waits_for_it
        if wakes:
            run = replace(run, status=Status.READY, wake_at=now)
        self._rows.save(tx, run)
        if wakes:
            self._woken(tx, run)
        return run

    def _end(
        self,
        tx: Transaction,
        run: RunRecord,
        status: Status,
        why: str,
        result: Mapping[str, Any] | None,
        now: datetime,
        wake_at: datetime | None = None,
    ) -> RunRecord:
        body = {"why": why, "result": None if result is None else dict(result)}
        run, _ = self._rows.append(tx, run, Draft("", Kind.END, status.value, body=body), now)
        run = replace(
            _unheld(run), status=status, why=storable(why), question="", signal="", wake_at=wake_at, ended_at=now, result=result
        )
        return self._rows.save(tx, self._rows.let_go(tx, run))


def _unheld(run: RunRecord) -> RunRecord:
    return replace(run, owner="", reign="", lease_until=None, lease_monotonic=0.0)
