"""A header and interactions in, a cassette file out; what was begun and not finished never has the file's name.

The lines go to `NAME.partial`. Only `finish` adds the end line, waits for the disk and gives the file its name.
So a crash leaves a `.partial` file that has no end line, and every reader refuses it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from psbridge.cassettes.failure import Failure
from psbridge.cassettes.interaction import Header, Interaction
from psbridge.cassettes.json_line import dump
from psbridge.cassettes.lines import BOM, body_to_lines, escape
from psbridge.errors import CassetteError
from psbridge.reply import Reply

__all__ = ["FORMAT", "Writer"]

FORMAT: Final = 1


class Writer:
    """Write one cassette file. Every method raises CassetteError where the disk refuses.

    `replace` allows to overwrite what lies under the name, and the unfinished file beside it.
    Left as a context manager before `finish`, it closes the unfinished file and leaves it where it is.
    """

    def __init__(self, path: Path, header: Header, *, replace: bool = False, suffix: str = ".partial") -> None:
        self.path = path
        self.partial = path.with_name(path.name + suffix)
        self.header = header
        self.count = 0
        self._began = False
        self._digest = hashlib.sha256()
        self._replace = replace
        try:
            # First the folder: before it is there, a path that leads through it leads nowhere.
            path.parent.mkdir(parents=True, exist_ok=True)
            self._refuse_to_overwrite()
            self._file = self.partial.open("wb" if replace else "xb")
        except OSError as problem:
            raise self._error(problem) from problem

    def write(self, interaction: Interaction) -> None:
        """Add an interaction; it is handed to the operating system before this returns."""
        lines = [*self._opening_lines(), "", *_interaction_lines(self.count + 1, interaction)]
        self._append(lines)
        self.count += 1

    def finish(self) -> None:
        """Seal the file and give it its name."""
        self._append([*self._opening_lines(), ""])
        self._append([f"end {self.count} sha256 {self._digest.hexdigest()}"])
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            self._refuse_to_overwrite(finished=True)
            self.partial.replace(self.path)
        except OSError as problem:
            raise self._error(problem) from problem

    def close(self) -> None:
        """Close the file as it is; after `finish` this does nothing."""
        # A disk that refused a write refuses the rest of it again.
        with contextlib.suppress(OSError):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _opening_lines(self) -> list[str]:
        # The header waits for the first interaction: until then its metadata may grow.
        if self._began:
            return []
        self._began = True
        return list(_header_lines(self.header))

    def _append(self, lines: list[str]) -> None:
        data = "".join(f"{line}\n" for line in lines).encode()
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as problem:
            raise self._error(problem) from problem
        self._digest.update(data)

    def _refuse_to_overwrite(self, *, finished: bool = False) -> None:
        if self._replace:
            return
        if self.path.exists():
            kept = f" What was recorded is in {self.partial}." if finished else ""
            raise CassetteError(
                str(self.path),
                "there is a cassette of this name",
                remedy=f"Choose another name, or move or delete the file.{kept}",
            )
        if self.partial.exists() and not finished:
            raise CassetteError(
                str(self.partial),
                "a recording of this name is going on, or was never finished",
                remedy="Let it end; or look at it, and move or delete it.",
            )

    def _error(self, problem: OSError) -> CassetteError:
        return CassetteError(str(self.path), f"the recording cannot be written: {problem.strerror or problem}")


def _header_lines(header: Header) -> Iterator[str]:
    yield f"psbridge cassette {FORMAT}"
    yield f"psbridge {dump(header.psbridge)}"
    yield f"created {dump(header.created)}"
    yield "metadata"
    for name, value in header.metadata.items():
        yield f"  {name} {dump(value)}"


def _interaction_lines(number: int, interaction: Interaction) -> Iterator[str]:
    yield f"interaction {number} {interaction.endpoint}"
    if interaction.commands:
        yield f"PS> {escape(interaction.text)}"
    else:
        yield "opening"
    for command in interaction.commands:
        yield f"cmdlet {command.cmdlet}"
        for name, value in command.parameters.items():
            yield f"  {name} {value}"
    yield from _failure_lines(interaction.answer) if isinstance(interaction.answer, Failure) else _reply_lines(interaction.answer)
    yield f"seconds {interaction.seconds:.3f}"


def _reply_lines(reply: Reply) -> Iterator[str]:
    for record in reply.records:
        yield from _body_lines(f"record {record.stream}", record.clixml)
    yield f"state {reply.state}"
    if reply.reason is not None:
        yield from _body_lines("reason", reply.reason)


def _body_lines(title: str, body: bytes) -> Iterator[str]:
    yield f"{title} bom" if body.startswith(BOM) else title
    yield from body_to_lines(body.removeprefix(BOM))


def _failure_lines(failure: Failure) -> Iterator[str]:
    yield f"raised {failure.kind}"
    for name, value in failure.fields.items():
        yield f"  {name} {dump(value)}"
