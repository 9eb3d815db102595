"""The last look of a wait in, how far its request has come out: percent, bytes and items, which the look itself does not give.

The question only reads, nothing depends on the answer, and it is no step of the run: it is not in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from psbridge.clixml import decode_message
from psbridge.cmdlets import (
    get_mailbox_restore_request_statistics,
    get_migration_user_statistics,
    get_move_request_statistics,
)
from psbridge.cmdlets.call import Call
from psbridge.command import Pipeline
from psbridge.errors import ClixmlError, InputError, JournalError, TransportError
from psbridge.journal import Entry
from psbridge.psobject import PSObject, Value
from psbridge.reply import Reply, Stream
from psbridge.report.display import plain_text
from psbridge.report.progress import progress_of

__all__ = ["request_progress"]

# Seconds: a display must not hold up the next look.
_PATIENCE: Final = 20.0


class Asked(Protocol):
    """The session that a look went to."""

    def glance(self, pipeline: Pipeline, *, seconds: float) -> Reply:
        """Run a pipeline; see psbridge.session.Session."""
        ...


def request_progress(look: Entry, session: Callable[[str], Asked]) -> str:
    """Ask for the statistics of the one request that a look found; nothing where it found none, or no answer comes."""
    try:
        call = _question(look)
        reply = session(look.endpoint).glance(call.pipeline, seconds=_PATIENCE) if call is not None else None
        return progress_of(_only(reply)) if reply is not None else ""
    except (TransportError, ClixmlError, InputError, JournalError):
        return ""


def _question(look: Entry) -> Call[Any] | None:
    ask = _STATISTICS.get(look.command.partition(" ")[0])
    found = _only(look.reply) if ask is not None and look.reply is not None else None
    identity = plain_text(found.get("Identity")) if isinstance(found, PSObject) else ""
    return ask(identity) if ask is not None and identity else None


def _only(reply: Reply) -> Value:
    bodies = reply.of(Stream.OUTPUT)
    return decode_message(bodies[0]) if len(bodies) == 1 and bodies[0] else None


_STATISTICS: Final[Mapping[str, Callable[[str], Call[Any]]]] = {
    "Get-MailboxRestoreRequest": get_mailbox_restore_request_statistics,
    "Get-MigrationUser": get_migration_user_statistics,
    "Get-MoveRequest": get_move_request_statistics,
}
