"""What the engine asks of a journal; each store keeps the same contract (engine-notes sections 1 to 6).

Every method is one transaction. A method that takes a lease checks owner and epoch in that same transaction and
raises LeaseLost when somebody else has taken the run over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from psbridge.clock import Clock
from psbridge.journal.records import Approval, Draft, Entry, Lease, NewRun, Pause, RunRecord, Signal, Status, WholeRun

__all__ = ["CANCEL", "WAKE", "Store"]

# Names of signals that any run listens to.
CANCEL = "cancel"
WAKE = "wake"


class Store(Protocol):
    """A journal that can be written."""

    @property
    def path(self) -> str:
        """Where it is, for messages."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock by which this journal's leases and waits go."""
        ...

    def worker(self, holder: str) -> AbstractContextManager[None]:
        """Be the one worker of this journal, as long as the block lasts. Raises JournalBusy."""
        ...

    def create(self, new: NewRun, *, now: datetime) -> RunRecord:
        """Begin a run. Where there is one of this id it is given as it is: whether it is the same the caller must see."""
        ...

    def run(self, run_id: str) -> RunRecord:
        """One run. Raises InputError if there is none."""
        ...

    def runs(self, *statuses: Status, problems: list[str] | None = None) -> list[RunRecord]:
        """All runs, or those in these statuses, oldest first.

        Raises JournalDamaged for a run whose row cannot be trusted; with `problems` it is told there, and left out.
        """
        ...

    def entries(self, run_id: str) -> list[Entry]:
        """A run's journal in order, its chain of hashes proved."""
        ...

    def approvals(self, run_id: str) -> list[Approval]:
        """Every approval given to a run, oldest first."""
        ...

    def signals(self, run_id: str) -> list[Signal]:
        """Every signal to a run, in order."""
        ...

    def whole(self, run_id: str) -> WholeRun:
        """All of these, as they were at one moment. Raises InputError if there is no such run."""
        ...

    def stale(self, run: RunRecord, *, now: datetime, monotonic: float) -> bool:
        """Whether a running run's lease is no longer worth anything, so that it may be taken over."""
        ...

    def due(self, *, now: datetime, monotonic: float, limit: int | None = None) -> list[str]:
        """The runs that can be carried on now, longest due first: ready, time come, or left behind by a worker that is gone.

        Among them those that somebody is to be reminded of (`remind`).
        Last come those whose row cannot be trusted: whoever takes one up is told why (JournalError), and all others went on.
        """
        ...

    def acquire(
        self, run_id: str, *, owner: str, now: datetime, until: datetime, monotonic: float, monotonic_until: float
    ) -> tuple[RunRecord, Lease | None]:
        """Take a run that is due. No lease means that it is not to be had: the run's status says why."""
        ...

    def renew(self, lease: Lease, *, now: datetime, until: datetime, monotonic_until: float) -> None:
        """Make a lease last longer, never shorter. Raises LeaseLost, also when it had run out before."""
        ...

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
        """Write one entry.

        `requires` names evidence that must be there (else EvidenceMissing), `objects` what this run now has for itself
        in its tenant (else Stopped, naming the run that has it). An intent is refused when the lease has run out
        (LeaseLost) or the run was cancelled (RunError). `until` moves the lease's end with the same commit.
        """
        ...

    def suspend(self, lease: Lease, pause: Pause, *, now: datetime, seen: int) -> RunRecord:
        """Put a run down. If a signal that concerns it came after `seen`, it stays RUNNING under the lease: look again."""
        ...

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
        """End a run and give back what it had for itself; of one that failed somebody is reminded at `wake_at`."""
        ...

    def remind(self, run_id: str, *, now: datetime, question: str, wake_at: datetime | None) -> RunRecord:
        """Write that somebody is told again of a halted run whose `wake_at` has come, and when next; once for each such time."""
        ...

    def release(self, lease: Lease, *, now: datetime) -> None:
        """Give a run back unfinished, to be resumed at once. Does nothing if it is no longer ours."""
        ...

    def approve(self, run_id: str, key: str, sha: str, *, who: str, now: datetime, expires_at: datetime) -> RunRecord:
        """Keep an approval and wake the run if it waits for it. Raises ApprovalError if the run has ended."""
        ...

    def signal(self, run_id: str, name: str, text: str, *, who: str, now: datetime) -> RunRecord:
        """Keep a signal and wake the run if it waits for it. Raises InputError if the run has ended."""
        ...

    def cancel(self, run_id: str, *, who: str, why: str, now: datetime, monotonic: float) -> RunRecord:
        """End a run that nobody carries on, or tell the one who does to end it. Raises InputError if it has ended."""
        ...

    def retry(self, run_id: str, *, who: str, now: datetime) -> RunRecord:
        """Make a run that stopped ready again, after a person saw to it. Raises InputError in any other status."""
        ...

    def forget(self, run_id: str, *, who: str, now: datetime) -> None:
        """Remove a run that has ended, for good.

        Raises InputError for one that has not, and for one that a limit still counts; JournalError for a damaged one.
        """
        ...

    def close(self) -> None:
        """Close it."""
        ...
