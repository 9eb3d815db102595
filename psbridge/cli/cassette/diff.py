"""`psbridge cassette diff`: two recordings, call by call: which are new, gone or changed, and what in them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from psbridge.cassettes import Cassette
from psbridge.cassettes.difference import Setting, differences
from psbridge.cli.clixml.output import until_nobody_reads
from psbridge.cli.exit_codes import ExitCode
from psbridge.report.visible import visible

__all__ = ["diff"]


def diff(
    old: Annotated[Path, typer.Argument(metavar="A", help="The recording before.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The recording after.")],
    *,
    ignore_times: Annotated[bool, typer.Option("--ignore-times", help="Take every time and duration for the same.")] = False,
    ignore_ids: Annotated[
        bool, typer.Option("--ignore-ids", help="Take ids for the same that stand in the same places: GUIDs, and those of runs.")
    ] = False,
    most: Annotated[int, typer.Option("--most", min=0, help="Lines of an answer to show for each call.")] = 20,
) -> None:
    """Compare two recordings: calls, their parameters, and their answers line by line. How long a call took does not count.

    Exit code 0: the same; 1: different.
    """
    before, after = Cassette.load(old), Cassette.load(new)
    setting = Setting(times=ignore_times, ids=ignore_ids)
    found = 0
    # Whatever is printed here is a difference, however much of it is read.
    with until_nobody_reads(ExitCode.FAILED):
        for difference in differences(before.interactions, after.interactions, setting):
            found += 1
            sys.stdout.write(f"{visible(difference.title)}\n")
            sys.stdout.writelines(f"    {visible(line)}\n" for line in difference.lines[:most])
            if len(difference.lines) > most:
                sys.stdout.write(f"    ... and {len(difference.lines) - most} more lines\n")
        counts = f"{len(before.interactions)} calls in {old}, {len(after.interactions)} in {new}"
        sys.stdout.write(f"{f'{found} differences' if found != 1 else '1 difference'}; {counts}\n")
    raise typer.Exit(ExitCode.FAILED if found else ExitCode.DONE)
