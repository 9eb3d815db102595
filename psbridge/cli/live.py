"""A run's entries in, as they are written; its transcript out while it goes on, and one line for each wait that is redrawn.

At a terminal a line at the bottom says what is under way: a cmdlet, how many objects of a list have come, a wait with what was
seen last. Elsewhere there is no such line: a wait is told when it begins, when something has changed and when it ends.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import typer

from psbridge.cli.request_progress import request_progress
from psbridge.cli.status_line import StatusLine, can_redraw
from psbridge.cli.watched import Counter, Watched
from psbridge.clock import Clock
from psbridge.command import Pipeline
from psbridge.engine import Endpoints
from psbridge.journal import Entry, Kind
from psbridge.journal.records import read_time
from psbridge.report.durations import spoken
from psbridge.report.progress import seen_in
from psbridge.report.run_transcript import items_of
from psbridge.report.transcript import Item, Note, prompt_of, transcript

__all__ = ["Live"]

# Where nobody sits at a terminal, a long list is told each time so many more objects have come.
_OBJECTS_TOLD: Final = 10_000


class Live:
    """Shows runs while they go on.

    `asks`: it may ask beside the run how far a request has come. A recording holds the run alone, so it must not have that.
    """

    def __init__(self, *, asks: bool = True) -> None:
        self._line = StatusLine(on=can_redraw())
        self._redrawn = self._line.on and sys.stdout.isatty()
        self._asks = asks
        self._waits: dict[str, _Wait] = {}
        self._pause: _Wait | None = None
        self._watched: Watched | None = None
        self._error: Exception | None = None

    def over(self, endpoints: Endpoints) -> Watched:
        """The endpoints for the engine, which tell what is under way."""
        self._watched = Watched(endpoints, self)
        return self._watched

    def begin(self, entries: Iterable[Entry]) -> None:
        """Another run. What is in its journal already is not shown, but where it waits is known."""
        self._waits.clear()
        self._pause = None
        for entry in entries:
            wait = self._wait_of(entry)
            if wait is not None and entry.kind is Kind.LOOK:
                wait.looks += 1

    def take(self, entry: Entry) -> None:
        """Show an entry that was just written."""
        self._shown(lambda: self._told(entry))

    def settle(self) -> None:
        """Raise what went wrong in showing; to be called when the run has been carried on as far as it goes now."""
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def close(self) -> None:
        """Leave the terminal as it was, and no session open that was to be closed."""
        self._line.clear()
        if self._watched is not None:
            self._watched.close_now()

    def rest(self, clock: Clock, until: datetime, why: str) -> None:
        """Let the time pass until the run looks again. It is told once, and then what has changed."""
        wait = self._waiting(why, clock.now())
        if not wait.told:
            wait.told = True
            self._line.clear()
            typer.echo(f"Waiting until {until:%Y-%m-%d %H:%M:%S} UTC: {why}.{wait.limit}")
        self._tell_change(wait, clock.now())
        self.close()
        with self._line.showing(lambda: wait.line(clock.now(), until)):
            clock.sleep(max(0.0, (until - clock.now()).total_seconds()))

    @contextmanager
    def under_way(self, endpoint: str, pipeline: Pipeline) -> Iterator[Counter]:
        """Show a cmdlet that was sent, as long as its answer is not there."""
        what = _UnderWay(f"{prompt_of(endpoint)} {pipeline}", self._tell_count)
        with self._line.showing(what.line):
            yield what

    @contextmanager
    def before_turn(self, endpoint: str) -> Iterator[None]:
        """Show that a call waits for its turn, as long as it does."""
        since = time.monotonic()
        with self._line.showing(lambda: f"{int(time.monotonic() - since)} s | {prompt_of(endpoint)} waits for its turn"):
            yield

    def _shown(self, items: Callable[[], Iterable[Item]]) -> None:
        """Print items. What goes wrong is kept for `settle`: a run does not fail because nobody reads what it does."""
        if self._error is not None:
            return
        try:
            self._line.clear()
            for line in transcript(items()):
                typer.echo(line)
        except Exception as error:  # noqa: BLE001 - see above; it is raised when the run has come to rest
            self._error = error

    def _told(self, entry: Entry) -> Iterator[Item]:
        """The items of an entry. Of the looks of a wait the first is shown whole; of the others only what has changed."""
        wait = self._wait_of(entry)
        if wait is None or entry.kind is Kind.POLL:
            yield from items_of([entry])
            if wait is not None and wait.looks and entry.state == "done":
                yield Note(f"The wait is over after {spoken(entry.at - wait.began)}: {wait.what}.", entry.at)
            return
        wait.looks += 1
        seen = seen_in(entry)
        if wait.last is None:
            yield from items_of([entry])
            wait.shown = seen
        wait.last, wait.seen = entry, seen

    def _wait_of(self, entry: Entry) -> _Wait | None:
        """The wait that an entry begins, looks for or ends."""
        if entry.kind is Kind.POLL and entry.state == "begun":
            self._waits[entry.key] = _Wait(str(entry.body["why"]), entry.at, read_time(entry.body["deadline"]))
        if entry.kind is Kind.POLL and entry.state == "done":
            return self._waits.pop(entry.key, None)
        looks = entry.kind is Kind.LOOK and entry.body.get("purpose") == "poll"
        return self._waits.get(entry.key) if looks or entry.kind is Kind.POLL else None

    def _waiting(self, why: str, now: datetime) -> _Wait:
        """The step that the run waits in; or a pause that is no step, as after a lost connection."""
        found = next((wait for wait in self._waits.values() if why == f"waits for {wait.why}"), None)
        if found is not None:
            return found
        if self._pause is None or self._pause.why != why:
            self._pause = _Wait(why, now)
        return self._pause

    def _tell_change(self, wait: _Wait, now: datetime) -> None:
        """What was seen, where it differs from what was shown; at a terminal the line at the bottom has it."""
        if wait.last is None:
            return
        if self._asks and self._watched is not None:
            wait.seen = request_progress(wait.last, self._watched.open_session) or wait.seen
        if wait.seen == wait.shown:
            return
        wait.shown = wait.seen
        if not self._redrawn:
            self._shown(lambda: [Note(f"Seen: {wait.seen}.", now)])

    def _tell_count(self, command: str, count: int) -> None:
        if not self._redrawn:
            self._shown(lambda: [Note(f"{command}: {count:,} objects so far", datetime.now(UTC))])


@dataclass(slots=True)
class _Wait:
    """What is known of a wait: the looks taken, what was `seen` by the last one, and what of that was `shown`."""

    why: str
    began: datetime
    deadline: datetime | None = None
    looks: int = 0
    last: Entry | None = None
    seen: str = ""
    shown: str = ""
    told: bool = False

    @property
    def what(self) -> str:
        """What it waits for; what else hangs on it was told when it began."""
        return self.why.partition(";")[0]

    @property
    def limit(self) -> str:
        """Until when it waits at most."""
        return f" It waits until {self.deadline:%Y-%m-%d %H:%M} UTC at most." if self.deadline else ""

    def line(self, now: datetime, until: datetime) -> str:
        """Everything of it in one line, the most important first."""
        times = [f"Waiting {spoken(now - self.began)}", f"next look in {spoken(until - now)}"]
        if self.deadline is not None:
            times.append(f"deadline in {spoken(self.deadline - now)}")
        return " | ".join(filter(None, (", ".join(times), self.seen, self.why)))


class _UnderWay:
    """A cmdlet whose answer is not there yet; of a list, how many objects have come."""

    def __init__(self, command: str, tell: Callable[[str, int], None]) -> None:
        self._command, self._tell = command, tell
        self._since = time.monotonic()
        self._count = 0

    def begin(self) -> None:
        """The list begins."""
        self._count = 0

    def came(self) -> None:
        """One object has come."""
        self._count += 1
        if not self._count % _OBJECTS_TOLD:
            self._tell(self._command, self._count)

    def line(self) -> str:
        """The line at the bottom."""
        count = f"{self._count:,} objects, " if self._count else ""
        return f"{count}{int(time.monotonic() - self._since)} s | {self._command}"
