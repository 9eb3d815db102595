"""A change that must not outlive the run: made, taken back in its place, and taken back on every other way out too.

Before it is made a warning stands that names the way back; it stands until that is known to have been gone. So no crash leaves
the change unseen, and where the way back fails a person is told the command.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psbridge.cmdlets.call import Call
from psbridge.engine.context import Context, call_document, must_write
from psbridge.engine.ledger import call_hash
from psbridge.engine.sending import Sent, send
from psbridge.engine.steps.change import change, sent_until_done
from psbridge.engine.steps.warning import lift, stand
from psbridge.errors import JournalError, PsbridgeError
from psbridge.journal import Kind

__all__ = ["Hold", "hold", "release", "way_out"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A change and its way back; both may be repeated without harm."""

    key: str
    endpoint: str
    call: Call[Any]
    back: Call[Any]
    says: str


def hold(c: Context, asked: Hold) -> None:
    """Make the change, unless it was released; after a way out it is made again."""
    must_write(asked.back)
    digest = call_hash(asked.endpoint, asked.call, back=asked.back.pipeline)
    c.ledger.enter(asked.key, Kind.CHANGE, digest, f"[{asked.endpoint}] {asked.call}")
    c.holds[asked.key] = (asked.endpoint, asked.back)
    since = stand(c, asked.key, {"text": asked.says, "back": call_document(asked.endpoint, asked.back)})
    if since:
        sent_until_done(c, asked.key, asked.endpoint, asked.call, digest, since=since)


def release(c: Context, key: str, held: str) -> None:
    """Take the change back, as a step of its own, and lift its warning."""
    endpoint, back = c.holds[held]
    change(c, key, endpoint, back)
    lift(c, held)


def way_out(c: Context) -> None:
    """Take back whatever is still held, once. What fails leaves its warning standing: it is told with the end of the run."""
    for key, (endpoint, back) in c.holds.items():
        last = c.ledger.last(key, Kind.WARNING)
        if last is None or last.state != "stands":
            continue
        document = call_document(endpoint, back)
        try:
            sent = send(c, c.session_in_turn(endpoint), document, back)
        except JournalError:
            raise
        except PsbridgeError as error:
            sent = Sent(Sent.LOST, {"why": str(error)})
        state = "undone" if sent.state == Sent.DONE else "stands"
        c.add(key, Kind.WARNING, state, {**last.body, **sent.body})
