"""The corpus in, a million hostile inputs made of it and what psbridge does wrong with them out.

    python -m tests.clixml.fuzz --inputs 1000000 --seed 7 --jobs 2 --results fuzz.jsonl

Each input is read in every way: the ways agree, nothing but ClixmlError comes out, in a time and a memory that its size bounds.
With a real PowerShell each answer is held against PowerShell's: what it reads is read, to the same value, and what it refuses is
refused. The smallest input that shows a fault is printed for each kind of fault. The exit code is 1 if there is one.

PSBRIDGE_CORPUS names the corpus, PSBRIDGE_PWSH the PowerShell (the engine in a folder, `realps`; without it nobody is asked).
With `--results` a run that was stopped goes on where it ended. `--show NUMBER` prints one input of a run instead.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

from tests.clixml.fuzzing.agreement import Agreement
from tests.clixml.fuzzing.bounds import TIMES, Bounds, peak_memory
from tests.clixml.fuzzing.check import Check, measured_bounds
from tests.clixml.fuzzing.engine import Engine
from tests.clixml.fuzzing.found import Example, Found, Kept
from tests.clixml.fuzzing.mutate import Input, Mutants
from tests.clixml.fuzzing.seeds import Seed, large_seeds, seeds
from tests.clixml.fuzzing.shrink import shrink

_SLICE: Final = 10_000
_SHOWN: Final = 600


class Run(NamedTuple):
    """One run: all that its inputs depend on, and who is asked."""

    corpus: Path
    realps: str
    seed: int


def fuzz(run: Run, numbers: Iterable[int]) -> Found:
    """Check these inputs of a run, one after the other."""
    with _checker(run) as (mutants, check):
        found = Found(counts=check.counts)
        for number in numbers:
            given = mutants.make(number)
            found.inputs += 1
            for finding in check.of(given):
                found.kinds[finding.kind] += 1
                found.examples.setdefault(finding.kind, Example(number, finding.said))
        found.times, found.slowest = check.slowest
        found.peak = peak_memory()
        return found


def smallest(run: Run, given: Input, kind: str) -> bytes:
    """The smallest input that shows this kind of fault still."""
    with _checker(run) as (_, check):
        return shrink(given.data, lambda data: kind in {found.kind for found in check.of(given._replace(data=data))})


@contextmanager
def _checker(run: Run) -> Iterator[tuple[Mutants, Check]]:
    mutants, bounds = _mutants(run), _bounds(run.corpus)
    if not run.realps:
        yield mutants, Check(bounds, None)
        return
    with Engine(run.realps) as engine:
        agreement = Agreement(engine, run.corpus)
        check = Check(bounds, agreement)
        yield mutants, check
        check.counts.update({f"PowerShell: {name}": times for name, times in agreement.counts.items()})


def _mutants(run: Run) -> Mutants:
    return Mutants(_seeds(run.corpus), run.seed, large=_large_seeds(run.corpus))


# Once for a process, whatever number of slices it takes.
@lru_cache(maxsize=1)
def _seeds(corpus: Path) -> list[Seed]:
    return seeds(corpus)


@lru_cache(maxsize=1)
def _large_seeds(corpus: Path) -> list[Seed]:
    return large_seeds(corpus)


@lru_cache(maxsize=1)
def _bounds(corpus: Path) -> Bounds:
    return measured_bounds(_seeds(corpus))


def main() -> int:
    """Read the command line, run, print."""
    options = _options()
    run = Run(options.corpus, options.realps, options.seed)
    if options.show is not None:
        given = _mutants(run).make(options.show)
        print(given._replace(data=b"").__repr__(), given.data, sep="\n")
        return 0
    kept = Kept(options.results, f"seed {run.seed}, {'asking PowerShell' if run.realps else 'asking nobody'}")
    parts = [range(start, min(start + _SLICE, options.inputs)) for start in range(0, options.inputs, _SLICE)]
    began = time.monotonic()
    for start, found in _slices(run, kept.missing(parts), options.jobs):
        kept.keep(start, found)
        print(f"{time.monotonic() - began:,.0f} s: {_line(kept.whole())}", file=sys.stderr, flush=True)
    return _report(run, kept.whole())


def _slices(run: Run, parts: list[range], jobs: int) -> Iterator[tuple[int, Found]]:
    if jobs == 1:
        yield from ((part.start, fuzz(run, part)) for part in parts)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        pending = {pool.submit(fuzz, run, part): part.start for part in parts}
        for done in as_completed(pending):
            yield pending[done], done.result()


def _report(run: Run, found: Found) -> int:
    for name, times in found.counts.most_common():
        print(f"{times:>10,}  {name}")
    for kind, times in found.kinds.most_common():
        example = found.examples[kind]
        given = _mutants(run).make(example.number)
        print(f"\n{times:,} times: {kind}\n  number {given.number}, of {given.seed} ({given.form}), by {', '.join(given.steps)}")
        print(f"  {example.said[:_SHOWN]}\n  {smallest(run, given, kind)[:_SHOWN]!r}", flush=True)
    print(f"\nseed {run.seed}: {_line(found)}")
    return 1 if found.kinds else 0


def _line(found: Found) -> str:
    return (
        f"{found.inputs:,} inputs, {found.counts['read']:,} read, {found.counts['refused']:,} refused, "
        f"{sum(found.kinds.values()):,} faults of {len(found.kinds)} kinds; the slowest, number {found.slowest}, took "
        f"{found.times:.1f} times as long as a clean one ({TIMES} are allowed); {found.peak / 1e6:,.0f} MB of memory"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--results", type=Path, metavar="FILE")
    parser.add_argument("--show", type=int, metavar="NUMBER")
    parser.add_argument("--corpus", type=Path, default=os.environ.get("PSBRIDGE_CORPUS"))
    parser.add_argument("--realps", default=os.environ.get("PSBRIDGE_PWSH", ""))
    options = parser.parse_args()
    if options.corpus is None:
        parser.error("name the corpus: --corpus, or PSBRIDGE_CORPUS")
    return options


if __name__ == "__main__":
    sys.exit(main())
