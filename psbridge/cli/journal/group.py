"""The group `psbridge journal` out: its commands, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import typer

from psbridge.cli.lazy import LazyGroup

__all__ = ["journal"]

_NAMES: Final = ("verify", "backup", "export")


class _Commands(LazyGroup):
    modules: ClassVar[Mapping[str, str]] = {name: f"psbridge.cli.journal.{name}" for name in _NAMES}


journal = typer.Typer(
    name="journal",
    cls=_Commands,
    help="Check that a journal is whole, copy it, and hand on one run as a folder for a ticket. None of these changes a journal.",
    epilog="Exit codes: 0 done and whole, 1 something is damaged, changed or missing, 2 usage.",
    no_args_is_help=True,
    add_completion=False,
)


@journal.callback()
def _journal() -> None:
    pass  # Typer asks for a callback where it knows no commands beforehand
