"""Contenders in, what each took out. They take turns (A B C, A B C), so that a machine that slows down slows down all.

Each lives in a process of its own, warms up with one read, and reads once in each round.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from benchmarks.program import ROOT, run

__all__ = ["PowerShellReader", "Program", "Reader", "Taken", "Turn", "rounds"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one read took: seconds (CPU is user and system), objects, and the peak memory of its process so far in bytes."""

    cpu: float
    wall: float
    objects: int
    peak: int


class Turn(Protocol):
    """Somebody who takes turns."""

    def warm_up(self) -> None:
        """Do it once; this is not counted."""

    def take(self) -> Taken:
        """Do it once, and say what it took."""

    def close(self) -> None:
        """Leave."""


def rounds(turns: Mapping[str, Turn], repeat: int, tell: Callable[[str], None], *, warm: bool = True) -> dict[str, list[Taken]]:
    """Let all warm up, if `warm`, then let all take their turns `repeat` times."""
    taken: dict[str, list[Taken]] = {name: [] for name in turns}
    with ExitStack() as stack:
        for turn in turns.values():
            stack.callback(turn.close)
        for name, turn in turns.items() if warm else ():
            tell(f"{name}: warming up")
            turn.warm_up()
        for number in range(1, repeat + 1):
            for name, turn in turns.items():
                tell(f"{name}: {number} of {repeat}")
                taken[name].append(turn.take())
    return taken


class Reader:
    """A contender of `contenders`, in a process that lives until it is closed."""

    def __init__(self, contender: str, file: Path) -> None:
        self._command = [sys.executable, "-m", "benchmarks.reader", contender, str(file)]
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def warm_up(self) -> None:
        """Read once."""
        self.take()

    def take(self) -> Taken:
        """Read once, and say what it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"{' '.join(self._command)} ended with {self._process.wait()}")
        return Taken(**json.loads(answer))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class PowerShellReader:
    """`realps bench`: PowerShell's own reader and writer, from and to text in memory; a process for each turn.

    Its compiler makes faster what runs often. So it reads a small document several times, and the first half does not count.
    `written` is what it took to write the same objects.
    """

    _OBJECTS_UNTIL_HOT = 16_000

    def __init__(self, powershell: str, file: Path, objects: int) -> None:
        times = min(8, max(1, self._OBJECTS_UNTIL_HOT // objects))
        self._command = [powershell, "bench", str(file), str(times)]
        self.written: list[Taken] = []

    def warm_up(self) -> None:
        """Nothing: every turn begins with a read that is not counted."""

    def take(self) -> Taken:
        """Read and write, and give what a read took. The memory is that of both."""
        ran = run(self._command)
        if ran.code:
            raise SystemExit(f"{' '.join(self._command)} ended with {ran.code}: {ran.errors}")
        answer = json.loads(ran.output)
        self.written.append(_hot(answer, "write", ran.peak))
        return _hot(answer, "read", ran.peak)

    def close(self) -> None:
        """Nothing: the process has ended."""


class Program:
    """A whole program, from its start to its end. `problem` says why it failed, if it did."""

    def __init__(self, command: Sequence[str], objects: int, environment: Mapping[str, str] | None = None) -> None:
        self._command = command
        self._objects = objects
        self._environment = environment
        self.problem = ""

    def warm_up(self) -> None:
        """Run it once: its files are in the cache then."""
        self.take()

    def take(self) -> Taken:
        """Run it once."""
        ran = run(self._command, self._environment)
        if ran.code:
            self.problem = f"exit code {ran.code}"
        return Taken(ran.cpu, ran.wall, self._objects, ran.peak)

    def close(self) -> None:
        """Nothing: the process has ended."""


def _hot(answer: Mapping[str, Any], what: str, peak: int) -> Taken:
    hot = answer[what][len(answer[what]) // 2 :]
    return Taken(median(each["cpu"] for each in hot), median(each["wall"] for each in hot), answer["objects"], peak)
