"""`psbridge journal export`: one run as a folder for a ticket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.options import JournalOption, ProfileOption, RunArgument
from psbridge.cli.workbench import journal_of, open_view
from psbridge.journal.folder import write_folder
from psbridge.report.run_transcript import items_of
from psbridge.report.summary import summary
from psbridge.report.transcript import transcript

__all__ = ["export"]


def export(
    run: RunArgument,
    folder: Annotated[Path, typer.Argument(help="The new folder; one that is there is never written over.")],
    *,
    profile: ProfileOption = None,
    journal: JournalOption = None,
) -> None:
    """Write everything that the journal knows of a run, its transcript and its report, to files that any editor opens.

    Passwords are not in it; names, addresses and ids of people are.
    """
    with open_view(journal_of(journal, profile)) as view:
        kept = view.whole(run)
    texts = {
        "transcript.txt": "".join(f"{line}\n" for line in transcript(items_of(kept.entries))),
        "report.txt": f"{summary(kept.run, kept.entries).lstrip()}\n",
    }
    write_folder(kept, folder, texts)
    count, head = kept.run.entries, kept.run.head
    typer.echo(f"{folder}: run {run} with {count} entries. The last hash of its chain, to be noted elsewhere: {head}")
