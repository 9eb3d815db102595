"""A cassette in, transports that answer from it out: the same order across all endpoints, each interaction once."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

from psbridge.cassettes.cassette import Cassette
from psbridge.cassettes.failure import Failure
from psbridge.cassettes.interaction import Interaction, recorded
from psbridge.cassettes.match import Asked, miss, same
from psbridge.cassettes.redact import hide, show
from psbridge.command import Pipeline
from psbridge.errors import CassetteError, DeadlineExceeded
from psbridge.reply import Reply
from psbridge.transports.base import Transport

__all__ = ["Playback"]

_LISTED: Final = 10


class Playback:
    """Play a cassette to the transports of one run; safe for threads, as long as they ask in the recorded order.

    As a context manager it calls `finish` at the end of the block, but not after an exception.
    """

    def __init__(self, cassette: Cassette) -> None:
        self.cassette = cassette
        self._place = 0
        self._lock = threading.Lock()

    def transport(self, endpoint: str) -> Transport:
        """Give the transport of one endpoint; one that was never recorded misses when it is asked."""
        return _Player(self, endpoint)

    def answer(self, asked: Asked) -> Reply:
        """Play the next interaction. Raises CassetteMiss if it is another one, and the TransportError that it holds."""
        with self._lock:
            following = self.unread()
            if not following or not same(asked, following[0]):
                raise miss(self.cassette.name, asked, self.cassette.interactions, self._place)
            self._place += 1
        answer = following[0].answer
        if isinstance(answer, Failure):
            raise answer.error()
        return answer

    def unread(self) -> tuple[Interaction, ...]:
        """The interactions that have not been played."""
        return self.cassette.interactions[self._place :]

    def finish(self) -> None:
        """Raise CassetteError if something was not played: the run went another way than the recorded one."""
        unread = self.unread()
        if unread:
            total = len(self.cassette.interactions)
            first = total - len(unread) + 1
            lines = [f"\n  {number} {interaction}" for number, interaction in enumerate(unread[:_LISTED], first)]
            more = f"\n  and {len(unread) - _LISTED} more" if len(unread) > _LISTED else ""
            raise CassetteError(
                self.cassette.name, f"{len(unread)} of {total} interactions were not played:{''.join(lines)}{more}"
            )

    def opening(self, endpoint: str) -> None:
        """Play a recorded failure to open, if that is what comes next; else opening succeeds."""
        asked = Asked(endpoint, (), "")
        with self._lock:
            due = bool(self.unread()) and same(asked, self.unread()[0])
        if due:
            self.answer(asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.finish()


class _Player(Transport):
    """One endpoint of a playback. Answers come at once; there is never a pipeline that could be stopped."""

    def __init__(self, playback: Playback, endpoint: str) -> None:
        self._playback = playback
        self._endpoint = endpoint

    def open(self) -> None:
        """Do what opening did when it was recorded."""
        self._playback.opening(self._endpoint)

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        """Give the recorded answer, or raise the recorded TransportError; raises CassetteMiss for anything else."""
        if deadline is not None and deadline <= 0:
            raise DeadlineExceeded("no time was left for the call", endpoint=self._endpoint, may_have_run=False)
        shown, _ = hide(pipeline)
        return self._playback.answer(Asked(self._endpoint, recorded(shown), show(shown)))

    def stop(self) -> None:
        """Do nothing: no pipeline runs."""

    def close(self) -> None:
        """Do nothing: there is no connection."""
