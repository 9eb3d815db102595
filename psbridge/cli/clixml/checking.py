"""Names of files in, what is wrong with them printed; without Typer, which takes longer to start than many a file to check."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from psbridge.cli.clixml.document import Document
from psbridge.cli.clixml.mending import after_mending
from psbridge.cli.clixml.notes import notes
from psbridge.cli.clixml.output import until_nobody_reads
from psbridge.cli.exit_codes import ExitCode

__all__ = ["check_files"]

# Nothing is built that is only looked at; all that the reader checks it checks all the same.
_NO_PROPERTIES: Final = frozenset[str]()


def check_files(files: Sequence[str]) -> ExitCode:
    """Print the findings of each file; tells whether PowerShell reads all of them. Raises InputError."""
    sound = True
    for file in files:
        with Document(file, properties=_NO_PROPERTIES) as document:
            lines = _checked(document)
        sound = sound and not document.findings
        with until_nobody_reads(ExitCode.DONE if sound else ExitCode.FAILED):
            sys.stdout.writelines(f"{line}\n" for line in lines)
    return ExitCode.DONE if sound else ExitCode.FAILED


def _checked(document: Document) -> list[str]:
    for _ in document:
        pass
    faults = list(document.findings)
    if document.stopped_at:
        faults += after_mending(document.opened, document.stopped_at)
    lines = list(document.report([*faults, *notes(document.opened)]))
    values = "1 value" if document.count == 1 else f"{document.count} values"
    if not faults:
        what = "this redirected output, Import-Clixml does not" if document.opened.redirected else "this file"
        return [*lines, f"{document.name}: {values}. PowerShell reads {what}."]
    places = "this place" if len(faults) == 1 else "the first of these places"
    return [*lines, f"{document.name}: {values} can be read. PowerShell refuses this file at {places}."]
