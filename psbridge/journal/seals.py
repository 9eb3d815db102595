"""Records in, their rows and seals out: what a row holds, and the hash by which a change of it is seen.

The seal of a run also holds what belongs to the run in other tables (Tally), so that a row that was taken away is missed.
"""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import datetime

from psbridge.journal.records import Approval, RunRecord, Signal, Tally, dump, sealed, write_time
from psbridge.journal.schema import RUN_COLUMNS

__all__ = ["approval_row", "run_row", "run_seal", "seal_of", "signal_row", "storable", "tally_in"]


def run_row(run: RunRecord) -> list[object]:
    """The columns of a run, without its seal."""
    # A typed column gives a whole number back as a fraction: it must be one when it is sealed.
    run = replace(run, lease_monotonic=float(run.lease_monotonic))
    return [_column(getattr(run, name)) for name in RUN_COLUMNS]


def run_seal(row: list[object], tally: Tally | None) -> str:
    """The hash of a run's row and of its tally, with the tally behind it; without one the hash alone."""
    numbers = () if tally is None else astuple(tally)
    return " ".join([sealed("run", [*row, *numbers]), *map(str, numbers)])


def tally_in(seal: str) -> Tally | None:
    """The tally that a seal holds; raises ValueError or TypeError where it is no seal."""
    _, *numbers = seal.split(" ")
    return Tally(*map(int, numbers)) if numbers else None


def approval_row(given: Approval) -> list[object]:
    """An approval's row, its seal last."""
    times = write_time(given.given_at), write_time(given.expires_at)
    values = [given.run_id, storable(given.key), given.sha, times[0], storable(given.who), times[1]]
    return [*values, sealed("approval", values)]


def signal_row(told: Signal) -> list[object]:
    """A signal's row, its seal last."""
    values = [told.run_id, told.seq, storable(told.name), storable(told.text), storable(told.who), write_time(told.at)]
    return [*values, sealed("signal", values)]


def seal_of(record: RunRecord | Approval | Signal) -> str:
    """The seal that the record's row has in the journal."""
    if isinstance(record, RunRecord):
        return run_seal(run_row(record), record.tally)
    return str((approval_row(record) if isinstance(record, Approval) else signal_row(record))[-1])


def storable(text: str) -> str:
    """A text as every database can hold it: half a character (a lone surrogate) and NUL become their escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def _column(value: object) -> object:
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return storable(str(value))
    if value is None or isinstance(value, int | float):
        return value
    return dump(value)
