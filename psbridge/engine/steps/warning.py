"""Warnings that stand beside a run's steps until they are lifted: `runs`, `show`, `cancel` and the report name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psbridge.engine.context import Context
from psbridge.journal import Kind

__all__ = ["lift", "stand", "warn"]


def warn(c: Context, key: str, text: str) -> None:
    """Let a warning stand from now on; one that was lifted does not come back."""
    stand(c, key, {"text": text})


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
    if last is None or last.state != "stands" or last.body["text"] != body["text"]:
        last = c.add(key, Kind.WARNING, "stands", body)
    return last.seq
