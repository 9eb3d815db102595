"""Sessions in, the same out, that tell what is under way: which cmdlet was sent, and how many objects of a list have come."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from psbridge.command import Pipeline
from psbridge.engine import Endpoints, EngineSession
from psbridge.engine.endpoints import StreamingSession, deadline_of, reserve, take_turn
from psbridge.errors import InputError
from psbridge.reply import Reply

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

    def before_turn(self, endpoint: str) -> AbstractContextManager[None]:
        """Whoever sends waits for the turn of a call as long as the block lasts."""
        ...


@runtime_checkable
class Glanced(Protocol):
    """A session that can be asked beside a run."""

    def glance(self, pipeline: Pipeline, *, seconds: float) -> Reply:
        """Run a pipeline; see psbridge.session.Session."""
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

    def open_session(self, endpoint: str) -> Glanced:
        """The session that a run has used last, for a look that is no step of it; nobody is told. Raises InputError."""
        session = self._endpoints.session(endpoint)
        if not isinstance(session, Glanced):
            raise InputError(f"the session of {endpoint} cannot be asked beside a run")
        return session

    def reserve(self, endpoints: Collection[str]) -> bool:
        """Make sure of sessions, where they are scarce. What was to be closed goes first: it may be just what is lacking."""
        self.close_now()
        return reserve(self._endpoints, endpoints)

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
    session: EngineSession
    watcher: Watcher = field(compare=False)

    @property
    def deadline(self) -> float:
        """Seconds after which a call is ended; zero where the session does not say."""
        return deadline_of(self.session)

    def turn(self, *, wait: bool) -> None:
        """Take the turn of the next call. What is not waited for is not shown: a console that is held would hold it up."""
        with self.watcher.before_turn(self.endpoint) if wait else nullcontext():
            take_turn(self.session, wait=wait)

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        """Run a pipeline; see Session.ask."""
        with self.watcher.under_way(self.endpoint, pipeline):
            return self.session.ask(pipeline, reads=reads)

    def stream(self, pipeline: Pipeline, begin: Callable[[], Callable[[bytes], object]]) -> Reply:
        """Run a pipeline that reads a list; see Session.stream. Raises InputError where the session knows no lists."""
        if not isinstance(self.session, StreamingSession):
            raise InputError(f"The session of {self.endpoint} hands no lists over object by object; {pipeline} was not sent")
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
