"""A step that a limit would hold back, and its run's entries in; whether it must go on all the same, out.

What one approval allows is not torn apart: an account that is deleted and not yet purged, with synchronisation paused for all
meanwhile, must not lie there for as long as a limit or a pause stands. A limit is kept before the first of its steps.
"""

from __future__ import annotations

from collections.abc import Iterable

from psbridge.journal import Draft, Entry, Kind

__all__ = ["is_begun"]


def is_begun(draft: Draft, entries: Iterable[Entry]) -> bool:
    """Whether another destructive step of the same approval was begun before."""
    sha = draft.body.get("approval")
    return bool(sha) and any(
        entry.kind is Kind.DESTROY and entry.key != draft.key and entry.body.get("approval") == sha for entry in entries
    )
