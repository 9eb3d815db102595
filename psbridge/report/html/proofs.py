"""A run's entries in, what somebody must be able to prove out: guards, evidence, approvals, changes, words, warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psbridge.journal import Entry, Kind, standing
from psbridge.journal.records import LEFT_OUT, WRITES, read_time

__all__ = [
    "Approved",
    "Change",
    "Command",
    "Evidence",
    "Guard",
    "Standing",
    "Word",
    "approvals_in",
    "changes_in",
    "evidence_in",
    "guards_in",
    "warnings_in",
    "words_in",
]


@dataclass(frozen=True, slots=True)
class Command:
    """A command line and where it is sent."""

    endpoint: str
    text: str


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition, and what was found."""

    key: str
    holds: bool
    found: str
    expected: str
    remedy: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was kept before anything depended on it; `sha` is of its fields, `reply_sha` of the whole answer."""

    key: str
    at: datetime
    command: Command
    values: tuple[tuple[str, str], ...]
    sha: str
    reply_sha: str


@dataclass(frozen=True, slots=True)
class Approved:
    """What was asked for, and who consented; `who` is empty as long as nobody has."""

    key: str
    says: str
    sha: str
    commands: tuple[Command, ...]
    evidence: tuple[tuple[str, str], ...]
    asked: datetime
    until: datetime | None
    who: str = ""
    given: datetime | None = None
    expires: datetime | None = None
    state: str = "asked"


@dataclass(frozen=True, slots=True)
class Change:
    """A command that changes something, and what became of it; `approval` is the hash of the consent that covers it."""

    at: datetime
    command: Command
    outcome: str
    is_clear: bool
    why: str
    attempt: int
    is_destructive: bool
    approval: str


@dataclass(frozen=True, slots=True)
class Word:
    """What a person did or said."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A warning, and the command that ends it where there is one."""

    text: str
    command: Command | None


def guards_in(entries: Sequence[Entry]) -> list[Guard]:
    """Each guard with its last answer."""
    latest = {entry.key: entry for entry in entries if entry.kind is Kind.GUARD}
    return [
        Guard(
            key=key,
            holds=entry.state == "passed",
            found=str(entry.body.get("found", "")),
            expected=str(entry.body.get("expected", "")),
            remedy=str(entry.body.get("remedy", "")),
            at=entry.at,
        )
        for key, entry in latest.items()
    ]


def evidence_in(entries: Sequence[Entry]) -> list[Evidence]:
    """What was kept, in order."""
    return [
        Evidence(
            entry.key,
            entry.at,
            Command(entry.endpoint, entry.command),
            _pairs(entry.body.get("shown", {})),
            str(entry.body.get("fields_hash", "")),
            str(entry.body.get("reply_hash", "")),
        )
        for entry in entries
        if entry.kind is Kind.EVIDENCE and entry.state == "done"
    ]


def approvals_in(entries: Sequence[Entry]) -> list[Approved]:
    """Each time that consent was asked for, with the consent where it was given."""
    found: list[Approved] = []
    for entry in entries:
        if entry.kind is not Kind.APPROVAL:
            continue
        if entry.state == "asked":
            found.append(_asked(entry))
            continue
        at = next((at for at in reversed(range(len(found))) if found[at].key == entry.key), None)
        if at is not None:
            found[at] = _answered(found[at], entry)
    return found


def _asked(entry: Entry) -> Approved:
    body = entry.body
    return Approved(
        key=entry.key,
        says=str(body.get("says", "")),
        sha=str(body["sha"]),
        commands=tuple(Command(str(action["endpoint"]), str(action["text"])) for action in body["actions"]),
        evidence=tuple((name, _in_a_line(shown)) for name, shown in body["evidence"].items()),
        asked=entry.at,
        until=_time(body, "until"),
    )


def _in_a_line(shown: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in shown.items())


def _answered(asked: Approved, entry: Entry) -> Approved:
    body = entry.body
    if entry.state != "granted":
        return replace(asked, state=entry.state)
    given, expires = _time(body, "given"), _time(body, "expires")
    return replace(asked, state=entry.state, who=str(body["who"]), given=given, expires=expires)


def changes_in(entries: Sequence[Entry]) -> list[Change]:
    """Each command that was sent to change something, once for each attempt; an intent without an outcome is told as such."""
    attempts: dict[tuple[str, Kind, int], Entry] = {}
    approvals: dict[tuple[str, Kind, int], str] = {}
    granted: dict[Command, Entry] = {}
    for entry in entries:
        if entry.kind is Kind.APPROVAL and entry.state == "granted":
            granted |= {Command(str(action["endpoint"]), str(action["text"])): entry for action in entry.body["actions"]}
        elif (entry.kind in WRITES and entry.state != LEFT_OUT) or (entry.kind is Kind.WARNING and entry.sent):
            attempt = entry.key, entry.kind, entry.attempt
            attempts[attempt] = entry
            # The first entry of an attempt is its intent: what was approved later does not cover it.
            approvals.setdefault(attempt, _approval_of(entry, granted))
    return [
        Change(
            at=entry.at,
            command=Command(entry.endpoint, entry.command),
            outcome=_CHANGED.get(entry.state, entry.state),
            is_clear=entry.state in _CLEAR,
            why=str(entry.body.get("why", "")) or entry.error,
            attempt=entry.attempt,
            is_destructive=entry.kind is Kind.DESTROY,
            approval=approvals[attempt],
        )
        for attempt, entry in attempts.items()
    ]


def _approval_of(intent: Entry, granted: Mapping[Command, Entry]) -> str:
    """The hash of the approval under which it was sent; empty where none was asked for."""
    if intent.kind is Kind.DESTROY:
        return str(intent.body.get("approval", ""))
    # A change does not say which; it may stand in one all the same.
    given = granted.get(Command(intent.endpoint, intent.command))
    if given is None or ((expires := _time(given.body, "expires")) and expires <= intent.at):
        return ""
    return str(given.body["sha"])


_CHANGED: Final = {
    "intent": "sent; its outcome is not known",
    "observed": "done; its answer was lost, its effect was seen",
    "undone": "no effect, as was proved",
    "lost": "no answer came",
    "lifted": "done",
}
_CLEAR: Final = frozenset({"done", "observed", "undone", "lifted"})


def words_in(entries: Sequence[Entry]) -> list[Word]:
    """Answers, verifications by hand and retries, in order."""
    return [word for entry in entries for word in _words(entry)]


def _words(entry: Entry) -> Iterator[Word]:
    who = str(entry.body.get("who", ""))
    if entry.kind is Kind.ASK and entry.state == "answered":
        yield Word(entry.at, who, f"answered {entry.body['answer']!r} to: {entry.body['question']}")
    elif entry.kind is Kind.VERIFY and who:
        yield Word(entry.at, who, f"said of {entry.key}: {entry.state}")
    elif entry.kind is Kind.RETRY:
        yield Word(entry.at, who, "let the run try again")


def warnings_in(entries: Sequence[Entry]) -> list[Standing]:
    """The warnings that stand."""
    return [Standing(str(entry.body["text"]), _back(entry.body.get("back"))) for entry in standing(entries)]


def _back(told: Mapping[str, Any] | None) -> Command | None:
    return None if told is None else Command(str(told["endpoint"]), str(told["text"]))


def _pairs(shown: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in shown.items())


def _time(body: Mapping[str, Any], name: str) -> datetime | None:
    told = body.get(name)
    return read_time(told) if isinstance(told, str) else None
