"""A step of a run and a limit in; HeldBack out, where the limit stands in its way and the step need not go on all the same.

What one approval allows is not torn apart: an account that is deleted and not yet purged, with synchronisation paused for all
meanwhile, must not lie there for as long as a limit or a pause stands. A limit is kept before the first of its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from psbridge.errors import HeldBack
from psbridge.journal import Draft, Entry, Kind

__all__ = ["hold_to"]


def hold_to(limit: Callable[[], object], draft: Draft, entries: Callable[[], Iterable[Entry]]) -> None:
    """Hold a destructive step to a limit, which raises HeldBack; only then the run's entries are read."""
    if draft.kind is not Kind.DESTROY:
        return
    try:
        limit()
    except HeldBack:
        if not _is_begun(draft, entries()):
            raise


def _is_begun(draft: Draft, entries: Iterable[Entry]) -> bool:
    """Whether another destructive step of the same approval was begun before."""
    sha = draft.body.get("approval")
    return bool(sha) and any(
        entry.kind is Kind.DESTROY and entry.key != draft.key and entry.body.get("approval") == sha for entry in entries
    )
