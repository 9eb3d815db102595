"""A lease in, kept alive as long as `advance` works; and the hand that writes under it.

The heartbeat is inside `advance`, so that it is there under every caller. When a renewal fails or comes late, the
sessions are stopped and nothing more is written or sent (engine-notes 5.1).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

from psbridge.clock import Clock
from psbridge.engine.context import Terms
from psbridge.errors import JournalError, LeaseLost
from psbridge.journal import Draft, Entry, Lease, Store

__all__ = ["Heartbeat"]


class Heartbeat:
    """Renews one lease from a thread of its own, and refuses to write or send once it is lost."""

    def __init__(
        self,
        store: Store,
        lease: Lease,
        clock: Clock,
        period: timedelta,
        on_loss: Callable[[], None],
        watch: Callable[[Entry], None] = lambda _: None,
    ) -> None:
        self._store, self._lease, self._clock, self._period, self._on_loss = store, lease, clock, period, on_loss
        self._watch = watch
        self._kept: list[Entry] | None = None
        self._stop = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"psbridge-lease-{lease.run_id}", daemon=True)

    def append(self, draft: Draft, terms: Terms) -> Entry:
        """Write one entry under the lease."""
        if self._lost.is_set():
            self._raise_lost()
        now = self._clock.now()
        length = None if terms.hold is None else self._period + terms.hold
        try:
            entry = self._store.append(
                self._lease,
                draft,
                now=now,
                requires=terms.requires,
                objects=terms.objects,
                until=None if length is None else now + length,
                monotonic_until=None if length is None else self._clock.monotonic() + length.total_seconds(),
            )
        except JournalError:
            # Even if a playbook bears with it: after an entry that is not there no step may follow.
            self._lost.set()
            raise
        if self._kept is None:
            self._watch(entry)
        else:
            self._kept.append(entry)
        return entry

    def held(self) -> None:
        """Raises LeaseLost if the run is no longer surely ours: nothing may be sent."""
        late = self._clock.monotonic() >= self._lease.monotonic or self._clock.now() >= self._lease.until
        if late or self._lost.is_set():
            self._raise_lost()

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Show nothing of what is written inside the block before its end.

        A console that is held (Ctrl+S, a selection, a full pipe) would stand between a last look and what is sent.
        """
        kept: list[Entry] = []
        self._kept = kept
        try:
            yield
        finally:
            self._kept = None
            for entry in kept:
                self._watch(entry)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(self._period.total_seconds() / 3):
            now, monotonic = self._clock.now(), self._clock.monotonic()
            seconds = self._period.total_seconds()
            try:
                self._store.renew(self._lease, now=now, until=now + self._period, monotonic_until=monotonic + seconds)
            except JournalError:
                self._lost.set()
                self._on_loss()
                return

    def _raise_lost(self) -> None:
        raise LeaseLost(self._store.path, self._lease.run_id, "its lease was lost, or ran out before it was renewed")
