"""`psbridge cassette scrub`: a recording without the people in it, to be shared."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from psbridge.cassettes.scrub import Report
from psbridge.cassettes.scrub import scrub as scrubbed
from psbridge.cli.exit_codes import ExitCode
from psbridge.errors import InputError
from psbridge.report.visible import visible
from psbridge.small_file import read_small

__all__ = ["scrub"]


def scrub(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The recording.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The new file; one that is there is never written over.")],
    *,
    seed_file: Annotated[
        Path | None,
        typer.Option(
            help="Make the same replacements again: with the seed in this file. Whoever knows it can try out names; "
            "without a seed nobody finds the way back.",
            show_default=False,
        ),
    ] = None,
    seed_env: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The same, with the seed in this environment variable.", show_default=False),
    ] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="Write what became what to this new file. Keep it to yourself.", show_default=False),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Replace also what cannot be judged, such as free text.")] = False,
) -> None:
    """Replace names, addresses, domains, servers, tenants, GUIDs, SIDs, phone numbers and IP addresses, everywhere alike.

    One thing becomes one other thing of the same shape and length, also inside texts, error messages, distinguished names and
    base64, so the recording still replays. Domains become contoso.com, fabrikam.com, domain.com and numbered names below them.
    What stays: times, counts, sizes, enums, types, the names of cmdlets and properties, error ids, product ids, the run's id.
    What cannot be judged is listed with its place and number, and the exit code is 6: look at it before you share the file.
    """
    with _new_map(map_file, target) as file:
        report = scrubbed(source, target, seed=_seed(seed_file, seed_env), strict=strict)
        if file is not None:
            _write_map(file, report)
    if report.copied:
        typer.echo(f"{target}: {source} was scrubbed before, so this is a copy. What was told then is not looked for again.")
        return
    counts = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in sorted(report.replaced.items()))
    typer.echo(f"{target}: {report.interactions} interactions; replaced: {counts or 'nothing'}.")
    if report.findings:
        sys.stdout.write("Not judged; look at it, or use --strict:\n")
        sys.stdout.writelines(f"  {visible(line)}\n" for line in report.lines())
        raise typer.Exit(ExitCode.FINDINGS)


def _seed(file: Path | None, variable: str | None) -> str | None:
    """The seed, which is no option: a command line stands in the history of the shell and in the list of processes."""
    if file is not None and variable is not None:
        raise InputError("--seed-file and --seed-env are both given; give one")
    if variable is not None:
        if variable not in os.environ:
            raise InputError(f"there is no environment variable {variable}, which --seed-env names")
        return _not_empty(os.environ[variable], f"the environment variable {variable}")
    if file is None:
        return None
    try:
        return _not_empty(read_small(file, encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the seed in {file} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _not_empty(seed: str, where: str) -> str:
    if not seed.strip():
        raise InputError(f"{where} holds no seed: it is empty; write a long one there, or leave the option out")
    return seed.strip()


@contextmanager
def _new_map(path: Path | None, target: Path) -> Iterator[TextIO | None]:
    """Make the map's file before anything is scrubbed: only so it is known that it can be written.

    Nobody else may read it. It stays only if all went well.
    """
    if path is None:
        yield None
        return
    if path.resolve() == target.resolve():
        raise InputError(f"{path} is the new recording itself; name another file for the map. Nothing was scrubbed")
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    except FileExistsError:
        raise InputError(f"{path} is there already; name a new file for the map. Nothing was scrubbed") from None
    except OSError as error:
        raise InputError(f"the map {path} cannot be written: {error.strerror or error}. Nothing was scrubbed") from error
    try:
        with file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write_map(file: TextIO, report: Report) -> None:
    """A line of JSON for each thing."""
    lines = [
        json.dumps({"kind": kind, "original": original, "replacement": made}) for (kind, original), made in report.map.items()
    ]
    try:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
    except OSError as error:
        raise InputError(f"the map {file.name} cannot be written: {error.strerror}; the recording was scrubbed") from error
