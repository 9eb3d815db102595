"""A Reply in, JSON out, and back: what the journal keeps of an answer, with its secrets removed.

A playbook sees only what has gone through here, live and replayed alike (engine-notes section 3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psbridge.reply import Record, Reply, State, Stream

__all__ = ["Redact", "reply_from_json", "reply_to_json"]

Redact = Callable[[bytes], bytes]


def reply_to_json(reply: Reply, redact: Redact) -> dict[str, Any]:
    """Write a Reply as JSON, each CLIXML body as text; raises what `redact` raises."""
    return {
        "state": reply.state.value,
        "records": [[record.stream.value, _text(record.clixml, redact)] for record in reply.records],
        "reason": None if reply.reason is None else _text(reply.reason, redact),
    }


def reply_from_json(document: dict[str, Any]) -> Reply:
    """Read what `reply_to_json` wrote."""
    reason = document["reason"]
    return Reply(
        state=State(document["state"]),
        records=tuple(Record(Stream(stream), _bytes(text)) for stream, text in document["records"]),
        reason=None if reason is None else _bytes(reason),
    )


def _text(body: bytes, redact: Redact) -> str:
    # An empty body is a null output and no CLIXML; bytes that are no UTF-8 come back as they were.
    return redact(body).decode("utf-8", "surrogateescape") if body else ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
