"""The command line: the arguments of the process in, its exit code out. The commands are in `app`, exit codes in `exit_codes`."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Final

from psbridge.cli.exit_codes import ExitCode, code_for
from psbridge.errors import PsbridgeError

__all__ = ["ExitCode", "main"]

_NO_OUTPUT: Final = frozenset({errno.ENOSPC, errno.EPIPE, errno.EIO, errno.EDQUOT})


def main() -> None:
    """Run the command line; an error of psbridge becomes one message and an exit code."""
    # Cmdlets answer in every script of the world; a console of another code page must not stop a run.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # Names and addresses are in whatever is written: it is for its owner.
    os.umask(0o077)
    try:
        _run(sys.argv[1:])
    except PsbridgeError as error:
        from psbridge.report.visible import visible  # noqa: PLC0415 - most commands end without an error

        sys.stderr.write(f"psbridge: {visible(str(error))}\n")
        sys.exit(code_for(error))
    except OSError as error:
        if error.errno not in _NO_OUTPUT:
            raise
        _without_output(error)


def _without_output(error: OSError) -> None:
    """Standard output is full or gone. What was begun is in the journal."""
    # What is still to be written would fail again when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stderr.write(
        f"psbridge: standard output cannot be written: {error.strerror}. A run that was begun is kept: psbridge runs\n"
    )
    sys.exit(ExitCode.FAILED)


def _run(arguments: Sequence[str]) -> None:
    # What is imported here is what the command needs. `clixml check FILE` needs no parser of options: Typer alone would take
    # as long as a file of some megabytes.
    files = arguments[2:]
    if arguments[:2] == ["clixml", "check"] and files and all(name == "-" or not name.startswith("-") for name in files):
        from psbridge.cli.clixml.checking import check_files  # noqa: PLC0415

        try:
            sys.exit(check_files(files))
        except KeyboardInterrupt:
            sys.exit(ExitCode.INTERRUPTED)
    from psbridge.cli.app import app  # noqa: PLC0415

    if "_PSBRIDGE_COMPLETE" in os.environ:
        # A shell asks what a word may become (`psbridge.cli.completion`); it asks for psbridge, however that was started.
        from typer.completion import completion_init  # type: ignore[attr-defined]  # noqa: PLC0415 - it has no other name

        completion_init()
        app(prog_name="psbridge")
    app(standalone_mode=True)
