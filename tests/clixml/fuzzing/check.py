"""An input in, what is wrong with psbridge's answer to it out."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Final, NamedTuple

from psbridge.errors import ClixmlError
from tests.clixml.fuzzing.agreement import Agreement
from tests.clixml.fuzzing.bounds import Bounds, large, seconds_for
from tests.clixml.fuzzing.known import known
from tests.clixml.fuzzing.mutate import Input
from tests.clixml.fuzzing.readers import OTHER_WAYS, Outcome, differs, looked_at, outcome
from tests.clixml.fuzzing.seeds import EXPORT, Seed

_PLACE: Final = re.compile(r"at byte \d+( in .*?)?(?=: )", re.DOTALL)
_VALUES: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+|\[[^\]]*\]|[^\x20-\x7e]+")

# Measuring memory makes a call ten times as slow, and one input in so many shows what a rule does.
_WEIGHED: Final = 40


class Finding(NamedTuple):
    """What is wrong: `kind` is the same for inputs that show the same fault."""

    kind: str
    said: str


class Check:
    """Reads inputs in every way, and counts what came of them. Without an `agreement` nobody is asked what is right."""

    def __init__(self, bounds: Bounds, agreement: Agreement | None) -> None:
        self._bounds = bounds
        self._agreement = agreement
        self.counts: Counter[str] = Counter()
        self.slowest = (0.0, 0)  # how many times as long as a clean document of its size, and the number of the input

    def of(self, given: Input) -> list[Finding]:
        """Everything that is wrong with the answers to one input, but for what is known."""
        new = []
        for finding in self._all(given):
            if name := known(finding.said, given.data):
                self.counts[f"known: {name}"] += 1
            else:
                new.append(finding)
        return new

    def _all(self, given: Input) -> list[Finding]:
        try:
            began = time.thread_time()
            answer = looked_at(outcome(given.data, given.form))
            seconds = time.thread_time() - began
            self.counts["refused" if isinstance(answer, ClixmlError) else "read"] += 1
            # PowerShell reads the input while the other ways are gone.
            asked = self._agreement.asked(given.data, given.form) if self._agreement is not None else None
            try:
                found = [*self._limits(given, seconds), *self._other_ways(given, answer)]
            finally:
                differences = asked(answer) if asked else []
            return [*found, *(Finding(_kind(said), said) for said in differences[:1])]
        except Exception as error:  # noqa: BLE001 - any other exception than ClixmlError is what is looked for
            return [Finding(f"raises {type(error).__name__}", f"{type(error).__name__}: {error}")]

    def _limits(self, given: Input, seconds: float) -> list[Finding]:
        def read(data: bytes) -> Outcome:
            return looked_at(outcome(data, given.form))

        if (times := self._bounds.times(len(given.data), seconds)) > self.slowest[0]:
            times = min(times, self._bounds.times(len(given.data), seconds_for(read, given.data)))
            self.slowest = max(self.slowest, (times, given.number))
        slow = self._bounds.slow(read, given.data, seconds)
        heavy = "" if given.number % _WEIGHED else large(read, given.data)
        return [Finding(kind, said) for kind, said in (("slow", slow), ("large", heavy)) if said]

    def _other_ways(self, given: Input, answer: Outcome) -> list[Finding]:
        with suppress(ClixmlError):
            OTHER_WAYS[given.number % len(OTHER_WAYS)](given.data)
        found = differs(given.data, given.form, answer, Random(given.number))
        return [Finding(_kind(said), said) for said in found]


def _kind(said: str) -> str:
    """What sort of fault it is: the words without the values, so that a thousand alike are one."""
    return _VALUES.sub("_", _PLACE.sub("at _", said))[:160]


def measured_bounds(seeds: Sequence[Seed]) -> Bounds:
    """The limits of this machine, by the seeds as they are."""
    clean = [seed.data for seed in seeds if seed.form == EXPORT and not isinstance(outcome(seed.data, EXPORT), ClixmlError)]
    return Bounds.measured(lambda data: looked_at(outcome(data, EXPORT)), clean)
