"""Every command in one Typer application. Each command is one file, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

import typer

from psbridge import __version__
from psbridge.cli.lazy import LazyGroup

__all__ = ["app"]


_OF_RUNS: Final = ("run", "resume", "approve", "answer", "retry", "cancel", "runs", "show", "report", "demo")


class _Commands(LazyGroup):
    modules: ClassVar[Mapping[str, str]] = {
        **{name: f"psbridge.cli.{name}" for name in _OF_RUNS},
        **{name: f"psbridge.cli.{name}" for name in ("init", "profiles", "doctor", "simulate")},
        "clixml": "psbridge.cli.clixml.group",
        "cassette": "psbridge.cli.cassette.group",
        "playbooks": "psbridge.cli.playbooks",
        "playbook": "psbridge.cli.playbook.group",
        "journal": "psbridge.cli.journal.group",
        "worker": "psbridge.cli.worker",
        "fleet": "psbridge.cli.fleet.group",
        "completion": "psbridge.cli.completion",
    }


app = typer.Typer(
    name="psbridge",
    cls=_Commands,
    help="Run documented hybrid procedures over the real cmdlets: guarded, journaled, resumable, replayable.",
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 waiting, 4 operator needed, 5 busy, 6 something found, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if asked:
        typer.echo(f"psbridge {__version__}")
        raise typer.Exit


@app.callback()
def _psbridge(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass  # Typer asks for a callback where it knows no commands beforehand
