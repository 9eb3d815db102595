"""The settings of a run in; the files that it reads and everything that it measures out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.mailbox_documents import write_document, write_messages
from benchmarks.turns import Taken, Turn, rounds

__all__ = ["Bench", "Row", "Source", "folder"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file of synthetic mailboxes: a document, or messages."""

    path: Path
    objects: int
    wire: bool

    @property
    def name(self) -> str:
        """How the tables call it."""
        return f"{self.objects:,} {'messages' if self.wire else 'objects'}"


@dataclass(frozen=True, slots=True)
class Row:
    """A contender's figures for one source: medians of time, the peak of memory."""

    contender: str
    source: Source
    taken: tuple[Taken, ...]

    @property
    def rate(self) -> float:
        """Objects per second of CPU time."""
        return self.source.objects / self.cpu

    @property
    def cpu(self) -> float:
        """Seconds of user and system time."""
        return median(each.cpu for each in self.taken)

    @property
    def wall(self) -> float:
        """Seconds from beginning to end."""
        return median(each.wall for each in self.taken)

    @property
    def peak(self) -> int:
        """Bytes."""
        return max(each.peak for each in self.taken)


class Bench:
    """One run. `words`: only contenders with one of them in their name take part, if any is given."""

    def __init__(self, folder: Path, *, repeat: int, words: list[str]) -> None:
        self.powershell = os.environ.get("PSBRIDGE_PWSH", "")
        self.rows: dict[str, list[Row]] = {}
        self._folder = folder
        self._repeat = repeat
        self._words = words

    def source(self, objects: int, *, wire: bool = False) -> Source:
        """Make a file, unless it is there from another run."""
        path = self._folder / f"mailboxes-{objects}.{'messages' if wire else 'clixml'}"
        if not path.exists():
            self._tell(f"making {path.name}")
            part = path.with_suffix(".part")
            (write_messages if wire else write_document)(part, objects)
            part.rename(path)
        return Source(path, objects, wire)

    def wants(self, contender: str) -> bool:
        """Whether a contender takes part."""
        return not self._words or any(word.lower() in contender.lower() for word in self._words)

    def measure(self, title: str, turns: Mapping[tuple[str, Source], Turn], *, once: bool = False) -> list[Row]:
        """Let all take their turns; `once` is one turn and no warm-up. Who has not read every object ends the run."""
        named = {f"{contender} ({source.name})": turn for (contender, source), turn in turns.items()}
        taken = rounds(named, 1 if once else self._repeat, lambda text: self._tell(f"{title}: {text}"), warm=not once)
        rows = [Row(*key, tuple(each)) for key, each in zip(turns, taken.values(), strict=True)]
        for row in rows:
            found = {each.objects for each in row.taken} - {row.source.objects, 0}
            if found:
                raise SystemExit(f"{row.contender} found {found} objects in {row.source.name}")
        self._tell("")
        self.rows.setdefault(title, []).extend(rows)
        return rows

    def save(self, path: Path) -> None:
        """Write every single measurement as JSON."""
        found = {
            title: [
                {"contender": row.contender, "source": row.source.name, "taken": [asdict(each) for each in row.taken]}
                for row in rows
            ]
            for title, rows in self.rows.items()
        }
        path.write_text(json.dumps(found, indent=1), encoding="utf-8")

    def _tell(self, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


@contextmanager
def folder(kept: Path | None) -> Iterator[Path]:
    """The folder for the files: a temporary one, or one that is kept for the next run."""
    if kept is None:
        with TemporaryDirectory(prefix="psbridge-benchmark-") as name:
            yield Path(name)
    else:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
