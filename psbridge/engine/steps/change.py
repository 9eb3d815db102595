"""A write whose repetition does no harm: intent, outcome; where the outcome is not known it is sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from psbridge.cmdlets.call import Call
from psbridge.engine.answer import Answer
from psbridge.engine.context import Context, Terms, call_document, must_write
from psbridge.engine.ledger import call_hash
from psbridge.engine.sending import Sent, leave_refused, send
from psbridge.engine.suspend import ask_operator, wait
from psbridge.journal import Entry, Kind
from psbridge.models import Model

__all__ = ["change", "sent_until_done"]

M = TypeVar("M", bound=Model)


def change(c: Context, key: str, endpoint: str, call: Call[M]) -> Answer[M]:
    """Send a call until its success is known; gives the answer of the time that succeeded."""
    must_write(call)
    digest = call_hash(endpoint, call)
    c.ledger.enter(key, Kind.CHANGE, digest, f"[{endpoint}] {call}")
    return c.answer(sent_until_done(c, key, endpoint, call, digest).body, endpoint, call)


def sent_until_done(c: Context, key: str, endpoint: str, call: Call[Any], digest: str, *, since: int = 0) -> Entry:
    """Give the entry of the time that succeeded; one before the journal's entry `since` does not count."""
    last = c.ledger.last(key, Kind.CHANGE)
    if last is None or last.state != "done" or last.seq < since:
        last = _send_again(c, key, endpoint, call, digest, last)
    return last


def _send_again(c: Context, key: str, endpoint: str, call: Call[Any], digest: str, last: Entry | None) -> Entry:
    attempt = 1 if last is None else last.attempt + 1
    retried = last is not None and last.seq < c.ledger.retried_at
    if last is not None and not retried and _tries(c, key) >= c.settings.attempts:
        raise ask_operator(
            f"{call} was sent {last.attempt} times without success: {_reason(last)}",
            "See to the cause and retry the run; a repetition of this cmdlet does no harm.",
        )
    document = call_document(endpoint, call)
    session = c.session_in_turn(endpoint)
    c.add(
        key,
        Kind.CHANGE,
        "intent",
        {"call": document},
        attempt=attempt,
        digest=digest,
        terms=Terms(hold=c.cmdlet_timeout(session)),
    )
    sent = send(c, session, document, call)
    entry = c.add(key, Kind.CHANGE, sent.state, sent.body, attempt=attempt, digest=digest, terms=Terms(hold=timedelta()))
    if sent.state == "done":
        return entry
    if sent.state == Sent.REFUSED:
        raise sent.refusal(call, endpoint)
    leave_refused(c, endpoint, call)
    pause = min(timedelta(seconds=30) * 2 ** (attempt - 1), timedelta(minutes=15))
    raise wait(c.now() + pause, f"{call} is to be sent again: {_reason(entry)}")


def _tries(c: Context, key: str) -> int:
    return sum(1 for entry in c.ledger.of(key, Kind.CHANGE) if entry.state == "intent" and entry.seq > c.ledger.retried_at)


def _reason(entry: Entry) -> str:
    return str(entry.body.get("why", "")) or entry.error or "its answer was lost"
