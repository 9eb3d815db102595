"""A run's entries in, the warnings that still stand out: what somebody must know or see to, whatever becomes of the run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psbridge.journal.records import Entry, Kind, read_time

__all__ = ["next_reminder", "standing", "warning_text"]


def standing(entries: Iterable[Entry]) -> list[Entry]:
    """The latest entry of each warning that was neither lifted nor undone, in the order in which they began to stand."""
    latest: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind is Kind.WARNING:
            latest[entry.key] = entry
    return [entry for entry in latest.values() if entry.state == "stands"]


def warning_text(warning: Entry) -> str:
    """What a warning says, with the command that puts an end to it where there is one."""
    back = warning.body.get("back")
    text = str(warning.body["text"])
    return text if back is None else f"{text} To end it: [{back['endpoint']}] {back['text']}"


def next_reminder(entries: Iterable[Entry], now: datetime) -> datetime | None:
    """The next moment at which a warning that stands is to be told again; None where there is none."""
    moments = [read_time(moment) for warning in standing(entries) for moment in warning.body.get("asking", ())]
    return min((moment for moment in moments if moment > now), default=None)
