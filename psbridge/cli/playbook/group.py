"""The group `psbridge playbook` out: its commands, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import typer

from psbridge.cli.lazy import LazyGroup

__all__ = ["playbook"]

_NAMES: Final = ("show", "new")


class _Commands(LazyGroup):
    modules: ClassVar[Mapping[str, str]] = {name: f"psbridge.cli.playbook.{name}" for name in _NAMES}


playbook = typer.Typer(
    name="playbook",
    cls=_Commands,
    help="Read what a playbook does, what it changes and the way back; or begin one of your own.",
    epilog="Exit codes: 0 done, 2 usage.",
    no_args_is_help=True,
    add_completion=False,
)


@playbook.callback()
def _playbook() -> None:
    pass  # Typer asks for a callback where it knows no commands beforehand
