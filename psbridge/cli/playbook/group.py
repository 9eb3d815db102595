"""The group `psbridge playbook` out: its commands, each imported when it is asked for."""

from __future__ import annotations

from typing import Final

from psbridge.cli.lazy import group_of

__all__ = ["playbook"]

_NAMES: Final = ("show", "new")

playbook: Final = group_of(
    "playbook",
    {name: f"psbridge.cli.playbook.{name}" for name in _NAMES},
    says="Read what a playbook does, what it changes and the way back; or begin one of your own.",
    epilog="Exit codes: 0 done, 2 usage.",
)
