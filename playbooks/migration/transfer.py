"""Statistics and a log in; DATA MIGRATED against the estimated size, and why they differ, out.

DATA MIGRATED (BytesTransferred) is everything that was sent between the two organisations, again after each interruption. It
is no measure of what has arrived (the second document).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from playbooks.migration.durations import Durations
from playbooks.migration.log import LogLine, Tells
from playbooks.migration.stalls import Stall
from psbridge.models import EnhancedTimeSpan, Reading

__all__ = ["Transfer", "transfer_of", "why_they_differ"]

NEARLY: Final = 0.05


@dataclass(frozen=True, slots=True)
class Transfer:
    """The amounts; None is not said.

    - `transferred`: BytesTransferred, which the portal shows as DATA MIGRATED. `estimated`: what the mailbox was thought to hold.
    - `percent`: how far the move is. `items`, `estimated_items`: messages.
    """

    transferred: int | None
    estimated: int | None
    percent: int | None = None
    items: int | None = None
    estimated_items: int | None = None

    @property
    def ratio(self) -> float | None:
        """Bytes sent for each estimated one."""
        return self.transferred / self.estimated if self.transferred is not None and self.estimated else None

    @property
    def excess(self) -> int | None:
        """Bytes sent beyond the estimate; negative where less was sent."""
        return None if self.transferred is None or self.estimated is None else self.transferred - self.estimated


def transfer_of(statistics: Reading) -> Transfer:
    """Read the amounts of a migration user, or of a move request, which tells mailbox and archive apart."""
    return Transfer(
        transferred=statistics.size("BytesTransferred"),
        estimated=_estimated(statistics),
        percent=statistics.number("PercentageComplete", "PercentComplete"),
        items=statistics.number("ItemsTransferred", "SyncedItemCount"),
        estimated_items=statistics.number("EstimatedTotalTransferCount", "EstimatedTransferItemCount", "TotalMailboxItemCount"),
    )


def _estimated(statistics: Reading) -> int | None:
    said = statistics.size("EstimatedTotalTransferSize", "EstimatedTransferSize")
    if said is not None:
        return said
    # field-notes 5.4: mailbox and archive, unless only one of them is moved.
    flags = (statistics.name("Flags") or "").lower()
    mailbox = None if "moveonlyarchivemailbox" in flags else statistics.size("TotalMailboxSize")
    archive = None if "moveonlyprimarymailbox" in flags else statistics.size("TotalArchiveSize")
    return None if mailbox is None and archive is None else (mailbox or 0) + (archive or 0)


def why_they_differ(
    transfer: Transfer, durations: Durations, stalls: Sequence[Stall], log: Sequence[LogLine], source_version: str
) -> Iterator[str]:
    """Explain the difference in sentences, from what the statistics and the log show; nothing is said without amounts."""
    ratio, excess = transfer.ratio, transfer.excess
    if ratio is None or excess is None:
        return
    if abs(ratio - 1) <= NEARLY:
        yield "They are nearly the same: the move was hardly interrupted."
        return
    if excess < 0:
        yield from _why_less(transfer)
        return
    yield f"{excess:,} bytes more than estimated were sent. DATA MIGRATED counts every transmission, also those that came again."
    if stalls:
        yield from _after_the_stalls(excess, stalls)
    yield from _seen_of_all(durations, stalls)
    if _is_2010(source_version, log):
        yield "The source is Exchange 2010 (version 14), which reports mailboxes smaller than they arrive (the document)."


def _why_less(transfer: Transfer) -> Iterator[str]:
    percent = transfer.percent
    if percent is not None and percent < 100:
        yield f"Less was sent than estimated: the move is at {percent} %."
    else:
        yield "Less was sent than estimated: the estimate was too high, or counts items that are not moved."


def _after_the_stalls(excess: int, stalls: Sequence[Stall]) -> Iterator[str]:
    loads = sum(stall.loaded_again for stall in stalls)
    yield f"The log shows {len(stalls)} interruptions; after {loads} of them the messages were loaded again (LoadingMessages)."
    copied = [stall.bytes_copied_again for stall in stalls if stall.bytes_copied_again]
    if copied:
        yield f"The copy progress fell back by {sum(copied):,} bytes in all: these were copied again."
    if loads:
        yield (
            f"The log does not say how much each loading sent. Shared evenly among the {loads}, it would be about "
            f"{excess // loads:,} bytes for each."
        )


def _seen_of_all(durations: Durations, stalls: Sequence[Stall]) -> Iterator[str]:
    if durations.stalled is None or not durations.stalled.ticks:
        return
    seen = EnhancedTimeSpan(sum(stall.lasted // timedelta(microseconds=1) * 10 for stall in stalls if stall.lasted is not None))
    if not stalls:
        yield f"It was stalled for {durations.stalled}, of which the log shows nothing: it is missing or cut off."
    elif seen.total_seconds < durations.stalled.total_seconds - 60:
        yield f"The log shows {seen} of the {durations.stalled} that it was stalled; the rest lies outside of what the log holds."


_EXCHANGE_2010: Final = re.compile(r"\b14\.[0-9]+ ?\(")


def _is_2010(source_version: str, log: Sequence[LogLine]) -> bool:
    # One of the two sides of an onboarding is version 14, and Exchange Online never is.
    told = [source_version, *(line.text for line in log if line.tells is Tells.CONNECTED)]
    return any(_EXCHANGE_2010.search(text) for text in told)
