"""A run and its entries in, what a person is told of where it stands out: more than its status where that alone misleads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psbridge.journal import Entry, RunRecord, Status

__all__ = ["own_time", "why_now"]


def why_now(run: RunRecord, entries: Sequence[Entry], now: datetime) -> str:
    """What it waits for.

    One that has got it (an approval, an answer) does not know it before it is carried on. One that is at work, or was killed,
    is told with what the journal holds of its worker.
    """
    if run.status is Status.READY:
        return "it goes on when it is resumed"
    if run.status is not Status.RUNNING:
        return run.why
    silent = f"silent since {entries[-1].at:%Y-%m-%d %H:%M:%S} UTC" if entries else "it has just begun"
    if run.simulated:
        return silent
    if run.lease_until is None or now >= run.lease_until:
        return f"{silent}, and its worker is gone; psbridge resume takes it over"
    until = f"{run.lease_until:%Y-%m-%d %H:%M:%S} UTC"
    return f"{silent}; where its worker is gone, psbridge resume takes it over at {until} at the latest"


def own_time(run: RunRecord, entries: Sequence[Entry]) -> str:
    """The time of a run in a simulated organisation, which is not now; empty for any other run."""
    if not run.simulated or not entries:
        return ""
    return f"in a simulated organisation, where it is {entries[-1].at:%Y-%m-%d %H:%M} UTC"
