"""Transports in, transports out that are recorded while a test runs, and then play that recording while it runs again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from psbridge.cassettes import Cassette, Playback, Recording
from psbridge.command import Pipeline
from psbridge.reply import Reply
from psbridge.transports.base import Transport

__all__ = ["Reel"]


class Reel:
    """One recording at a time. A transport's place among those of its test is the name of its endpoint."""

    def __init__(self) -> None:
        self._stage: Recording | Playback | None = None
        self._path = Path()
        self._made = 0

    @property
    def playing(self) -> bool:
        """Whether a recording is played, so that nothing reaches a far end."""
        return isinstance(self._stage, Playback)

    def record(self, path: Path) -> None:
        """Begin a recording."""
        self._stage, self._path, self._made = Recording(path, lambda: datetime.now(UTC)), path, 0

    def rewind(self) -> None:
        """Seal the recording and begin to play it; from now on nothing reaches a far end."""
        assert isinstance(self._stage, Recording)
        self._stage.finish()
        self._stage, self._made = Playback(Cassette.load(self._path)), 0

    def finish(self) -> None:
        """Everything must have been played."""
        assert isinstance(self._stage, Playback)
        self._stage.finish()

    def end(self) -> None:
        """The test is over, whatever came of it."""
        if isinstance(self._stage, Recording):
            self._stage.abandon()
        self._stage = None

    def taped(self, make: Callable[[], Transport], *, name: str = "") -> Transport:
        """A transport of this reel; `make` makes the one that is recorded."""
        if not name:
            self._made += 1
            name = "shared" if self._stage is None else f"endpoint-{self._made}"
        return _Taped(self, name, make)

    def through(self, name: str, live: Callable[[], Transport]) -> Transport:
        """What carries a call of this endpoint now; outside a test it is the far end itself."""
        if isinstance(self._stage, Playback):
            return self._stage.transport(name)
        return live() if self._stage is None else self._stage.wrap(name, live())


class _Taped(Transport):
    def __init__(self, reel: Reel, name: str, make: Callable[[], Transport]) -> None:
        self._reel, self._name, self._make = reel, name, make
        self._live: Transport | None = None

    def open(self) -> None:
        self._now.open()

    def run(self, pipeline: Pipeline, *, deadline: float | None = None) -> Reply:
        return self._now.run(pipeline, deadline=deadline)

    def stop(self) -> None:
        self._now.stop()

    def close(self) -> None:
        if self._live:
            self._live.close()

    @property
    def _now(self) -> Transport:
        return self._reel.through(self._name, self._far_end)

    def _far_end(self) -> Transport:
        self._live = self._live or self._make()
        return self._live
