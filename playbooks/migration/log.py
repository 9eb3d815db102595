"""The report of a move in, as entries or as the text of a log; its lines, each with what it tells, out.

What a line tells is recognised by identifiers, numbers, times and the shape around them, in either style of quotes, so that a
localised text tells the same (field-notes 5.3). Only NO_LONGER_STALLED has nothing but English words; a stall that ends
with it in another language ends with the next line that shows work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from playbooks.migration.moments import STAMP, Stamp, nearest_after, of_match, order_of, stamp_in
from psbridge.models import Reading

__all__ = ["LogLine", "Tells", "log_of", "log_text"]


class Tells(StrEnum):
    """What a line of the log is about."""

    PAUSED = "paused"
    RELINQUISHED = "relinquished"
    WAITS_FOR_REPLICATION = "waits for replication"
    NO_LONGER_STALLED = "no longer stalled"
    PICKED_UP = "picked up"
    CONNECTED = "connected"
    CONTINUED = "continued"
    STAGE = "stage"
    COPY = "copy progress"
    FAILURE = "failure"
    OTHER = "other"


STALLS: Final = frozenset({Tells.PAUSED, Tells.RELINQUISHED, Tells.WAITS_FOR_REPLICATION})
WORKS: Final = frozenset(Tells) - STALLS - {Tells.OTHER, Tells.FAILURE}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line.

    - `at`: when it was written, as it was written; None where no time could be read. `server`: the MRS server that wrote it.
    - `reason`: why the move stalls (`StalledDueToTarget_DiskLatency`), or the exception of a failure.
    - `resumes`: when a stall was to end. `stage`, `percent`: of STAGE and CONTINUED.
    - `items`, `bytes`, `of_items`, `of_bytes`: of COPY, done and in all.
    """

    at: datetime | None
    server: str
    text: str
    tells: Tells = Tells.OTHER
    reason: str = ""
    resumes: datetime | None = None
    stage: str = ""
    percent: int | None = None
    items: int | None = None
    bytes: int | None = None
    of_items: int | None = None
    of_bytes: int | None = None


def log_of(report: Reading | None) -> tuple[LogLine, ...]:
    """Read a report: its entries, or the text that PowerShell shows for it where the entries were lost beyond the depth."""
    if report is None:
        return ()
    entries = report.children("Entries")
    if not entries:
        return log_text(report.shown)
    if not any(entry.has_properties for entry in entries):
        return log_text("\n".join(entry.shown for entry in entries))
    return tuple(map(_of_entry, entries))


def log_text(text: str) -> tuple[LogLine, ...]:
    """Read `M/d/yyyy h:mm:ss AM/PM [SERVER] text` lines, of any culture; a line without a time goes on with the one before."""
    found = list(_stamped(text))
    order = order_of([stamp for stamp, _, _ in found if stamp is not None])
    return tuple(
        _told(LogLine(stamp.at(order) if stamp is not None else None, server, message)) for stamp, server, message in found
    )


_LINE: Final = re.compile(rf"\s*{STAMP}\s*\[(?P<server>[^\]\r\n]*)\]\s?(?P<text>.*)")


def _stamped(text: str) -> Iterator[tuple[Stamp | None, str, str]]:
    stamp, server, lines = None, "", list[str]()
    for line in text.splitlines():
        head = _LINE.match(line)
        if head is None:
            lines += [line] if line.strip() else []
            continue
        if lines:
            yield stamp, server, "\n".join(lines)
        stamp, server, lines = of_match(head), head["server"], [head["text"]]
    if lines:
        yield stamp, server, "\n".join(lines)


def _of_entry(entry: Reading) -> LogLine:
    if not entry.has_properties:
        whole = log_text(entry.shown)
        return whole[0] if whole else LogLine(None, "", "")
    created = entry.moment("CreationTime")
    at = created.to_datetime().replace(tzinfo=None) if created is not None else None
    text = entry.text("Message") or entry.shown or _without_stamp(entry.text("LocalizedString"))
    line = _told(LogLine(at, entry.text("ServerName"), text))
    failure = entry.child("Failure")
    # The flags of an entry are an enum's names in every language.
    failed = failure is not None or "Failure" in (entry.name("Flags") or "")
    if failed and line.tells not in STALLS:
        kind = failure.text("FailureType") if failure is not None else ""
        return replace(line, tells=Tells.FAILURE, reason=kind or line.reason)
    return line


def _without_stamp(text: str) -> str:
    head = _LINE.match(text)
    return head["text"] if head else text


def _told(line: LogLine) -> LogLine:
    """Recognise what a line tells: the first form that fits."""
    return next((told for form in _FORMS if (told := form(line)) is not None), line)


# A state in either style of quotes, or in none. Which word stands around it depends on the language.
_STATE: Final = re.compile(r"\b(Stalled(?:DueTo\w+)?|Relinquished\w+)\b(?<!Exception)")
_CONSTRAINT: Final = re.compile(r"\b(DataMove\w*Constraint)\b")
_OPEN, _CLOSE = "['\u2018\u2019\u201c\u201d\"\u00ab]", "['\u2018\u2019\u201c\u201d\"\u00bb]"
_SERVICE: Final = re.compile(rf"{_OPEN}[^'\u2018\u2019\u201c\u201d\"]+{_CLOSE} \([0-9]+(?:\.[0-9]+){{3}} ServerCaps:")
_CONNECTED: Final = re.compile(rf"\((?:Primary|Archive)\){_CLOSE}.{{0,1000}}?\(Build [0-9.]+\)", re.DOTALL)
_STAGES: Final = (
    "CreatingMailbox|CreatingFolderHierarchy|CreatingInitialSyncCheckpoint|LoadingMessages|CopyingMessages|InitialSeeding\\w*|"
    "IncrementalSync|FinalIncrementalSync|Finalization|Completion|Cleanup|DataReplicationWait|ADUpdate|SyncFinished|"
    "InitializingMove"
)
_STAGE: Final = re.compile(rf"\b({_STAGES})\b(?:\W[^0-9]{{0,60}}?([0-9]{{1,3}})(?![0-9/]))?")
# Every run is bounded: a line may be of any length, and of anything.
_AMOUNT: Final = r"[^()/]{1,40}\(([0-9][0-9.,'\u2019\s\u00a0\u202f]{0,40}) \w{1,20}\)"
_COPY: Final = re.compile(rf"(?<![0-9])([0-9]{{1,18}})/([0-9]{{1,18}}) [^,]{{1,60}}, {_AMOUNT}/{_AMOUNT}")
_EXCEPTION: Final = re.compile(r"\b([A-Z]\w*(?:Permanent|Transient)Exception)\b")
# In English only: there is nothing else in it.
_GOES_ON: Final = re.compile(r"no longer stalled", re.IGNORECASE)


def _stalled(line: LogLine) -> LogLine | None:
    state = _STATE.search(line.text)
    if state is None:
        return None
    # A pause says when it ends; a job that is given up to be picked up by whoever is free does not.
    planned = stamp_in(line.text, state.end()) or stamp_in(line.text)
    if planned is None:
        return replace(line, tells=Tells.RELINQUISHED, reason=state[1])
    return replace(line, tells=Tells.PAUSED, reason=state[1], resumes=_resumes(line, planned))


def _waits(line: LogLine) -> LogLine | None:
    constraint = _CONSTRAINT.search(line.text)
    if constraint is None:
        return None
    planned = stamp_in(line.text, constraint.end())
    resumes = _resumes(line, planned) if planned is not None else None
    return replace(line, tells=Tells.WAITS_FOR_REPLICATION, reason=constraint[1], resumes=resumes)


def _resumes(line: LogLine, planned: Stamp) -> datetime | None:
    """The planned end may be in another zone than the entry's time, which is UTC: so many quarters of an hour are taken off."""
    if line.at is None:
        return planned.at(planned.orders[0])
    found = nearest_after(planned, [line.at])
    if found is not None:
        return found
    if not _FIRST < line.at < _LAST:
        return None
    shifted = nearest_after(planned, [line.at + timedelta(minutes=15 * quarters) for quarters in range(-56, 57)])
    if shifted is None:
        return None
    ahead = (shifted - line.at) % timedelta(minutes=15)
    return line.at + ahead


# No zone leads out of the calendar from here.
_FIRST: Final = datetime.fromisoformat("0001-01-02")
_LAST: Final = datetime.fromisoformat("9999-12-30")


def _copied(line: LogLine) -> LogLine | None:
    parts = _COPY.search(line.text)
    if parts is None:
        return None
    done, total = (int(re.sub(r"[^0-9]", "", part)) for part in parts.group(3, 4))
    return replace(line, tells=Tells.COPY, items=int(parts[1]), of_items=int(parts[2]), bytes=done, of_bytes=total)


def _at_stage(line: LogLine) -> LogLine | None:
    found = _STAGE.search(line.text)
    if found is None:
        return None
    percent = int(found[2]) if found[2] and int(found[2]) <= 100 else None
    return replace(line, tells=Tells.CONTINUED if percent is None else Tells.STAGE, stage=found[1], percent=percent)


def _shaped(pattern: re.Pattern[str], tells: Tells) -> Callable[[LogLine], LogLine | None]:
    return lambda line: replace(line, tells=tells) if pattern.search(line.text) else None


def _failed(line: LogLine) -> LogLine | None:
    found = _EXCEPTION.search(line.text)
    return None if found is None else replace(line, tells=Tells.FAILURE, reason=found[1])


_FORMS: Final[Iterable[Callable[[LogLine], LogLine | None]]] = (
    _stalled,
    _waits,
    _copied,
    _shaped(_SERVICE, Tells.PICKED_UP),
    _shaped(_CONNECTED, Tells.CONNECTED),
    _failed,
    _at_stage,
    _shaped(_GOES_ON, Tells.NO_LONGER_STALLED),
)
