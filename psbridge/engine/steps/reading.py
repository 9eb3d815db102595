"""Steps that look: `read` keeps an answer, `evidence` keeps what nothing may be destroyed without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from psbridge.cmdlets.call import Call
from psbridge.command import canonical, fingerprint
from psbridge.engine.answer import Answer
from psbridge.engine.context import Context
from psbridge.engine.ledger import call_hash
from psbridge.errors import InputError, PsbridgeError, Stopped, ValueTypeError
from psbridge.journal import Entry, Kind
from psbridge.journal.records import dump
from psbridge.models import Model

__all__ = ["evidence", "evidence_entry", "read"]

M = TypeVar("M", bound=Model)
EMPTY_GUID: Final = UUID(int=0)


def read(c: Context, key: str, endpoint: str, call: Call[M]) -> Answer[M]:
    """Look once and keep the answer; later it comes from the journal."""
    digest = call_hash(endpoint, call)
    c.ledger.enter(key, Kind.READ, digest, f"[{endpoint}] {call}")
    kept = c.ledger.last(key, Kind.READ)
    if kept is not None:
        return c.answer(kept.body, endpoint, call)
    body = c.fetch(key, endpoint, call, "read")
    try:
        answer = c.answer(body, endpoint, call)
    except PsbridgeError:
        # An error is an answer too: a playbook that bears with it must meet it again after a crash.
        c.add(key, Kind.READ, "failed", body, digest=digest)
        raise
    c.add(key, Kind.READ, "done", body, digest=digest)
    return answer


def evidence(c: Context, key: str, endpoint: str, call: Call[M], need: Sequence[str], identifies: Sequence[str] | None) -> M:
    """Look once, prove that it is one object and complete, and keep it before anything depends on it."""
    digest = call_hash(endpoint, call, need=list(need))
    c.ledger.enter(key, Kind.EVIDENCE, digest, f"[{endpoint}] {call}")
    kept = c.ledger.last(key, Kind.EVIDENCE)
    if kept is not None:
        return _complete(c, key, c.answer(kept.body, endpoint, call), need)
    body = c.fetch(key, endpoint, call, "evidence")
    try:
        found = _complete(c, key, c.answer(body, endpoint, call), need)
        facts = _facts(found, need, need if identifies is None else identifies)
    except PsbridgeError as error:
        # An answer that is not enough, or none at all: a retry looks further back after the first.
        c.add(key, Kind.EVIDENCE, "failed", {**body, "incomplete": isinstance(error, Stopped)}, digest=digest)
        raise
    c.add(key, Kind.EVIDENCE, "done", {**body, **facts, "reply_hash": fingerprint(dump(body["reply"]))}, digest=digest)
    return found


def evidence_entry(c: Context, key: str) -> Entry | None:
    """The entry of evidence that is kept and that this pass has come to; None if there is none."""
    entry = c.ledger.last(key, Kind.EVIDENCE)
    return entry if entry is not None and entry.state == "done" and c.ledger.passed(key) else None


def _facts(found: Model, need: Sequence[str], identifies: Sequence[str]) -> dict[str, Any]:
    fields = {name: _plain(getattr(found, name)) for name in need}
    shown = {name: _shown(getattr(found, name)) for name in need}
    return {"fields": fields, "fields_hash": fingerprint(fields), "shown": shown, "objects": _objects(found, identifies)}


def _complete(c: Context, key: str, answer: Answer[M], need: Sequence[str]) -> M:
    if len(answer.objects) != 1:
        said = f" It said: {answer.error.message}" if answer.error is not None else ""
        raise Stopped(
            key,
            found=f"{answer.command} gave {len(answer.objects)} objects.{said}",
            expected="exactly one.",
            remedy="Check the name: it must mean one object, and no other.",
            changed=c.changed,
        )
    found = answer.objects[0]
    unknown = [name for name in need if not hasattr(found, name)]
    if unknown:
        raise InputError(f"Evidence {key}: {type(found).__name__} has no field {unknown[0]!r}")
    empty = [name for name in need if _is_empty(getattr(found, name))]
    if empty:
        raise Stopped(
            key,
            found=f"{answer.command} gave an object whose {', '.join(empty)} is empty.",
            expected=f"{', '.join(need)}, none of them empty.",
            remedy="Without it nothing could be restored, so nothing is changed. Find out why it is empty.",
            changed=c.changed,
        )
    return found


def _is_empty(value: object) -> bool:
    if value is None or value == EMPTY_GUID:
        return True
    if isinstance(value, str):
        return not value.strip() or value.strip() == str(EMPTY_GUID)
    return isinstance(value, list | tuple | dict | frozenset | set) and not value


def _plain(value: object) -> object:
    """A field's value in a form whose hash never moves: canonical where it is a simple value, else its text."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    try:
        return canonical(value)
    except ValueTypeError:
        return _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_shown(item) for item in value)
    if type(value).__str__ is object.__str__ and type(value).__repr__ is object.__repr__:
        raise InputError(f"A field of type {type(value).__name__} has no text of its own; it cannot be evidence")
    return str(value)


def _objects(found: Model, names: Sequence[str]) -> list[str]:
    """The immutable ids by which no other run may touch the same object: the GUIDs among these fields."""
    values = [getattr(found, name) for name in names]
    ids = (guid for value in values for guid in (value if isinstance(value, list | tuple) else (value,)))
    return sorted({str(guid) for guid in map(_guid, ids) if guid is not None and guid != EMPTY_GUID})


def _guid(value: object) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None
