"""The table that a run made in, what the page shows of it out: how many there are of each class, and the lines.

A scan may have found 100,000. The rows are taken one by one and never held; beyond MOST_ROWS the page says where all of them are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from psbridge.report.html.charts import Bar, bars

__all__ = ["MOST_ROWS", "Listing"]

# About 2 MB of page, which every browser sorts at once.
MOST_ROWS: Final = 5000
MOST_CLASSES: Final = 30


@dataclass(frozen=True, slots=True)
class Listing:
    """A table to be shown.

    - `columns`: those that the page has.
    - `rows`: the texts of each row, in the order of the columns, one by one. None: the table is on another machine, `path` there.
    - `counts`: how many rows there are of each class.
    - `class_column`: where the class stands among the columns, from 0; None where it is not among them, or not told.
    """

    columns: tuple[str, ...]
    rows: Iterable[tuple[str, ...]] | None
    count: int
    counts: Mapping[str, int]
    path: str = ""
    class_column: int | None = None

    @property
    def shown(self) -> Iterator[tuple[str, ...]]:
        """The rows that the page has."""
        return islice(self.rows or (), MOST_ROWS)

    @property
    def left_out(self) -> int:
        """How many rows it has not."""
        return max(0, self.count - MOST_ROWS)

    @property
    def classes(self) -> tuple[Bar, ...]:
        """A bar for each class, the largest first; none where nearly every row would be a class of its own."""
        if not self.counts or len(self.counts) > MOST_CLASSES or (len(self.counts) == self.count and self.count > 1):
            return ()
        ordered = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return bars([(label, count, f"{count:,}") for label, count in ordered])
