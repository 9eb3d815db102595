"""The command line in this process: for commands whose start would take longer than what they do."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

from psbridge.cli import main

__all__ = ["psbridge"]


def psbridge(*arguments: str | Path) -> CompletedProcess[str]:
    """Run `psbridge` with arguments; nobody sits at its standard input."""
    said, told, code = io.StringIO(), io.StringIO(), 0
    argv = ["psbridge", *map(str, arguments)]
    with mock.patch.object(sys, "argv", argv), contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
    return CompletedProcess(argv, code, said.getvalue(), told.getvalue())
