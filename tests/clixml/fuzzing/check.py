"""An input in, what is wrong with psbridge's answer to it out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from psbridge.errors import ClixmlError
from tests.clixml.fuzzing.agreement import Agreement
from tests.clixml.fuzzing.bounds import Bounds, large
from tests.clixml.fuzzing.known import known
from tests.clixml.fuzzing.mutate import Input
from tests.clixml.fuzzing.readers import OTHER_WAYS, Outcome, outcome, streaming_differs
from tests.clixml.fuzzing.seeds import EXPORT, Seed

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
            answer = outcome(given.data, given.form)
            seconds = time.thread_time() - began
            self.counts["refused" if isinstance(answer, ClixmlError) else "read"] += 1
            return [*self._limits(given, seconds), *self._other_ways(given, answer), *self._agrees(given, answer)]
        except Exception as error:  # noqa: BLE001 - any other exception than ClixmlError is what is looked for
            return [Finding(f"raises {type(error).__name__}", f"{type(error).__name__}: {error}")]

    def _limits(self, given: Input, seconds: float) -> list[Finding]:
        def read(data: bytes) -> Outcome:
            return outcome(data, given.form)

        slow = self._bounds.slow(read, given.data, seconds)
        heavy = "" if given.number % _WEIGHED else large(read, given.data)
        return [Finding(kind, said) for kind, said in (("slow", slow), ("large", heavy)) if said]

    def _other_ways(self, given: Input, answer: Outcome) -> list[Finding]:
        with suppress(ClixmlError):
            OTHER_WAYS[given.number % len(OTHER_WAYS)](given.data)
        said = streaming_differs(given.data, answer) if given.form == EXPORT else ""
        return [Finding("read and decode differ", said)] if said else []

    def _agrees(self, given: Input, answer: Outcome) -> list[Finding]:
        if self._agreement is None:
            return []
        differences = self._agreement.differences(given.data, given.form, answer)
        return [Finding(self._agreement.kind(differences), differences[0])] if differences else []


def measured_bounds(seeds: Sequence[Seed]) -> Bounds:
    """The limits of this machine, by the seeds as they are."""
    clean = [seed.data for seed in seeds if seed.form == EXPORT and not isinstance(outcome(seed.data, EXPORT), ClixmlError)]
    return Bounds.measured(lambda data: outcome(data, EXPORT), clean)
