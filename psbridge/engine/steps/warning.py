"""Warnings that stand beside a run's steps until they are lifted: `runs`, `show`, `cancel` and the report name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psbridge.engine.context import Context
from psbridge.journal import Kind
from psbridge.journal.records import write_time

__all__ = ["lift", "stand", "warn"]


def warn(c: Context, key: str, text: str, asking: Sequence[datetime] = ()) -> None:
    """Let a warning stand from now on; one that was lifted does not come back."""
    stand(c, key, {"text": text, **({"asking": [write_time(moment) for moment in asking]} if asking else {})})


def lift(c: Context, key: str) -> None:
    """Let a warning stand no longer."""
    last = c.ledger.last(key, Kind.WARNING)
    if last is not None and last.state == "stands":
        c.add(key, Kind.WARNING, "lifted", {"text": last.body["text"]})


def stand(c: Context, key: str, body: Mapping[str, Any], *, again: bool = False) -> int:
    """Write a warning where it does not stand in these words; gives its place in the journal, 0 if it was lifted.

    `again`: one that was lifted may stand again.
    """
    last = c.ledger.last(key, Kind.WARNING)
    if last is not None and last.state == "lifted" and not again:
        return 0
    if last is None or last.state != "stands" or any(last.body.get(name) != body.get(name) for name in ("text", "asking")):
        last = c.add(key, Kind.WARNING, "stands", body)
    return last.seq
