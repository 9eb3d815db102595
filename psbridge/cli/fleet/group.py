"""The group `psbridge fleet` out: its commands, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import typer

from psbridge.cli.lazy import LazyGroup

__all__ = ["fleet"]

_NAMES: Final = ("status", "pause", "resume", "drain")


class _Commands(LazyGroup):
    modules: ClassVar[Mapping[str, str]] = {
        "status": "psbridge.cli.fleet.status",
        **{name: "psbridge.cli.fleet.brakes" for name in _NAMES if name != "status"},
    }


fleet = typer.Typer(
    name="fleet",
    cls=_Commands,
    help="Many runs over many workers (`psbridge worker`): how they stand, and the brake for all of them.",
    epilog="Exit codes: 0 done, 1 the journal cannot be reached, 2 usage.",
    no_args_is_help=True,
    add_completion=False,
)


@fleet.callback()
def _fleet() -> None:
    pass  # Typer asks for a callback where it knows no commands beforehand
