"""What a command says, for programs: a line of JSON to standard output at its end; all that is for people to standard error."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, TypeAlias

import typer

from psbridge.journal import RunRecord
from psbridge.journal.records import write_time

__all__ = ["JsonOption", "Tell", "for_programs"]

JsonOption: TypeAlias = Annotated[
    bool,
    typer.Option("--json", help="For programs: a line of JSON about each run to standard output, all else to standard error."),
]
Tell: TypeAlias = Callable[[RunRecord], None]


@contextlib.contextmanager
def for_programs(*, asked: bool) -> Iterator[Tell]:
    """Give what takes a run as it stands at the end; it is written when the block is left, however it is left."""
    if not asked:
        yield lambda _: None
        return
    runs: list[RunRecord] = []
    output = sys.stdout
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield runs.append
    finally:
        for run in runs:
            output.write(f"{json.dumps(_document(run))}\n")
        output.flush()


def _document(run: RunRecord) -> dict[str, object]:
    """The keys are the same for every outcome."""
    return {
        "run": run.run_id,
        "playbook": run.playbook,
        "status": str(run.status),
        "changed": run.changed,
        "until": None if run.wake_at is None else write_time(run.wake_at),
        "why": run.why,
        "question": run.question,
        "signal": run.signal,
        "result": run.result,
    }
