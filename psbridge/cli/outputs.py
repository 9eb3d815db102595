"""What --output names in, checked before anything is begun; what a run gave, written there, out."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, TextIO, TypeAlias

import typer

from psbridge.cli.clixml.output import opened
from psbridge.cli.output_formats import FORMATS, SUFFIXES
from psbridge.cli.tables import Content, RunTable, content_of, show_table
from psbridge.engine import Desk
from psbridge.errors import InputError, PsbridgeError

__all__ = ["OutputOption", "Outputs"]

OutputOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        metavar="FORMAT|FILE",
        help="Write the table that a run makes, or its result if it makes none. A format (table, json, jsonl, csv, clixml) goes "
        "to standard output, all else to standard error then; a file by its name (.csv, .json, .jsonl, .xml, .clixml, .txt). "
        "May be repeated.",
        show_default=False,
    ),
]


# How the files begin that hold runs: a SQLite database, a cassette.
_JOURNAL_OR_CASSETTE: Final = (b"SQLite format 3\0", b"psbridge cassette ")


class NotWritten(PsbridgeError):
    """What a run gave could not be written into a file; the run is not affected."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where to write: a format for standard output, and files. `stream`: standard output, also while that is led elsewhere."""

    form: str | None = None
    files: tuple[Path, ...] = ()
    stream: TextIO = field(default_factory=lambda: sys.stdout, compare=False)

    @classmethod
    def of(cls, given: Sequence[str] | None) -> Outputs:
        """Read what was named. Raises InputError for what cannot be written, before anything is begun."""
        names = [name for name in given or () if name.lower() in FORMATS]
        files = tuple(Path(name) for name in given or () if name.lower() not in FORMATS)
        if len(names) > 1:
            raise InputError(f"--output {' and --output '.join(names)} would both be standard output; name one of them")
        for path in files:
            _check(path)
        return cls(names[0].lower() if names else None, files)

    def __bool__(self) -> bool:
        return self.form is not None or bool(self.files)

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """What is printed meanwhile goes to standard error, where a format has standard output for itself."""
        if self.form is None:
            yield
            return
        with contextlib.redirect_stdout(sys.stderr):
            yield

    def give_out(self, desk: Desk, run_id: str) -> None:
        """Show the table of a run that has ended, where nothing else shows it, and write what it gave. Raises InputError."""
        content = content_of(desk.run(run_id), desk.entries(run_id))
        if isinstance(content, RunTable) and self.form is None:
            show_table(content)
        self.write(content)

    def write(self, content: Content | None) -> None:
        """Write it everywhere; what was in a file is replaced when all is written. Raises InputError."""
        if content is None:
            if self:
                typer.echo(f"Nothing was written into {self._told()}: the run has not come to its end.", err=True)
            return
        if self.form is not None:
            with contextlib.redirect_stdout(self.stream), opened(None, reads="-", before=_nothing) as out:
                FORMATS[self.form](content, out)
        for path in self.files:
            try:
                with opened(path, reads="-", before=_nothing) as out:
                    FORMATS[SUFFIXES[path.suffix.lower()]](content, out)
            except InputError as error:
                remedy = "The run itself is kept: write it again with psbridge show RUN --output FILE."
                raise NotWritten(f"{error}. {remedy}") from error
            told = "The result is" if content.count is None else f"{content.count} lines are"
            with self.apart():
                typer.echo(f"{told} in {path}")

    def _told(self) -> str:
        return ", ".join([*(["standard output"] if self.form else []), *map(str, self.files)])


def _check(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{path}: its name must end with one of {', '.join(SUFFIXES)}, or be one of {', '.join(FORMATS)}; nothing was begun"
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError(f"{path} cannot be written: it must be a file in a folder that is there; nothing was begun")
    if _holds_runs(path):
        raise InputError(f"{path} is a journal or a recording, which would be lost; name another file. Nothing was begun")


def _holds_runs(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(64).startswith(_JOURNAL_OR_CASSETTE)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; nothing was begun") from error


def _nothing() -> None:
    """Nothing is to be done before a terminal is written to."""
