"""What a command says, for programs: a line of JSON to standard output at its end; all that is for people to standard error."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Annotated, Final, Protocol, TypeAlias

import typer

from psbridge.engine import Desk
from psbridge.errors import PsbridgeError
from psbridge.journal import RunRecord
from psbridge.journal.records import write_time

__all__ = ["JsonOption", "Tell", "at_its_end", "for_programs"]

# The same for every outcome, and `error` behind them.
_KEYS: Final = ("run", "playbook", "status", "changed", "until", "why", "question", "signal", "result")
JsonOption: TypeAlias = Annotated[
    bool,
    typer.Option("--json", help="For programs: a line of JSON about each run to standard output, all else to standard error."),
]


class Tell(Protocol):
    """Takes a run as it stands at the end, or None and its id where the journal cannot say, and why it was not carried on."""

    def __call__(self, run: RunRecord | None, *, run_id: str = "", error: str = "") -> None:
        """Keep it for the line that is written at the end."""
        ...


@contextlib.contextmanager
def for_programs(*, asked: bool, run: str | None = None) -> Iterator[Tell]:
    """Give what takes a run as it stands at the end; it is written when the block is left, however it is left.

    `run`: the one that the command is about, empty where it is to be begun; None for any number. Where the block ends with an
    error before that one was told of, a line with the error is written for it.
    """
    if not asked:
        yield _nobody
        return
    lines: list[dict[str, object]] = []

    def tell(run: RunRecord | None, *, run_id: str = "", error: str = "") -> None:
        lines.append({**(_unknown(run_id) if run is None else _document(run)), "error": error})

    output = sys.stdout
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield tell
    except (PsbridgeError, OSError) as error:
        if run is not None and not lines:
            tell(None, run_id=run, error=str(error))
        raise
    finally:
        for line in lines:
            output.write(f"{json.dumps(line)}\n")
        output.flush()


@contextlib.contextmanager
def at_its_end(tell: Tell, desk: Desk, run_id: str) -> Iterator[None]:
    """Tell of a run as it stands when the block is left; where that is by an error, of the error, too."""
    try:
        yield
        run = desk.run(run_id)
    except (PsbridgeError, OSError) as error:
        tell(_if_known(desk, run_id), run_id=run_id, error=str(error))
        raise
    tell(run)


def _if_known(desk: Desk, run_id: str) -> RunRecord | None:
    with contextlib.suppress(PsbridgeError):
        return desk.run(run_id)
    return None


def _nobody(run: RunRecord | None, *, run_id: str = "", error: str = "") -> None:
    """Nobody asked."""


def _unknown(run_id: str) -> dict[str, object]:
    """A run whose row in the journal cannot be trusted, or was not come to; without an id, one that was not begun."""
    return {**dict.fromkeys(_KEYS), "run": run_id or None}


def _document(run: RunRecord) -> dict[str, object]:
    until = None if run.wake_at is None else write_time(run.wake_at)
    values = (
        run.run_id, run.playbook, str(run.status), run.changed, until, run.why, run.question, run.signal, run.result,
    )  # fmt: skip
    return dict(zip(_KEYS, values, strict=True))
