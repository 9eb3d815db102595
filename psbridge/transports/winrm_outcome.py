"""A Reply in; whether it is a failure, or a question that nobody could answer, out."""

from __future__ import annotations

from psbridge.clixml import decode_message
from psbridge.error_record import ErrorRecord
from psbridge.errors import ClixmlError, ConfirmationRequired
from psbridge.psobject import PSObject
from psbridge.reply import Reply, State, Stream

__all__ = ["failure", "question"]


def failure(reply: Reply) -> str:
    """Why a pipeline did not succeed; empty if it did."""
    records = _records(reply)
    if records:
        return f"{records[0].message} (FullyQualifiedErrorId {records[0].error_id or 'none'})"
    unread = bool(reply.of(Stream.ERROR)) or reply.state is not State.COMPLETED
    return f"state {reply.state}" if unread else ""


def question(reply: Reply, endpoint: str) -> ConfirmationRequired | None:
    """The error for a cmdlet that asked something; None where none did.

    The host of the far end has nobody to ask: a question there is a HostException that quotes it. But so is every other
    thing that this host cannot do, and no code tells them apart; so the command may have run.
    """
    for record in _records(reply):
        if record.names("HostException"):
            return ConfirmationRequired("HostException", record.message, endpoint=endpoint, may_have_run=True)
    return None


def _records(reply: Reply) -> list[ErrorRecord]:
    """The error records, and then the one that ended the pipeline."""
    bodies = reply.of(Stream.ERROR) + ([reply.reason] if reply.reason else [])
    found = []
    for body in bodies:
        try:
            value = decode_message(body)
        except ClixmlError:
            continue
        if body is reply.reason and isinstance(value, PSObject):
            value = value.get("ExceptionAsErrorRecord")
        if isinstance(value, PSObject):
            found.append(ErrorRecord.of(value))
    return found
