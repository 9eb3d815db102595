"""Sessions in, the same out, that tell what is under way: which cmdlet was sent, and how many objects of a list have come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from psbridge.command import Pipeline
from psbridge.endpoints import Endpoints
from psbridge.reply import Reply
from psbridge.session import Session

__all__ = ["Counter", "Watched", "Watcher"]


class Counter(Protocol):
    """What is told of the objects of a list."""

    def begin(self) -> None:
        """The list begins, or begins again after a loss."""
        ...

    def came(self) -> None:
        """One object has come."""
        ...


class Watcher(Protocol):
    """Who is told; called in the thread that sends."""

    def under_way(self, endpoint: str, pipeline: Pipeline) -> AbstractContextManager[Counter]:
        """A cmdlet is under way as long as the block lasts."""
        ...


class Watched:
    """The endpoints as the engine uses them. It may close them before whoever watches has asked his last: see `close`."""

    def __init__(self, endpoints: Endpoints, watcher: Watcher) -> None:
        self._endpoints, self._watcher = endpoints, watcher
        self._to_close = False

    def session(self, endpoint: str) -> WatchedSession:
        """The session of one endpoint, made when it is first asked for. Raises ProfileError."""
        self.close_now()
        return WatchedSession(endpoint, self._endpoints.session(endpoint), self._watcher)

    def open_session(self, endpoint: str) -> Session:
        """The session that a run has used last, for a look that is no step of it; nobody is told."""
        return self._endpoints.session(endpoint)

    def close(self) -> None:
        """Disconnect every session before the next use, or when `close_now` is called."""
        self._to_close = True

    def close_now(self) -> None:
        """Disconnect what was to be disconnected."""
        if self._to_close:
            self._to_close = False
            self._endpoints.close()


@dataclass(frozen=True, slots=True)
class WatchedSession:
    """One session. Two of the same session are equal."""

    endpoint: str
    session: Session
    watcher: Watcher = field(compare=False)

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        """Run a pipeline; see Session.ask."""
        with self.watcher.under_way(self.endpoint, pipeline):
            return self.session.ask(pipeline, reads=reads)

    def stream(self, pipeline: Pipeline, begin: Callable[[], Callable[[bytes], object]]) -> Reply:
        """Run a pipeline that reads a list; see Session.stream."""
        with self.watcher.under_way(self.endpoint, pipeline) as counter:

            def counting() -> Callable[[bytes], object]:
                take = begin()
                counter.begin()

                def counted(body: bytes) -> object:
                    counter.came()
                    return take(body)

                return counted

            return self.session.stream(pipeline, counting)

    def stop(self) -> None:
        """Ask the running pipeline to stop; may come from another thread."""
        self.session.stop()
