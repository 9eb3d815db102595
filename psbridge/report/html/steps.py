"""A run's entries in, its steps and waits out: each with its beginning, its end, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psbridge.journal import Entry, Kind
from psbridge.journal.records import STEPS, read_time

__all__ = ["Step", "steps_in"]

# Between the first and the last entry of these the run waits: for a state, for consent, for an answer.
_WAITS: Final = frozenset({Kind.POLL, Kind.APPROVAL, Kind.ASK, Kind.OPERATOR})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the playbook, or a time in which the run was with an operator.

    `ended` is None while it is under way. `answers`: how many it got that
    differed. `says`: what it was about, in a sentence or a command.
    """

    key: str
    kind: Kind
    began: datetime
    ended: datetime | None
    outcome: str
    says: str
    answers: int = 0

    @property
    def what(self) -> str:
        """The kind of step in words."""
        return _WHAT[self.kind]

    @property
    def is_wait(self) -> bool:
        """Whether the run waited for something in it."""
        return self.kind in _WAITS

    @property
    def is_change(self) -> bool:
        """Whether something was changed in it."""
        return self.kind in {Kind.DESTROY, Kind.CHANGE}

    @property
    def waits_for_a_person(self) -> bool:
        """Whether what it waited for is a person."""
        return self.is_wait and self.kind is not Kind.POLL

    def took(self, until: datetime) -> timedelta:
        """How long it took, up to `until` where it is under way."""
        return max((self.ended or until) - self.began, timedelta())


def steps_in(entries: Sequence[Entry]) -> tuple[Step, ...]:
    """The steps in the order in which they began."""
    by_key: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.key and entry.kind is not Kind.WARNING:
            by_key.setdefault(entry.key, []).append(entry)
    steps = [step for told in by_key.values() if (step := _step(told)) is not None]
    return tuple(sorted((*steps, *_with_an_operator(entries)), key=lambda step: step.began))


def _step(entries: Sequence[Entry]) -> Step | None:
    own = [entry for entry in entries if entry.kind in STEPS]
    if not own:
        # A first look before an intent that never came.
        own = list(entries)
    last = own[-1]
    under_way = last.state in _UNDER_WAY
    return Step(
        key=last.key,
        kind=last.kind,
        began=_begin(entries[0]),
        ended=None if under_way else last.at,
        outcome=_OUTCOMES.get(last.state, last.state),
        says=_says(own),
        answers=sum(entry.sent for entry in entries if entry.kind in {Kind.LOOK, Kind.POLL}),
    )


def _begin(entry: Entry) -> datetime:
    """An entry with an answer was written when the answer came; it says when the command was sent."""
    sent = entry.body.get("sent_at")
    return read_time(sent) if isinstance(sent, str) else entry.at


def _says(own: Sequence[Entry]) -> str:
    for name in ("why", "says", "question", "text", "found"):
        for entry in own:
            if isinstance(told := entry.body.get(name), str) and told:
                return f"waits for {told}" if entry.kind is Kind.POLL else told
    return next((entry.command for entry in own if entry.command), "")


def _with_an_operator(entries: Sequence[Entry]) -> Iterator[Step]:
    for at, entry in enumerate(entries):
        if entry.kind is Kind.OPERATOR:
            after = next(iter(entries[at + 1 :]), None)
            outcome = "needs an operator" if after is None else "seen to"
            yield Step("operator", entry.kind, entry.at, after.at if after else None, outcome, str(entry.body.get("why", "")))


_UNDER_WAY: Final = frozenset({"begun", "asked", "intent"})
_OUTCOMES: Final = {
    "begun": "waits",
    "asked": "waits",
    "intent": "sent, its outcome is not known",
    "passed": "holds",
    "failed": "failed",
    "granted": "approved",
    "observed": "done: its effect was seen",
    "undone": "no effect, as was proved",
    "left out": "left out: it was there already",
    "absent": "not there",
    "lost": "no answer",
}
_WHAT: Final = {
    Kind.READ: "look",
    Kind.GATHER: "long list",
    Kind.TABLE: "table",
    Kind.EVIDENCE: "evidence",
    Kind.GUARD: "guard",
    Kind.APPROVAL: "approval",
    Kind.DESTROY: "destructive change",
    Kind.CHANGE: "change",
    Kind.POLL: "wait",
    Kind.ASK: "question",
    Kind.NOTE: "note",
    Kind.LOOK: "look",
    Kind.VERIFY: "verification",
    Kind.OPERATOR: "operator",
}
