"""Times as a culture writes them in, datetimes without a zone out: the order of day and month is worked out, not assumed.

A report's lines have been written by one machine, so one order fits all of them. Where two orders fit, the one in which the
log does not run backwards is taken, then the one of the documents (month first with slashes, day first with dots).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

__all__ = ["STAMP", "Order", "Stamp", "nearest_after", "order_of", "stamp_in"]

# 7/3/2018 2:22:35 PM, 03.07.2018 14:22:35, 2018-07-03 14:22:35; newer cultures part the time from PM by U+202F.
STAMP: Final = (
    r"(?P<first>[0-9]{1,4})(?P<mark>[./-])(?P<second>[0-9]{1,2})(?P=mark)(?P<third>[0-9]{1,4})\.?,?[\sT]+"
    r"(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})[:.](?P<seconds>[0-9]{2})(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\.?)?"
)
_FIND: Final = re.compile(STAMP)

Order = str
_ORDERS: Final[dict[str, tuple[Order, ...]]] = {"/": ("mdy", "dmy"), ".": ("dmy", "mdy"), "-": ("dmy", "mdy")}


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as it was written: three numbers that are a date in some order, and the time of day."""

    parts: tuple[int, int, int]
    mark: str
    day_time: timedelta

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders that its mark and its first number leave open, the likelier first."""
        return ("ymd",) if self.parts[0] > 31 else _ORDERS[self.mark]

    def at(self, order: Order) -> datetime | None:
        """The time in this order; None where there is no such day."""
        year, month, day = (self.parts[order.index(letter)] for letter in "ymd")
        try:
            return datetime(year if year > 99 else 2000 + year, month, day) + self.day_time  # noqa: DTZ001 - as it was written
        except ValueError:
            return None


def stamp_in(text: str, start: int = 0) -> Stamp | None:
    """The first time in a text."""
    found = _FIND.search(text, start)
    return None if found is None else of_match(found)


def of_match(found: re.Match[str]) -> Stamp | None:
    """What STAMP has matched; None for an hour that does not exist."""
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    minute, second = int(found["minute"]), int(found["seconds"])
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    parts = (int(found["first"]), int(found["second"]), int(found["third"]))
    return Stamp(parts, found["mark"], timedelta(hours=hour, minutes=minute, seconds=second))


def order_of(stamps: Sequence[Stamp]) -> Order:
    """The order in which the times of one log are all days that exist, and run forward."""
    candidates = stamps[0].orders if stamps else ("mdy",)
    return min(candidates, key=lambda order: (_impossible(stamps, order), _backwards(stamps, order), candidates.index(order)))


def nearest_after(stamp: Stamp, moments: Iterable[datetime]) -> datetime | None:
    """The reading of a time, in any order, that comes soonest after one of these moments; None if it comes a day later or more.

    A pause says when it will end, and that is soon: so the order of day and month, and the zone, show themselves.
    """
    readings = [moment for order in stamp.orders if (moment := stamp.at(order)) is not None]
    gaps = [(reading - moment, reading, moment) for moment in moments for reading in readings]
    soon = [gap for gap in gaps if timedelta(0) <= gap[0] < timedelta(days=1)]
    return min(soon)[1] if soon else None


def _impossible(stamps: Iterable[Stamp], order: Order) -> int:
    return sum(stamp.at(order) is None for stamp in stamps)


def _backwards(stamps: Iterable[Stamp], order: Order) -> int:
    moments = [moment for stamp in stamps if (moment := stamp.at(order)) is not None]
    return sum(later < earlier for earlier, later in pairwise(moments))
