"""A run's journal in, one line of JSON for each entry out: what a replay of the run's recording must give again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import psbridge.models as nouns
from psbridge.command import fingerprint
from psbridge.engine import Outcome
from psbridge.journal import Entry
from psbridge.journal.records import dump
from psbridge.models import Model
from psbridge.reply import Reply
from psbridge.session import Result
from tests.playbooks.playing import Played

__all__ = ["journal_lines", "models_of", "models_of_reply"]

# What an entry holds for people or as the ground of a decision; times of day stand in `at` only.
SHOWN = (
    "found",
    "expected",
    "asked",
    "question",
    "answer",
    "text",
    "shown",
    "objects",
    "fields_hash",
    "sha",
    "who",
    "why",
    "says",
)


def journal_lines(played: Played) -> Iterator[str]:
    """The journal, and the outcome as the last line."""
    for entry in played.entries:
        yield _json(_line(entry))
    yield _json({"outcome": type(played.outcome).__name__, **_plain(played.outcome)})


def _line(entry: Entry) -> dict[str, Any]:
    line: dict[str, Any] = {
        "seq": entry.seq,
        "at": f"{entry.at:%Y-%m-%d %H:%M:%S}",
        "kind": entry.kind.value,
        "key": entry.key,
        "state": entry.state,
        "attempt": entry.attempt,
    }
    if entry.command:
        line |= {"endpoint": entry.endpoint, "command": entry.command}
    reply = entry.reply
    if reply is not None:
        line |= {"reply": fingerprint(dump(entry.body["reply"])), "models": [type(model).__name__ for model in models_of(entry)]}
        error = Result.of(reply).first_error
        line |= {"error": error.bare_id} if error is not None else {}
    return line | {name: entry.body[name] for name in SHOWN if entry.body.get(name)}


def models_of(entry: Entry) -> list[Model]:
    """The objects of an entry's answer, read as the model of the cmdlet's noun."""
    reply, canonical = entry.reply, entry.canonical
    if reply is None or not isinstance(canonical, list) or len(canonical) != 1:
        return []
    # A constant script has no noun of its own.
    return models_of_reply(reply, str(canonical[0].get("cmdlet", "")))


def models_of_reply(reply: Reply, cmdlet: str) -> list[Model]:
    """The same of any reply to this one cmdlet; nothing where its noun has no model."""
    model = getattr(nouns, cmdlet.partition("-")[2], None)
    if not (isinstance(model, type) and issubclass(model, Model)):
        return []
    return [model.parse(value, cmdlet) for value in Result.of(reply).output]


def _plain(outcome: Outcome) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(asdict(outcome), default=str))
    return document


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)
