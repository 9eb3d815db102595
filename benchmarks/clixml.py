"""How fast psbridge reads and writes CLIXML, and in how much memory, beside others: tables of figures out.

    python -m benchmarks.clixml [--quick] [--huge] [--repeat N] [--contenders WORD ...] [--directory DIR] [--json FILE]

Everything runs on one machine in one go, each contender in a process of its own. Times are CPU times, medians over rounds in
which all take turns. PowerShell takes part where PSBRIDGE_PWSH names an engine that has `bench`. Needs Linux.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.bench import Bench, Row, Source, folder
from benchmarks.contenders import CONTENDERS
from benchmarks.table import megabytes, number, ratio, seconds, table
from benchmarks.turns import PowerShellReader, Program, Reader, Turn

__all__ = ["main"]

POWERSHELL: Final = "PowerShell"
_ENCODING: Final = "psbridge, encoding"
_PROJECTION: Final = "psbridge, 20 properties"
_MODELS: Final = "psbridge, 20 properties, models"
_SCANS: Final = ("nothing", _PROJECTION, _MODELS, "psbridge, full, streaming")

_TABLES: Final = ("codec", "processes", "memory")

Turns = dict[tuple[str, Source], Turn]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one table after the other, each as soon as it is there."""
    given = _parser().parse_args(arguments)
    with folder(given.directory) as kept:
        bench = Bench(kept, repeat=given.repeat, words=given.contenders)
        for part in _parts(bench, given):
            for drawn in part():
                print(drawn, flush=True)
        if given.json:
            bench.save(given.json)


def _parts(bench: Bench, given: argparse.Namespace) -> Iterator[Callable[[], Iterator[str]]]:
    sizes = [given.objects] if given.quick else [given.objects, given.large]
    scanned = [sizes[-1], *([given.huge] if given.huge else [])]
    if "codec" in given.tables:
        yield lambda: codec(bench, sizes, given.slow)
    if "processes" in given.tables:
        yield lambda: processes(bench, sizes)
    if "memory" in given.tables:
        yield lambda: memory(bench, scanned)


def codec(bench: Bench, sizes: Sequence[int], slow: int) -> Iterator[str]:
    """Objects per CPU second of everybody who reads, and who writes, and how many times that is of others'."""
    rows: list[Row] = []
    written: list[Row] = []
    for size in sizes:
        turns = _readers(bench, bench.source(size))
        if size == sizes[0]:
            turns |= _others(bench, size, slow)
        rows += bench.measure("reading", turns)
        written += _writing(turns)
    encoding = [row for row in rows if row.contender == _ENCODING]
    rows = [row for row in rows if row.contender != _ENCODING]
    yield _reading_table(rows)
    if encoding:
        yield _writing_table(encoding + [row for row in written if row.source == encoding[0].source])


def processes(bench: Bench, sizes: Sequence[int]) -> Iterator[str]:
    """A whole program, from its start to its end, on one file. What it prints goes to a file."""
    lines: list[list[str]] = []
    for size in sizes:
        programs = _programs(bench, bench.source(size))
        for row, program in zip(bench.measure("processes", programs), programs.values(), strict=True):
            figures = [seconds(row.wall), seconds(row.cpu), megabytes(row.peak)]
            outcome = [*("-" * len(figures)), f"failed: {program.problem}"] if program.problem else [*figures, ""]
            lines.append([row.contender, row.source.name, *outcome])
    yield table("Whole processes", ["command", "source", "wall s", "CPU s", "peak MB", ""], lines)


def memory(bench: Bench, sizes: Sequence[int]) -> Iterator[str]:
    """Peak memory of one scan in a fresh process."""
    rows: list[Row] = []
    for source in map(bench.source, sizes):
        for name in filter(bench.wants, _SCANS):
            rows += bench.measure("memory", {(name, source): Reader(name, source.path)}, once=True)
    lines = [
        [row.contender, row.source.name, megabytes(row.source.path.stat().st_size), megabytes(row.peak), seconds(row.cpu)]
        for row in rows
    ]
    yield table("Memory of one scan", ["contender", "source", "file MB", "peak MB", "CPU s"], lines)


def _readers(bench: Bench, source: Source) -> Turns:
    names = [name for name, each in CONTENDERS.items() if each.reads and not each.slow and not each.wire]
    turns: Turns = {(name, source): Reader(name, source.path) for name in filter(bench.wants, names)}
    if bench.powershell and bench.wants(POWERSHELL):
        turns[POWERSHELL, source] = PowerShellReader(bench.powershell, source.path, source.objects)
    return turns


def _others(bench: Bench, size: int, slow: int) -> Turns:
    """Those who read messages, who are slow, or who write: at the small size only."""
    turns: Turns = {}
    for name, each in CONTENDERS.items():
        if bench.wants(name) and (each.slow or each.wire or name == _ENCODING):
            source = bench.source(min(slow, size) if each.slow else size, wire=each.wire)
            turns[name, source] = Reader(name, source.path)
    return turns


def _programs(bench: Bench, source: Source) -> dict[tuple[str, Source], Program]:
    check = [sys.executable, "-m", "psbridge", "clixml", "check", str(source.path)]
    programs = {("psbridge clixml check FILE", source): Program(check, source.objects)}
    if bench.powershell:
        # The name of the file is no part of the script.
        environment = {"BENCHMARK_FILE": str(source.path)}
        for shown, script in (
            ("Import-Clixml FILE", "Import-Clixml $env:BENCHMARK_FILE"),
            ("$null = Import-Clixml FILE", "$null = Import-Clixml $env:BENCHMARK_FILE"),
        ):
            command = [bench.powershell, "-NoProfile", "-Command", script]
            programs[f"PowerShell: {shown}", source] = Program(command, source.objects, environment)
    return {key: program for key, program in programs.items() if bench.wants(key[0])}


def _writing(turns: Turns) -> Iterator[Row]:
    for (name, source), turn in turns.items():
        if isinstance(turn, PowerShellReader):
            yield Row(name, source, tuple(turn.written))


def _reading_table(rows: Sequence[Row]) -> str:
    head = ["contender", "source", "objects/s CPU", "x PowerShell", "x pypsrp", "x psrpcore", "x expat", "peak MB"]
    drawn = table("Reading", head, [_reading_line(row, rows) for row in rows])
    costs = []
    for row in rows:
        plain = next((each for each in rows if (each.contender, each.source) == (_PROJECTION, row.source)), None)
        if row.contender == _MODELS and plain:
            costs.append(f"Models add {row.cpu / plain.cpu - 1:.0%} to the projection ({row.source.name}).")
    return "\n".join([drawn, "", *costs]) if costs else drawn


def _reading_line(row: Row, rows: Sequence[Row]) -> list[str]:
    """The ratios are those to PowerShell and expat on the same source, to psrpcore on the same kind, to pypsrp on messages."""
    ratios = [
        _ratio(row, [each for each in rows if each.contender == POWERSHELL and each.source == row.source]),
        _ratio(row, [each for each in rows if each.contender.startswith("pypsrp")]),
        _ratio(row, [each for each in rows if each.contender.startswith("psrpcore") and each.source.wire == row.source.wire]),
        _ratio(row, [each for each in rows if each.contender.startswith("expat") and each.source == row.source]),
    ]
    return [row.contender, row.source.name, number(row.rate), *ratios, megabytes(row.peak)]


def _writing_table(rows: Sequence[Row]) -> str:
    theirs = [row for row in rows if row.contender == POWERSHELL]
    lines = [[row.contender, row.source.name, number(row.rate), _ratio(row, theirs), megabytes(row.peak)] for row in rows]
    return table("Writing", ["contender", "source", "objects/s CPU", "x PowerShell", "peak MB"], lines)


def _ratio(row: Row, theirs: Sequence[Row]) -> str:
    return ratio(row.rate / theirs[0].rate) if theirs else "-"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clixml", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the small document only")
    parser.add_argument(
        "--huge", type=int, nargs="?", const=200_000, help="scan a document of 200,000 (3 GB) as well, or of as many"
    )
    parser.add_argument("--repeat", type=int, default=3, help="rounds that count (3)")
    parser.add_argument("--contenders", nargs="+", default=[], metavar="WORD", help="only those with a word in their name")
    parser.add_argument("--tables", nargs="+", default=_TABLES, choices=_TABLES, help="only these")
    parser.add_argument("--directory", type=Path, help="keep the documents here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every single measurement")
    parser.add_argument("--objects", type=int, default=2_000, help="of the small document")
    parser.add_argument("--large", type=int, default=20_000, help="objects of the large document")
    parser.add_argument("--slow", type=int, default=500, help="objects for slow contenders")
    return parser


if __name__ == "__main__":
    main()
