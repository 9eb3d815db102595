"""Interactions in as their calls end, a cassette file out in the order in which the calls began; safe for threads."""

from __future__ import annotations

import threading
from pathlib import Path

from psbridge.cassettes.interaction import Interaction
from psbridge.cassettes.writing import Writer
from psbridge.errors import CassetteError

__all__ = ["Tape"]


class Tape:
    """The order of one recording. What spoils it is kept in `problem` and raised by `finish` only."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lock = threading.Lock()
        self._begun = self._written = 0
        self._waiting: dict[int, Interaction | None] = {}
        self._finished = False
        self.problem: str | None = None

    def begin(self) -> int:
        """Give a call its place in the order. Raises CassetteError after `finish`."""
        with self._lock:
            if self._finished:
                raise CassetteError(str(self._writer.path), "the recording is finished; the command was not sent")
            self._begun += 1
            return self._begun - 1

    def end(self, place: int, interaction: Interaction | None) -> None:
        """Keep what a call came to; None leaves no trace. It is written when all that began before it has ended."""
        with self._lock:
            self._waiting[place] = interaction
            while self.problem is None and self._written in self._waiting:
                self._write(self._waiting.pop(self._written))
                self._written += 1

    def spoil(self, problem: str) -> None:
        """Note why the recording is not whole; the first reason stays, and nothing more is written."""
        with self._lock:
            self._spoil(problem)

    def finish(self) -> Path:
        """Seal the cassette; a second call does nothing. Raises CassetteError if it is not whole."""
        with self._lock:
            if not self._finished:
                self._refuse_to_seal()
                self._seal()
            return self._writer.path

    def abandon(self) -> None:
        """Leave the unfinished file as it is; after `finish` this does nothing."""
        with self._lock:
            if not self._finished:
                self._spoil("it was abandoned")
                self._writer.close()

    def _write(self, interaction: Interaction | None) -> None:
        if interaction is None:
            return
        try:
            self._writer.write(interaction)
        except CassetteError as problem:
            self._spoil(problem.problem)

    def _seal(self) -> None:
        try:
            self._writer.finish()
        except CassetteError as problem:
            self._spoil(problem.problem)
            raise
        self._finished = True

    def _spoil(self, problem: str) -> None:
        self.problem = self.problem or problem
        self._waiting.clear()

    def _refuse_to_seal(self) -> None:
        problem = self.problem
        if problem is None and self._written < self._begun:
            problem = f"calls are still going on: {self._begun - self._written}"
        if problem is not None:
            raise CassetteError(
                str(self._writer.path),
                f"the recording is not whole: {problem}",
                remedy=f"The run itself is not affected. What was recorded until then is in {self._writer.partial}.",
            )
