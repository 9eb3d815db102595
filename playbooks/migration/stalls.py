"""The lines of a log in; each interruption with its reason, its planned and real end, and what was done again after it, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from playbooks.migration.log import STALLS, WORKS, LogLine, Tells

__all__ = ["Stall", "stalls_in"]

# In these stages a move looks at the source again before it copies on (the documents: `message loading occurs`).
LOADING: Final = "LoadingMessages"


@dataclass(frozen=True, slots=True)
class Stall:
    """One interruption.

    - `planned`: when the service said it would resume; `resumed`: when somebody was at work on it again; None: not in the log.
    - `stage_after`, `percent_before`, `percent_after`: where the move was, and where it began again.
    - `loaded_again`: whether the messages were loaded again. `copying_again`: how long after the pick-up copying was reported.
    - `bytes_before`, `bytes_after`: the last copy progress before it, and the first after it.
    """

    reason: str
    kind: Tells
    began: datetime | None
    planned: datetime | None = None
    resumed: datetime | None = None
    stage_after: str = ""
    percent_before: int | None = None
    percent_after: int | None = None
    loaded_again: bool = False
    copying_again: timedelta | None = None
    bytes_before: int | None = None
    bytes_after: int | None = None

    @property
    def side(self) -> str:
        """`source` or `target`, as the reason names it; empty where it names neither."""
        name = self.reason.removeprefix("StalledDueTo").lower()
        return next((side for side in ("source", "target") if name.startswith(side)), "")

    @property
    def late(self) -> timedelta | None:
        """How long after the planned time it was really picked up."""
        return None if self.planned is None or self.resumed is None else self.resumed - self.planned

    @property
    def lasted(self) -> timedelta | None:
        """From the interruption to the pick-up."""
        return None if self.began is None or self.resumed is None else self.resumed - self.began

    @property
    def bytes_copied_again(self) -> int | None:
        """By how much the copy progress fell back; None where the log does not show it on both sides."""
        if self.bytes_before is None or self.bytes_after is None:
            return None
        return max(0, self.bytes_before - self.bytes_after)


def stalls_in(log: Sequence[LogLine]) -> tuple[Stall, ...]:
    """Find every interruption of a log, in its order."""
    places = [place for place, line in enumerate(log) if line.tells in STALLS]
    return tuple(_stalls(log, places))


def _stalls(log: Sequence[LogLine], places: Sequence[int]) -> Iterator[Stall]:
    before = 0
    for place, following in pairwise((*places, len(log))):
        yield _stall(log[place], log[before:place], log[place + 1 : following], log[following : following + 1])
        before = place + 1


def _stall(line: LogLine, before: Sequence[LogLine], after: Sequence[LogLine], again: Sequence[LogLine]) -> Stall:
    resumed = _first_work(after) or next(iter((*after, *again)), None)
    ended = resumed.at if resumed else None
    stages = [other for other in after if other.percent is not None]
    copying = next((other for other in stages if other.stage != LOADING), None)
    return Stall(
        reason=line.reason,
        kind=line.tells,
        began=line.at,
        planned=_in_the_logs_zone(line.resumes, ended),
        resumed=ended,
        stage_after=next((other.stage for other in after if other.stage), ""),
        percent_before=next((other.percent for other in reversed(before) if other.percent is not None), None),
        percent_after=stages[0].percent if stages else None,
        loaded_again=any(other.stage == LOADING for other in after),
        copying_again=_between(resumed, copying),
        bytes_before=next((other.bytes for other in reversed(before) if other.bytes is not None), None),
        bytes_after=next((other.bytes for other in after if other.bytes is not None), None),
    )


def _in_the_logs_zone(planned: datetime | None, resumed: datetime | None) -> datetime | None:
    """A job is not picked up before its time. Where it seems so by half an hour or more, the time was shown in another zone."""
    if planned is None or resumed is None or planned - resumed < timedelta(minutes=30):
        return planned
    return planned - -((resumed - planned) // _QUARTER) * _QUARTER


_QUARTER: Final = timedelta(minutes=15)


def _first_work(lines: Sequence[LogLine]) -> LogLine | None:
    return next((line for line in lines if line.tells in WORKS), None)


def _between(earlier: LogLine | None, later: LogLine | None) -> timedelta | None:
    if earlier is None or later is None or earlier.at is None or later.at is None:
        return None
    return later.at - earlier.at
