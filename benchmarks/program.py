"""A command in; its output, its time and its peak memory out, when it has ended. Needs POSIX (wait4)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

__all__ = ["ROOT", "Ran", "run"]

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that has ended: exit code, what it printed, seconds (CPU is user and system), peak memory in bytes."""

    code: int
    output: str
    errors: str
    cpu: float
    wall: float
    peak: int


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, *, given: str = "") -> Ran:
    """Run a program from the project's folder to its end. What it reads and prints are files, so no reader takes part."""
    with TemporaryFile() as source, TemporaryFile() as output, TemporaryFile() as errors:
        source.write(given.encode())
        source.seek(0)
        begin = time.perf_counter()
        variables = {**os.environ, **(environment or {})}
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdin=source, stdout=output, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (output, errors):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
        return Ran(process.returncode, texts[0], texts[1], used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024)
