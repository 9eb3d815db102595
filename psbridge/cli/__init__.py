"""The command line. Each command is one file; exit codes are in `exit_codes`."""

from __future__ import annotations

import sys

import typer

from psbridge.cli import answer, approve, cancel, demo, resume, retry, run, runs, show
from psbridge.cli.exit_codes import ExitCode, code_for
from psbridge.errors import PsbridgeError

__all__ = ["ExitCode", "main"]

app = typer.Typer(
    name="psbridge",
    help="Run documented hybrid procedures over the real cmdlets: guarded, journaled, resumable, replayable.",
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 waiting, 4 an operator is needed, 5 busy, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    run.run,
    resume.resume,
    approve.approve,
    answer.answer,
    retry.retry,
    cancel.cancel,
    runs.runs,
    show.show,
    demo.demo,
):
    app.command()(command)


def main() -> None:
    """Run the command line; an error of psbridge becomes one message and an exit code."""
    # Cmdlets answer in every script of the world; a console of another code page must not stop a run.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app(standalone_mode=True)
    except PsbridgeError as error:
        typer.echo(f"psbridge: {error}", err=True)
        sys.exit(code_for(error))
