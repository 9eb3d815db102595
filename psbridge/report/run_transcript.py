"""A run's journal entries in, the items of its transcript out: every cmdlet that was sent, and what happened between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from psbridge.journal import Entry, Kind, warning_text
from psbridge.report.command_line import pasteable
from psbridge.report.transcript import Item, Note, Shown, prompt_of

__all__ = ["items_of"]


def items_of(entries: Iterable[Entry]) -> Iterator[Item]:
    """Give each cmdlet with its answer, then what the entry means, if it means more than the answer shows."""
    waits: dict[str, str] = {}
    for entry in entries:
        if entry.sent:
            yield from _sent(entry)
        if entry.kind is Kind.POLL and entry.state == "begun":
            waits[entry.key] = str(entry.body["why"])
        note = _NOTES.get(entry.kind)
        # A wait is told once, and only if the first look did not end it.
        text = f"Waits for {waits.pop(entry.key)}." if entry.kind is Kind.LOOK and entry.key in waits else ""
        text = note(entry.state, entry.body, entry) if note is not None else text
        if text:
            yield Note(text, entry.at)


def _sent(entry: Entry) -> Iterator[Item]:
    reply = entry.reply
    if reply is not None:
        yield Shown(prompt_of(entry.endpoint), entry.command, reply, entry.at)
    else:
        yield Note(f"{prompt_of(entry.endpoint)} {pasteable(entry.command)}\nNo answer: {entry.error}", entry.at)


def _guard(state: str, body: Mapping[str, Any], entry: Entry) -> str:
    if state == "passed":
        return f"Guard holds: {entry.key}."
    return f"Guard fails: {entry.key}. Found: {body['found']} Expected: {body['expected']} What to do: {body['remedy']}"


def _evidence(_state: str, body: Mapping[str, Any], entry: Entry) -> str:
    kept = ", ".join(f"{name} {value}" for name, value in body.get("shown", {}).items())
    return f"Evidence kept as {entry.key}: {kept}." if kept else ""


def _approval(state: str, body: Mapping[str, Any], entry: Entry) -> str:
    if state == "asked":
        return f"Approval {entry.key} is asked for: {body['says']} SHA-256 {body['sha']}."
    if state == "granted":
        return f"Approval {entry.key} was given by {body['who']}: SHA-256 {body['sha']}."
    return f"Approval {entry.key} was not used in time; it is asked for again."


def _destroy(state: str, body: Mapping[str, Any], entry: Entry) -> str:
    return {
        "intent": f"Intent kept, attempt {entry.attempt}; the next line is sent once.",
        "done": "",
        "observed": f"{pasteable(entry.command)}: its effect was seen; its answer was lost.",
        "undone": f"{pasteable(entry.command)}: it was proved that it had no effect.",
    }.get(state, f"{pasteable(entry.command)}: {body.get('why', '') or entry.error or state}")


def _change(state: str, body: Mapping[str, Any], entry: Entry) -> str:
    if state in {"intent", "done"}:
        return ""
    return f"{pasteable(entry.command)}: {body.get('why', '') or entry.error or state}. It is sent again."


def _ask(state: str, body: Mapping[str, Any], _entry: Entry) -> str:
    if state == "asked":
        return f"The operator is asked: {body['question']} {body['remedy']}"
    return f"{body['who']} answers: {body['answer']}"


def _verify(state: str, body: Mapping[str, Any], entry: Entry) -> str:
    why = f" ({body['why']})" if body.get("why") else ""
    return f"Verified {entry.key}, attempt {entry.attempt}: {state}{why}."


def _gather(state: str, body: Mapping[str, Any], _entry: Entry) -> str:
    if state != "done":
        return ""
    told = body["gathered"]
    unread = f" {told['unreadable']} could not be read: {'; '.join(told['problems'])}." if told["unreadable"] else ""
    return f"{told['count']} objects, SHA-256 {told['sha256']}.{unread}"


def _table(_state: str, body: Mapping[str, Any], entry: Entry) -> str:
    told = body["gathered"]
    counts = ", ".join(f"{name} {count}" for name, count in told["counts"].items())
    return f"Table {entry.key}: {told['count']} lines{f' ({counts})' if counts else ''}."


def _note(_state: str, body: Mapping[str, Any], _entry: Entry) -> str:
    return str(body.get("text", ""))


def _warning(state: str, body: Mapping[str, Any], entry: Entry) -> str:
    if state != "stands":
        return f"The warning {entry.key} stands no longer{', taken back on the way out' if state == 'undone' else ''}."
    failed = str(body.get("why", "")) or entry.error
    return f"WARNING {entry.key}: {warning_text(entry)}{f' It could not be ended on the way out: {failed}' if failed else ''}"


_NOTES: Final[Mapping[Kind, Callable[[str, Mapping[str, Any], Entry], str]]] = {
    Kind.GATHER: _gather,
    Kind.TABLE: _table,
    Kind.GUARD: _guard,
    Kind.EVIDENCE: _evidence,
    Kind.APPROVAL: _approval,
    Kind.DESTROY: _destroy,
    Kind.CHANGE: _change,
    Kind.ASK: _ask,
    Kind.VERIFY: _verify,
    Kind.NOTE: _note,
    Kind.WARNING: _warning,
}
