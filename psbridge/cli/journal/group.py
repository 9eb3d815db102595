"""The group `psbridge journal` out: its commands, each imported when it is asked for."""

from __future__ import annotations

from typing import Final

from psbridge.cli.lazy import group_of

__all__ = ["journal"]

_NAMES: Final = ("verify", "backup", "export", "forget")

journal: Final = group_of(
    "journal",
    {name: f"psbridge.cli.journal.{name}" for name in _NAMES},
    says="Check that a journal is whole, copy it, hand on one run as a folder for a ticket, and forget old runs. "
    "Only forget changes a journal.",
    epilog="Exit codes: 0 done and whole, 1 something is damaged, changed or missing, 2 usage.",
)
