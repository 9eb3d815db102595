"""CPU time of short commands beyond the interpreter's own: `python -m benchmarks.start_up`."""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
from typing import Final

__all__ = ["main"]

_COMMANDS: Final = (
    ("psbridge --version", ["-m", "psbridge", "--version"]),
    ("psbridge --help", ["-m", "psbridge", "--help"]),
    ("psbridge cassette --help", ["-m", "psbridge", "cassette", "--help"]),
    ("psbridge run --help", ["-m", "psbridge", "run", "--help"]),
)


def main() -> None:
    """Print the median of each command, less that of `python -c pass`; in each round all take turns."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start_up")
    parser.add_argument("--repeat", type=int, default=11, help="rounds")
    rounds: int = parser.parse_args().repeat
    contenders = [("python -c pass", ["-c", "pass"]), *_COMMANDS]
    # The first round fills caches and writes what is compiled.
    taken = [[_cpu(arguments) for _, arguments in contenders] for _ in range(rounds + 1)][1:]
    medians = [statistics.median(column) for column in zip(*taken, strict=True)]
    print(f"{'python -c pass':26} {medians[0] * 1000:6.0f} ms of CPU")
    for (name, _), median in zip(_COMMANDS, medians[1:], strict=True):
        print(f"{name:26} {(median - medians[0]) * 1000:6.0f} ms more")


def _cpu(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
