"""Statistics and a log in; what failed and what was not moved, counted by kind, with what is known of it, out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from playbooks.migration.log import LogLine, Tells
from psbridge.models import Reading

__all__ = ["Failure", "LeftBehind", "failures_in", "left_behind"]

# The last part is the name that decides; the text around it is in the language of the server.
_EXCEPTION = re.compile(r"\b([A-Z]\w*Exception)\b")
LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure: how often, when first and last, on which side, and the message of the last."""

    name: str
    count: int
    first: datetime | None = None
    last: datetime | None = None
    side: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Items of one kind in one folder that were not moved. Subjects and senders are left out: a report is shown around."""

    kind: str
    folder: str
    count: int


def failures_in(statistics: Reading, log: Sequence[LogLine]) -> tuple[Failure, ...]:
    """Give each kind of failure once. The report's own list counts, else the lines of its log, else what the statistics say."""
    report = statistics.child("Report")
    listed = list(_listed(report.children("Failures"))) if report is not None else []
    found = listed or [(line.reason, line.at, "", line.text) for line in log if line.tells is Tells.FAILURE]
    said = list(_said(statistics))
    told = {name for name, _, _, _ in found}
    return tuple(_counted([*found, *(one for one in said if one[0] not in told)]))


_One = tuple[str, datetime | None, str, str]


def _listed(failures: Iterable[Reading]) -> Iterator[_One]:
    for failure in failures:
        when = failure.moment("Timestamp")
        name = failure.text("FailureType") or _exception_in(failure.text("Message") or failure.shown)
        at = when.to_datetime().replace(tzinfo=None) if when is not None else None
        yield name, at, failure.name("FailureSide") or "", failure.text("Message") or failure.shown


def _said(statistics: Reading) -> Iterator[_One]:
    when = statistics.moment("FailureTimestamp")
    at = when.to_datetime().replace(tzinfo=None) if when is not None else None
    side, message = statistics.name("FailureSide") or "", statistics.text("Message")
    error = statistics.text("Error", "ErrorSummary")
    if kind := statistics.text("FailureType") or _exception_in(error) or ("(without a name)" if error else ""):
        yield kind, at, side, message or error
    detail = statistics.name("StatusDetail") or ""
    if detail.startswith("Failed") and detail != "Failed":
        yield str(detail), at, side, message or error


def _exception_in(text: str) -> str:
    found = _EXCEPTION.search(text)
    return found[1] if found else ""


def _counted(found: Sequence[_One]) -> Iterator[Failure]:
    for name in dict.fromkeys(name for name, _, _, _ in found):
        alike = [one for one in found if one[0] == name]
        times = sorted(at for _, at, _, _ in alike if at is not None)
        side = next((side for _, _, side, _ in reversed(alike) if side), "")
        yield Failure(
            name or "(without a name)",
            len(alike),
            times[0] if times else None,
            times[-1] if times else None,
            side,
            " ".join(alike[-1][3].split())[:LONGEST_MESSAGE],
        )


def left_behind(statistics: Reading) -> tuple[LeftBehind, ...]:
    """Count the items that were not moved, by kind and folder."""
    report = statistics.child("Report")
    lists = (report.children("BadItems"), report.children("LargeItems")) if report is not None else ()
    items = [item for items in lists for item in items] or list(statistics.children("SkippedItems"))
    counted = Counter((str(item.name("Kind") or "(without a kind)"), item.text("FolderName")) for item in items)
    return tuple(LeftBehind(kind, folder, count) for (kind, folder), count in sorted(counted.items()))
