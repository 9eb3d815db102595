"""The group `psbridge clixml` out: its commands, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import typer

from psbridge.cli.lazy import LazyGroup

__all__ = ["clixml"]


_NAMES: Final = ("show", "check", "diff", "to-json", "to-jsonl", "from-json", "to-csv")


class _Commands(LazyGroup):
    modules: ClassVar[Mapping[str, str]] = {name: f"psbridge.cli.clixml.{name.replace('-', '_')}" for name in _NAMES}


clixml = typer.Typer(
    name="clixml",
    cls=_Commands,
    help="Show, check and compare what Export-Clixml or redirected PowerShell wrote; turn it into JSON or CSV.",
    epilog="Exit codes: 0 done, 1 a file cannot be read to its end (what can be read is shown) or files differ, 2 usage.",
    no_args_is_help=True,
    add_completion=False,
)


@clixml.callback()
def _clixml() -> None:
    pass  # Typer asks for a callback where it knows no commands beforehand
