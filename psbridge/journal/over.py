"""A run with its entries and signals in, why it is over for good out: what a retry cannot help, and only a new run does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psbridge.journal.records import Entry, Kind, RunRecord, Signal, Status
from psbridge.journal.store import CANCEL

__all__ = ["is_cancelled", "why_over"]


def why_over(run: RunRecord, entries: Sequence[Entry], signals: Iterable[Signal]) -> str:
    """Complete "it is not tried again, because"; empty where a retry may help, or where the run has not failed."""
    if is_cancelled(run, entries, signals):
        return "it was cancelled"
    if run.status is Status.FAILED and _stopped_by_its_inputs(entries):
        return "it keeps its inputs, and they are what stopped it"
    return ""


def is_cancelled(run: RunRecord, entries: Iterable[Entry], signals: Iterable[Signal]) -> bool:
    """Whether it ended because somebody cancelled it; a retry since then, as earlier versions allowed it, forgives."""
    forgiven = max((int(entry.body["signals"]) for entry in entries if entry.kind is Kind.RETRY), default=0)
    return run.status is Status.FAILED and any(signal.name == CANCEL and signal.seq > forgiven for signal in signals)


def _stopped_by_its_inputs(entries: Sequence[Entry]) -> bool:
    """Whether a guard failed before anything was looked at: then it has judged the inputs alone."""
    guards = [entry for entry in entries if entry.kind is Kind.GUARD]
    return bool(guards) and guards[-1].state == "failed" and not any("call" in entry.body for entry in entries)
