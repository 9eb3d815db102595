"""`psbridge cassette show`: what was called in a recording, in order; and one answer as PowerShell would have printed it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from psbridge.cassettes.failure import Failure
from psbridge.cassettes.interaction import Header, Interaction
from psbridge.cassettes.reading import stream
from psbridge.cli.clixml.output import until_nobody_reads
from psbridge.cli.completing import endpoints
from psbridge.error_record import ErrorRecord
from psbridge.errors import ClixmlError, InputError
from psbridge.report.transcript import Shown, prompt_of, transcript
from psbridge.report.visible import visible
from psbridge.session import Result

__all__ = ["show"]


def show(
    file: Annotated[Path, typer.Argument(help="The recording.")],
    *,
    call: Annotated[
        int | None,
        typer.Option(
            "--call", min=1, help="Print the answer to the call of this number as PowerShell would.", show_default=False
        ),
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Only the calls that failed or gave an error.")] = False,
    endpoint: Annotated[
        str | None,
        typer.Option("--endpoint", help="Only the calls to this endpoint.", show_default=False, autocompletion=endpoints),
    ] = None,
) -> None:
    """List the calls of a recording with their parameters, how they ended, their size and time, and every error."""
    header, interactions = stream(file)
    numbered = enumerate(interactions, 1)
    with until_nobody_reads():
        if call is not None:
            lines = _answer(file, call, numbered, header)
        else:
            lines = _listing(file, header, numbered, errors=errors, endpoint=endpoint)
        for line in lines:
            sys.stdout.write(f"{line}\n")


def _listing(
    file: Path, header: Header, calls: Iterator[tuple[int, Interaction]], *, errors: bool, endpoint: str | None
) -> Iterator[str]:
    about = ", ".join(f"{name} {value}" for name, value in header.metadata.items())
    yield visible(f"{file}: recorded {header.created} by psbridge {header.psbridge}; {about or 'no metadata'}")
    for number, interaction in calls:
        told = list(_errors(interaction))
        if (endpoint is None or interaction.endpoint == endpoint) and (told or not errors):
            size = f"{_size(interaction):,} bytes, {interaction.seconds:.3f} s"
            yield f"{number:4} {visible(str(interaction))} -> {visible(interaction.outcome)} ({size})"
            yield from (f"       {line}" for line in told)


def _errors(interaction: Interaction) -> Iterator[str]:
    """Each error in a line: its id and the first line of its message."""
    if isinstance(interaction.answer, Failure):
        yield f"error: {visible(str(interaction.answer))}"
        return
    try:
        result = Result.of(interaction.answer)
    except ClixmlError as problem:
        yield f"error: the answer cannot be read: {visible(str(problem))}"
        return
    yield from (_line(record) for record in (*result.errors, *((result.failure,) if result.failure else ())))


def _line(record: ErrorRecord) -> str:
    return visible(f"error: {record.bare_id or record.reason}: {record.message.strip().partition(chr(10))[0].strip()}")


def _size(interaction: Interaction) -> int:
    answer = interaction.answer
    return 0 if isinstance(answer, Failure) else sum(len(record.clixml) for record in answer.records) + len(answer.reason or b"")


def _answer(file: Path, number: int, calls: Iterator[tuple[int, Interaction]], header: Header) -> Iterator[str]:
    count = 0
    for count, interaction in calls:
        if count == number:
            prompt, answer = prompt_of(interaction.endpoint), interaction.answer
            if isinstance(answer, Failure):
                yield f"{prompt} {visible(interaction.text or '(opening)')}"
                yield f"# No answer: {visible(str(answer))}"
                return
            width = shutil.get_terminal_size((120, 25)).columns if sys.stdout.isatty() else 120
            yield from transcript([Shown(prompt, interaction.text, answer, datetime.fromisoformat(header.created))], width)
            return
    raise InputError(f"{file} has no call {number}; it has {count} calls")
