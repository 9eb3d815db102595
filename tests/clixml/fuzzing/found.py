"""What came of the inputs of a run, slice by slice; kept in a file, so that a run that was stopped goes on where it ended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Example", "Found", "Kept"]


class Example(NamedTuple):
    """The number of the first input that showed a fault, and what was said of it."""

    number: int
    said: str


@dataclass(slots=True)
class Found:
    """The faults by their kind, each with an example; what came of all inputs; the dearest of them.

    `times`: how many times as long as a clean document of its size the slowest input took, `slowest` its number.
    `peak`: bytes of memory that the process took at most.
    """

    inputs: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Example] = field(default_factory=dict)
    times: float = 0.0
    slowest: int = 0
    peak: int = 0

    def add(self, other: Found) -> None:
        """Take over what came of other inputs of the same run."""
        self.inputs += other.inputs
        self.counts.update(other.counts)
        self.kinds.update(other.kinds)
        for kind, example in other.examples.items():
            self.examples[kind] = min(example, self.examples.get(kind, example))
        self.times, self.slowest = max((self.times, self.slowest), (other.times, other.slowest))
        self.peak = max(self.peak, other.peak)


class Kept:
    """The file of a run: a line for each slice that is done. Without a path nothing is kept."""

    def __init__(self, path: Path | None, run: str) -> None:
        self._path = path
        self._run = run
        self.done: dict[int, Found] = {}
        lines = path.read_text("utf-8").splitlines() if path is not None and path.exists() else []
        for line in map(json.loads, lines):
            if line["run"] == run:
                self.done[line["start"]] = _found(line["found"])

    def missing(self, parts: Iterable[range]) -> list[range]:
        """The slices that are not done yet."""
        return [part for part in parts if part.start not in self.done or self.done[part.start].inputs != len(part)]

    def keep(self, start: int, found: Found) -> None:
        """Write down what came of a slice."""
        self.done[start] = found
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"run": self._run, "start": start, "found": _json(found)}) + "\n")

    def whole(self) -> Found:
        """What came of all slices that are done."""
        whole = Found()
        for found in self.done.values():
            whole.add(found)
        return whole


def _json(found: Found) -> dict[str, Any]:
    return {one.name: getattr(found, one.name) for one in fields(found)}


def _found(given: dict[str, Any]) -> Found:
    examples = {kind: Example(*example) for kind, example in given["examples"].items()}
    return Found(**(given | {"counts": Counter(given["counts"]), "kinds": Counter(given["kinds"]), "examples": examples}))
