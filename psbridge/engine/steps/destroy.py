"""The step that cannot be taken back: evidence, intent, one execution, outcome; and after a doubt a look, never a blind repeat.

The contract is engine-notes section 3. There is no exactly-once across a remote cmdlet. What is kept: never without
evidence, never blindly twice, never silently unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from psbridge.cmdlets.call import Call
from psbridge.engine.context import NO_TERMS, Context, Terms, call_document, must_write
from psbridge.engine.ledger import call_hash
from psbridge.engine.sending import Sent, leave_refused, refusal, send
from psbridge.engine.steps.approval import approved, objects_of
from psbridge.engine.steps.look import Look, Overtaken
from psbridge.engine.steps.reading import evidence_entry
from psbridge.engine.suspend import ask_operator, wait
from psbridge.errors import EvidenceMissing, JournalError
from psbridge.journal import Entry, Kind, Signal
from psbridge.journal.records import LEFT_OUT, read_time, write_time

__all__ = ["DONE_ANSWERS", "UNDONE_ANSWERS", "Destruction", "destroy"]

Before: TypeAlias = Callable[[Look], None]
Verify: TypeAlias = Callable[[Look], bool | None]

# What an operator may answer to "did it happen?".
DONE_ANSWERS: Final = frozenset({"done", "yes"})
UNDONE_ANSWERS: Final = frozenset({"not done", "no"})
_FIRST_PAUSE: Final = timedelta(seconds=10)
_LONGEST_PAUSE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Destruction:
    """One destructive step, as the playbook describes it."""

    key: str
    endpoint: str
    call: Call[Any]
    requires: Sequence[str]
    approval: str | None
    before: Before | None
    verify: Verify
    settle: timedelta


def destroy(c: Context, step: Destruction) -> bool:
    """Carry the step to a known end, or leave the run waiting or with an operator; False where it was left out (Overtaken)."""
    must_write(step.call)
    c.ledger.enter(step.key, Kind.DESTROY, call_hash(step.endpoint, step.call), f"[{step.endpoint}] {step.call}")
    last = c.ledger.last(step.key, Kind.DESTROY)
    if last is None:
        _execute(c, step, attempt=1)
    elif last.state in {"intent", Sent.LOST}:
        _settle(c, step, last.attempt)
    elif last.state == "undone":
        _execute(c, step, attempt=last.attempt + 1)
    elif last.state == Sent.REFUSED:
        if last.seq > c.ledger.retried_at:
            raise refusal(dict(last.body), step.call, step.endpoint)
        _execute(c, step, attempt=last.attempt + 1)
    ended = c.ledger.last(step.key, Kind.DESTROY)
    return ended is None or ended.state != LEFT_OUT


def _execute(c: Context, step: Destruction, attempt: int) -> None:
    """Send it once more, if it may still be sent and all evidence is there."""
    if attempt > c.settings.attempts + _attempts_before_retry(c, step):
        raise ask_operator(
            f"{step.call} was sent {attempt - 1} times, and each time it was seen not to be done.",
            "See to the cause and retry the run: it looks again before it sends anything. Or cancel it.",
        )
    missing = tuple(name for name in step.requires if evidence_entry(c, name) is None)
    if missing:
        raise EvidenceMissing(step.key, missing)
    try:
        with c.writer.unwatched():
            sent = _send_once(c, step, attempt)
    except Overtaken as quicker:
        call = call_document(step.endpoint, step.call)
        if quicker.by_us:
            why = f"an earlier attempt had its effect, nothing more was sent: {quicker.found}"
            _write(c, step, "observed", {"call": call, "why": why, "inferred": True}, attempt)
        else:
            _write(c, step, LEFT_OUT, {"call": call, "why": f"left out, nothing was sent: {quicker.found}"}, attempt)
        return
    if sent.state == Sent.REFUSED:
        raise sent.refusal(step.call, step.endpoint)
    if sent.state == Sent.LOST:
        leave_refused(c, step.endpoint, step.call)
        _settle(c, step, attempt)


def _send_once(c: Context, step: Destruction, attempt: int) -> Sent:
    """Approval, our turn, a last look, intent, one execution, outcome."""
    if step.approval is not None:
        approved(c, step.approval, step.key, step.endpoint, step.call)
    session = c.session_in_turn(step.endpoint)
    if step.before is not None:
        _look(c, step.before, step.key, attempt)
    # The look may have taken its time: the approval must hold at the moment of sending.
    sha = "" if step.approval is None else approved(c, step.approval, step.key, step.endpoint, step.call)
    document, timeout = call_document(step.endpoint, step.call), c.cmdlet_timeout(session)
    intent = _write(
        c,
        step,
        "intent",
        {
            "call": document,
            "not_before": write_time(c.now() + timeout),
            "approval": sha,
            "evidence": {name: _hash_of(c, name) for name in step.requires},
            "seen": len(c.signals),
        },
        attempt,
        Terms(step.requires, objects_of(c, step.requires), timeout),
    )
    sent = send(c, session, document, step.call, looked_at=intent.at)
    _write(c, step, sent.state, sent.body, attempt, Terms(hold=timedelta()))
    return sent


def _look(c: Context, before: Before, key: str, attempt: int) -> None:
    """Take the last look, all of it as it is now: its calls do not wait for turns of their own."""
    c.at_once = True
    try:
        before(Look(c, key, "before", attempt))
    finally:
        c.at_once = False


def _settle(c: Context, step: Destruction, attempt: int) -> None:
    """Find out what became of an intent: look, and believe "not done" only when it can no longer become "done"."""
    said = _operators_answer(c, step, attempt)
    if said is None:
        looked_at = c.now()
        answer = _verified(c, step, attempt)
        believed = looked_at >= _final(c, step, attempt)
    else:
        answer = said.text.strip().lower() in DONE_ANSWERS
        # What a person saw while the server could still be at it proves nothing for later.
        believed = said.at >= _not_before(c, step, attempt)
    if answer is True:
        _write(c, step, "observed", {"call": call_document(step.endpoint, step.call), "inferred": True}, attempt)
        return
    if answer is None:
        raise _ask(c, step, attempt)
    if not believed:
        why = f"{step.call}: not seen to be done; it may still come"
        told = "" if said is None else f". {_not_done_counts(c, step, attempt)}"
        raise wait(_next_look(c, step, attempt), f"{why}{told}", step.key)
    _write(c, step, "undone", {"call": call_document(step.endpoint, step.call), "inferred": True}, attempt)
    if _never_left(c, step, attempt):
        raise wait(c.now() + _FIRST_PAUSE * 2**attempt, f"{step.call} could not be sent; it is tried again")
    _execute(c, step, attempt + 1)


def _verified(c: Context, step: Destruction, attempt: int) -> bool | None:
    """Ask the playbook's `verify`; any error in it means that it cannot tell."""
    body: dict[str, Any] = {}
    try:
        told = step.verify(Look(c, step.key, "verify", attempt))
        # Only True and False are answers: a list of what was found, say, is a mistake and proves nothing.
        answer = told if isinstance(told, bool) else None
    except JournalError:
        raise
    except Exception as error:  # noqa: BLE001 - a look that failed proves nothing, whatever made it fail
        answer, body = None, {"why": f"{type(error).__name__}: {error}"}
    state = {True: "done", False: "not done", None: "unknown"}[answer]
    c.add(step.key, Kind.VERIFY, state, body, attempt=attempt)
    return answer


def _operators_answer(c: Context, step: Destruction, attempt: int) -> Signal | None:
    """The newest word of an operator on this attempt that was not used yet, written down as used."""
    intent = _intent(c, step, attempt)
    used = {entry.body.get("signal") for entry in c.ledger.of(step.key, Kind.VERIFY)}
    said = [s for s in c.signals if s.name == step.key and _came_after(s, intent) and s.seq not in used]
    known = [s for s in said if s.text.strip().lower() in DONE_ANSWERS | UNDONE_ANSWERS]
    if not known:
        return None
    told = known[-1]
    state = "done" if told.text.strip().lower() in DONE_ANSWERS else "not done"
    body = {"who": told.who, "signal": told.seq, "why": f"{told.who} says: {told.text}"}
    c.add(step.key, Kind.VERIFY, state, body, attempt=attempt)
    return told


def _came_after(told: Signal, intent: Entry) -> bool:
    """By the order of the journal, because a clock may be set back; the intent of an older journal has only its time."""
    seen = intent.body.get("seen")
    return told.at >= intent.at if seen is None else told.seq > int(seen)


def _ask(c: Context, step: Destruction, attempt: int) -> BaseException:
    intent = _intent(c, step, attempt)
    doubts = c.ledger.of(step.key, Kind.VERIFY)
    why = str(doubts[-1].body.get("why", "")) if doubts else ""
    early = f" {_not_done_counts(c, step, attempt)}" if c.now() < _not_before(c, step, attempt) else ""
    kept = ", ".join(f"{name} {entry.body['shown']}" for name in step.requires if (entry := c.ledger.last(name, Kind.EVIDENCE)))
    return ask_operator(
        f"[{step.endpoint}] {step.call} was sent at {intent.at:%Y-%m-%d %H:%M:%S} UTC (attempt {attempt}), and it cannot be told "
        f"whether it had its effect{f' ({why})' if why else ''}. Evidence: {kept or 'none was required'}.",
        f"Look for yourself and answer `done` or `not done`; or retry the run, and it looks again.{early}",
        step.key,
    )


def _not_done_counts(c: Context, step: Destruction, attempt: int) -> str:
    since = f"{_not_before(c, step, attempt):%Y-%m-%d %H:%M:%S} UTC"
    return f"`not done` counts if it is answered at {since} or later: until then the server may still be at it."


def _final(c: Context, step: Destruction, attempt: int) -> datetime:
    """From when on a look that finds nothing is believed.

    The server may go on with a cmdlet until its own timeout, and what it did may take `settle` to be seen; and the
    looks themselves must go on for `settle`, because one look can meet a server that lags behind.
    """
    if _never_left(c, step, attempt):
        return _intent(c, step, attempt).at
    denials = [entry.at for entry in c.ledger.of(step.key, Kind.VERIFY) if (entry.attempt, entry.state) == (attempt, "not done")]
    first = denials[0] if denials else c.now()
    earliest: datetime = max(_not_before(c, step, attempt), first)
    return earliest + step.settle


def _next_look(c: Context, step: Destruction, attempt: int) -> datetime:
    looks = sum(1 for entry in c.ledger.of(step.key, Kind.VERIFY) if entry.attempt == attempt)
    pause: timedelta = min(_FIRST_PAUSE * 2 ** min(looks - 1, 10), _LONGEST_PAUSE)
    return min(c.now() + pause, max(_final(c, step, attempt), c.now()))


def _not_before(c: Context, step: Destruction, attempt: int) -> datetime:
    return read_time(_intent(c, step, attempt).body["not_before"])


def _never_left(c: Context, step: Destruction, attempt: int) -> bool:
    last = c.ledger.of(step.key, Kind.DESTROY)
    return any(entry.body.get("unsent") is True for entry in last if entry.attempt == attempt)


def _intent(c: Context, step: Destruction, attempt: int) -> Entry:
    return next(e for e in c.ledger.of(step.key, Kind.DESTROY) if (e.state, e.attempt) == ("intent", attempt))


def _attempts_before_retry(c: Context, step: Destruction) -> int:
    return max((e.attempt for e in c.ledger.of(step.key, Kind.DESTROY) if e.seq < c.ledger.retried_at), default=0)


def _hash_of(c: Context, name: str) -> str:
    entry = c.ledger.last(name, Kind.EVIDENCE)
    return "" if entry is None else str(entry.body["fields_hash"])


def _write(c: Context, step: Destruction, state: str, body: dict[str, Any], attempt: int, terms: Terms = NO_TERMS) -> Entry:
    digest = call_hash(step.endpoint, step.call)
    return c.add(step.key, Kind.DESTROY, state, body, attempt=attempt, digest=digest, terms=terms)
