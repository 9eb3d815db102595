"""`psbridge clixml check`: whether PowerShell would read a file, and every place where something is wrong."""

from __future__ import annotations

from typing import Annotated

import typer

from psbridge.cli.clixml.checking import check_files

__all__ = ["check"]


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Exports or redirected streams; - for standard input.")],
) -> None:
    """Check whether PowerShell would read a file; each finding comes with line, column, byte and the elements down to it.

    PowerShell stops at the first fault. Those behind it are found as if the ones before were mended. A note is no fault: it tells
    of what PowerShell reads, but perhaps not as it was meant.

    Exit code 0: PowerShell reads it; 1: it does not. Example: psbridge clixml check mailboxes.xml
    """
    raise typer.Exit(check_files(files))
