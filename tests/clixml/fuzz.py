"""The corpus in, a million hostile inputs made of it and what psbridge does wrong with them out.

    python -m tests.clixml.fuzz --inputs 1000000 --seed 7 --jobs 2

Each input is read in every way: nothing but ClixmlError may come out, in a time and a memory that its size bounds. With a real
PowerShell each answer is held against PowerShell's: what it reads is read, to the same value, and what it refuses is refused. The
smallest input that shows a fault is printed for each kind of fault. The exit code is 1 if there is one.

PSBRIDGE_CORPUS names the corpus, PSBRIDGE_PWSH the PowerShell (the engine in a folder, `realps`; without it nobody is asked).
`--show NUMBER` prints one input of a run instead.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

from tests.clixml.fuzzing.agreement import Agreement
from tests.clixml.fuzzing.check import Check, Finding, measured_bounds
from tests.clixml.fuzzing.engine import Engine
from tests.clixml.fuzzing.mutate import Input, Mutants
from tests.clixml.fuzzing.seeds import seeds
from tests.clixml.fuzzing.shrink import shrink

_SLICE: Final = 10_000
_SHOWN: Final = 600


class Run(NamedTuple):
    """One run: all that its inputs depend on, and who is asked."""

    corpus: Path
    realps: str
    seed: int


class Found(NamedTuple):
    """What was found: for each kind the first input that showed it, and how often; and what came of all inputs."""

    examples: dict[str, tuple[Input, Finding]]
    kinds: Counter[str]
    counts: Counter[str]


def fuzz(run: Run, numbers: Iterable[int]) -> Found:
    """Check these inputs of a run, one after the other."""
    with _checker(run) as (mutants, check):
        found = Found({}, Counter(), check.counts)
        for number in numbers:
            given = mutants.make(number)
            for finding in check.of(given):
                found.kinds[finding.kind] += 1
                found.examples.setdefault(finding.kind, (given, finding))
        return found


def smallest(run: Run, given: Input, kind: str) -> bytes:
    """The smallest input that shows this kind of fault still."""
    with _checker(run) as (_, check):
        return shrink(given.data, lambda data: kind in {found.kind for found in check.of(given._replace(data=data))})


@contextmanager
def _checker(run: Run) -> Iterator[tuple[Mutants, Check]]:
    given = seeds(run.corpus)
    bounds = measured_bounds(given)
    if not run.realps:
        yield Mutants(given, run.seed), Check(bounds, None)
        return
    with Engine(run.realps) as engine:
        agreement = Agreement(engine, run.corpus)
        check = Check(bounds, agreement)
        yield Mutants(given, run.seed), check
        check.counts.update({f"PowerShell: {name}": times for name, times in agreement.counts.items()})


def main() -> int:
    """Read the command line, run, print."""
    options = _options()
    run = Run(options.corpus, options.realps, options.seed)
    if options.show is not None:
        given = Mutants(seeds(run.corpus), run.seed).make(options.show)
        print(given._replace(data=b"").__repr__(), given.data, sep="\n")
        return 0
    examples: dict[str, tuple[Input, Finding]] = {}
    kinds: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    began, done = time.monotonic(), 0
    for size, found in _slices(run, options.inputs, options.jobs):
        done += size
        kinds.update(found.kinds)
        counts.update(found.counts)
        examples = found.examples | examples
        print(f"{done:,} inputs in {time.monotonic() - began:,.0f} s, {len(kinds)} kinds of faults", file=sys.stderr, flush=True)
    for name, times in counts.most_common():
        print(f"{times:>10,}  {name}")
    for kind, times in kinds.most_common():
        given, finding = examples[kind]
        print(f"\n{times:,} times: {kind}\n  number {given.number}, of {given.seed} ({given.form}), by {', '.join(given.steps)}")
        print(f"  {finding.said[:_SHOWN]}\n  {smallest(run, given, kind)[:_SHOWN]!r}", flush=True)
    print(f"\n{done:,} inputs, seed {run.seed}: {sum(kinds.values()):,} faults of {len(kinds)} kinds")
    return 1 if kinds else 0


def _slices(run: Run, inputs: int, jobs: int) -> Iterator[tuple[int, Found]]:
    parts = [range(start, min(start + _SLICE, inputs)) for start in range(0, inputs, _SLICE)]
    if jobs == 1:
        yield from ((len(part), fuzz(run, part)) for part in parts)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        pending = {pool.submit(fuzz, run, part): len(part) for part in parts}
        for done in as_completed(pending):
            yield pending[done], done.result()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--show", type=int, metavar="NUMBER")
    parser.add_argument("--corpus", type=Path, default=os.environ.get("PSBRIDGE_CORPUS"))
    parser.add_argument("--realps", default=os.environ.get("PSBRIDGE_PWSH", ""))
    options = parser.parse_args()
    if options.corpus is None:
        parser.error("name the corpus: --corpus, or PSBRIDGE_CORPUS")
    return options


if __name__ == "__main__":
    sys.exit(main())
