"""`psbridge clixml diff`: two exports, object by object and property by property."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from psbridge.cli.clixml.comparison import Comparison
from psbridge.cli.clixml.document import Document
from psbridge.cli.clixml.identity import KEYS, NAMES
from psbridge.cli.clixml.opening import STANDARD_INPUT
from psbridge.cli.clixml.options import PropertyOption
from psbridge.cli.clixml.output import until_nobody_reads
from psbridge.cli.clixml.selection import chosen
from psbridge.cli.clixml.unmet import Unmet
from psbridge.cli.exit_codes import ExitCode
from psbridge.errors import InputError

__all__ = ["diff"]

# They tell how an object was fetched, or say in binary or in CIM's words what its other properties say.
_ASIDE: Final = ("PSComputerName", "PSShowComputerName", "RunspaceId", "SerializationData", "__ClassMetadata")


def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="The export before; - for standard input.")],
    new: Annotated[str, typer.Argument(metavar="B", help="The export after.")],
    *,
    key: Annotated[
        str | None,
        typer.Option("--key", "-k", help=f"The property that tells objects apart; default: the first of {', '.join(KEYS)}."),
    ] = None,
    properties: PropertyOption = None,
    everything: Annotated[
        bool, typer.Option("--everything", help=f"Compare also what tells how an object was fetched: {', '.join(_ASIDE)}.")
    ] = False,
) -> None:
    """Compare two exports: which objects are gone or new, and which properties of the others changed.

    An object that is missing in a file which cannot be read to its end may stand in the rest: it gets a question mark.

    Exit code 0: the same; 1: different, or one of them cannot be read to its end.

    Example: psbridge clixml diff before.xml after.xml --key PrimarySmtpAddress
    """
    if old == new == STANDARD_INPUT:
        raise InputError("Only one of the two can be standard input.")
    keys = (key,) if key else KEYS
    choice = chosen(properties)
    needed = choice.needed({*keys, *NAMES}) if choice else None
    comparison = Comparison(keys, choice, () if everything else _ASIDE)
    unmet = Unmet((*((key,) if key else ()), *(choice.given if choice else ())))
    with Document(old, properties=needed) as before, Document(new, properties=needed) as after:
        # Whatever is printed here is a difference, however much of it is read.
        with until_nobody_reads(ExitCode.FAILED):
            for line in comparison.lines(unmet.seen(before), unmet.seen(after), lambda: before.cut, lambda: after.cut):
                after.clear()
                sys.stdout.write(f"{line}\n")
        code = ExitCode.FAILED if comparison.differs or before.findings or after.findings else ExitCode.DONE
        with until_nobody_reads(code):
            sys.stdout.writelines(f"{line}\n" for line in _summary(comparison, before.name, after.name))
        unmet.tell(after)
        for document in (before, after):
            document.tell()
    raise typer.Exit(code)


def _summary(comparison: Comparison, old: str, new: str) -> Iterator[str]:
    if comparison.aside:
        yield f"Different, but not compared (--everything): {', '.join(comparison.aside)}"
    counts = f"{comparison.same} the same, {comparison.changed} changed"
    yield f"{counts}, {comparison.gone} only in {old}, {comparison.added} only in {new}"
    if comparison.unsure:
        yield f"{comparison.unsure} with a question mark: not in the part of the other file that could be read"
