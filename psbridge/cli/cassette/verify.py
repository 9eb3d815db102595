"""`psbridge cassette verify`: are recordings whole, can every answer in them be read, and is no secret in them?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from psbridge.cassettes.failure import Failure
from psbridge.cassettes.interaction import Header, Interaction
from psbridge.cassettes.json_line import load
from psbridge.cassettes.reading import stream
from psbridge.cassettes.secret_shapes import secrets_in
from psbridge.cli.exit_codes import ExitCode
from psbridge.clixml.decode import decode_message
from psbridge.errors import CassetteError, ClixmlError, InputError
from psbridge.report.visible import visible

__all__ = ["verify"]


def verify(files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The recordings.")]) -> None:
    """Check recordings: version, order, count and SHA-256; that every answer decodes; and that nothing looks like a secret.

    Names, addresses and ids are no secrets here: `psbridge cassette scrub` takes them out.
    Exit code 0: all are well; 1: one is not, and it is told where; 2: a file is not there.
    """
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise InputError(f"there is no file {', '.join(missing)}; nothing was checked")
    # A list, so that every file is told about.
    well = [_told(path) for path in files]
    raise typer.Exit(ExitCode.DONE if all(well) else ExitCode.FAILED)


def _told(path: Path) -> bool:
    problems, count = 0, 0
    try:
        header, interactions = stream(path)
        for problem in _of_header(header):
            problems += _say(path, problem)
        for count, interaction in enumerate(interactions, 1):
            for problem in _of_interaction(interaction):
                problems += _say(path, f"interaction {count}, {problem}")
    except CassetteError as problem:
        sys.stderr.write(f"{visible(str(problem))}\n")
        return False
    if not problems:
        typer.echo(f"{path}: {count} interactions, whole, every answer can be read, nothing that looks like a secret.")
    return not problems


def _say(path: Path, problem: str) -> int:
    sys.stderr.write(f"{visible(f'{path}: {problem}')}\n")
    return 1


def _of_header(header: Header) -> Iterator[str]:
    try:
        zoned = datetime.fromisoformat(header.created).tzinfo is not None
    except ValueError:
        zoned = False
    if not zoned:
        yield f"'created' is no time with a zone: {header.created!r}"
    for name, value in header.metadata.items():
        yield from (f"metadata {name}: {secret}" for secret in secrets_in(name, value))


def _of_interaction(interaction: Interaction) -> Iterator[str]:
    for command in interaction.commands:
        for name, value in command.parameters.items():
            yield from (f"{command.cmdlet} -{name}: {secret}" for secret in secrets_in(name, load(value)))
    yield from (f"the command line: {secret}" for secret in secrets_in("", interaction.text))
    if isinstance(interaction.answer, Failure):
        for name, field in interaction.answer.fields.items():
            yield from (f"{name}: {secret}" for secret in secrets_in(name, field))
        return
    for number, record in enumerate(interaction.answer.records, 1):
        yield from (f"record {number}: {problem}" for problem in _of_body(record.clixml))
    if interaction.answer.reason is not None:
        yield from (f"reason: {problem}" for problem in _of_body(interaction.answer.reason))


def _of_body(body: bytes) -> Iterator[str]:
    if not body:
        return  # a null
    try:
        decode_message(body)
    except ClixmlError as problem:
        yield f"it cannot be read: {problem}"
        return
    yield from secrets_in("", body)
