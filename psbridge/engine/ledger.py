"""A run's entries in; on the way through the playbook, what each step recorded before, or a Drift.

Steps are known by name and come in the recorded order, each with the hash of what it asks for (engine-notes section 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psbridge.cmdlets.call import Call
from psbridge.command import fingerprint
from psbridge.errors import Drift, InputError
from psbridge.journal import CANCEL, WAKE, Entry, Kind, next_reminder
from psbridge.journal.records import LEFT_OUT, STEPS, WRITES

__all__ = ["Ledger", "call_hash", "text_hash"]

_RESERVED: Final = frozenset({CANCEL, WAKE})


def call_hash(endpoint: str, call: Call[Any], **more: object) -> str:
    """The hash of what a step asks for: canonical JSON of endpoint, cmdlets and parameters, nothing of psbridge's texts."""
    return fingerprint({"endpoint": endpoint, "pipeline": call.pipeline, **more})


def text_hash(*parts: object) -> str:
    """The hash of what a step without a cmdlet is about."""
    return fingerprint(list(parts))


class Ledger:
    """What was recorded, in the order of the steps.

    After `retry` what was looked at since the last write is looked at again, or only what got no answer (`_after_retry`):
    those entries stay in the journal but answer no more.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = list(_answering(entries))
        self._order: Final = _firsts(self._entries)
        self._passed: list[str] = []
        self._drift: Drift | None = None
        self.retried_at = max((entry.seq for entry in entries if entry.kind is Kind.RETRY), default=0)

    def enter(self, key: str, kind: Kind, digest: str, asked: str) -> list[Entry]:
        """Come to a step: gives its entries, empty if it is new. Raises Drift if another one was recorded here."""
        if not key or key in _RESERVED or key.startswith("approval:"):
            raise InputError(f"{key!r} cannot be the key of a step; signals have that name")
        place = len(self._passed)
        asked = f"step {place + 1}, {kind} {key!r}{f': {asked}' if asked else ''}"
        if key in self._passed:
            raise self._drifted(Drift(key, "the step, once", f"{asked}, a second time in one run"))
        recorded = self._order[place] if place < len(self._order) else None
        if recorded and (recorded.key, recorded.kind, recorded.input_hash) != (key, kind, digest):
            raise self._drifted(Drift(recorded.key, _described(recorded, place), asked))
        self._passed.append(key)
        return [entry for entry in self._entries if entry.key == key] if recorded else []

    def add(self, entry: Entry) -> Entry:
        """Take in what was written just now."""
        self._entries.append(entry)
        return entry

    def of(self, key: str, *kinds: Kind) -> list[Entry]:
        """The entries of one step, of these kinds."""
        return [entry for entry in self._entries if entry.key == key and entry.kind in kinds]

    def last(self, key: str, *kinds: Kind) -> Entry | None:
        """The latest of them."""
        found = self.of(key, *kinds)
        return found[-1] if found else None

    def began(self, key: str) -> datetime:
        """When the first entry of a step was written. Raises InputError for one that was not come to."""
        first = next((entry for entry in self._entries if entry.key == key), None)
        if first is None:
            raise InputError(f"{key!r} is no step that was come to")
        return first.at

    def next_reminder(self, now: datetime) -> datetime | None:
        """When somebody is to be reminded of what stands, if the run needs a person."""
        return next_reminder(self._entries, now)

    def passed(self, key: str) -> bool:
        """Whether this step was come to, this time."""
        return key in self._passed

    def has_writes(self) -> bool:
        """Whether any write was begun."""
        return any(entry.kind in WRITES and entry.state != LEFT_OUT for entry in self._entries)

    def drift(self) -> Drift | None:
        """How the playbook that has now ended differed from the journal: at a step, or by leaving a recorded one out."""
        if self._drift is not None or len(self._passed) >= len(self._order):
            return self._drift
        place = len(self._passed)
        recorded = self._order[place]
        return Drift(recorded.key, _described(recorded, place), "the end of the playbook")

    def _drifted(self, drift: Drift) -> Drift:
        # Remembered, because a playbook may bear with it.
        self._drift = self._drift or drift
        return drift

    @property
    def place(self) -> str:
        """The key of the step that was come to last; empty before the first."""
        return self._passed[-1] if self._passed else ""

    def lost_in_a_row(self) -> int:
        """How often the look that was lost last was lost, with no answer to it and no progress in between.

        A step looks at more than one thing, at more than one endpoint: that the others answer is no answer to this one.
        """
        count, about = 0, None
        for entry in reversed(self._entries):
            if entry.kind is not Kind.LOOK:
                break
            about = about or (entry.endpoint, entry.command)
            if (entry.endpoint, entry.command) == about:
                if entry.state != "lost":
                    break
                count += 1
        return count

    def trailing(self, kind: Kind, state: str) -> int:
        """How many entries at the end are of this kind and state."""
        count = 0
        for entry in reversed(self._entries):
            if (entry.kind, entry.state) != (kind, state):
                break
            count += 1
        return count


def _answering(entries: Sequence[Entry]) -> list[Entry]:
    kept: list[Entry] = []
    for entry in entries:
        if entry.kind is Kind.RETRY:
            kept = _after_retry(kept)
        else:
            kept.append(entry)
    return kept


def _after_retry(kept: list[Entry]) -> list[Entry]:
    """What still answers. After a write, a question that got no answer is asked again and nothing else.

    The world has moved on since: who waits once more for a state that was seen and is over, waits for ever. What was seen
    and found wrong, by a guard or a look before a write, is looked at again from the last write on.
    """
    place = 1 + max((place for place, entry in enumerate(kept) if entry.kind in WRITES), default=-1)
    unanswered = _unanswered(kept[place:]) if place else ""
    if not unanswered:
        # A warning is no look: it stands until it is lifted, however often the run is tried again.
        return [*kept[:place], *(entry for entry in kept[place:] if entry.kind is Kind.WARNING)]
    return [*kept[:place], *(entry for entry in kept[place:] if entry.key != unanswered or entry.kind is Kind.WARNING)]


def _unanswered(entries: Sequence[Entry]) -> str:
    """The key of the last step, if no answer to it came: an error, a lost connection, a wait in vain; else nothing."""
    told = [entry for entry in entries if entry.kind in STEPS or entry.kind is Kind.LOOK]
    if not told:
        return ""
    last = told[-1]
    states = {(entry.kind, entry.state) for entry in told if entry.key == last.key}
    waits = (Kind.POLL, "begun") in states and (Kind.POLL, "done") not in states
    failed = last.kind in {Kind.LOOK, Kind.READ, Kind.EVIDENCE} and last.state in {"failed", "lost"}
    return last.key if waits or (failed and not last.body.get("incomplete")) else ""


def _firsts(entries: Sequence[Entry]) -> list[Entry]:
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind in STEPS:
            first.setdefault(entry.key, entry)
    return list(first.values())


def _described(entry: Entry, place: int) -> str:
    asked = f"[{entry.endpoint}] {entry.command}" if entry.command else str(entry.body.get("asked", ""))
    return f"step {place + 1}, {entry.kind} {entry.key!r}{f': {asked}' if asked else ''}"
