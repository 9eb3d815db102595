"""What a wait has looked at in, one line out: how far a request has come, or what there is instead of what is waited for.

The numbers of a request are those that its statistics have: Get-MailboxRestoreRequestStatistics, Get-MoveRequestStatistics,
Get-MigrationUserStatistics. The last has no number of its own for bytes to come, only the size that was estimated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from psbridge.clixml.decode import decode_message
from psbridge.error_record import ErrorRecord
from psbridge.journal import Entry
from psbridge.psobject import PSObject, Value
from psbridge.reply import State, Stream
from psbridge.report.display import plain_text

__all__ = ["progress_of", "seen_in"]

_PERCENT: Final = ("PercentComplete", "PercentageComplete")
_BYTES: Final = ("BytesTransferred",)
_ALL_BYTES: Final = ("EstimatedTransferSize", "EstimatedTotalTransferSize")
_ITEMS: Final = ("ItemsTransferred", "SyncedItemCount")
_ALL_ITEMS: Final = ("EstimatedTransferItemCount", "TotalItemsInSourceMailboxCount")
# `1.2 GB (1,288,490,189 bytes)`: what stands in parentheses is for programs.
_EXACT: Final = re.compile(r" \([\d,.\s\u00a0]+ bytes\)$")


def seen_in(entry: Entry) -> str:
    """What a look found, for people. Two looks of which this says the same differ in nothing that a person waits for.

    Raises ClixmlError for an answer that cannot be read.
    """
    if entry.state == "absent":
        return "it is not there yet"
    reply = entry.reply
    if reply is None:
        return f"no answer: {entry.error}"
    errors = reply.of(Stream.ERROR)
    if errors or reply.state is not State.COMPLETED:
        record = decode_message(errors[0]) if errors else None
        return ErrorRecord.of(record).message.split("\n")[0] if isinstance(record, PSObject) else f"it ended as {reply.state}"
    found = [decode_message(body) if body else None for body in reply.of(Stream.OUTPUT)]
    if len(found) != 1:
        return f"{len(found)} objects"
    (only,) = found
    return progress_of(only) or _kind(only)


def progress_of(found: Value) -> str:
    """`InProgress (CopyingMessages), 45 %, 1.2 GB of 2.7 GB, 300 of 700 items`, as far as it is known; nothing for no request."""
    return ", ".join(_parts(found)) if isinstance(found, PSObject) and _first(found, ("Status",)) else ""


def _parts(request: PSObject) -> Iterator[str]:
    status, detail = _first(request, ("Status",)), _first(request, ("StatusDetail", "StatusSummary"))
    yield f"{status} ({detail})" if detail and detail != status else status
    percent = _first(request, _PERCENT)
    if percent:
        yield f"{percent} %"
    yield from _share(_first(request, _BYTES), _first(request, _ALL_BYTES), "")
    yield from _share(_first(request, _ITEMS), _first(request, _ALL_ITEMS), " items")


def _share(done: str, of: str, what: str) -> Iterator[str]:
    if done:
        yield f"{done} of {of}{what}" if of else f"{done}{what}"


def _first(found: PSObject, names: Iterable[str]) -> str:
    texts = (_EXACT.sub("", plain_text(found.get(name))) for name in names)
    return next((text for text in texts if text), "")


def _kind(found: Value) -> str:
    """An object that is no request: its name, and what kind of recipient it is."""
    if not isinstance(found, PSObject):
        return plain_text(found)
    name = _first(found, ("UserPrincipalName", "PrimarySmtpAddress", "Identity", "Name"))
    kind = _first(found, ("RecipientTypeDetails", "RecipientType"))
    return f"{name or '1 object'}{f' ({kind})' if kind else ''}"
