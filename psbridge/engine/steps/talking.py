"""Steps without a cmdlet: a guard that holds or stops the run, a question to the operator, a note."""

from __future__ import annotations

from psbridge.engine.context import Context
from psbridge.engine.ledger import text_hash
from psbridge.engine.suspend import ask_operator
from psbridge.errors import Stopped
from psbridge.journal import Kind

__all__ = ["ask", "guard", "note"]


def guard(c: Context, name: str, *, ok: bool, found: str, expected: str, remedy: str) -> None:
    """Write down that a condition holds, or stop the run."""
    digest = text_hash(name, ok)
    told = {"found": found, "expected": expected, "remedy": remedy, "asked": "holds" if ok else "fails"}
    if not c.ledger.enter(name, Kind.GUARD, digest, told["asked"]):
        c.add(name, Kind.GUARD, "passed" if ok else "failed", told, digest=digest)
    if not ok:
        raise Stopped(name, found=found, expected=expected, remedy=remedy, changed=c.changed)


def ask(c: Context, key: str, question: str, remedy: str) -> str:
    """Give the operator's answer; until it is there the run waits for it. Only an answer that came after the question counts."""
    digest = text_hash(question)
    c.ledger.enter(key, Kind.ASK, digest, question)
    last = c.ledger.last(key, Kind.ASK)
    if last is not None and last.state == "answered":
        return str(last.body["answer"])
    if last is None:
        body = {"question": question, "remedy": remedy, "asked": question, "seen": len(c.signals)}
        last = c.add(key, Kind.ASK, "asked", body, digest=digest)
    answers = [signal for signal in c.signals if signal.name == key and signal.seq > last.body["seen"]]
    if not answers:
        raise ask_operator(question, remedy, key)
    told = answers[-1]
    body = {"question": question, "answer": told.text, "who": told.who, "signal": told.seq, "asked": question}
    c.add(key, Kind.ASK, "answered", body, digest=digest)
    return told.text


def note(c: Context, key: str, text: str) -> None:
    """Write a text into the journal."""
    digest = text_hash(text)
    if not c.ledger.enter(key, Kind.NOTE, digest, text):
        c.add(key, Kind.NOTE, "done", {"text": text, "asked": text}, digest=digest)
